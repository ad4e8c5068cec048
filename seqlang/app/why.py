"""`why`: why somebody did or did not come into a flow, and did or did not get each step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from seqlang.app.as_of import as_of
from seqlang.app.opening import opened
from seqlang.app.workspace import Workspace
from seqlang.clock import SystemClock, from_micros, to_micros
from seqlang.errors import NotFoundError
from seqlang.graph.texts import trigger_words
from seqlang.plan.conditions import Condition
from seqlang.plan.model import BranchNode, FlowPlan, StepNode
from seqlang.plan.wording import field_of, parts_of, words
from seqlang.schedule import next_run_at_or_after
from seqlang.simulation.lines import Line, shown_at, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from seqlang.predicates import Subject
    from seqlang.store import Store
    from seqlang.store.plans import FlowRow

AS_OF_THEN = "what was decided is asked as of then, with the values of then; what is open yet, as of now"
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


class _Asking:
    """One question under way."""

    def __init__(self, conn: Connection, store: Store, flow: FlowRow, plan: FlowPlan, record_id: int, at: datetime) -> None:
        from seqlang.store import tables
        from seqlang.store.plans import node_ids

        self.conn, self.store, self.flow, self.plan, self.record_id, self.at = conn, store, flow, plan, record_id, at
        stay = tables.enrolment
        mine = stay.select().where(stay.c.flow_id == flow.id, stay.c.record_id == record_id)
        self.last = conn.execute(mine.order_by(stay.c.id.desc()).limit(1)).first()  # its last enrolment
        self.node_ids = node_ids(conn, flow.id)

    def explanation(self, who: str) -> Explanation:
        if self.last is None:
            return Explanation(who, self.flow.name, self._standing(), (*self._entry(), *self._exits()), (AS_OF_NOW,))
        lines, events = self._lines(self.last.id), self._events(self.last.id)
        items = self._entry_then(lines) + (self._exits() if self.last.active else self._exits_then(lines))
        for node in self.plan.nodes:
            if isinstance(node, StepNode):
                items.append(self._step(node, lines, events))
            elif isinstance(node, BranchNode):
                items += self._branch(node, lines)
        return Explanation(who, self.flow.name, self._standing(), tuple(items), (AS_OF_THEN,))

    def _standing(self) -> str:
        if self.last is None:
            return f"never came in (the flow is {self.flow.state})"
        came = f"came in at {self._when(self.last.entered_at)}"
        if self.last.active:
            waits = f", waits ({self.last.waiting})" if self.last.waiting else ""
            goes_at = self._goes_at(self.last.due_at, self.last.waiting)
            due = f"; the next thing is due at {self._when(goes_at)}" if goes_at else ""
            return f"{came} and is in{waits}{due}"
        return f"{came} and left at {self._when(self.last.exited_at)} because of {self.last.exit_reason}"

    def _goes_at(self, due_at: int | None, waiting: str | None) -> int | None:
        """Return when what is due goes: in a flow with runs at the first one from then on, or when a window opens."""
        schedule, start = self.plan.schedule, self.flow.started_at
        if due_at is None or schedule is None or start is None or waiting == "window":
            return due_at
        run = next_run_at_or_after(schedule, from_micros(due_at), start)
        return due_at if run is None else to_micros(run)

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
        found = self._triggers(said, self._parts)
        return found or [Item("entry", (*said, "only by hand: `seqlang enroll`"), ())]

    def _triggers(self, said: list[str], ask: Callable[[Condition], tuple[Part, ...]]) -> list[Item]:
        """Return what may bring somebody in, each with its condition."""
        found = []
        for trigger in self.plan.triggers:
            condition = getattr(trigger, "condition", None) or getattr(trigger, "when", None)
            name = f"{'enter ' if self.plan.kind == 'journey' else ''}{trigger_words(trigger)[0]}"
            found.append(Item(name, tuple(said), ask(condition) if condition else ()))
        return found

    def _exits(self) -> list[Item]:
        found = []
        for rule in self.plan.exits:
            for check in rule.checks:
                condition = check.asks()
                if condition is not None and (check.condition is not None or self.last is not None):
                    found.append(Item(f"exit when {words(condition)}", (), self._parts(condition)))
        return found

    def _entry_then(self, lines: list[Line]) -> list[Item]:
        """Return what let it in; by hand nothing is asked."""
        assert self.last is not None
        entered = next((line for line in lines if line.what == "entered"), None)
        if entered is None or self.last.by_hand:
            return [Item("entry", ("by hand or from another flow: no condition was asked",), ())] if entered else []
        if self.plan.audience is not None:
            return [Item("audience", (), self._parts_then(self.plan.audience.where, entered))]
        return self._triggers([], lambda condition: self._parts_then(condition, entered))

    def _exits_then(self, lines: list[Line]) -> list[Item]:
        """Return the conditions of one's own that were the reason to leave."""
        left = next((line for line in lines if line.what == "exited"), None)
        if left is None:
            return []
        if left.why == "goal":
            return [
                Item(f"goal {goal.name}", (), self._parts_then(goal.condition, left))
                for goal in self.plan.goals
                if goal.name == left.step
            ]
        if left.why != "condition":
            return []
        own = [c.condition for rule in self.plan.exits for c in rule.checks if c.condition is not None]
        asked = [Item(f"exit when {words(c)}", (), self._parts_then(c, left)) for c in own]
        return [item for item in asked if any(part.holds for part in item.parts)]

    def _branch(self, node: BranchNode, lines: list[Line]) -> list[Item]:
        """Return an `if` that was come to, with each of its conditions."""
        came = [line for line in lines if line.node == node.key]
        if not came:
            return []
        said = f"{self._when(to_micros(came[-1].at))} {told(came[-1])}"
        parts = tuple(part for condition, _ in node.arms for part in self._parts_then(condition, came[-1]))
        return [Item("if", (said,), parts)]

    def _lines(self, stay: int) -> list[Line]:
        from seqlang.store.timeline import TimelineQuestion, timeline

        return list(timeline(self.conn, self.store, TimelineQuestion(stay=stay)))

    def _events(self, stay: int) -> list[tuple[int, str, str]]:
        """Return what happened to messages and to-dos of a stay: instant, the step's key, words."""
        from sqlalchemy import select

        from seqlang.store.tables import event, node

        said = select(event, node.c.key).join(node, node.c.id == event.c.node_id).where(event.c.enrolment_id == stay)
        marks = (("machine", " (by a machine)"), ("soft", " (soft)"), ("out_of_office", " (out of office)"))
        return [
            (r.at, r.key, f"{r.kind}{f': {more}' if more else ''}" + "".join(w for m, w in marks if getattr(r, m)))
            for r in self.conn.execute(said.order_by(event.c.at))
            for more in [r.value if r.kind in ("replied", "unsubscribed") and not r.out_of_office else r.name]  # STOP, START
        ]

    def _step(self, step: StepNode, lines: list[Line], events: list[tuple[int, str, str]]) -> Item:
        mine = [line for line in lines if line.node == step.key]
        happened = [(to_micros(line.at), told(line)) for line in mine]
        happened += [(at, what) for at, key, what in events if key == step.key]
        own = [f"{self._when(at)} {what}" for at, what in sorted(happened, key=lambda h: h[0])]
        if not own:
            own = ["not yet" if self.last is not None and self.last.active else "never: the enrolment ended before"]
        settled = next((line for line in mine if line.what in ("executed", "skipped")), None)
        if step.when is None:
            return Item(f"step {step.key} ({step.channel})", tuple(own), ())
        parts = self._parts(step.when) if settled is None else self._parts_then(step.when, settled)
        return Item(f"step {step.key} ({step.channel})", tuple(own), parts)

    def _parts_then(self, condition: Condition, line: Line) -> tuple[Part, ...]:
        """Ask as of a line of the timeline."""
        with as_of(self.store, self.plan.subject, self.last, line, condition) as conn:
            return self._asked(conn, condition, line.at)

    def _parts(self, condition: Condition) -> tuple[Part, ...]:
        """Ask as of now."""
        return self._asked(self.conn, condition, self.at)

    def _asked(self, conn: Connection, condition: Condition, at: datetime) -> tuple[Part, ...]:
        from sqlalchemy import select

        from seqlang.predicates import to_sql, value_sql
        from seqlang.store import tables

        subject = self._subject(at)
        smallest = list(parts_of(condition))
        if not smallest:  # of an audience that takes everybody
            return ()
        fields = [field_of(p) for p in smallest]
        columns: list[Any] = [to_sql(p, subject, self.store).label(f"p{i}") for i, p in enumerate(smallest)]
        columns += [value_sql(f, subject, self.store).label(f"v{i}") for i, f in enumerate(fields) if f is not None]
        row = self.store.records(self.plan.subject)
        query = select(*columns).select_from(row).where(row.c.id == self.record_id)
        if self.last is not None:
            stay = tables.enrolment
            query = select(*columns).select_from(row.join(stay, stay.c.record_id == row.c.id)).where(stay.c.id == self.last.id)
        found = conn.execute(query).mappings().one()
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

    def _subject(self, at: datetime) -> Subject:
        from seqlang.predicates import Subject
        from seqlang.store import tables

        row = self.store.records(self.plan.subject)
        contact = row.c.id if self.plan.subject == "contact" else row.c.f_contact if "f_contact" in row.c else None
        return Subject(
            record=self.plan.subject,
            row=row,
            contact_id=contact,
            enrolment=tables.enrolment if self.last else None,
            flow_id=self.flow.id,
            zone=self.plan.zone,
            at=at,
            node_ids=self.node_ids,
            working=self.plan.working,
        )
