"""Places of a plan's limits: who gets one, who waits, goes on without, or fails (LANGUAGE 5.8, *Limits*).

What is used is counted from the timeline, so that a message that is cancelled or rejected gives its place back by itself, and a
draft
counts when it is released. In a run places are settled once, before its steps; elsewhere for each step and pass.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, case, exists, func, insert, literal, null, or_, select, tuple_, update

from seqlang.clock import to_micros
from seqlang.engine.deciding import could_go
from seqlang.engine.pace import domain_of, is_counted, waiting_order
from seqlang.engine.plans import load_plan
from seqlang.engine.verdicts import Verdict, counts_as, is_message
from seqlang.plan.warmups import most_on
from seqlang.schedule import local_date, next_window, window_start, zone_exists
from seqlang.store.tables import flow, ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Select, Table

    from seqlang.engine.context import FlowContext
    from seqlang.plan.model import LimitPlan, StepNode

ALL = "message"  # a limit on messages of every channel
REACTIONS = {"defer": Verdict.LIMIT_DEFER, "skip": Verdict.LIMIT_SKIP, "fail": Verdict.LIMIT_FAIL}


@dataclass(slots=True)
class Places:
    """The places of one run, settled before its steps."""

    contenders: Table | None = (
        None  # scratch `contender`: who could go when the places were settled; None: no limit was contested
    )
    free: dict[int, int] = field(
        default_factory=dict
    )  # the number of a limit in the plan -> places left; missing: more than enough


def limits_of(ctx: FlowContext, step: StepNode) -> list[tuple[int, LimitPlan]]:
    """Return the limits that hold the step, each with its number in the plan."""
    what = counts_as(step)
    if what is None or step.draft:
        return []
    return [
        (number, limit)
        for number, limit in enumerate(ctx.plan.limits)
        if limit.what in {what, ALL} and (not limit.kinds or ctx.plan.kind in limit.kinds)
    ]


def compete(ctx: FlowContext, steps: Sequence[StepNode]) -> bool:
    """Tell whether places are settled before the steps of a run; a step alone gives them to those who come to it.

    Not where domains are limited: these count after all other limits.
    """
    if not ctx.plan.limits:
        return False
    return len(steps) > 1 or any(limit.per == "domain" for step in steps for _, limit in limits_of(ctx, step))


def settle(
    ctx: FlowContext,
    places: Places,
    contenders: Table,
    steps: Sequence[StepNode],
    most: int,
    candidates: Callable[[StepNode], Select[Any]],
) -> None:
    """Settle who of those that could go at this moment gets a place, for all steps that are due in a run, in file order.

    `most`: how many could go at most; limits with more room than that hold nobody back. `contenders`: a scratch table to fill.
    """
    limited = [step for step in steps if is_message(step) and limits_of(ctx, step)]
    numbers = {n: limit for step in limited for n, limit in limits_of(ctx, step) if limit.per != "domain"}
    if not numbers:
        return
    rooms = {n: _room(ctx, limit) for n, limit in numbers.items()}
    places.free = {n: room for n, room in rooms.items() if room is not None and room < most}
    if not any(places.free.values()):
        return
    places.contenders = contenders
    contact = ctx.contacts
    created = ctx.store.column("contact", "created_at")
    for place, step in enumerate(limited):
        with could_go(ctx, step, candidates(step)) as rows:
            ctx.conn.execute(
                insert(contenders).from_select(
                    ["enrolment_id", "node_id", "waited_on", "entered_at", "created_at", "email", "place"],
                    select(
                        rows.c.enrolment_id,
                        literal(ctx.nodes[step.key]),
                        rows.c.waited_on,
                        rows.c.entered_at,
                        func.coalesce(created, 0),
                        func.coalesce(contact.c.email_key, ""),
                        literal(place),
                    ).select_from(rows.join(contact, contact.c.id == rows.c.contact_id)),
                )
            )
    for number in sorted(places.free):
        mine = [ctx.nodes[step.key] for step in limited if number in dict(limits_of(ctx, step))]
        places.free[number] -= _refuse(ctx, contenders, number, mine, places.free[number])


def _refuse(ctx: FlowContext, contenders: Table, number: int, nodes: list[int], room: int) -> int:
    """Refuse those who come too late for the places of one limit; return how many got one."""
    c = contenders.c
    asking = and_(c.refused_by.is_(None), c.node_id.in_(nodes))
    order = (c.waited_on, c.entered_at, c.created_at, c.email, c.place, c.enrolment_id)
    first = select(c.enrolment_id, c.node_id).where(asking).order_by(*order).limit(room)
    # Not `not in`: for two columns SQLite goes through the whole set for each row, as one of them might be empty.
    refused = case((tuple_(c.enrolment_id, c.node_id).in_(first), null()), else_=number)
    ctx.conn.execute(update(contenders).where(asking).values(refused_by=refused))
    return ctx.conn.execute(select(func.count()).select_from(contenders).where(asking)).scalar_one()


def take(ctx: FlowContext, step: StepNode, rows: Table, settled: Places | None) -> None:
    """Let those of `rows` who may go take a place in each limit; the others wait, go on without the step, or fail."""
    for number, limit in limits_of(ctx, step):
        if settled is None or limit.per == "domain":
            _take_now(ctx, step, rows, limit)
        elif number in settled.free:
            _take_settled(ctx, step, rows, number, limit, settled)


def _take_now(ctx: FlowContext, step: StepNode, rows: Table, limit: LimitPlan) -> None:
    """Give the places that are free to those who have waited longest."""
    if limit.per == "domain":
        _take_of_domains(ctx, step, rows, limit)
        return
    room = _room(ctx, limit)
    if room is None:
        return
    going = rows.c.verdict == Verdict.GO
    if ctx.conn.execute(select(func.count()).select_from(rows).where(going)).scalar_one() > room:
        _over(ctx, step, rows, limit, rows.c.enrolment_id.not_in(_first(ctx, rows, room, going)))


def _take_of_domains(ctx: FlowContext, step: StepNode, rows: Table, limit: LimitPlan) -> None:
    contact = ctx.contacts
    domain = domain_of(ctx.conn, contact.c.email_key)
    sent = _sent_to_domains(ctx, limit).subquery()
    asked = (
        select(
            rows.c.enrolment_id,
            domain.label("domain"),
            func.row_number().over(partition_by=domain, order_by=waiting_order(ctx, rows)).label("rank"),
        )
        .select_from(rows.join(contact, contact.c.id == rows.c.contact_id, isouter=True))
        .where(rows.c.verdict == Verdict.GO)
        .subquery()
    )
    over = (
        select(asked.c.enrolment_id)
        .select_from(asked.outerjoin(sent, sent.c.domain == asked.c.domain))
        .where(asked.c.rank > limit.count - func.coalesce(sent.c.sent, 0))
    )
    _over(ctx, step, rows, limit, rows.c.enrolment_id.in_(over))


def _first(ctx: FlowContext, rows: Table, room: int, *where: ColumnElement[bool]) -> Select[Any]:
    """Return so many of those who have waited longest: finding the first takes less than giving each a rank."""
    contact = ctx.contacts
    going = rows.join(contact, contact.c.id == rows.c.contact_id, isouter=True)
    return select(rows.c.enrolment_id).select_from(going).where(*where).order_by(*waiting_order(ctx, rows)).limit(room)


def _take_settled(ctx: FlowContext, step: StepNode, rows: Table, number: int, limit: LimitPlan, settled: Places) -> None:
    """Let those go who were given a place; who could not go when places were settled takes one that is still free."""
    free = settled.free[number]
    table = settled.contenders
    if table is None:  # nothing was left from the start
        _over(ctx, step, rows, limit, literal(1) == 1)
        return
    node_id = ctx.nodes[step.key]
    placed = exists().where(table.c.enrolment_id == rows.c.enrolment_id, table.c.node_id == node_id)
    refused = and_(placed.where(table.c.refused_by == number))
    newcomer = and_(rows.c.verdict == Verdict.GO, ~placed)
    newcomers = ctx.conn.execute(select(func.count()).select_from(rows).where(newcomer)).scalar_one()
    if newcomers > free:
        late = and_(~placed, rows.c.enrolment_id.not_in(_first(ctx, rows, free, newcomer)))
        _over(ctx, step, rows, limit, or_(refused, late))
    else:
        _over(ctx, step, rows, limit, refused)
    settled.free[number] = max(0, free - newcomers)


def _over(ctx: FlowContext, step: StepNode, rows: Table, limit: LimitPlan, which: ColumnElement[bool]) -> None:
    """Say what happens to those over the limit: one for good skips; else the flow's rule counts, or the limit's own."""
    going = and_(rows.c.verdict == Verdict.GO, which)
    window = next_window(limit.window, ctx.at, window_zone(ctx))
    if window is None:
        ctx.conn.execute(update(rows).where(going).values(verdict=Verdict.LIMIT_SKIP))
        return
    reaction = ctx.plan.manners.over_limit or limit.over
    if reaction == "retry once":
        again = exists().where(
            ledger.c.enrolment_id == rows.c.enrolment_id,
            ledger.c.node_id == ctx.nodes[step.key],
            ledger.c.what == "deferred",
            ledger.c.why == "limit",
        )
        ctx.conn.execute(update(rows).where(going, again).values(verdict=Verdict.LIMIT_FAIL))
        reaction = "defer"
    values: dict[str, Any] = {"verdict": REACTIONS[reaction]}
    if reaction == "defer":
        values["ready_at"] = literal(to_micros(window), BigInteger)
    ctx.conn.execute(update(rows).where(going).values(values))


def window_zone(ctx: FlowContext) -> str:
    """Return the zone whose days limits count by: the flow owner's, else the flow's."""
    user = ctx.store.records("user")
    if ctx.owner is not None:
        zone = (
            ctx.conn.execute(select(ctx.store.column("user", "timezone")).select_from(user).where(user.c.email_key == ctx.owner))
            .scalars()
            .first()
        )
        if zone and zone_exists(zone):
            return str(zone)
    return ctx.zone


def _room(ctx: FlowContext, limit: LimitPlan) -> int | None:
    """Return how much of a limit (but one on domains) is left in the window that holds the planned instant; None: any number."""
    allowed = limit.count
    if limit.per == "contact":
        allowed *= int(ctx.conn.execute(select(func.count()).select_from(ctx.contacts)).scalar_one())
    if limit.warmups:
        today = local_date(ctx.at, window_zone(ctx))
        warm = [most_on(warmup, today) for warmup in limit.warmups]
        if None in warm:
            return None
        allowed += sum(most for most in warm if most is not None)
    return max(0, allowed - used(ctx, limit))


def used(ctx: FlowContext, limit: LimitPlan) -> int:
    """Return how much of the limit is used in the window that holds the planned instant."""
    query = select(func.count()).select_from(ledger).where(*_counted(ctx, limit))
    return ctx.conn.execute(query).scalar_one()


def _sent_to_domains(ctx: FlowContext, limit: LimitPlan) -> Select[str, int]:
    contact = ctx.contacts
    domain = domain_of(ctx.conn, contact.c.email_key)
    return (
        select(domain.label("domain"), func.count().label("sent"))
        .select_from(ledger.join(contact, contact.c.id == ledger.c.contact_id))
        .where(*_counted(ctx, limit))
        .group_by(domain)
    )


def _counted(ctx: FlowContext, limit: LimitPlan) -> tuple[ColumnElement[bool], ...]:
    """Return which lines count: messages of the limit's flows, in its window, the end of which nothing is later than."""
    since = to_micros(window_start(limit.window, ctx.at, window_zone(ctx)))
    conditions = [ledger.c.flow_id.in_(_flows(ctx, limit)), ledger.c.at >= since, is_counted()]
    if limit.what != ALL:
        conditions.append(ledger.c.counts == limit.what)
    return tuple(conditions)


def _flows(ctx: FlowContext, limit: LimitPlan) -> list[int]:
    """Return the flows whose messages the limit counts."""
    query = select(flow.c.id, flow.c.plan_hash)
    if limit.kinds:
        query = query.where(flow.c.kind.in_(limit.kinds))
    if limit.per == "user":
        query = query.where(flow.c.owner == ctx.owner if ctx.owner is not None else flow.c.owner.is_(None))
    found = ctx.conn.execute(query).all()
    if limit.per != "mailbox":
        return [flow_id for flow_id, _ in found]
    # Flows that send from one mailbox are those that one and the same limit holds.
    return [f for f, h in found if any(o.per == "mailbox" and o.name == limit.name for o in load_plan(ctx.conn, h).limits)]
