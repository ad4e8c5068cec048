"""Cron expressions of five fields, taken apart into days and times of day."""

from __future__ import annotations

import calendar
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Any

from seqlang import limits
from seqlang.frozen import Record

FIELDS = ("minute", "hour", "day of the month", "month", "weekday")
LAST = "l"  # croniter's sign for the last day of the month, or the last such weekday in it


class Cron(Record):
    """What an expression says; an empty set of days, months or weekdays stands for all."""

    times: tuple[time, ...]  # ascending
    days: frozenset[int | str]  # of the month; LAST
    months: frozenset[int]
    weekdays: frozenset[int]  # 0 Sunday … 6 Saturday, as cron counts
    ordinals: tuple[tuple[int, frozenset[int | str]], ...]  # weekday -> which ones of the month

    def has_day(self, day: date) -> bool:
        """Tell whether the expression fires on `day`; where both kinds of day are restricted, either is enough."""
        if self.months and day.month not in self.months:
            return False
        if self.days and self.weekdays:
            return self._day_fits(day) or self._weekday_fits(day)
        if self.days:
            return self._day_fits(day)
        return not self.weekdays or self._weekday_fits(day)

    def _day_fits(self, day: date) -> bool:
        return day.day in self.days or (LAST in self.days and day.day == calendar.monthrange(day.year, day.month)[1])

    def _weekday_fits(self, day: date) -> bool:
        weekday = day.isoweekday() % 7
        if weekday not in self.weekdays:
            return False
        which = dict(self.ordinals).get(weekday)
        if which is None:
            return True
        last = (day + timedelta(days=7)).month != day.month
        return (day.day + 6) // 7 in which or (last and LAST in which)


@lru_cache(maxsize=512)
def read_cron(text: str) -> Cron:
    """Take a valid expression apart (see `cron_problem`); ValueError for another."""
    problem = _surface_problem(text)
    if problem:
        raise ValueError(problem)
    from croniter import croniter

    fields, ordinals = croniter.expand(text)
    minutes, hours, days, months, weekdays = (_restricted(values) for values in fields)
    return Cron(
        times=tuple(time(hour, minute) for hour in sorted(hours or range(24)) for minute in sorted(minutes or range(60))),
        days=frozenset(days),
        months=frozenset(months),
        weekdays=frozenset(weekdays),
        ordinals=tuple((int(weekday), frozenset(which)) for weekday, which in ordinals.items()),
    )


def cron_problem(text: str) -> str | None:
    """Say what is wrong with an expression, in the reader's words; None where nothing is."""
    problem = _surface_problem(text)
    if problem:
        return problem
    try:
        cron = read_cron(text)
    except (ValueError, KeyError, AttributeError):
        return f"`{text}` is no cron expression: {_broken_field(text)}"
    first = date(2024, 1, 1)  # any stretch that holds a leap day and each weekday of each month
    if not any(cron.has_day(first + timedelta(days=n)) for n in range(limits.RUN_SEARCH_DAYS_MAX)):
        return f"`{text}` never comes: there is no such day"
    return None


def _restricted(values: list[Any]) -> list[Any]:
    return [] if "*" in values else values


def _surface_problem(text: str) -> str | None:
    fields = text.split()
    if len(fields) != len(FIELDS):
        return f"a cron expression has five fields (minute, hour, day, month, weekday), `{text}` has {len(fields)}"
    # `H` and `R` of croniter are chance; a plan means the same wherever it is carried out.
    for name, field in zip(FIELDS, fields, strict=True):
        bare = field.lower().replace("thu", "").replace("fri", "").replace("mar", "").replace("apr", "")
        if "h" in bare or "r" in bare:
            return f"`{field}` cannot stand for the {name} of a cron expression"
    return None


def _broken_field(text: str) -> str:
    from croniter import croniter

    fields = text.split()
    for index, name in enumerate(FIELDS):
        if not croniter.is_valid(" ".join(field if n == index else "*" for n, field in enumerate(fields))):
            return f"`{fields[index]}` cannot stand for the {name}"
    return "its fields do not go together"
