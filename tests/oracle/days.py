"""The days of steps: on which date each step of a stay falls, and at which run it is due."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import islice

from seqlang.plan.model import AfterStep, AroundMoment, FlowPlan, OnDay, SchedulePlan, StepNode
from seqlang.schedule import add_span, local_date, next_run_at_or_after, run_date, run_days
from tests.oracle.asking import Asked, shift, value_of
from tests.oracle.world import Stay, World


def schedule_of(flow: FlowPlan) -> SchedulePlan:
    """Return the schedule of a flow with runs."""
    assert flow.schedule is not None
    return flow.schedule


def day_of(world: World, stay: Stay, step: StepNode) -> date | None:
    """Return the date on which a step falls; None while it has none."""
    schedule = schedule_of(stay.flow)
    match step.timing:
        case OnDay():
            if step.timing.day == 1:  # whatever the schedule says by now
                return stay.entry_on
            days = run_days(schedule, world.since, stay.entry_on + timedelta(days=1))
            found = next(islice(days, step.timing.day - 2, None), None)
            return found[0] if found else None
        case AroundMoment():
            origin = value_of(step.timing.origin, Asked(world, stay.flow, stay.record, stay))
            if origin is None:
                return None
            at = origin if step.timing.span is None else shift(origin, step.timing.span, step.timing.sign, stay.flow)
            return local_date(at, stay.flow.zone) if isinstance(at, datetime) else at
        case AfterStep():
            due = after_step(world, stay, step.timing)
            return local_date(due, stay.flow.zone) if due else None
        case _:
            return stay.entry_on


def due_at(world: World, stay: Stay, step: StepNode) -> datetime | None:
    """Return the first run on or after a step's day, and not before the contact came in; None while it has no day."""
    schedule = schedule_of(stay.flow)
    if isinstance(step.timing, AfterStep):
        due = after_step(world, stay, step.timing)
        return next_run_at_or_after(schedule, due, world.since) if due else None
    day = day_of(world, stay, step)
    if day is None:
        return None
    found = next(run_days(schedule, world.since, max(day, stay.entry_on)), None)
    return max(found[1], stay.entered_at) if found else None


def after_step(world: World, stay: Stay, timing: AfterStep) -> datetime | None:
    """Return when `D after STEP` has passed: counted from that step's being sent or reported; None while it has not been."""
    had = stay.had.get(timing.step)
    if had is None or had.what != "executed":
        return None
    done = had.done_at if had.todo or (had.done_at and not had.todo) else (None if had.draft else had.at)
    if done is None:
        return None
    return add_span(done, timing.span, stay.flow.zone, stay.flow.working, schedule=schedule_of(stay.flow))


def has_day(world: World, stay: Stay, step: StepNode) -> bool:
    """Tell whether a step has a day, now or later: one bound to an empty field has none."""
    return not isinstance(step.timing, AroundMoment) or day_of(world, stay, step) is not None


def today(world: World, flow: FlowPlan) -> date:
    """Return the date on which the run counts that takes place now."""
    return run_date(schedule_of(flow), world.now, world.since)
