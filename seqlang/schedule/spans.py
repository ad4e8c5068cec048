"""Spans: `3 days`, `4 hours`, `2 working days` from an instant or a date."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from seqlang.schedule.calendars import shift_working_days
from seqlang.schedule.runs import run_wall_time
from seqlang.schedule.zones import local_instant, wall_time

if TYPE_CHECKING:
    from seqlang.plan.conditions import Span
    from seqlang.plan.model import CalendarPlan, SchedulePlan

EXACT = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
CALENDAR_DAYS = {"day": 1, "week": 7}


def add_span(
    at: datetime,
    span: Span,
    zone: str,
    working: CalendarPlan | None = None,
    *,
    sign: int = 1,
    schedule: SchedulePlan | None = None,
) -> datetime:
    """Return the instant (UTC) that lies `span` after `at` (before it where `sign` is -1).

    Minutes and hours are exact. Days and weeks are calendar days at the same local time of `zone`; working days are those of
    the calendar `working`, else mon-fri. Where `at` is a run of `schedule` that the clocks moved, its own wall time counts.
    """
    if span.unit in EXACT:
        return at + sign * span.count * EXACT[span.unit]
    if not span.count:
        return at
    wall = wall_time(at, zone) if schedule is None else run_wall_time(schedule, at)
    return local_instant(shift_date(wall.date(), span, working, sign=sign), wall.time(), zone)


def shift_date(day: date, span: Span, working: CalendarPlan | None = None, *, sign: int = 1) -> date:
    """Return the date that lies `span` (days, weeks, working days) after `day`, or before it where `sign` is -1.

    ValueError for minutes and hours: a date has none (the checker refuses them).
    """
    if span.unit == "working day":
        return shift_working_days(day, sign * int(span.count), working)
    if span.unit not in CALENDAR_DAYS:
        message = f"a date cannot move by {span.unit}s"
        raise ValueError(message)
    return day + timedelta(days=sign * int(span.count) * CALENDAR_DAYS[span.unit])


def span_seconds(span: Span) -> float:
    """Return the span in seconds where a day is 24 hours: `in the last 2 days` of events is 48 hours.

    Working days have no fixed length; they are taken for days.
    """
    unit = EXACT.get(span.unit) or timedelta(days=CALENDAR_DAYS.get(span.unit, 1))
    return span.count * unit.total_seconds()
