"""The runs of a flow in weeks as they usually are: of a calendar only its weekdays count."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice

from seqlang.frozen import replace
from seqlang.plan.model import SchedulePlan
from seqlang.schedule.runs import run_date, run_days, runs_between

MONDAY = date(2026, 3, 2)  # of a week like any other
DAYS_MAX = 90  # looked ahead for runs


def usual_runs(schedule: SchedulePlan, most: int) -> list[datetime]:
    """Return the first runs from a Monday on, in UTC."""
    plain, start = replace(schedule, calendar=None), _start(MONDAY)
    runs = runs_between(plain, start, start, start + timedelta(days=DAYS_MAX))
    return list(islice((run for run in runs if _open(schedule, run_date(plain, run))), most))


def usual_dates(schedule: SchedulePlan, most: int, first: date = MONDAY) -> list[date]:
    """Return the first dates from `first` on that have a run."""
    days = run_days(replace(schedule, calendar=None), _start(first), first)
    return list(islice((day for day, _ in islice(days, most * 7) if _open(schedule, day)), most))


def _start(first: date) -> datetime:
    return datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=1)


def _open(schedule: SchedulePlan, day: date) -> bool:
    calendar = schedule.calendar
    return calendar is None or not calendar.openings or any(day.weekday() in o.days for o in calendar.openings)
