"""Spans looked at from their end: since when something must have happened for the span to have passed by now.

With it a set is cut by one comparison, whatever the clocks did in between, and no instant is computed for each contact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_

from seqlang.clock import from_micros, to_micros
from seqlang.engine.waits_spans import DAY, later
from seqlang.schedule import add_span

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from seqlang.engine.context import FlowContext
    from seqlang.plan.conditions import Span

FIRST_STEP = 3_600_000_000  # an hour, doubled until it is far enough
WORKING_REACH_DAYS = 14  # within so many days there is a working day
REACH_MAX = 400 * 366 * 24 * FIRST_STEP


def cutoff(ctx: FlowContext, span: Span, at: int | None = None, *, strictly: bool = False) -> int:
    """Return the last instant (microseconds) from which `span` has passed at `at` (default: the planned instant of `ctx`).

    `strictly`: from which more than `span` has passed. Days end at the same local time, so the later of two instants never
    comes first (within the one hour that comes twice a year it may; then the earlier is returned).
    """
    end = ctx.micros if at is None else at
    bound = end - 1 if strictly else end

    def passed(start: int) -> bool:
        return _after(ctx, start, span) <= bound

    reach = FIRST_STEP
    while reach < REACH_MAX and not passed(end - reach):
        reach *= 2
    low, high = end - reach, end + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if passed(middle) else (low, middle)
    return low


def has_passed(ctx: FlowContext, since: ColumnElement[Any], span: Span, *, strictly: bool = False) -> ColumnElement[bool]:
    """Return whether `span` (`strictly`: more than it) has passed since each instant of a column.

    Working days do not come in the order in which they began (what begins on Saturday at noon ends after what begins on Sunday
    morning), so that they are counted from each date on.
    """
    if span.unit != "working day":
        return since <= cutoff(ctx, span, strictly=strictly)
    low = ctx.micros - (round(span.count) * WORKING_REACH_DAYS + WORKING_REACH_DAYS) * DAY
    end = later(since, span, ctx.zone, low, ctx.micros, ctx.plan.working)
    return or_(since < low, end < ctx.micros if strictly else end <= ctx.micros)


def _after(ctx: FlowContext, start: int, span: Span) -> int:
    return to_micros(add_span(from_micros(start), span, ctx.zone, ctx.plan.working, schedule=ctx.plan.schedule))
