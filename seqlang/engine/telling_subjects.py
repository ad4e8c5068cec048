"""Whom and what an event is about: records by their keys, flows by name, the message or to-do that it belongs to."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from seqlang.engine.plans import load_plan
from seqlang.plan.model import StepNode
from seqlang.store import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from seqlang.engine.telling_told import Told
    from seqlang.plan.model import FlowPlan
    from seqlang.store.database import Store

KEYED = ("contact", "account", "deal")


@dataclass(frozen=True, slots=True)
class Subject:
    """A record that something happened to."""

    record: str  # contact, account, deal
    id: int
    contact_id: int | None  # itself, or a deal's contact
    address: str | None  # of that contact, lower case


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow, as far as events need it."""

    id: int
    name: str
    record: str  # what it enrols
    for_record: str  # what its file says
    plan_hash: str


@dataclass(frozen=True, slots=True)
class Effect:
    """A message, draft or to-do that an event belongs to."""

    ledger_id: int
    flow_id: int
    enrolment_id: int
    node_id: int | None
    reported: bool  # its outcome is known, or it was released


class Books:
    """What is looked up for a chunk of events, in a handful of queries a chunk."""

    def __init__(self, conn: Connection, store: Store) -> None:
        self._conn = conn
        self._store = store
        rows = conn.execute(select(tables.flow.c.id, tables.flow.c.name, tables.flow.c.record, tables.flow.c.plan_hash))
        self._hashes = {row.name: row for row in rows}
        self._flows: dict[str, Flow] = {}
        self._keys: dict[int, str] = {}
        self._subjects: dict[tuple[str, str], Subject] = {}
        self._lines: dict[int, Any] = {}
        self._about: dict[tuple[str, int], list[Any]] = {}
        self._reported: set[int] = set()
        self._numbers: dict[tuple[int, str], int] = {}

    def open(self, chunk: Sequence[Told]) -> None:
        """Look up the records and messages of the next events."""
        self._subjects.clear()
        for record in KEYED:
            wanted = {t.key.strip().lower() for t in chunk if t.record in {record, None} and (t.record or record != "deal")}
            if wanted:
                self._find(record, wanted)
        if any(t.kind in {"opened", "clicked", "replied", "bounced", "unsubscribed", "completed"} for t in chunk):
            self._read_effects()

    def subject(self, record: str | None, key: str) -> Subject | None:
        """Return the record of that key; an unknown type is a contact's first, then an account's."""
        key = key.strip().lower()
        for kind in (record,) if record else ("contact", "account"):
            if (found := self._subjects.get((kind, key))) is not None:
                return found
        return None

    def flow(self, name: str) -> Flow | None:
        """Return the flow of that name."""
        if name not in self._flows:
            row = self._hashes.get(name)
            if row is None:
                return None
            plan = load_plan(self._conn, row.plan_hash)
            self._flows[name] = Flow(row.id, name, row.record, plan.for_record, row.plan_hash)
        return self._flows[name]

    def nearest_flow(self, name: str) -> str:
        """Return a hint at the flow that may be meant, or nothing."""
        near = difflib.get_close_matches(name, list(self._hashes), 1)
        return f"; did you mean `{near[0]}`?" if near else ""

    def misfit(self, flow: Flow, subject: Subject) -> str | None:
        """Say why the record cannot be in the flow: it enrols others. An account's flow takes a domain's contacts."""
        if flow.record == subject.record or (flow.for_record == subject.record == "account"):
            return None
        return f"`{flow.name}` takes {flow.record}s, not {subject.record}s"

    def effect(self, subject: Subject, told: Told, at: int, *, manual: bool) -> Effect | None:
        """Return the last message (to-do or draft where `manual`) to the subject at `at` that fits, or None."""
        flow = self.flow(told.sequence) if told.sequence else None
        fits = []
        for line in self._about.get((subject.record, subject.id), ()):
            if line.at > at or (flow is not None and line.flow_id != flow.id):
                continue
            if (line.effect in {"todo", "draft"}) != manual:
                continue
            if told.step and line.node_id != self._number(line.flow_id, told.step):
                continue
            fits.append(line)
        if manual and not told.step:  # the latest that is still open
            fits = [line for line in fits if line.id not in self._reported] or fits
        if not fits:
            return None
        line = max(fits, key=lambda row: (row.at, row.id))
        return Effect(line.id, line.flow_id, line.enrolment_id, line.node_id, line.id in self._reported)

    def line(self, ledger_id: int) -> Any:
        """Return the ledger's line of an effect that was found."""
        return self._lines[ledger_id]

    def report(self, ledger_id: int) -> None:
        """Remember that this to-do is reported now: a second report in the same chunk is one too many."""
        self._reported.add(ledger_id)

    def step(self, flow_id: int, node_id: int | None) -> StepNode | None:
        """Return the step of that number in the flow's present plan; None where it is gone."""
        key = next((k for (f, k), number in self._numbers_of(flow_id).items() if f == flow_id and number == node_id), None)
        plan = self._plan(flow_id)
        return next((s for s in plan.steps if s.key == key), None) if plan is not None else None

    def address(self, found: Effect, subject: Subject) -> str | None:
        """Return the e-mail address that a message went to; None where it is no e-mail."""
        step = self.step(found.flow_id, found.node_id)
        if step is not None and step.address != "email":
            return None
        sent = self._conn.execute(
            select(tables.message.c.recipient).where(tables.message.c.ledger_id == found.ledger_id)
        ).scalar_one_or_none()
        return sent.lower() if sent else subject.address

    def value(self, record: str, field: str, text: str) -> tuple[str | None, str | None]:
        """Return a new value as the store keeps it, as text; or None and what is wrong with it."""
        from seqlang.engine.telling_values import read_value

        return read_value(self._conn, self._store, record, field.strip("`"), text)

    # ------------------------------------------------------------------------------------------ look-ups

    def _find(self, record: str, wanted: set[str]) -> None:
        made = self._store.records(record)
        if record == "contact":
            query = select(
                made.c.id, made.c.email_key.label("key"), made.c.id.label("contact_id"), made.c.email_key.label("address")
            ).where(made.c.email_key.in_(wanted))
        elif record == "account":
            key = func.lower(self._store.column("account", "domain"))
            query = select(
                made.c.id, key.label("key"), func.nullif(1, 1).label("contact_id"), func.nullif(1, 1).label("address")
            ).where(key.in_(wanted))
        else:
            key = func.lower(self._store.column("deal", "name"))
            owner = self._store.column("deal", "contact")
            contact = self._store.records("contact")
            query = (
                select(made.c.id, key.label("key"), owner.label("contact_id"), contact.c.email_key.label("address"))
                .join_from(made, contact, contact.c.id == owner, isouter=True)
                .where(key.in_(wanted))
            )
        for row in self._conn.execute(query.order_by(made.c.id.desc())):
            self._subjects[record, row.key] = Subject(record, row.id, row.contact_id, row.address)

    def _read_effects(self) -> None:
        line = tables.ledger
        self._about.clear()
        self._lines.clear()
        columns = (
            line.c.id,
            line.c.at,
            line.c.flow_id,
            line.c.enrolment_id,
            line.c.node_id,
            line.c.record_id,
            line.c.contact_id,
            line.c.effect,
            tables.flow.c.record.label("record"),
        )
        live = (
            select(*columns)
            .join(tables.flow, tables.flow.c.id == line.c.flow_id)
            .where(
                line.c.what == "executed",
                line.c.effect.in_(("message", "todo", "draft")),
                func.coalesce(line.c.state, "").not_in(("cancelled", "rejected")),
            )
        )
        ids: dict[str, list[int]] = {kind: [] for kind in KEYED}
        for (kind, _), subject in self._subjects.items():
            ids[kind].append(subject.id)
        if ids["contact"]:
            stays = select(tables.enrolment.c.id).where(tables.enrolment.c.contact_id.in_(ids["contact"]))
            for row in self._conn.execute(live.where(line.c.enrolment_id.in_(stays))):
                self._keep(("contact", row.contact_id), row)
        for kind in ("account", "deal"):
            if ids[kind]:
                for row in self._conn.execute(live.where(tables.flow.c.record == kind, line.c.record_id.in_(ids[kind]))):
                    self._keep((kind, row.record_id), row)
        if self._lines:
            done = select(tables.event.c.ledger_id).where(
                tables.event.c.ledger_id.in_(list(self._lines)), tables.event.c.kind.in_(("completed", "released"))
            )
            self._reported = set(self._conn.execute(done).scalars())

    def _keep(self, about: tuple[str, int], row: Any) -> None:
        self._lines[row.id] = row
        self._about.setdefault(about, []).append(row)

    def _number(self, flow_id: int, key: str) -> int | None:
        return self._numbers_of(flow_id).get((flow_id, key))

    def _numbers_of(self, flow_id: int) -> dict[tuple[int, str], int]:
        if flow_id not in self._keys:
            self._keys[flow_id] = ""
            rows = self._conn.execute(select(tables.node.c.key, tables.node.c.id).where(tables.node.c.flow_id == flow_id))
            self._numbers.update({(flow_id, row.key): row.id for row in rows})
        return self._numbers

    def _plan(self, flow_id: int) -> FlowPlan | None:
        row = next((r for r in self._hashes.values() if r.id == flow_id), None)
        return load_plan(self._conn, row.plan_hash) if row is not None else None
