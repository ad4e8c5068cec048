"""What the oracle's world is made of: records, stays in flows, what was done and what happened, in plain Python."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from seqlang.plan.model import FlowPlan, ProjectPlan, StepNode
from seqlang.simulation.scenario import Value
from seqlang.vocabulary.records import SUBSCRIPTION_MARKETED


class OpenQuestionError(Exception):
    """The language does not say what happens here: two answers are right."""


@dataclass(eq=False, slots=True)
class Record:
    """A contact, account, deal or other record."""

    type: str
    key: str  # e-mail address, domain, name
    values: dict[str, Value]
    number: int  # order of creation where the instants are the same
    exists_at: datetime | None = None
    tags: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)
    unsubscribed: bool = False
    stopped: bool = False  # answered STOP to a text
    note: tuple[datetime, date | None] | None = None  # the last out-of-office note, and the return date that it names

    @property
    def name(self) -> str:
        """The record as the timeline shows it."""
        return f"{self.type}:{self.key}"


@dataclass(eq=False, slots=True)
class Told:
    """Something that somebody did about one step."""

    kind: str  # opened, clicked, replied, bounced
    at: datetime
    value: str = ""


@dataclass(eq=False, slots=True)
class Had:
    """What became of one step of one stay."""

    step: StepNode
    at: datetime
    what: str  # executed, skipped, failed
    message: bool = False  # a message that counts as sent
    draft: bool = False  # not released yet
    todo: bool = False
    due_at: datetime | None = None
    done_at: datetime | None = None  # reported, released
    outcome: str | None = None
    cancelled: bool = False
    told: list[Told] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Stay:
    """One record in one flow: an enrolment."""

    flow: FlowPlan
    record: Record
    contact: Record | None
    entered_at: datetime
    entry_on: date
    number: int
    active: bool = True
    had: dict[str, Had] = field(default_factory=dict)
    until: dict[str, datetime] = field(default_factory=dict)  # step that waits -> not attempted before
    node: str | None = None  # journeys: where it is
    anchor_at: datetime | None = None  # from which durations count
    due_at: datetime | None = None
    wait_end: datetime | None = None  # workflows: when the turn of the step at `node` came
    held_to: datetime | None = None  # journeys: until when it was out of office, at the step at `node`
    cause: Happened | None = None
    exited_at: datetime | None = None
    reason: str | None = None
    false_since: set[int] = field(default_factory=set)  # the `enter when` whose condition was false after this stay
    opens: set[str] = field(default_factory=set)  # steps that wait for a window: of those in `until`
    put_off_at: datetime | None = None  # smart sequences: since when the choice has been put off
    never: set[str] = field(default_factory=set)  # steps that were added after one of a later day was had
    turn_at: datetime | None = None  # journeys: the planned instant at which the turn of the step at `node` came
    moved_at: datetime | None = None  # journeys: the tick in which it came to `node`
    edited_at: datetime | None = None  # journeys: when an edit changed the wait at `node`

    def messages(self) -> Iterator[Had]:
        """Yield what counts as sent."""
        return (had for had in self.had.values() if had.message and not had.cancelled)


@dataclass(eq=False, slots=True)
class Happened:
    """A custom event, or an activity, of a record."""

    record: Record
    name: str
    at: datetime
    properties: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Changed:
    """A change that may start something: of a field, an entry, an exit, an outcome."""

    what: str  # created updated entered exited overdue outcome event
    record: Record
    field: str | None = None  # of updated; of entered and exited the flow, of outcome the outcome
    value: Value = None
    by: str | None = None  # the flow whose statement did it
    event: Happened | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline."""

    at: datetime
    flow: str
    contact: str | None
    record: str
    what: str
    step: str | None = None
    channel: str | None = None
    why: str | None = None
    stay: int = 0  # the lines of each of two runs of one workflow stand together


@dataclass(slots=True)
class World:
    """Everything there is, at one instant."""

    project: ProjectPlan
    since: datetime
    flows: tuple[FlowPlan, ...]
    now: datetime
    records: list[Record] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    events: list[Happened] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    requests: list[tuple[str, Record, str, datetime]] = field(default_factory=list)  # flow, record, the flow that asks, when
    changes: list[Changed] = field(default_factory=list)  # not yet looked at
    bounced: set[str] = field(default_factory=set)  # addresses
    admitted: dict[tuple[str, date], int] = field(default_factory=dict)
    sent: list[tuple[datetime, Stay, StepNode]] = field(default_factory=list)  # messages planned, in order
    turns: dict[tuple[str, str], int] = field(default_factory=dict)
    splits: dict[tuple[str, str], Split] = field(default_factory=dict)
    sides: dict[tuple[str, str, Record], str] = field(default_factory=dict)
    users: dict[str, Record] = field(default_factory=dict)  # colleagues whom the settings list
    let_wait: list[tuple[str, Record, Happened | None, datetime]] = field(default_factory=list)  # who asks `admit at most`
    held_over: dict[tuple[str, Record], date] = field(default_factory=dict)  # who was over it, on which day or in which week
    tick_at: datetime | None = None  # the tick that goes on; `now` may be an earlier run that it makes up for
    looked: dict[str, datetime] = field(default_factory=dict)  # the last tick that looked at a flow
    states: dict[str, str] = field(default_factory=dict)  # of flows that are not active: stopped, archived
    unheard: dict[str, list[Changed]] = field(default_factory=dict)  # changes that a stopped flow has not looked at
    gaps: bool = False  # ticks come when they come: not wherever something falls due or happens
    told_at: datetime | None = None  # the instant of the event that is being taken in
    touched: dict[Record, set[datetime]] = field(default_factory=dict)  # when something happened to whom, in this tick
    written: list[tuple[datetime, Record, str | None, Value]] = field(default_factory=list)  # in this tick: fields' former values
    edits: dict[str, FlowPlan] = field(default_factory=dict)  # applied, not yet in effect
    edited: set[str] = field(default_factory=set)  # flows whose edit took effect in this tick

    @property
    def clock(self) -> datetime:
        """What the clock on the wall shows; `now` is the planned instant."""
        return self.tick_at or self.now

    def touch(self, record: Record | None) -> None:
        """Note that something happens to a record, at the instant of the event that is taken in, else at the planned one."""
        if record is not None:
            self.touched.setdefault(record, set()).add(self.told_at or self.now)

    def touching(self, record: Record) -> set[datetime]:
        """Return when something happened in this tick to a record, or to one that it is linked to."""
        contact = self.contact_of(record)
        account = self.find("account", contact.values["account"]) if contact and contact.values.get("account") else None
        circle = {record, contact, account} - {None}
        keys = {r.key.lower() for r in circle if r is not None}
        near = [r for r in self.touched if any(str(r.values.get(link) or "").lower() in keys for link in ("account", "contact"))]
        return {at for r in [*circle, *near] if r is not None for at in self.touched.get(r, ())}

    def active(self) -> list[FlowPlan]:
        """Return the flows that are neither stopped nor archived."""
        return [flow for flow in self.flows if flow.name not in self.states]

    def flow(self, name: str) -> FlowPlan | None:
        """Return the flow of that name, if it takes part."""
        return next((flow for flow in self.flows if flow.name == name), None)

    def find(self, type_: str, key: object) -> Record | None:
        """Return the record of that type and key that exists now; a colleague whom nobody lists exists with that address."""
        if type_ == "user":
            known = self.users.get(str(key).lower())
            return known or Record("user", str(key), {"email": str(key), "role": "rep", "active": True}, 0)
        return next((r for r in self.of(type_) if r.key.lower() == str(key).lower()), None)

    def of(self, type_: str) -> Iterator[Record]:
        """Yield the records of a type that exist now, oldest created first, then by key."""
        found = [r for r in self.records if r.type == type_ and (r.exists_at is None or r.exists_at <= self.clock)]
        return iter(sorted(found, key=age))

    def stays_in(self, flow: FlowPlan, *, active: bool = True) -> list[Stay]:
        """Return the stays in a flow, by entry, then created first, then by e-mail."""
        found = [stay for stay in self.stays if stay.flow.name == flow.name and (stay.active or not active)]
        return sorted(found, key=lambda stay: (stay.entered_at, *age(stay.record)))

    def was_in(self, flow: FlowPlan, record: Record) -> bool:
        """Tell whether the record is or was in the flow."""
        return any(stay.record is record and stay.flow.name == flow.name for stay in self.stays)

    def is_in(self, flow: FlowPlan, record: Record) -> bool:
        """Tell whether the record is in the flow now."""
        return any(stay.active and stay.record is record and stay.flow.name == flow.name for stay in self.stays)

    def subjects_of(self, teller: Record, subject: str) -> list[Record]:
        """Return the records that an event of `teller` is about: itself, of a contact also its deals and its account."""
        if teller.type == subject:
            return [teller]
        if teller.type != "contact":
            return []
        if subject == "account":
            account = self.find("account", teller.values["account"]) if teller.values.get("account") else None
            return [account] if account else []
        return [r for r in self.of(subject) if str(r.values.get("contact") or "").lower() == teller.key.lower()]

    def contact_of(self, record: Record) -> Record | None:
        """Return the contact that a record is about: itself, a deal's; None for an account."""
        if record.type == "contact":
            return record
        if record.type == "deal":
            return self.find("contact", record.values["contact"]) if record.values.get("contact") else None
        return None

    def tell(self, stay: Stay, what: str, *, step: str | None = None, channel: str | None = None, why: str | None = None) -> None:
        """Add a line to the timeline."""
        contact = stay.contact.key if stay.contact else None
        self.lines.append(Line(self.now, stay.flow.name, contact, stay.record.name, what, step, channel, why, stay.number))

    def held_until(self, stay: Stay) -> date | None:
        """Return the date until which the contact is out of office, for one flow; None where it is not."""
        if stay.contact is None or stay.contact.note is None:
            return None
        _, named = stay.contact.note
        assert named is not None
        return named


@dataclass(slots=True)
class Split:
    """What is known of one split: when the first contact came, and who has won."""

    first_at: datetime
    settle_at: datetime | None
    winner: str | None = None
    arrived: list[tuple[Stay, str]] = field(default_factory=list)


def age(record: Record) -> tuple[float, str]:
    """Return the order of records: created first, then by key."""
    created = record.values.get("created_at")
    return (created.timestamp() if isinstance(created, datetime) else float("-inf"), record.key.lower())


def fresh_contact(values: dict[str, Value]) -> dict[str, Value]:
    """Return what a contact has that the file does not say."""
    return {"subscriptions": (SUBSCRIPTION_MARKETED,), "last_contacted_mode": "Not yet contacted", **values}
