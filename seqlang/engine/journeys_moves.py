"""Moves along the graph of a journey or workflow: one node after the other, each for all who stand there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, delete, func, literal, null, select, true, update

from seqlang.clock import from_micros
from seqlang.engine import branches, exits, goals, splits, statements, waits
from seqlang.engine.attempt import attempt, attempt_plainly
from seqlang.engine.edits import ARRIVING
from seqlang.engine.ledger import had
from seqlang.engine.verdicts import anybody_away, is_plain
from seqlang.engine.waits_spans import date_of
from seqlang.plan.edits import following
from seqlang.plan.model import ActNode, BranchNode, SplitNode, StepNode, WaitNode, WaitUntilNode
from seqlang.schedule import local_date
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Select, Table

    from seqlang.engine.context import FlowContext
    from seqlang.plan.model import FlowPlan, Node

END = 0  # where `moving.node_id` says that somebody has come to the end
LEAVERS = frozenset({"exit", "move", "remove", "enroll"})


def number_of(ctx: FlowContext, key: str | None) -> int:
    """Return the number of a node as `moving` has it."""
    return END if key is None else ctx.nodes[key]


def body(plan: FlowPlan) -> Iterator[Node]:
    """Yield the nodes that can be reached, each after all that lead to it: file order, as the compiler writes it."""
    reached: set[str] = set()
    waiting = [plan.first]
    by_key = {n.key: n for n in plan.nodes}
    while waiting:
        key = waiting.pop()
        if key is not None and key not in reached:
            reached.add(key)
            waiting += following(by_key[key])
    return (n for n in plan.nodes if n.key in reached)


def add_due(ctx: FlowContext, moving: Table) -> int:
    """Add those for whom something falls due: the end of a wait, a step that was put off. Return how many.

    Who stands at a node that an edit has taken away, with all that followed it, has come to the end.
    """
    nodes = {ctx.nodes[n.key]: n for n in ctx.plan.nodes}
    to = {number: number_of(ctx, n.next) if isinstance(n, WaitNode | WaitUntilNode) else number for number, n in nodes.items()}
    to |= {ctx.nodes[ARRIVING + n.key]: number for number, n in nodes.items() if ARRIVING + n.key in ctx.nodes}
    there = case(to, value=enrolment.c.node_id, else_=END) if to else literal(END)
    # When its turn came counts for a step that was put off, and for a wait that an edit changed; a wait that is over is over.
    waits_over = [number for number, n in nodes.items() if isinstance(n, WaitNode | WaitUntilNode)]
    turn = case((enrolment.c.node_id.not_in(waits_over), enrolment.c.anchor_at), else_=null())
    rows = select(
        enrolment.c.id,
        enrolment.c.record_id,
        enrolment.c.contact_id,
        enrolment.c.entered_at,
        there,
        enrolment.c.due_at,
        turn,
        literal(value=False),
    ).where(
        ctx.mine(),
        enrolment.c.due_at <= ctx.micros,
    )
    names = ["enrolment_id", "record_id", "contact_id", "entered_at", "node_id", "at", "turn_at", "rests"]
    # Who is woken already stays where that has brought it.
    return ctx.conn.execute(ctx.store.sql.insert(moving).from_select(names, rows).on_conflict_do_nothing()).rowcount


def go(ctx: FlowContext, moving: Table, owing: Table | None = None) -> None:
    """Move all of `moving` on as far as they come now: to a wait, a step that is put off, or out of the flow."""
    places = _places(ctx, moving)
    if not places:
        return
    for node in body(ctx.plan):
        number, onward = ctx.nodes[node.key], None  # where all who stand here go on to, if they do
        if number not in places:
            continue
        match node:
            case StepNode():
                onward = _step(ctx, node, moving, places[number])
            case ActNode():
                onward = _act(ctx, node, moving, owing)
            case WaitNode():
                if waits.wait(ctx, node, moving):
                    del places[number]
                    continue
            case WaitUntilNode():
                waits.wait_until(ctx, node, moving)
            case BranchNode():
                branches.branch(ctx, node, moving)
            case SplitNode():
                splits.split(ctx, node, moving)
        if onward is None:
            places = _places(ctx, moving)
        else:
            places[onward] = places.get(onward, 0) + places.pop(number)
    if END in places:
        goals.finish(ctx, moving)
    _rest(ctx, moving)


def _places(ctx: FlowContext, moving: Table) -> dict[int, int]:
    """Return how many are on their way at each node."""
    counted = select(moving.c.node_id, func.count()).where(~moving.c.rests).group_by(moving.c.node_id)
    return dict(ctx.conn.execute(counted).all())


def here(ctx: FlowContext, node: Node, moving: Table) -> ColumnElement[bool]:
    """Return the condition that a row of `moving` stands at the node now."""
    return and_(moving.c.node_id == ctx.nodes[node.key], ~moving.c.rests)


def _step(ctx: FlowContext, node: StepNode, moving: Table, most: int) -> int | None:
    """Attempt the step, at which `most` stand; return the next node's number where all have gone on to it, else None."""
    at_it = here(ctx, node, moving)
    mine = select(moving.c.enrolment_id).where(at_it)
    if fewer := goals.before_step(ctx, mine):
        drop_left(ctx, moving)
        most = ctx.conn.execute(select(func.count()).where(at_it)).scalar_one()
    if is_plain(ctx, node) and ctx.plan.subject == "contact" and not anybody_away(ctx):
        over = attempt_plainly(ctx, node, at_it, most, moving)
        gone_on = {"node_id": number_of(ctx, node.next), "turn_at": null()}
        if over:
            ctx.conn.execute(update(moving).where(at_it).values(gone_on))
            return None if fewer else number_of(ctx, node.next)
        ctx.conn.execute(update(moving).where(at_it, had(ctx.nodes[node.key], moving.c.enrolment_id)).values(gone_on))
    ctx.conn.execute(update(moving).where(at_it, moving.c.turn_at.is_(None)).values(turn_at=moving.c.at))
    low, high = ctx.conn.execute(select(func.min(moving.c.turn_at), func.max(moving.c.turn_at)).where(at_it)).one()
    if low is None:
        return None
    if low == high:  # the rule: one date for all
        day: ColumnElement[Any] = literal(local_date(from_micros(low), ctx.zone).toordinal())
    else:
        day = date_of(moving.c.turn_at, ctx.zone, low, high)
    candidates: Select[Any] = select(moving.c.enrolment_id, day.label("waited_on"), moving.c.turn_at.label("fell_due_at")).where(
        at_it
    )
    with attempt(ctx, node, candidates) as done:
        ctx.conn.execute(
            update(moving)
            .where(moving.c.enrolment_id.in_(done.gone_on()))
            .values(node_id=number_of(ctx, node.next), turn_at=null())
        )
        if done.waiting:
            later = done.put_off().subquery()
            ctx.conn.execute(
                update(moving)
                .where(moving.c.enrolment_id == later.c.enrolment_id)
                .values(rests=true(), due_at=later.c.ready_at, waiting=later.c.why)
            )
    if done.left:
        drop_left(ctx, moving)
    return None


def _act(ctx: FlowContext, node: ActNode, moving: Table, owing: Table | None) -> int | None:
    """Carry out the statement; return the number of the next node where all have gone on to it."""
    at_it = here(ctx, node, moving)
    who = select(moving.c.enrolment_id, moving.c.record_id, moving.c.contact_id).where(at_it).subquery()
    statements.act(ctx, node, who, exits.leave, owing=owing)
    if node.act in LEAVERS:
        drop_left(ctx, moving)
    ctx.conn.execute(update(moving).where(at_it).values(node_id=number_of(ctx, node.next)))
    return None if node.act in LEAVERS else number_of(ctx, node.next)


def drop_left(ctx: FlowContext, moving: Table) -> None:
    """Forget those of `moving` who are out of the flow."""
    ctx.conn.execute(
        delete(moving).where(select(enrolment.c.id).where(enrolment.c.id == moving.c.enrolment_id, ~enrolment.c.active).exists())
    )


def _rest(ctx: FlowContext, moving: Table) -> None:
    """Write down where everybody rests, and until when."""
    ctx.conn.execute(
        update(enrolment)
        .where(enrolment.c.id == moving.c.enrolment_id, moving.c.rests)
        .values(
            node_id=moving.c.node_id,
            due_at=moving.c.due_at,
            wait_end_at=moving.c.end_at,
            waiting=moving.c.waiting,
            anchor_at=func.coalesce(moving.c.turn_at, moving.c.at),
        )
    )
