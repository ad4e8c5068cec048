"""`why`: why somebody did or did not come into a flow, and did or did not get each step."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from seqlang.app.opening import opened
from seqlang.app.workspace import Workspace
from seqlang.clock import SystemClock, from_micros
from seqlang.errors import NotFoundError
from seqlang.plan.conditions import Condition
from seqlang.plan.model import ExitCheck, FlowPlan, StepNode
from seqlang.plan.wording import field_of, parts_of, words
from seqlang.simulation.lines import Line, shown_at, told

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.predicates import Subject
    from seqlang.store import Store
    from seqlang.store.plans import FlowRow

FIELDS_OF_NOW = (
    "what happened is asked as of then; fields of records are shown with their values of now, former ones are not kept"
)
AS_OF_NOW = "conditions are asked as of now"


@dataclass(frozen=True, slots=True)
class Part:
    """One smallest condition."""

    text: str
    holds: bool
    value: str | None  # of the field that it looks at; None: it looks at none, or it is empty


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was asked: the audience, an exit, a step."""

    name: str  # "audience", "exit when …", "step hello"
    said: tuple[str, ...]  # what happened, oldest first
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All of it."""

    who: str
    flow: str
    standing: str
    items: tuple[Item, ...]
    notes: tuple[str, ...]

    def text(self) -> str:
        """Return it for people."""
        lines = [f"{self.who} in {self.flow}: {self.standing}"]
        for item in self.items:
            lines.append(f"\n{item.name}")
            lines += [f"  {s}" for s in item.said]
            for part in item.parts:
                shown = "" if part.value is None else f"   (it is {part.value})"
                lines.append(f"  {'yes' if part.holds else 'no '}  {part.text}{shown}")
        return "\n".join(lines)

    def record(self) -> dict[str, Any]:
        """Return it as data."""
        items = [
            {
                "name": i.name,
                "said": list(i.said),
                "conditions": [{"text": p.text, "holds": p.holds, "value": p.value} for p in i.parts],
            }
            for i in self.items
        ]
        return {"who": self.who, "sequence": self.flow, "standing": self.standing, "items": items, "notes": list(self.notes)}


def explain(workspace: Workspace, who: str, name: str) -> Explanation:
    """Explain; NotFoundError for an unknown flow or record."""
    from seqlang.store.plans import get_flow, get_plan

    with opened(workspace) as store, store.read() as conn:
        flow = get_flow(conn, name)
        plan = get_plan(conn, flow.plan_hash)
        record_id = _record(conn, store, flow, who)
        asking = _Asking(conn, store, flow, plan, record_id, SystemClock().now())
        return asking.explanation(who)


def _record(conn: Connection, store: Store, flow: FlowRow, who: str) -> int:
    from seqlang.engine.telling import subject_of
    from seqlang.store.records import find

    _, key = subject_of(who)
    found = find(conn, store, flow.record, [key]).get(key)
    if found is None:
        raise NotFoundError(f"there is no {flow.record} `{who}`", hint=f"`seqlang list {flow.record}` shows them")
    return found


class _Undo(Exception):  # noqa: N818 - ends a transaction that was only asked
    """Nothing was meant to be written."""


class _Asking:
    """One question under way."""

    def __init__(self, conn: Connection, store: Store, flow: FlowRow, plan: FlowPlan, record_id: int, at: datetime) -> None:
        from seqlang.store import tables

        self.conn, self.store, self.flow, self.plan, self.record_id, self.at = conn, store, flow, plan, record_id, at
        stay = tables.enrolment
        self.stays = list(
            conn.execute(stay.select().where(stay.c.flow_id == flow.id, stay.c.record_id == record_id).order_by(stay.c.id))
        )
        self.last = self.stays[-1] if self.stays else None

    def explanation(self, who: str) -> Explanation:
        items = [] if self.stays else self._entry()
        if self.last is None or self.last.active:
            items += self._exits()
        if self.stays:
            lines = self._lines()
            items += [self._step(step, lines) for step in self.plan.steps]
        return Explanation(who, self.flow.name, self._standing(), tuple(items), (FIELDS_OF_NOW if self.stays else AS_OF_NOW,))

    def _standing(self) -> str:
        if self.last is None:
            return f"never came in (the flow is {self.flow.state})"
        came = f"came in at {self._when(self.last.entered_at)}"
        if self.last.active:
            waits = f", waits ({self.last.waiting})" if self.last.waiting else ""
            due = f"; the next thing is due at {self._when(self.last.due_at)}" if self.last.due_at else ""
            return f"{came} and is in{waits}{due}"
        return f"{came} and left at {self._when(self.last.exited_at)} because of {self.last.exit_reason}"

    def _when(self, micros: int) -> str:
        return shown_at(from_micros(micros), self.flow.zone)[:16].replace("T", " ")

    def _entry(self) -> list[Item]:
        said = [] if self.flow.state == "active" else [f"the flow is {self.flow.state}: nobody comes in"]
        if self.plan.audience is not None:
            more = (
                [f"of several with the same {self.plan.audience.unique_by} only one comes in"]
                if self.plan.audience.unique_by
                else []
            )
            more += (
                [f"at most {self.plan.audience.admit} come in a {self.plan.audience.admit_per}"]
                if self.plan.audience.admit
                else []
            )
            return [Item("audience", tuple(said + more), self._parts(self.plan.audience.where))]
        found = []
        for trigger in self.plan.triggers:
            condition = getattr(trigger, "condition", None) or getattr(trigger, "when", None)
            found.append(Item(f"enters on {trigger.is_}", tuple(said), self._parts(condition) if condition else ()))
        return found or [Item("entry", (*said, "only by hand: `seqlang enroll`"), ())]

    def _exits(self) -> list[Item]:
        found = []
        for rule in self.plan.exits:
            for check in rule.checks:
                condition = _exit_condition(check)
                if condition is not None and (check.condition is not None or self.last is not None):
                    found.append(Item(f"exit when {words(condition)}", (), self._parts(condition)))
        return found

    def _lines(self) -> list[Line]:
        from seqlang.store.records import names
        from seqlang.store.timeline import TimelineQuestion, timeline

        who = names(self.conn, self.store, self.flow.record, [self.record_id]).get(self.record_id)
        wanted = f"{self.flow.record}:{who or f'#{self.record_id}'}"
        return [
            line
            for line in timeline(
                self.conn,
                self.store,
                TimelineQuestion(contact=who if self.flow.record == "contact" else None, flow=self.flow.name),
            )
            if line.record == wanted
        ]

    def _events(self) -> list[tuple[int, int, str]]:
        """Return what happened to messages and to-dos of these stays: instant, node, words."""
        from seqlang.store import tables

        event = tables.event.c
        rows = self.conn.execute(
            tables.event.select().where(event.enrolment_id.in_([s.id for s in self.stays])).order_by(event.at)
        )
        marks = (("machine", " (by a machine)"), ("soft", " (soft)"), ("out_of_office", " (out of office)"))
        return [
            (r.at, r.node_id, f"{r.kind}{f': {r.name}' if r.name else ''}" + "".join(w for m, w in marks if getattr(r, m)))
            for r in rows
        ]

    def _step(self, step: StepNode, lines: list[Line]) -> Item:
        from seqlang.clock import to_micros
        from seqlang.store.plans import node_ids

        node = node_ids(self.conn, self.flow.id).get(step.key)
        happened = [(to_micros(line.at), told(line)) for line in lines if line.step == step.key]
        happened += [(at, what) for at, number, what in self._events() if number == node]
        own = [f"{self._when(at)} {what}" for at, what in sorted(happened, key=lambda h: h[0])]
        if not own:
            own = ["not yet" if self.last is not None and self.last.active else "never: the enrolment ended before"]
        settled = next((line for line in lines if line.step == step.key and line.what in ("executed", "skipped")), None)
        if step.when is None:
            return Item(f"step {step.key} ({step.channel})", tuple(own), ())
        parts = self._parts(step.when) if settled is None else self._parts_then(step.when, settled)
        return Item(f"step {step.key} ({step.channel})", tuple(own), parts)

    def _parts_then(self, condition: Condition, line: Line) -> tuple[Part, ...]:
        """Ask as of a line of the timeline: on a connection where only what had happened by then is seen; nothing is written."""
        from seqlang.clock import to_micros
        from seqlang.store import tables

        event, ledger = tables.event.c, tables.ledger.c
        people = [s.contact_id for s in self.stays if s.contact_id is not None]
        micros = to_micros(line.at)
        past = {
            # Tables of the session hide those of the same name: the one compiler of conditions asks them and does not know.
            "event": tables.event.select().where(
                (event.contact_id.in_(people) | event.enrolment_id.in_([s.id for s in self.stays])),
                event.at <= micros,
                event.recorded_at <= micros,
            ),
            "ledger": tables.ledger.select().where(ledger.enrolment_id.in_([s.id for s in self.stays]), ledger.id < line.id),
        }
        found: tuple[Part, ...] = ()
        with suppress(_Undo), self.store.begin() as conn:
            for name, query in past.items():
                text = query.compile(conn.engine, compile_kwargs={"literal_binds": True})
                conn.exec_driver_sql(f"CREATE TEMPORARY TABLE {name} AS {text}")
            then = _Asking(conn, self.store, self.flow, self.plan, self.record_id, line.at)
            found = then._parts(condition)
            raise _Undo
        return found

    def _parts(self, condition: Condition) -> tuple[Part, ...]:
        from sqlalchemy import select

        from seqlang.predicates import to_sql, value_sql
        from seqlang.store import tables

        subject = self._subject()
        smallest = list(parts_of(condition))
        fields = [field_of(p) for p in smallest]
        columns: list[Any] = [to_sql(p, subject, self.store).label(f"p{i}") for i, p in enumerate(smallest)]
        columns += [value_sql(f, subject, self.store).label(f"v{i}") for i, f in enumerate(fields) if f is not None]
        row = self.store.records(self.plan.subject)
        query = select(*columns).select_from(row).where(row.c.id == self.record_id)
        if self.last is not None:
            stay = tables.enrolment
            query = select(*columns).select_from(row.join(stay, stay.c.record_id == row.c.id)).where(stay.c.id == self.last.id)
        found = self.conn.execute(query).mappings().one()
        return tuple(
            Part(words(p), bool(found[f"p{i}"]), self._value(f, found.get(f"v{i}")))
            for i, (p, f) in enumerate(zip(smallest, fields, strict=True))
        )

    def _value(self, field: Any, kept: Any) -> str | None:
        from seqlang.store.cells import cell_text, loaded

        if field is None:
            return None
        spec = self.store.record_tables.spec(field.holder).field(field.field)
        if spec is None or spec.type == "link":
            return None if kept is None else "not empty"
        return "empty" if kept is None else cell_text(spec, loaded(spec, kept))

    def _subject(self) -> Subject:
        from seqlang.predicates import Subject
        from seqlang.store import tables
        from seqlang.store.plans import node_ids

        row = self.store.records(self.plan.subject)
        contact = row.c.id if self.plan.subject == "contact" else row.c.f_contact if "f_contact" in row.c else None
        return Subject(
            record=self.plan.subject,
            row=row,
            contact_id=contact,
            enrolment=tables.enrolment if self.last else None,
            flow_id=self.flow.id,
            zone=self.plan.zone,
            at=self.at,
            node_ids=node_ids(self.conn, self.flow.id),
            working=self.plan.working,
        )


def _exit_condition(check: ExitCheck) -> Condition | None:
    from seqlang.plan import conditions as c

    match check.kind:
        case "replied":
            return c.Fact(fact="replied")
        case "bounced":
            return c.Fact(fact="bounced")
        case "unsubscribed":
            return c.Unsubscribed()
        case "account replied":
            return c.AccountReplied()
        case _:
            return check.condition
