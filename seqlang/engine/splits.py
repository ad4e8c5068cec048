"""Splits: a side for ever, by a hash that anybody can work out; a holdout; a winner that is settled once (LANGUAGE 5.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, insert, literal, select, update

from seqlang.clock import from_micros, to_micros
from seqlang.engine.ledger import write_lines
from seqlang.plan.conditions import Fact
from seqlang.plan.model import SplitNode
from seqlang.predicates import to_sql
from seqlang.schedule import add_span
from seqlang.store import tables
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Table

    from seqlang.engine.context import FlowContext

WHOLE = 100.0


def split(ctx: FlowContext, node: SplitNode, moving: Table) -> None:
    """Send each to its side, with a line that says which; who has none yet gets one."""
    number = ctx.nodes[node.key]
    at_it = and_(moving.c.node_id == number, ~moving.c.rests)
    side = tables.side
    mine = and_(side.c.flow_id == ctx.flow_id, side.c.node_id == number)
    winner = _arrive(ctx, node, moving, at_it)
    names = [s.name for s in node.sides]
    # A side that an edit has taken away: its contacts go where the last one goes.
    theirs = case({name: literal(n) for n, name in enumerate(names)}, value=side.c.side, else_=len(names) - 1)
    known = select(theirs).where(mine, side.c.record_id == moving.c.record_id).correlate(moving).scalar_subquery()
    ctx.conn.execute(update(moving).where(at_it).values(arm=func.coalesce(known, _placed(ctx, node, winner, moving))))
    name = case(dict(enumerate(names)), value=moving.c.arm)
    fresh = select(literal(ctx.flow_id), literal(number), moving.c.record_id, name).where(at_it)
    columns = ["flow_id", "node_id", "record_id", "side"]
    ctx.conn.execute(ctx.store.sql.insert(side).from_select(columns, fresh).on_conflict_do_nothing())  # for ever
    write_lines(
        ctx,
        moving,
        at_it,
        order=(moving.c.enrolment_id,),
        what="branched",
        step=node.name,
        node_id=number,
        why=name,
    )
    to = {n: 0 if s.first is None else ctx.nodes[s.first] for n, s in enumerate(node.sides)}
    ctx.conn.execute(update(moving).where(at_it).values(node_id=case(to, value=moving.c.arm), arm=None))


def settle(ctx: FlowContext) -> None:
    """Settle the winners whose time has come: the side with the highest share of its contacts, the first of two equal ones."""
    split_ = tables.split
    due = (
        ctx.conn.execute(
            select(split_.c.node_id).where(
                split_.c.flow_id == ctx.flow_id, split_.c.settle_at <= ctx.micros, split_.c.winner.is_(None)
            )
        )
        .scalars()
        .all()
    )
    by_number = {ctx.nodes[n.key]: n for n in ctx.plan.nodes if isinstance(n, SplitNode)}
    for number in due:
        node = by_number.get(number)
        if node is None:
            continue
        shares = _shares(ctx, node, number)
        sides = [s.name for s in node.sides if not s.holdout]
        winner = max(sides, key=lambda name: (shares.get(name, 0.0), -sides.index(name)))
        ctx.conn.execute(update(split_).where(split_.c.flow_id == ctx.flow_id, split_.c.node_id == number).values(winner=winner))


def _shares(ctx: FlowContext, node: SplitNode, number: int) -> dict[str, float]:
    """Return, for each side that has contacts, the share of those for whom the winner's measure is true."""
    side, row = tables.side, ctx.records
    if node.winner_by == "goal":
        holds: ColumnElement[Any] = enrolment.c.exit_reason == "goal"
    else:
        holds = to_sql(Fact(fact=node.winner_by or "opened"), ctx.subject(), ctx.store)
    true = (
        select(enrolment.c.id)
        .select_from(enrolment.join(row, row.c.id == enrolment.c.record_id))
        .where(enrolment.c.flow_id == ctx.flow_id, enrolment.c.record_id == side.c.record_id, holds)
        .correlate(side)
        .exists()
    )
    rows = ctx.conn.execute(
        select(side.c.side, func.sum(case((true, 1), else_=0)), func.count())
        .where(side.c.flow_id == ctx.flow_id, side.c.node_id == number)
        .group_by(side.c.side)
    )
    return {name: float(good) / float(count) for name, good, count in rows}


def _arrive(ctx: FlowContext, node: SplitNode, moving: Table, at_it: ColumnElement[bool]) -> str | None:
    """Note the first arrival, from which the winner's time counts; return the winner once it is settled."""
    if node.winner_by is None or node.winner_after is None:
        return None
    split_, number = tables.split, ctx.nodes[node.key]
    known = ctx.conn.execute(select(split_.c.winner).where(split_.c.flow_id == ctx.flow_id, split_.c.node_id == number)).first()
    if known is not None:
        winner: str | None = known[0]
        return winner if winner is None or any(s.name == winner for s in node.sides) else None
    first = ctx.conn.execute(select(func.min(moving.c.at)).where(at_it)).scalar_one()
    end = to_micros(add_span(from_micros(first), node.winner_after, ctx.zone, ctx.plan.working))
    ctx.conn.execute(insert(split_).values(flow_id=ctx.flow_id, node_id=number, first_at=first, settle_at=end))
    return None


def _placed(ctx: FlowContext, node: SplitNode, winner: str | None, moving: Table) -> ColumnElement[Any]:
    """Return the number of the side of each record by its hash; once there is a winner, all but the holdout's share go there."""
    row, subject = ctx.records, ctx.plan.subject
    key = row.c.email_key if subject == "contact" else ctx.store.column(subject, ctx.store.record_tables.spec(subject).key)
    place = ctx.store.sql.share(ctx.plan.name, node.name, func.coalesce(key, "")) * WHOLE
    # The offset keeps databases from working the place out once for each side.
    mine = select(place.label("place")).where(row.c.id == moving.c.record_id).correlate(moving).offset(0).subquery()
    goes = next((n for n, s in enumerate(node.sides) if s.name == winner), None)
    arms: list[tuple[ColumnElement[bool], int]] = []
    end = 0.0
    for number, side in enumerate(node.sides):
        end += side.share
        arms.append((mine.c.place < end, number if goes is None or side.holdout else goes))
    chosen = case(*arms[:-1], else_=arms[-1][1]) if len(arms) > 1 else literal(arms[0][1])
    return select(chosen).where(mine.c.place.is_not(None)).correlate(moving).scalar_subquery()
