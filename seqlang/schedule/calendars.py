"""Open days: weekdays, public holidays and closed days of a calendar; working days."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from seqlang import limits

if TYPE_CHECKING:
    from seqlang.plan.model import CalendarPlan

WORKING_WEEKDAYS = frozenset(range(5))  # 0 Monday … 4 Friday: where no calendar says otherwise
DAY = timedelta(days=1)


def is_open_day(calendar: CalendarPlan | None, day: date) -> bool:
    """Tell whether `day` is an open day of the calendar; without one, whether it is mon-fri."""
    if calendar is None:
        return day.weekday() in WORKING_WEEKDAYS
    if day.weekday() not in open_weekdays(calendar):
        return False
    if any(day in _holidays(code, day.year) for code in calendar.holidays):
        return False
    iso = day.isoformat()
    return not any(first <= iso <= last for first, last in calendar.closed)


def open_weekdays(calendar: CalendarPlan) -> frozenset[int]:
    """Return the weekdays (0 Monday) on which the calendar opens at all."""
    if not calendar.openings:
        return WORKING_WEEKDAYS
    return frozenset(day for opening in calendar.openings for day in opening.days)


def shift_working_days(day: date, count: int, calendar: CalendarPlan | None = None) -> date:
    """Return the `count`-th working day after `day` (before it where `count` is negative; `day` itself for 0).

    Where the calendar hardly ever opens, the search ends after `RUN_SEARCH_DAYS_MAX` days and returns the last one looked at.
    """
    step = DAY if count > 0 else -DAY
    left = abs(count)
    for _ in range(limits.RUN_SEARCH_DAYS_MAX + 2 * left):
        if not left:
            break
        day += step
        left -= is_open_day(calendar, day)
    return day


def holiday_code_problem(code: str) -> str | None:
    """Say what is wrong with a holiday code ("DE", "DE-BE"), in the reader's words; None where nothing is."""
    countries = _countries()
    country, _, part = code.partition("-")
    if country not in countries:
        return f"there are no holidays for the country `{country}`{_nearest(country, list(countries))}"
    if part and part not in countries[country]:
        near = _nearest(part, [*countries[country]])
        return f"`{country}` has no part `{part}` with holidays of its own{near}"
    if code.endswith("-"):
        return f"`{code}` lacks the part of `{country}` after the hyphen"
    return None


def _nearest(word: str, words: list[str]) -> str:
    import difflib  # few need it

    close = difflib.get_close_matches(word, words, 1, 0.5) or difflib.get_close_matches(word.upper(), words, 1, 0.5)
    return f"; did you mean `{close[0]}`?" if close else ""


@lru_cache(maxsize=1)
def _countries() -> dict[str, list[str]]:
    import holidays

    return {str(k): [str(p) for p in v] for k, v in holidays.list_supported_countries().items()}


@lru_cache(maxsize=4096)
def _holidays(code: str, year: int) -> frozenset[date]:
    """Return the public holidays of one year; none for a code that does not exist (the checker has refused it)."""
    import holidays

    country, _, part = code.partition("-")
    try:
        return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))
    except NotImplementedError:
        return frozenset()
