"""Steps on days where some days are each contact's own: around a date of its record, or so long after another step.

Counted days keep their pointer (`steps_days`). The others are worked out anew at every run, so that a date that moves takes its
step
along. The day that a contact does in a run is the earliest that has come; steps of later days come at a later run.
"""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, exists, func, insert, literal, not_, or_, select, union_all, update

from seqlang.clock import to_micros
from seqlang.engine.days import counted_steps, dated, first_run_on, floor, own_steps
from seqlang.engine.finishing import finish
from seqlang.engine.ledger import had, write_lines
from seqlang.engine.moments import day_of, skip_passed
from seqlang.engine.scratch import borrowed, filled
from seqlang.engine.steps_days import aim, attempt_all, due_now, not_held, point, put_off, still_waiting, waits_longer
from seqlang.plan.model import AfterStep, AroundMoment
from seqlang.schedule import local_instant
from seqlang.store.tables import enrolment, event, ledger, node

if TYPE_CHECKING:
    from sqlalchemy import Select, Table

    from seqlang.engine.context import FlowContext
    from seqlang.plan.model import StepNode


def do_steps(ctx: FlowContext, *, opening: bool) -> None:
    """Attempt all steps that are due, and move the pointers of the counted days."""
    skip_passed(ctx, ctx.plan.steps)
    everybody = ctx.of_this_plan()
    with borrowed(ctx.conn, "own_day") as own, borrowed(ctx.conn, "doing") as doing, borrowed(ctx.conn, "waiting") as waits:
        _fill_own(ctx, own, everybody)
        count = _choose_days(ctx, own, doing, and_(everybody, not_held(ctx)), opening=opening)
        if count:
            today = and_(everybody, enrolment.c.id.in_(select(doing.c.enrolment_id)))
            steps = [s for s in ctx.plan.steps if _has_candidates(ctx, s, own, doing)]
            for step in ctx.plan.steps:
                still_waiting(ctx, step, waits, today)
            attempt_all(ctx, steps, lambda step: _candidates(ctx, step, own, doing), waits, count)
            _advance(ctx, doing, waits, today)
            put_off(ctx, waits)
        _skip_after_missed(ctx, everybody)
        finish(ctx, and_(everybody, enrolment.c.due_on.is_(None), *(_own_over(ctx, s) for s in own_steps(ctx))))


# ------------------------------------------------------------------------------------- days of their own


def _fill_own(ctx: FlowContext, own: Table, everybody: ColumnElement[bool]) -> None:
    """Work out the own days that have come, of steps that have not been had."""
    record = ctx.records
    added = {row[0]: row[1] for row in ctx.conn.execute(select(node.c.id, node.c.added_at).where(node.c.flow_id == ctx.flow_id))}
    total = 0
    for step in own_steps(ctx):
        node_id = ctx.nodes[step.key]
        source: Any = enrolment.join(record, record.c.id == enrolment.c.record_id)
        if isinstance(step.timing, AroundMoment):
            on = day_of(ctx, step.timing)
            come: ColumnElement[bool] = on <= ctx.today.toordinal()
        elif isinstance(step.timing, AfterStep):
            on, come = _after(ctx, step.timing)
        else:
            continue
        since = added.get(node_id)
        passed = [] if since is None else [or_(enrolment.c.entered_at >= since, not_(_had_later(ctx, on)))]
        rows = (
            select(enrolment.c.id, literal(node_id), on)
            .select_from(source)
            .where(everybody, on.is_not(None), come, not_(had(node_id, enrolment.c.id)), *passed)
        )
        total += ctx.conn.execute(insert(own).from_select(["enrolment_id", "node_id", "day_on"], rows)).rowcount
    filled(ctx, own, total)


def _after(ctx: FlowContext, timing: AfterStep) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
    """Return the date so long after a step was sent or reported (null where it was not), and whether that instant has come."""
    node_id = ctx.nodes[timing.step]
    before = ctx.plan.node(timing.step)
    reported = (
        select(func.min(event.c.at))
        .where(
            event.c.enrolment_id == enrolment.c.id,
            event.c.node_id == node_id,
            event.c.kind.in_(["completed", "released"]),
            event.c.taken_at.is_not(None),
        )
        .scalar_subquery()
    )
    sent = (
        select(func.min(ledger.c.at))
        .where(
            ledger.c.enrolment_id == enrolment.c.id,
            ledger.c.node_id == node_id,
            ledger.c.occurrence.is_not(None),
            ledger.c.what == "executed",
            ledger.c.state.not_in(["cancelled", "rejected"]),
        )
        .scalar_subquery()
    )
    by_hand = getattr(before, "draft", False) or getattr(before, "effect", None) == "todo"
    at, sql, span = reported if by_hand else sent, ctx.store.sql, timing.span
    if span.unit == "working day":
        on = sql.shift_working(sql.local_day(at, ctx.zone), int(span.count), ctx.plan.working, ctx.today)
        return on, on <= ctx.today.toordinal()
    then = sql.shift_instant(at, span, 1, ctx.zone)
    return sql.local_day(then, ctx.zone), then <= ctx.micros


def _had_later(ctx: FlowContext, on: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a step was had on a date later than `on`: an added step is not for them."""
    midnight = to_micros(local_instant(ctx.today, time(), ctx.zone))
    next_day = func.seqlang_shift_days(literal(midnight, BigInteger), on + 1 - ctx.today.toordinal(), ctx.zone)
    return exists().where(ledger.c.enrolment_id == enrolment.c.id, ledger.c.occurrence == 0, ledger.c.at >= next_day)


def _own_over(ctx: FlowContext, step: StepNode) -> ColumnElement[bool]:
    """Return the condition, over enrolments joined with their records, that an own step is over or has no day."""
    done = had(ctx.nodes[step.key], enrolment.c.id)
    return or_(done, day_of(ctx, step.timing).is_(None)) if isinstance(step.timing, AroundMoment) else done


def _skip_after_missed(ctx: FlowContext, everybody: ColumnElement[bool]) -> None:
    """Skip the steps that come after one that was skipped, failed or dropped: in the same run, and those after them too."""
    for step in ctx.plan.steps:
        if not isinstance(step.timing, AfterStep):
            continue
        before = ctx.nodes[step.timing.step]
        missed = exists().where(
            ledger.c.enrolment_id == enrolment.c.id,
            ledger.c.node_id == before,
            ledger.c.occurrence.is_not(None),
            or_(ledger.c.what.in_(["skipped", "failed"]), ledger.c.state.in_(["cancelled", "rejected"])),
        )
        who = (
            select(enrolment.c.id.label("enrolment_id"), enrolment.c.record_id, enrolment.c.contact_id)
            .where(everybody, missed, not_(had(ctx.nodes[step.key], enrolment.c.id)))
            .subquery()
        )
        write_lines(ctx, who, what="skipped", why="condition", node_id=ctx.nodes[step.key], channel=step.channel, occurrence=0)


# ------------------------------------------------------------------------------------------------ a run


def _choose_days(ctx: FlowContext, own: Table, doing: Table, everybody: ColumnElement[bool], *, opening: bool) -> int:
    """Choose the day that each does now: the earliest that has come, or holds back later ones; return how many do one."""
    counted = select(enrolment.c.id.label("enrolment_id"), enrolment.c.due_on.label("day_on")).where(
        everybody,
        enrolment.c.due_on.is_not(None),
        enrolment.c.due_on <= ctx.today.toordinal(),
        or_(enrolment.c.due_at <= ctx.micros, enrolment.c.waiting.is_not(None)),
    )
    mine = select(own.c.enrolment_id, own.c.day_on).join(enrolment, enrolment.c.id == own.c.enrolment_id).where(everybody)
    days = union_all(counted, mine).subquery()
    first = select(days.c.enrolment_id, func.min(days.c.day_on)).group_by(days.c.enrolment_id)
    if opening:
        first = first.where(days.c.enrolment_id.in_(select(enrolment.c.id).where(due_now(ctx, opening=True))))
    count = ctx.conn.execute(insert(doing).from_select(["enrolment_id", "day_on"], first)).rowcount
    filled(ctx, doing, count)
    return count


def _pairs(ctx: FlowContext, step: StepNode, doing: Table) -> list[tuple[int, int]]:
    rows = ctx.conn.execute(
        select(enrolment.c.entry_on, doing.c.day_on).join(doing, doing.c.enrolment_id == enrolment.c.id).distinct()
    ).all()
    return [
        (entry_on, day_on)
        for entry_on, day_on in rows
        if any(d.step.key == step.key and d.on == day_on for d in dated(ctx, entry_on))
    ]


def _has_candidates(ctx: FlowContext, step: StepNode, own: Table, doing: Table) -> bool:
    return ctx.conn.execute(_candidates(ctx, step, own, doing).limit(1)).first() is not None


def _candidates(ctx: FlowContext, step: StepNode, own: Table, doing: Table) -> Select[Any]:
    """Return those for whom the step is of the day that they do now, who have not had it and do not wait for it longer."""
    node_id = ctx.nodes[step.key]
    columns = (
        enrolment.c.id.label("enrolment_id"),
        doing.c.day_on.label("waited_on"),
        _fell_due(ctx, step, doing).label("fell_due_at"),
    )
    free = (enrolment.c.active, not_(had(node_id, enrolment.c.id)), not_(waits_longer(ctx, node_id, enrolment.c.id)))
    base = select(*columns).select_from(doing.join(enrolment, enrolment.c.id == doing.c.enrolment_id)).where(*free)
    if step in counted_steps(ctx):
        pairs = _pairs(ctx, step, doing)
        fits = [and_(enrolment.c.entry_on == entry_on, doing.c.day_on == on) for entry_on, on in pairs]
        return base.where(enrolment.c.due_on == doing.c.day_on, or_(*fits) if fits else literal(1) == 0)
    return base.where(
        exists().where(own.c.enrolment_id == enrolment.c.id, own.c.node_id == node_id, own.c.day_on == doing.c.day_on)
    )


def _fell_due(ctx: FlowContext, step: StepNode, doing: Table) -> ColumnElement[Any]:
    """Return the run at which a step of that day was due, not before they came in; asked where lateness counts.

    What comes so long after another step was due at this run's time of day.
    """
    now = literal(ctx.micros, BigInteger)
    if ctx.plan.manners.late_after is None:
        return now
    if isinstance(step.timing, AfterStep):
        return func.seqlang_shift_days(now, doing.c.day_on - ctx.today.toordinal(), ctx.zone)
    assert ctx.plan.schedule is not None
    days = ctx.conn.execute(select(doing.c.day_on).distinct()).scalars()
    runs = {on: literal(first_run_on(ctx.plan.schedule, ctx.started_at, on), BigInteger) for on in days}
    due = case(runs, value=doing.c.day_on, else_=now) if runs else now
    return case((enrolment.c.entered_at > due, enrolment.c.entered_at), else_=due)


def _advance(ctx: FlowContext, doing: Table, waits: Table, today: ColumnElement[bool]) -> None:
    """Move the counted pointers of those whose counted day is over; let the others' counted day come at a later run."""
    bound = floor(ctx)
    still = select(waits.c.enrolment_id)
    over = and_(
        today,
        enrolment.c.id.not_in(still),
        enrolment.c.due_on == select(doing.c.day_on).where(doing.c.enrolment_id == enrolment.c.id).scalar_subquery(),
    )
    with borrowed(ctx.conn, "choice") as chosen:
        ctx.conn.execute(insert(chosen).from_select(["enrolment_id"], select(enrolment.c.id).where(over)))
        aim(ctx, enrolment.c.id.in_(select(chosen.c.enrolment_id)), bound)
    rest = and_(today, enrolment.c.id.not_in(still), enrolment.c.due_on.is_not(None))
    point(ctx, rest, bound)
    ctx.conn.execute(update(enrolment).where(today, enrolment.c.id.not_in(still)).values(waiting=None))
