"""The runs of a sequence: which instants a `run` line names (LANGUAGE 5.1, *Time*, 9).

A schedule is days and times of day. Both are of the calendar on the wall; the clocks only decide at which instant such a
time comes. So a run that the clocks moved counts as of its own wall time: its date and spans of days start there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from seqlang import limits
from seqlang.schedule.calendars import DAY, WORKING_WEEKDAYS, is_open_day, open_weekdays
from seqlang.schedule.cron import read_cron
from seqlang.schedule.zones import gap_before, local_date, local_instant, wall_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seqlang.plan.conditions import Span
    from seqlang.plan.model import SchedulePlan

MINUTES_A_DAY = 24 * 60
MICROSECOND = timedelta(microseconds=1)
WEEK_DAYS = 7


def every_problem(span: Span) -> str | None:
    """Say why a flow cannot run `every` so long, in the reader's words; None where it can."""
    if span.unit in {"day", "week"} and span.count >= 1 and span.count == int(span.count):
        return None
    minutes = span.count * {"minute": 1, "hour": 60}.get(span.unit, 0)
    if minutes >= 1 and minutes == int(minutes) and MINUTES_A_DAY % int(minutes) == 0:
        return None
    return "a flow runs every so many whole days or weeks, or every so many minutes or hours that divide 24 hours"


def next_run(schedule: SchedulePlan, after: datetime, start: datetime) -> datetime | None:
    """Return the first run (UTC) later than `after` and not before the flow's `start`; None where none comes."""
    bound = max(after, start - MICROSECOND)
    times = _times(schedule)
    for day in _days(schedule, start, local_date(bound, schedule.zone) - DAY, DAY):
        index = bisect_right(times, bound, key=lambda t, d=day: local_instant(d, t, schedule.zone))  # type: ignore[misc]
        if index < len(times):
            return local_instant(day, times[index], schedule.zone)
    return None


def next_run_at_or_after(schedule: SchedulePlan, at: datetime, start: datetime) -> datetime | None:
    """Return the first run (UTC) not before `at` and not before the flow's `start`; None where none comes."""
    return next_run(schedule, at - MICROSECOND, start)


def last_run(schedule: SchedulePlan, at: datetime, start: datetime) -> datetime | None:
    """Return the last run (UTC) not later than `at` and not before the flow's `start`; None where there was none."""
    if at < start:
        return None
    times = _times(schedule)
    for day in _days(schedule, start, local_date(at, schedule.zone), -DAY):
        index = bisect_right(times, at, key=lambda t, d=day: local_instant(d, t, schedule.zone))  # type: ignore[misc]
        if index:
            run = local_instant(day, times[index - 1], schedule.zone)
            return run if run >= start else None
    return None


def runs_between(schedule: SchedulePlan, start: datetime, first: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the runs (UTC) from `first` (included) to `end` (excluded), not before the flow's `start`, ascending."""
    run = next_run_at_or_after(schedule, first, start)
    while run is not None and run < end:
        yield run
        run = next_run(schedule, run, start)


def run_days(schedule: SchedulePlan, start: datetime, first: date) -> Iterator[tuple[date, datetime]]:
    """Yield the dates from `first` on that have a run, each with its first run (UTC); not before the flow's `start`.

    The dates are those of the runs' wall times (see `run_date`). Without an end, unless the schedule has one.
    """
    times = _times(schedule)
    for day in _days(schedule, start, max(first, local_date(start, schedule.zone) - DAY), DAY):
        index = bisect_left(times, start, key=lambda t, d=day: local_instant(d, t, schedule.zone))  # type: ignore[misc]
        # Where the clocks skip midnight, the day's first times are one run with the last of the day before.
        while index < len(times):
            run = local_instant(day, times[index], schedule.zone)
            if run_date(schedule, run, start) == day:
                yield day, run
                break
            index += 1


def run_date(schedule: SchedulePlan, run: datetime, start: datetime | None = None) -> date:
    """Return the date on which the run counts: that of its wall time, also where the clocks moved it."""
    return run_wall_time(schedule, run, start).date()


def run_wall_time(schedule: SchedulePlan, at: datetime, start: datetime | None = None) -> datetime:
    """Return the wall time (naive) that the schedule means by the run `at`; for other instants what the clock shows.

    `start` matters to `every N days` alone.
    """
    wall = wall_time(at, schedule.zone)
    gap = gap_before(at, schedule.zone)
    if gap is None:
        return wall
    first, end = gap
    day = first.date()
    while day <= end.date():
        if _has_day(schedule, start, day):
            for t in _times(schedule):
                if first <= datetime.combine(day, t) < end:
                    return datetime.combine(day, t)
        day += DAY
    return wall


@lru_cache(maxsize=4096)
def _times(schedule: SchedulePlan) -> tuple[time, ...]:
    """Return the times of day at which the schedule runs, on the days on which it does; ascending."""
    if schedule.kind == "cron":
        return read_cron(schedule.cron or "").times
    at = time.fromisoformat(schedule.time or "00:00")
    every = schedule.every
    if schedule.kind == "daily" or every is None or every.unit not in {"minute", "hour"}:
        return (at,)
    step = max(1, int(every.count * (60 if every.unit == "hour" else 1)))
    minutes = at.hour * 60 + at.minute
    return tuple(time(m // 60, m % 60, at.second) for m in range(minutes % step, MINUTES_A_DAY, step))


def _days(schedule: SchedulePlan, start: datetime, first: date, step: timedelta) -> Iterator[date]:
    """Yield the dates with a run, from `first` on in steps of a day; ends after `RUN_SEARCH_DAYS_MAX` days without one."""
    day = first
    quiet = 0
    origin = _first_day(schedule, start)
    while quiet < limits.RUN_SEARCH_DAYS_MAX:
        quiet += 1
        if _fits(schedule, origin, day):
            quiet = 0
            yield day
        day += step


def _has_day(schedule: SchedulePlan, start: datetime | None, day: date) -> bool:
    return _fits(schedule, None if start is None else _first_day(schedule, start), day)


def _fits(schedule: SchedulePlan, origin: date | None, day: date) -> bool:
    interval = _interval(schedule)
    if origin is not None and interval > 1 and (day - origin).days % interval:
        return False
    if schedule.except_weekends and day.weekday() not in WORKING_WEEKDAYS:
        return False
    if schedule.kind == "cron" and not read_cron(schedule.cron or "").has_day(day):
        return False
    return schedule.calendar is None or is_open_day(schedule.calendar, day)


def _interval(schedule: SchedulePlan) -> int:
    """Return N of `every N days`, 1 for other schedules."""
    every = schedule.every
    if schedule.kind != "every" or every is None or every.unit not in {"day", "week"}:
        return 1
    return max(1, int(every.count)) * (WEEK_DAYS if every.unit == "week" else 1)


def _first_day(schedule: SchedulePlan, start: datetime) -> date | None:
    """Return the day from which `every N days` counts: that of the first scheduled time at or after the flow's start.

    Whole weeks from a weekday that is never open would never run: they count from the first weekday after it that is.
    """
    interval = _interval(schedule)
    if interval == 1:
        return None
    at = _times(schedule)[0]
    day = local_date(start, schedule.zone) - DAY
    while local_instant(day, at, schedule.zone) < start:
        day += DAY
    if interval % WEEK_DAYS == 0:
        weekdays = set(range(WEEK_DAYS)) if schedule.calendar is None else set(open_weekdays(schedule.calendar))
        if schedule.except_weekends:
            weekdays &= WORKING_WEEKDAYS
        while weekdays and day.weekday() not in weekdays:
            day += DAY
    return day
