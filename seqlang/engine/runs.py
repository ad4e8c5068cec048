"""The runs of a sequence as the engine asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqlang.schedule import next_run, next_run_at_or_after

if TYPE_CHECKING:
    from datetime import datetime

    from seqlang.engine.context import FlowContext


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
