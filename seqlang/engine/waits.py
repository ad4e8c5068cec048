"""`wait D` and `wait until`: who goes on at once, who rests and until when, who is woken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, case, cast, func, insert, literal, null, select, true, update

from seqlang.clock import from_micros, to_micros
from seqlang.engine import turning
from seqlang.engine.branches import asked
from seqlang.engine.journeys_waking import NOBODY, concerned
from seqlang.engine.statements_values import chosen
from seqlang.engine.waits_spans import DAY, date_instant, later
from seqlang.plan.conditions import Choose, FieldRef, Literal_, Shifted, Today
from seqlang.plan.model import WaitNode, WaitUntilNode
from seqlang.predicates import to_sql, turns_by_time, value_sql
from seqlang.schedule import add_span
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Table

    from seqlang.engine.context import FlowContext
    from seqlang.engine.journeys_waking import Look
    from seqlang.plan.conditions import PlanValue, Span
    from seqlang.plan.model import Node

FAR = 40_000 * DAY  # dates of records lie within a century or so of today


def wait(ctx: FlowContext, node: WaitNode, moving: Table) -> bool:
    """Let everybody rest for a span, counted from the planned instant at which they came; who is late goes on from its end.

    Tell whether all rest, and it has been written down: `moving` keeps them where they are.
    """
    number = ctx.nodes[node.key]
    at_it = and_(moving.c.node_id == number, ~moving.c.rests)
    came, low, high = _came(ctx, moving, at_it)
    end = _end(ctx, node.span, came, low, high)
    if isinstance(end, int) and end > ctx.micros:  # the rule: all came now, and all rest
        theirs = select(moving.c.enrolment_id).where(at_it)
        ctx.conn.execute(
            update(enrolment)
            .where(enrolment.c.id.in_(theirs))
            .values(node_id=number, due_at=end, wait_end_at=end, waiting=None, anchor_at=low)
        )
        return True
    ctx.conn.execute(update(moving).where(at_it).values(due_at=end))
    _go_on(ctx, node, moving, at_it)
    return False


def wait_until(ctx: FlowContext, node: WaitUntilNode, moving: Table) -> None:
    """Let go on for whom the condition holds or the moment is past or empty; the others rest, to the deadline if there is one."""
    at_it = and_(moving.c.node_id == ctx.nodes[node.key], ~moving.c.rests)
    conn = ctx.conn
    if node.condition is not None:
        holds = asked(ctx, moving, case((to_sql(node.condition, ctx.subject(), ctx.store), 1), else_=0))
        conn.execute(update(moving).where(at_it).values(arm=holds))
        _pass(ctx, node, moving, at_it, moving.c.arm == 1)
    if node.moment is not None:
        conn.execute(update(moving).where(at_it).values(due_at=asked(ctx, moving, moment(ctx, node.moment, node.zone))))
        _pass(ctx, node, moving, at_it, moving.c.due_at.is_(None))
    elif node.at_most is not None:
        conn.execute(update(moving).where(at_it).values(due_at=_end(ctx, node.at_most, *_came(ctx, moving, at_it))))
    elif node.at_latest is not None:
        conn.execute(update(moving).where(at_it).values(due_at=asked(ctx, moving, moment(ctx, node.at_latest, node.zone))))
    _go_on(ctx, node, moving, at_it)


def wake(ctx: FlowContext, seen: Look, woken: Table, moving: Table) -> None:
    """Add to `moving` those whose `wait until` is over by what happened, and those whose moment may have moved."""
    by_time = literal(seen.hour if seen.hour is not None and not seen.everything else ctx.micros, BigInteger)
    for node in ctx.plan.nodes:
        if not isinstance(node, WaitUntilNode):
            continue
        if node.condition is not None:
            hourly = turns_by_time(node.condition)
            among = concerned(seen, woken, enrolment.c.record_id, hourly=hourly)
            holds = to_sql(node.condition, ctx.subject(), ctx.store)
            came = func.coalesce(turning.of_wait(ctx, seen, woken, node.condition), by_time)
            _add(ctx, woken, moving, node, 0 if node.next is None else ctx.nodes[node.next], among, holds, came)
        if any(value is not None and not isinstance(value, Literal_) for value in (node.moment, node.at_latest)):
            among = concerned(seen, woken, enrolment.c.record_id, hourly=False)
            came = func.coalesce(woken.c.at, by_time)
            _add(ctx, woken, moving, node, ctx.nodes[node.key], among, true(), came)


def moment(ctx: FlowContext, value: PlanValue, zone: str | None) -> ColumnElement[Any]:
    """Return the instant that a value means, in microseconds; a date is its 00:00 in `zone` or the flow's; empty is null."""
    subject = ctx.subject()

    def one(leaf: PlanValue) -> ColumnElement[Any]:
        found = value_sql(leaf, subject, ctx.store)
        if not is_date(leaf):
            return cast(found, BigInteger)
        return date_instant(found, zone or ctx.zone, max(0, ctx.micros - FAR), ctx.micros + FAR)

    return chosen(ctx, subject, value, one, BigInteger())


def is_date(value: PlanValue) -> bool:
    """Tell whether the value is a date, not an instant."""
    match value:
        case Literal_():
            return value.type == "date"
        case FieldRef():
            return value.type == "date"
        case Shifted():
            return is_date(value.origin)
        case Choose():
            return any(is_date(one.value) for one in value.cases)
        case _:
            return isinstance(value, Today)


def _came(ctx: FlowContext, moving: Table, at_it: ColumnElement[bool]) -> tuple[ColumnElement[Any], int | None, int | None]:
    """Return when each of them came, and the first and the last of these instants (None: nobody did)."""
    came = func.coalesce(moving.c.turn_at, moving.c.at)  # who was here when an edit changed the wait came before
    low, high = ctx.conn.execute(select(func.min(came), func.max(came)).where(at_it)).one()
    return came, low, high


def _end(
    ctx: FlowContext, span: Span, came: ColumnElement[Any], low: int | None, high: int | None
) -> ColumnElement[Any] | int:
    """Return the end of a span from each row's instant: most often there is but one instant, and one answer (int) for all."""
    if low is None or high is None:
        return cast(null(), BigInteger)
    if low == high:
        return to_micros(add_span(from_micros(low), span, ctx.zone, ctx.plan.working))
    return later(came, span, ctx.zone, low, high, ctx.plan.working)


def _pass(ctx: FlowContext, node: Node, moving: Table, at_it: ColumnElement[bool], done: ColumnElement[bool]) -> None:
    """Let go on at once, from the instant at which they came."""
    ctx.conn.execute(
        update(moving).where(at_it, done).values(node_id=_next(ctx, node), due_at=null(), turn_at=null(), arm=null())
    )


def _go_on(ctx: FlowContext, node: Node, moving: Table, at_it: ColumnElement[bool]) -> None:
    """Let go on whose time has come, from that planned instant; the others rest."""
    over = moving.c.due_at <= ctx.micros
    ctx.conn.execute(
        update(moving)
        .where(at_it, over)
        .values(
            node_id=_next(ctx, node),
            at=case((moving.c.due_at > moving.c.at, moving.c.due_at), else_=moving.c.at),
            due_at=null(),
            turn_at=null(),
            arm=null(),
        )
    )
    ctx.conn.execute(update(moving).where(at_it).values(rests=true(), end_at=moving.c.due_at, arm=null()))


def _next(ctx: FlowContext, node: Node) -> int:
    key = getattr(node, "next", None)
    return 0 if key is None else ctx.nodes[key]


def _add(  # noqa: PLR0917 - the parts of `wake`
    ctx: FlowContext,
    woken: Table,
    moving: Table,
    node: WaitUntilNode,
    to: int,
    among: ColumnElement[bool] | None,
    holds: ColumnElement[bool],
    came: ColumnElement[Any],
) -> None:
    if among is NOBODY:
        return
    row = ctx.records
    anchor = func.coalesce(enrolment.c.anchor_at, enrolment.c.entered_at)
    at = case((came > anchor, came), else_=anchor)
    at = case((enrolment.c.due_at < at, enrolment.c.due_at), else_=at)  # the deadline came first
    rows = (
        select(
            enrolment.c.id,
            enrolment.c.record_id,
            enrolment.c.contact_id,
            enrolment.c.entered_at,
            literal(to),
            at,
            literal(value=False),
        )
        .select_from(
            enrolment.join(row, row.c.id == enrolment.c.record_id).outerjoin(woken, woken.c.record_id == enrolment.c.record_id)
        )
        .where(
            ctx.mine(),
            enrolment.c.node_id == ctx.nodes[node.key],
            true() if among is None else among,
            holds,
            enrolment.c.id.not_in(select(moving.c.enrolment_id)),
        )
    )
    names = ["enrolment_id", "record_id", "contact_id", "entered_at", "node_id", "at", "rests"]
    ctx.conn.execute(insert(moving).from_select(names, rows))
