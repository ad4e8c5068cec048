"""Conditions asked in plain Python, one record at a time, from LANGUAGE.md 3 and 9 alone: what the SQL has to agree with."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from seqlang.plan import conditions as c

Row = dict[str, Any]  # field -> Python value; links are ids
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
KEYS = {"user": "email", "account": "domain", "contact": "email", "deal": "name"}


@dataclass(frozen=True)
class Happened:
    """One event. `id` is the order of arrival."""

    id: int
    at: datetime
    kind: str
    record: str = "contact"
    record_id: int = 0
    contact_id: int | None = None
    enrolment_id: int | None = None
    step: str | None = None
    name: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    machine: bool = False
    soft: bool = False
    out_of_office: bool = False


@dataclass(frozen=True)
class Done:
    """One effect in the timeline."""

    at: datetime
    enrolment_id: int
    step: str
    effect: str  # message draft todo call_out
    state: str | None = "accepted"
    due_at: datetime | None = None


@dataclass(frozen=True)
class Stay:
    """One enrolment."""

    id: int
    flow: str
    record: str  # what the flow enrols
    record_id: int
    contact_id: int | None
    entered_at: datetime
    active: bool = True
    cause_event_id: int | None = None


@dataclass
class World:
    """All that there is."""

    records: dict[str, dict[int, Row]]  # type -> id -> row
    happened: list[Happened] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    tags: set[tuple[str, int, str]] = field(default_factory=set)
    lists: dict[str, tuple[str, set[int]]] = field(default_factory=dict)  # name -> of what, who
    unsubscribed: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Asked:
    """Of whom, when."""

    world: World
    record: str
    id: int
    stay: Stay | None
    at: datetime
    zone: str
    properties: Row | None = None  # of the event, inside `event "x" with (…)`

    @property
    def row(self) -> Row:
        return self.world.records[self.record][self.id] if self.properties is None else self.properties

    @property
    def today(self) -> date:
        return day_of(self.at, self.zone)

    @property
    def contact_id(self) -> int | None:
        if self.record == "contact":
            return self.id
        found: int | None = self.world.records[self.record][self.id].get("contact")
        return found


def holds(item: c.Condition, who: Asked) -> bool:  # noqa: PLR0911 - one return a kind
    """Tell whether the condition holds."""
    match item:
        case c.All():
            return all(holds(i, who) for i in item.items)
        case c.Any_():
            return any(holds(i, who) for i in item.items)
        case c.Not():
            return not holds(item.item, who)
        case c.Compare():
            return compared(item.field, item.op, item.value, who)
        case c.OneOf():
            return any(compared(item.field, "=", v, who) for v in item.values)
        case c.Matches():
            return matches(item, who)
        case c.Within():
            return within(item, who)
        case c.Relative():
            return compared(item.field, "<" if item.side == "before" else ">", item.value, who)
        case c.Between():
            return compared(item.field, ">=", item.low, who) and compared(item.field, "<=", item.high, who)
        case c.Empty():
            return read(item.field, who) is None
        case c.Some():
            return bool(some(item, who))
        case c.CountSome():
            return OPERATORS[item.op](len(some(item.some, who)), item.number)
        case _:
            return HAPPENED[type(item)](item, who)


def read(ref: c.FieldRef, who: Asked) -> Any:
    """Return the field; None where it, or a link on the way, is empty."""
    row: Row | None = who.row
    for step in ref.links:
        row = who.world.records[step.record].get(row[step.field]) if row and row.get(step.field) else None
    return None if row is None else row.get(ref.field)


def value_of(value: c.PlanValue, who: Asked) -> Any:
    """Return the value; None where it is empty."""
    match value:
        case c.Literal_(type="date"):
            return date.fromisoformat(str(value.value))
        case c.Literal_(type="instant"):
            return datetime.fromisoformat(str(value.value))
        case c.Literal_():
            return value.value
        case c.FieldRef():
            return read(value, who)
        case c.Today():
            return who.today
        case c.Now():
            return who.at
        case c.Shifted():
            return shifted(value_of(value.origin, who), value.span, value.sign, who.zone)
        case c.Choose():
            for case in value.cases:
                if case.when is None or holds(case.when, who):
                    return value_of(case.value, who)
            return None
        case _:
            raise TypeError(value)


def compared(ref: c.FieldRef, op: str, value: c.PlanValue, who: Asked) -> bool:
    """Compare; false where either is empty. A date beside an instant: the instant's local date."""
    left, right = read(ref, who), value_of(value, who)
    if left is None or right is None:
        return False
    if ref.type == "link" and isinstance(right, str):
        target = "user" if ref.field in ("owner", "manager") else ref.field
        left = who.world.records[target][left][KEYS[target]]
        if left is None:
            return False
    if isinstance(left, datetime) != isinstance(right, datetime) and isinstance(right, date):
        left, right = day_of(left, who.zone), day_of(right, who.zone)
    return OPERATORS[op](left, right)


def matches(item: c.Matches, who: Asked) -> bool:
    value, text = read(item.field, who), item.text.casefold()
    if value is None:
        return False
    if item.field.type == "set":
        return any(member.casefold() == text for member in value)
    folded = value.casefold()
    return bool(
        {"contains": text in folded, "starts with": folded.startswith(text), "ends with": folded.endswith(text)}[item.how]
    )


def within(item: c.Within, who: Asked) -> bool:
    value = read(item.field, who)
    if value is None:
        return False
    if isinstance(value, datetime):
        there = (
            who.at + item.sign * exact(item.span)
            if item.span.unit != "working day"
            else shifted(who.at, item.span, item.sign, who.zone)
        )
        return min(who.at, there) <= value <= max(who.at, there)
    other = shifted(who.today, item.span, item.sign, who.zone)
    return bool(min(who.today, other) <= value <= max(who.today, other))


def some(item: c.Some, who: Asked) -> list[int]:
    """Return the linked records that fulfil the condition."""
    target: int | None = who.id
    row = who.row
    for step in item.links:
        target = row.get(step.field)
        row = who.world.records[step.record][target] if target else {}
    found = [i for i, r in who.world.records[item.record].items() if target is not None and r.get(item.link) == target]
    return [i for i in found if holds(item.where, replace(who, record=item.record, id=i))]


def count_events(item: c.CountEvents, who: Asked) -> bool:
    found = [e for e in who.world.happened if e.kind == "event" and e.name == item.event and e.at <= who.at and _about(e, who)]
    if item.last is not None:
        found = [e for e in found if e.at >= who.at - exact(item.last)]
    if item.since_entry:
        found = [e for e in found if since_entry(e, who)]
    if item.where is not None:
        found = [e for e in found if holds(item.where, replace(who, properties=told(e.properties, item.where, who.zone)))]
    return OPERATORS[item.op](len(found), item.number)


def _about(event: Happened, who: Asked) -> bool:
    own = event.record == who.record and event.record_id == who.id
    if who.record == "account":
        people = {i for i, r in who.world.records["contact"].items() if r.get("account") == who.id}
        return own or event.contact_id in people
    if who.record == "contact":
        return event.contact_id == who.id
    return own or (who.contact_id is not None and event.contact_id == who.contact_id)


def since_entry(event: Happened, who: Asked) -> bool:
    """Tell whether it came after the entry; of the entry's very instant: whether it arrived after the event that caused it."""
    if who.stay is None or event.at < who.stay.entered_at:
        return False
    if event.at > who.stay.entered_at:
        return True
    return who.stay.cause_event_id is not None and event.id > who.stay.cause_event_id


def told(properties: Row, where: c.Condition, zone: str) -> Row:
    """Return the properties as values of the types that the condition asks for; others are empty."""
    found: Row = {}
    for ref in _refs(where):
        found[ref.field] = _typed(properties.get(ref.field), ref.type, zone)
    return found


def _typed(value: Any, kind: str, zone: str) -> Any:
    if kind == "number":
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if not isinstance(value, str):
        return None
    try:
        if kind == "date":
            return date.fromisoformat(value)
        if kind == "datetime":
            at = datetime.fromisoformat(value)
            return at if at.tzinfo is not None else instant_of(at, zone)
    except ValueError:
        return None
    return value


def _refs(item: Any) -> Iterable[c.FieldRef]:
    if isinstance(item, c.FieldRef):
        yield item
    elif isinstance(item, tuple):
        for part in item:
            yield from _refs(part)
    elif hasattr(type(item), "model_fields"):
        for name in type(item).model_fields:
            yield from _refs(getattr(item, name))


def fact(item: c.Fact, who: Asked) -> bool:
    if who.stay is None:
        return False
    since = None if item.last is None else who.at - exact(item.last)
    if item.fact in ("sent", "overdue"):
        return any(_effect(item, d, since, who) for d in who.world.done if d.enrolment_id == who.stay.id)
    return any(
        _proof(item, e) and e.at <= who.at and (since is None or e.at >= since)
        for e in who.world.happened
        if e.enrolment_id == who.stay.id and (item.step is None or e.step == item.step)
    )


def _effect(item: c.Fact, done: Done, since: datetime | None, who: Asked) -> bool:
    if (item.step is not None and done.step != item.step) or done.state in ("cancelled", "rejected"):
        return False
    if item.fact == "sent":
        kinds = ("message",) if item.step is None else ("message", "call_out")
        return done.effect in kinds and done.at <= who.at and (since is None or done.at >= since)
    reported = any(
        e.kind in ("completed", "released") and e.step == done.step and e.enrolment_id == done.enrolment_id and e.at <= who.at
        for e in who.world.happened
    )
    return done.due_at is not None and done.due_at < who.at and not reported and (since is None or done.due_at >= since)


def _proof(item: c.Fact, event: Happened) -> bool:
    person = not event.machine and not event.soft and not event.out_of_office
    match item.fact:
        case "opened":
            return event.kind in ("opened", "clicked", "replied") and person
        case "clicked":
            return event.kind == "clicked" and person and (item.url is None or (event.name or "").startswith(item.url))
        case "done":
            return event.kind in ("completed", "released")
        case kind:
            return event.kind == kind and person


def outcome(item: c.Outcome, who: Asked) -> bool:
    reports = [
        e
        for e in who.world.happened
        if who.stay is not None
        and e.enrolment_id == who.stay.id
        and e.kind == "completed"
        and e.step == item.step
        and e.at <= who.at
    ]
    return bool(reports) and min(reports, key=lambda e: e.id).name in item.values


def account_replied(_item: c.AccountReplied, who: Asked) -> bool:
    people = who.world.records["contact"]
    account = who.id if who.record == "account" else people[who.contact_id].get("account") if who.contact_id else None
    same = {i for i, r in people.items() if account is not None and r.get("account") == account}
    if who.record != "account" and who.contact_id is not None:
        same.add(who.contact_id)
    return any(
        e.kind == "replied" and not e.out_of_office and e.contact_id in same and e.at <= who.at and since_entry(e, who)
        for e in who.world.happened
    )


def belonging(record: str, who: Asked) -> set[int]:
    """Return the records of that type that belong to the one asked of."""
    if record == who.record:
        return {who.id}
    row = who.world.records[who.record][who.id]
    if record in row or (record == "contact" and who.contact_id is not None):
        found = row.get(record) if record in row else who.contact_id
        return set() if found is None else {found}
    return {i for i, r in who.world.records[record].items() if r.get(who.record) == who.id}


def in_list(item: c.InList, who: Asked) -> bool:
    if item.list not in who.world.lists:
        return False
    record, members = who.world.lists[item.list]
    return bool(belonging(record, who) & members)


def in_flow(item: c.InFlow, who: Asked) -> bool:
    return any(
        s.flow == item.flow and (item.was or s.active) and s.record_id in belonging(s.record, who) for s in who.world.stays
    )


HAPPENED: dict[type, Callable[[Any, Asked], bool]] = {
    c.CountEvents: count_events,
    c.Fact: fact,
    c.Outcome: outcome,
    c.AccountReplied: account_replied,
    c.InList: in_list,
    c.InFlow: in_flow,
    c.Tagged: lambda item, who: (who.record, who.id, item.tag) in who.world.tags,
    c.Unsubscribed: lambda _item, who: who.contact_id in who.world.unsubscribed,
}


# ------------------------------------------------------------------------------------------------- time


def day_of(moment: date, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date() if isinstance(moment, datetime) else moment


def exact(span: c.Span) -> timedelta:
    """Return a span in which a day is 24 hours."""
    hours = {"minute": 1 / 60, "hour": 1, "day": 24, "week": 168}[span.unit]
    return timedelta(seconds=round(span.count * hours * 3600))


def shifted(moment: Any, span: c.Span, sign: int, zone: str) -> Any:
    """Move a date or an instant: days at the same local time, hours exactly, working days mon-fri."""
    if moment is None:
        return None
    if span.unit in ("minute", "hour"):
        return moment + sign * exact(span)
    if not isinstance(moment, datetime):
        return moment + timedelta(days=_days(moment, span, sign))
    wall = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    days = _days(wall.date(), span, sign)
    return moment if days == 0 else instant_of(wall + timedelta(days=days), zone)


def _days(day: date, span: c.Span, sign: int) -> int:
    if span.unit != "working day":
        return sign * int(span.count) * (7 if span.unit == "week" else 1)
    moved, left = 0, int(span.count)
    while left:
        moved += sign
        left -= (day + timedelta(days=moved)).weekday() < 5
    return moved


def instant_of(wall: datetime, zone: str) -> datetime:
    """Return the instant of a wall time: the first of two; of a skipped one the first after the gap."""
    while True:
        at = wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
        if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == wall:
            return at
        wall = wall.replace(second=0, microsecond=0) + timedelta(minutes=1)
