"""Windows and opening hours: when steps may happen (LANGUAGE 5.6, 5.8). A window excludes its end."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING

from seqlang import limits
from seqlang.plan.model import CalendarPlan, Opening, WindowPlan
from seqlang.schedule.calendars import DAY, WORKING_WEEKDAYS, is_open_day
from seqlang.schedule.zones import local_date, local_instant, zone_exists

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL_DAY = "24:00"


def window_zone(window: WindowPlan | CalendarPlan, contact_zone: str | None, flow_zone: str = "UTC") -> str:
    """Return the zone in which a window is to be asked, for a contact of the zone `contact_zone` (empty or unknown: ignored).

    A calendar without a zone of its own is asked in `flow_zone`.
    """
    if isinstance(window, CalendarPlan):
        return window.zone or flow_zone
    if window.contact_timezone:
        return contact_zone if contact_zone and zone_exists(contact_zone) else window.zone
    if window.calendar is not None and window.calendar.zone:
        return window.calendar.zone
    return window.zone


def is_open(window: WindowPlan | CalendarPlan, at: datetime, zone: str) -> bool:
    """Tell whether the window is open at the instant `at` (aware), asked in `zone`."""
    today = local_date(at, zone)
    return any(first <= at < end for day in (today - DAY, today) for first, end in _openings(window, day, zone))


def next_open(window: WindowPlan | CalendarPlan, at: datetime, zone: str) -> datetime | None:
    """Return the first instant (UTC) at or after `at` at which the window is open; None where it does not open again."""
    if is_open(window, at, zone):
        return at
    day = local_date(at, zone) - DAY
    for _ in range(limits.RUN_SEARCH_DAYS_MAX):
        later = [first for first, _ in _openings(window, day, zone) if first > at]
        if later:
            return min(later)
        day += DAY
    return None


def openings_between(
    window: WindowPlan | CalendarPlan, zone: str, first: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the stretches [opens, closes) (UTC) that touch [first, end), ascending; stretches that meet are one."""
    day = local_date(first, zone) - DAY
    last = local_date(end, zone) + DAY
    current: tuple[datetime, datetime] | None = None
    while day <= last:
        for opens, closes in sorted(_openings(window, day, zone)):
            if closes <= first or opens >= end:
                continue
            if current is not None and opens <= current[1]:
                current = (current[0], max(current[1], closes))
                continue
            if current is not None:
                yield current
            current = (opens, closes)
        day += DAY
    if current is not None:
        yield current


@lru_cache(maxsize=65_536)
def _openings(window: WindowPlan | CalendarPlan, day: date, zone: str) -> tuple[tuple[datetime, datetime], ...]:
    """Return the stretches that begin on the local date `day`; one that ends at or before its start ends on the next day."""
    calendar = window if isinstance(window, CalendarPlan) else window.calendar
    if calendar is not None and not is_open_day(calendar, day):
        return ()
    openings = window.openings or (calendar.openings if calendar is not None else ())
    if not openings:
        weekdays = WORKING_WEEKDAYS if calendar is not None else frozenset(range(7))
        openings = (Opening(days=tuple(sorted(weekdays)), start="00:00", end=ALL_DAY),)
    found = (_stretch(opening, day, zone) for opening in openings if day.weekday() in opening.days)
    return tuple((opens, closes) for opens, closes in found if opens < closes)


def _stretch(opening: Opening, day: date, zone: str) -> tuple[datetime, datetime]:
    opens = local_instant(day, time.fromisoformat(opening.start), zone)
    if opening.end == ALL_DAY or opening.end <= opening.start:
        end = time() if opening.end == ALL_DAY else time.fromisoformat(opening.end)
        return opens, local_instant(day + DAY, end, zone)
    return opens, local_instant(day, time.fromisoformat(opening.end), zone)
