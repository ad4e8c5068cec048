"""Figures for people: how the flows stand, and the funnel of one by step and by side of its splits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, distinct, func, not_, select

from seqlang.clock import from_micros
from seqlang.store import tables

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, FromClause

    from seqlang.store.plans import FlowRow

# What a kind of event proves of a message (LANGUAGE 9): machines, soft bounces and out-of-office notes prove nothing.
PROOFS: Mapping[str, tuple[str, ...]] = {
    "opened": ("opened", "clicked", "replied"),
    "clicked": ("clicked",),
    "replied": ("replied",),
    "bounced": ("bounced",),
    "unsubscribed": ("unsubscribed",),
    "done": ("completed", "released"),
}


@dataclass(frozen=True, slots=True)
class FlowStatus:
    """How one flow stands."""

    name: str
    kind: str
    state: str
    owner: str | None
    active: int  # who is in
    put_off: int  # … and waits for a limit, a window, pace, or is out of office
    ended: int
    exits: Mapping[str, int]  # reason -> how many left with it
    outbox: Mapping[str, int]  # state of its messages and to-dos -> how many
    open_todos: int
    run_last_at: datetime | None
    run_next_at: datetime | None


@dataclass(frozen=True, slots=True)
class StepFigures:
    """What came of one step. Counts of opened … done are contacts (enrolments), each once."""

    step: str
    channel: str | None
    executed: int  # messages planned, drafts and to-dos made
    accepted: int  # of those, taken by the channel
    waiting: int  # planned, being sent, to be tried again
    unknown: int
    cancelled: int
    rejected: int
    skipped: Mapping[str, int]  # why -> how many
    failed: Mapping[str, int]
    deferred: Mapping[str, int]  # lines, several a contact
    opened: int
    clicked: int
    replied: int
    bounced: int
    done: int


@dataclass(frozen=True, slots=True)
class SideFigures:
    """What came of one side of a split: contacts, each once."""

    split: str
    side: str
    contacts: int
    opened: int
    clicked: int
    replied: int
    goal: int
    unsubscribed: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """The whole of one flow."""

    flow: str
    entered: int
    active: int
    exits: Mapping[str, int]
    goals: Mapping[str, int]
    steps: tuple[StepFigures, ...]
    sides: tuple[SideFigures, ...]


@dataclass(slots=True)
class _Tally:
    """Counts by node and word, filled from one query each."""

    counts: dict[tuple[int, str, str], int] = field(default_factory=dict)

    def of(self, node: int, first: str) -> dict[str, int]:
        return {why: n for (i, what, why), n in sorted(self.counts.items()) if i == node and what == first}

    def sum(self, node: int, first: str, *seconds: str) -> int:
        return sum(n for why, n in self.of(node, first).items() if not seconds or why in seconds)


def status(conn: Connection) -> tuple[FlowStatus, ...]:
    """Return how each flow stands, in the order of the project's files."""
    flow, stay = tables.flow, tables.enrolment
    active = _counts(conn, select(stay.c.flow_id, func.count()).where(stay.c.active).group_by(stay.c.flow_id))
    off = _counts(
        conn, select(stay.c.flow_id, func.count()).where(stay.c.active, stay.c.waiting.is_not(None)).group_by(stay.c.flow_id)
    )
    exits = _by_word(
        conn,
        select(stay.c.flow_id, stay.c.exit_reason, func.count())
        .where(not_(stay.c.active))
        .group_by(stay.c.flow_id, stay.c.exit_reason),
    )
    line, todo = tables.ledger, tables.todo
    outbox = _by_word(
        conn,
        select(line.c.flow_id, line.c.state, func.count())
        .where(line.c.state.is_not(None))
        .group_by(line.c.flow_id, line.c.state),
    )
    todos = _counts(
        conn,
        select(line.c.flow_id, func.count())
        .join(todo, todo.c.ledger_id == line.c.id)
        .where(todo.c.state == "open")
        .group_by(line.c.flow_id),
    )
    rows = conn.execute(select(flow).order_by(flow.c.position, flow.c.name))
    return tuple(
        FlowStatus(
            name=r.name,
            kind=r.kind,
            state=r.state,
            owner=r.owner,
            active=active.get(r.id, 0),
            put_off=off.get(r.id, 0),
            ended=sum(exits.get(r.id, {}).values()),
            exits=exits.get(r.id, {}),
            outbox=outbox.get(r.id, {}),
            open_todos=todos.get(r.id, 0),
            run_last_at=_instant(r.run_last_at),
            run_next_at=_instant(r.run_next_at),
        )
        for r in rows
    )


def funnel(conn: Connection, flow: FlowRow, steps: tuple[tuple[str, str], ...]) -> Funnel:
    """Return the figures of one flow; `steps` are its (name, channel) in file order."""
    stay, node = tables.enrolment, tables.node
    numbers = {r.key: r.id for r in conn.execute(select(node).where(node.c.flow_id == flow.id))}
    mine = stay.c.flow_id == flow.id
    reasons = _by_word(
        conn,
        select(stay.c.flow_id, stay.c.exit_reason, func.count())
        .where(mine, not_(stay.c.active))
        .group_by(stay.c.flow_id, stay.c.exit_reason),
    ).get(flow.id, {})
    goals = _by_word(
        conn,
        select(stay.c.flow_id, stay.c.exit_goal, func.count())
        .where(mine, stay.c.exit_goal.is_not(None))
        .group_by(stay.c.flow_id, stay.c.exit_goal),
    ).get(flow.id, {})
    entered = conn.execute(select(func.count()).where(mine)).scalar_one()
    lines, facts = _lines(conn, flow.id), _facts(conn, flow.id)
    return Funnel(
        flow=flow.name,
        entered=entered,
        active=entered - sum(reasons.values()),
        exits=reasons,
        goals=goals,
        steps=tuple(_step(name, channel, numbers.get(name, 0), lines, facts) for name, channel in steps),
        sides=_sides(conn, flow.id, numbers),
    )


def _step(name: str, channel: str, number: int, lines: _Tally, facts: Mapping[tuple[int, str], int]) -> StepFigures:
    return StepFigures(
        step=name,
        channel=channel,
        executed=lines.sum(number, "executed"),
        accepted=lines.sum(number, "executed", "accepted"),
        waiting=lines.sum(number, "executed", "planned", "sending", "retry"),
        unknown=lines.sum(number, "executed", "unknown"),
        cancelled=lines.sum(number, "executed", "cancelled"),
        rejected=lines.sum(number, "executed", "rejected"),
        skipped=lines.of(number, "skipped"),
        failed=lines.of(number, "failed"),
        deferred=lines.of(number, "deferred"),
        **{kind: facts.get((number, kind), 0) for kind in ("opened", "clicked", "replied", "bounced", "done")},
    )


def _lines(conn: Connection, flow_id: int) -> _Tally:
    """Count the lines of the timeline: executed ones by their state, others by their reason."""
    line = tables.ledger
    word = case((line.c.what == "executed", line.c.state), else_=line.c.why)
    query = (
        select(line.c.node_id, line.c.what, func.coalesce(word, ""), func.count())
        .where(line.c.flow_id == flow_id, line.c.node_id.is_not(None))
        .group_by(line.c.node_id, line.c.what, word)
    )
    return _Tally({(r[0], r[1], r[2]): r[3] for r in conn.execute(query)})


def _facts(conn: Connection, flow_id: int) -> dict[tuple[int, str], int]:
    """Count, by step, the enrolments of which a fact is true."""
    event = tables.event
    columns = [func.count(distinct(case((_proves(event, kind), event.c.enrolment_id)))) for kind in PROOFS]
    query = (
        select(event.c.node_id, *columns)
        .where(event.c.flow_id == flow_id, event.c.node_id.is_not(None))
        .group_by(event.c.node_id)
    )
    return {(r[0], kind): n for r in conn.execute(query) for kind, n in zip(PROOFS, r[1:], strict=True)}


def _sides(conn: Connection, flow_id: int, numbers: Mapping[str, int]) -> tuple[SideFigures, ...]:
    """Count, by split and side, the contacts and what they did in the flow."""
    side, stay, event = tables.side, tables.enrolment, tables.event
    split_names = {number: key.removeprefix("split:") for key, number in numbers.items()}
    joined = side.outerjoin(stay, and_(stay.c.flow_id == side.c.flow_id, stay.c.record_id == side.c.record_id))
    joined = joined.outerjoin(
        event, and_(event.c.enrolment_id == stay.c.id, event.c.kind.in_({k for p in PROOFS.values() for k in p}))
    )
    kinds = ("opened", "clicked", "replied", "unsubscribed")
    proofs = [func.count(distinct(case((_proves(event, kind), side.c.record_id)))) for kind in kinds]
    goal = func.count(distinct(case((stay.c.exit_goal.is_not(None), side.c.record_id))))
    query = (
        select(side.c.node_id, side.c.side, func.count(distinct(side.c.record_id)), goal, *proofs)
        .select_from(joined)
        .where(side.c.flow_id == flow_id)
        .group_by(side.c.node_id, side.c.side)
        .order_by(side.c.node_id, side.c.side)
    )
    return tuple(
        SideFigures(split=split_names.get(r[0], "?"), side=r[1], contacts=r[2], goal=r[3], **dict(zip(kinds, r[4:], strict=True)))
        for r in conn.execute(query)
    )


def _proves(event: FromClause, kind: str) -> ColumnElement[bool]:
    return and_(event.c.kind.in_(PROOFS[kind]), not_(event.c.machine), not_(event.c.soft), not_(event.c.out_of_office))


def _counts(conn: Connection, query: Any) -> dict[int, int]:
    return {r[0]: r[1] for r in conn.execute(query)}


def _by_word(conn: Connection, query: Any) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for number, word, count in conn.execute(query):
        found.setdefault(number, {})[word or ""] = count
    return {number: dict(sorted(words.items())) for number, words in found.items()}


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
