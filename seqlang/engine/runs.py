"""The runs of a sequence as the engine asks for them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from seqlang.schedule import next_run, next_run_at_or_after, runs_between

if TYPE_CHECKING:
    from datetime import datetime

    from seqlang.engine.context import FlowContext

RUNS_AHEAD_MAX = 200


def next_run_after(ctx: FlowContext) -> datetime | None:
    """Return the run that follows the planned instant; None in a flow without runs, or where none comes."""
    schedule = ctx.plan.schedule
    return None if schedule is None else next_run(schedule, ctx.at, ctx.started_at)


def run_from(ctx: FlowContext, at: datetime) -> datetime | None:
    """Return the first run at or after an instant, and after the planned one; None where none comes."""
    schedule = ctx.plan.schedule
    if schedule is None:
        return None
    return next_run(schedule, ctx.at, ctx.started_at) if at <= ctx.at else next_run_at_or_after(schedule, at, ctx.started_at)


def runs_ahead(ctx: FlowContext, days: int) -> list[datetime]:
    """Return the runs after the planned instant, up to the first that is later than `days` days; at most RUNS_AHEAD_MAX.

    Where they are too many, every so many of them is left out: a rough answer is looked at again in the run that it names.
    """
    schedule = ctx.plan.schedule
    if schedule is None:
        return []
    end = ctx.at + timedelta(days=days)
    runs = list(runs_between(schedule, ctx.started_at, ctx.at + timedelta(microseconds=1), end))
    following = next_run_at_or_after(schedule, end, ctx.started_at)
    runs += [] if following is None else [following]
    step = -(-len(runs) // RUNS_AHEAD_MAX)
    return runs if step <= 1 else [*runs[::step], *runs[-1:]]
