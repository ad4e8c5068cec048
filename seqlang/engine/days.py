"""The dates of a sequence's days: day N is the N-th date with a run, counted from the date of entry (LANGUAGE 5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from seqlang.clock import to_micros
from seqlang.engine.runs import next_run_after
from seqlang.plan.model import OnDay
from seqlang.schedule import run_days
from seqlang.store.tables import node

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Table

    from seqlang.engine.context import FlowContext
    from seqlang.plan.model import SchedulePlan, StepNode


@dataclass(frozen=True, slots=True)
class Dated:
    """One step's day for those of one date of entry."""

    step: StepNode
    on: int  # ordinal
    run_at: int | None  # the first run on or after it, in microseconds; None: none comes


def counted_steps(ctx: FlowContext) -> tuple[StepNode, ...]:
    """Return the steps on counted days, in file order: one without a timing is on day 1."""
    return tuple(s for s in ctx.plan.steps if s.timing is None or isinstance(s.timing, OnDay))


def own_steps(ctx: FlowContext) -> tuple[StepNode, ...]:
    """Return the steps whose day each contact has for itself: around a date of its record, or so long after another step."""
    return tuple(s for s in ctx.plan.steps if s.timing is not None and not isinstance(s.timing, OnDay))


def dated(ctx: FlowContext, entry_on: int) -> tuple[Dated, ...]:
    """Return the days of the counted steps for those who came in on that date (an ordinal), in file order."""
    steps = counted_steps(ctx)
    if not steps or ctx.plan.schedule is None:
        return ()
    days = [_number(s) for s in steps]
    dates = _dates(ctx.plan.schedule, ctx.started_at, entry_on, max(days))
    return tuple(Dated(s, *dates[n - 1]) for s, n in zip(steps, days, strict=True) if n <= len(dates))


def _number(step: StepNode) -> int:
    return step.timing.day if isinstance(step.timing, OnDay) else 1


@lru_cache(maxsize=8192)
def _dates(schedule: SchedulePlan, start: datetime, entry_on: int, count: int) -> tuple[tuple[int, int | None], ...]:
    """Return the first `count` dates from the date of entry on, each with its first run. Day 1 is that date, run or not."""
    first = date.fromordinal(entry_on)
    found: list[tuple[int, int | None]] = [
        (day.toordinal(), to_micros(run)) for day, run in islice(run_days(schedule, start, first), count)
    ]
    if not found or found[0][0] != entry_on:
        # The schedule has changed since, and has no run on that date now.
        found.insert(0, (entry_on, found[0][1] if found else None))
    return tuple(found[:count])


@lru_cache(maxsize=8192)
def first_run_on(schedule: SchedulePlan, start: datetime, day: int) -> int | None:
    """Return the first run on or after a date (an ordinal), in microseconds; None where none comes."""
    _, run = next(run_days(schedule, start, date.fromordinal(day)), (None, None))
    return None if run is None else to_micros(run)


def floor(ctx: FlowContext) -> int | None:
    """Return the run after this one, in microseconds: nobody gets steps of two days in one run."""
    following = next_run_after(ctx)
    return None if following is None else to_micros(following)


def not_before(run_at: int | None, bound: int | None) -> int | None:
    """Return the later of two instants; None (never) where either is."""
    return None if run_at is None or bound is None else max(run_at, bound)


def fill_days(ctx: FlowContext, table: Table, entries: Iterable[int]) -> None:
    """Fill the scratch table `day` with the counted steps' days for those dates of entry."""
    added = {row[0]: row[1] for row in ctx.conn.execute(select(node.c.id, node.c.added_at).where(node.c.flow_id == ctx.flow_id))}
    rows = [
        {
            "entry_on": entry_on,
            "place": place,
            "node_id": ctx.nodes[d.step.key],
            "day_on": d.on,
            "run_at": d.run_at,
            "added_at": added.get(ctx.nodes[d.step.key]),
        }
        for entry_on in entries
        for place, d in enumerate(dated(ctx, entry_on))
    ]
    if rows:
        ctx.conn.execute(insert(table), rows)
