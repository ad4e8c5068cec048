"""Outbound sequences: one step after the other, each when the one before it is done (LANGUAGE 5.3).

An enrolment's pointer is `node_id`, the step whose turn it is, or which waits for its report (then `due_at` is empty);
`anchor_at` is
when the last step was done, else when the contact came in; `wait_end_at` is the run at which a step that waits was due at first.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select, update

from seqlang.clock import from_micros, to_micros
from seqlang.engine import exits
from seqlang.engine import steps_outbound_dates as dates
from seqlang.engine.attempt import attempt
from seqlang.engine.cutoffs import cutoff, has_passed
from seqlang.engine.days import floor, not_before
from seqlang.engine.finishing import finish
from seqlang.engine.moments import has_come, skip_passed
from seqlang.engine.places import Places, settle
from seqlang.engine.runs import run_from
from seqlang.engine.scratch import borrowed
from seqlang.engine.steps_days import due_now, let_wait, not_held
from seqlang.engine.verdicts import OVER, Verdict
from seqlang.engine.waits_spans import DAY, later
from seqlang.plan.model import AfterPrevious, AroundMoment
from seqlang.schedule import add_span, last_run, runs_between
from seqlang.store.tables import enrolment, event, ledger

if TYPE_CHECKING:
    from sqlalchemy import Select

    from seqlang.engine.attempt import Attempted
    from seqlang.engine.context import FlowContext
    from seqlang.plan.model import StepNode

LONGEST = {"minute": 1, "hour": 1, "day": 2, "week": 8, "working day": 14}  # no unit takes more days


def begin(ctx: FlowContext) -> dict[str, Any]:
    """Return where an enrolment that comes in at this run begins."""
    steps = ctx.plan.steps
    return {"node_id": ctx.nodes[steps[0].key] if steps else None, "due_at": ctx.micros}


def take_reports(ctx: FlowContext) -> None:
    """Give the next step its turn where a report or a release has come; a step that failed or was dropped is gone on from.

    Only those who wait are looked at: their `due_at` is empty.
    """
    waiting = and_(ctx.mine(), enrolment.c.due_at.is_(None), enrolment.c.node_id.is_not(None), enrolment.c.waiting.is_(None))
    report = and_(
        event.c.enrolment_id == enrolment.c.id,
        event.c.kind.in_(["completed", "released"]),
        event.c.node_id == enrolment.c.node_id,
        event.c.taken_at.is_not(None),
    )
    dropped = exists().where(
        ledger.c.enrolment_id == enrolment.c.id,
        ledger.c.node_id == enrolment.c.node_id,
        ledger.c.occurrence.is_not(None),
        ledger.c.state.in_(["cancelled", "rejected"]),
    )
    reported = exists().where(report)
    at = select(func.min(event.c.at)).where(report).scalar_subquery()
    ctx.conn.execute(
        update(enrolment)
        .where(waiting, or_(reported, dropped))
        .values(
            anchor_at=func.coalesce(at, enrolment.c.anchor_at),
            node_id=_following(ctx),
            due_at=ctx.micros,
            due_on=None,
            wait_end_at=None,
        )
    )


def _following(ctx: FlowContext) -> ColumnElement[Any]:
    """Return the number of the step after an enrolment's own; null after the last."""
    steps = ctx.plan.steps
    kind = enrolment.c.node_id.type
    pairs = {ctx.nodes[a.key]: literal(ctx.nodes[b.key], kind) for a, b in pairwise(steps)}
    return case(pairs, value=enrolment.c.node_id) if pairs else literal(None, kind)


def over() -> ColumnElement[bool]:
    """Return the condition that the last step is done, or was skipped or failed."""
    return enrolment.c.node_id.is_(None)


def do_steps(ctx: FlowContext, *, opening: bool) -> None:
    """Let each whose turn has come do one step; steps that are skipped do not count."""
    dated = dates.has_dates(ctx)
    skip_passed(ctx, ctx.plan.steps)
    if dated and not opening:
        dates.give_turns_back(ctx)
    where = and_(due_now(ctx, opening=opening), not_held(ctx))
    places = Places()
    with borrowed(ctx.conn, "contender") as contenders:
        if ctx.plan.limits:
            # Whose turn comes only behind a step that is skipped in this run takes a place that is still free.
            for step in ctx.plan.steps if dated else ():
                _move_past(ctx, step, where)
            most = ctx.conn.execute(select(func.count()).where(where)).scalar_one()
            settle(ctx, places, contenders, ctx.plan.steps, most, lambda step: _turn(ctx, step, where))
        for step in ctx.plan.steps:
            if dated:
                _move_past(ctx, step, where)
            with attempt(ctx, step, _turn(ctx, step, where), places if ctx.plan.limits else None) as done:
                _after(ctx, step, done, opening=opening)
    if dated:
        dates.end_without_days(ctx)
    # Whoever did the last step at the opening of a window does not wait for it any more.
    ended = and_(due_now(ctx, opening=False), not_held(ctx), over())
    finish(ctx, ended)
    ctx.conn.execute(update(enrolment).where(ended).values(due_at=None, waiting=None))


def _turn(ctx: FlowContext, step: StepNode, where: ColumnElement[bool]) -> Select[Any]:
    """Return those whose turn the step is, and for whom its time has come."""
    record = ctx.records
    source = enrolment.outerjoin(record, record.c.id == enrolment.c.record_id)
    return (
        select(
            enrolment.c.id.label("enrolment_id"),
            func.coalesce(enrolment.c.due_on, ctx.today.toordinal()).label("waited_on"),
            func.coalesce(enrolment.c.wait_end_at, _turn_came_at(ctx, step)).label("fell_due_at"),
        )
        .select_from(source)
        .where(where, enrolment.c.node_id == ctx.nodes[step.key], *_time_has_come(ctx, step))
    )


def _time_has_come(ctx: FlowContext, step: StepNode) -> list[ColumnElement[bool]]:
    if isinstance(step.timing, AfterPrevious):
        return [has_passed(ctx, enrolment.c.anchor_at, step.timing.span)]
    return [has_come(ctx, step.timing)] if isinstance(step.timing, AroundMoment) else []


def _move_past(ctx: FlowContext, step: StepNode, where: ColumnElement[bool]) -> None:
    """Go past a step that was had before its turn (its date had passed when the contact came in), or has no day."""
    ctx.conn.execute(update(enrolment).where(dates.passed(ctx, step, where)).values(node_id=_following(ctx)))


def _after(ctx: FlowContext, step: StepNode, done: Attempted, *, opening: bool) -> None:
    """Move the pointers of those who attempted the step."""
    rows, conn = done.rows, ctx.conn
    bound = floor(ctx)

    def of(*verdicts: Verdict) -> ColumnElement[bool]:
        return and_(enrolment.c.id.in_(select(rows.c.enrolment_id).where(rows.c.verdict.in_(list(verdicts)))), enrolment.c.active)

    if done.executed:
        if step.effect == "todo" or step.draft:  # its turn lasts until it is reported or released
            values: dict[str, Any] = {"due_at": None, "waiting": None}
        else:
            following = next((b for a, b in _pairs(ctx) if a.key == step.key), None)
            values = {
                "node_id": None if following is None else ctx.nodes[following.key],
                "anchor_at": ctx.micros,
                "waiting": None,
                "wait_end_at": None,
                "due_on": None,
            }
            if following is not None:
                values["due_at"] = _due_after(ctx, following, bound)
            elif not (exits.names_finished(ctx.plan) or exits.moves_in_run(ctx.plan)):  # else `finish` has to look at them yet
                values["due_at"] = None
        conn.execute(update(enrolment).where(of(Verdict.GO)).values(values))
    passed = [v for v in OVER if v is not Verdict.GO and v in done.counts]
    if ctx.plan.manners.undeliverable_skip:
        passed.append(Verdict.UNDELIVERABLE)
    if passed:
        # The turn behind a step that was passed comes in this very run.
        moved: dict[str, Any] = {"node_id": _following(ctx), "wait_end_at": None, "due_on": None, "due_at": ctx.micros}
        if opening:  # what follows comes at a run
            moved |= {"due_at": case((_following(ctx).is_(None), enrolment.c.due_at), else_=literal(bound)), "waiting": None}
        conn.execute(update(enrolment).where(of(*passed)).values(moved))
    if done.waiting:
        off = done.put_off().subquery()
        let_wait(ctx, off, wait_end_at=func.coalesce(enrolment.c.wait_end_at, off.c.fell_due_at))


def _pairs(ctx: FlowContext) -> list[tuple[StepNode, StepNode]]:
    steps = ctx.plan.steps
    return list(pairwise(steps))


def _due_after(ctx: FlowContext, following: StepNode, bound: int | None) -> int | None:
    """Return the run at which the step after one that was done now comes at the earliest."""
    if not isinstance(following.timing, AfterPrevious):
        return bound
    # Its condition may let a later step, which waits for less, come first: then it has to be looked at from the next run on.
    if following.when is not None:
        return bound
    at = add_span(ctx.at, following.timing.span, ctx.zone, ctx.plan.working, schedule=ctx.plan.schedule)
    run = run_from(ctx, at)
    return not_before(None if run is None else to_micros(run), bound)


def _turn_came_at(ctx: FlowContext, step: StepNode) -> ColumnElement[Any]:
    """Return the run at which the step's turn came: an enrolment may be looked at from earlier runs on.

    Only lateness asks it, so that runs from which on it is late are one: the last of them.
    """
    late, schedule = ctx.plan.manners.late_after, ctx.plan.schedule
    if late is None or schedule is None or not isinstance(step.timing, AfterPrevious):
        return enrolment.c.due_at
    span, since = step.timing.span, enrolment.c.anchor_at
    edge = from_micros(cutoff(ctx, late, to_micros(ctx.tick_at), strictly=True))
    first = last_run(schedule, edge, ctx.started_at) or ctx.started_at
    runs = [to_micros(run) for run in (*runs_between(schedule, ctx.started_at, first, ctx.at), ctx.at)]
    low = runs[0] - (round(span.count) + 1) * LONGEST[span.unit] * DAY
    end = later(since, span, ctx.zone, low, ctx.micros, ctx.plan.working)
    came = case((since < low, literal(runs[0])), *((end <= run, literal(run)) for run in runs[:-1]), else_=literal(ctx.micros))
    return case((enrolment.c.due_at > came, enrolment.c.due_at), else_=came)
