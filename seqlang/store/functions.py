"""The functions that SQL calls on SQLite, in Python; on PostgreSQL `postgres.sql` has the same under the same names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from seqlang.clock import EPOCH, from_micros, to_micros
from seqlang.plan.conditions import Span
from seqlang.schedule import add_span, is_open_day, local_date, local_instant, shift_working_days

if TYPE_CHECKING:
    from seqlang.plan.model import CalendarPlan

DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
WORKING_YEARS = 15  # how far around today working days of a field are known on PostgreSQL


def fold(value: object) -> str | None:
    """Return the text case-folded."""
    return None if value is None else str(value).casefold()


def split_share(flow: object, split: object, key: object) -> float | None:
    """Return the place (0 … 1) of a key in a split: the first 8 hex digits of md5 over 2**32 (LANGUAGE 5.6); None for None."""
    if key is None:
        return None
    digest = hashlib.md5(f"{flow}\n{split}\n{key}".encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def local_date_of(micros: int | None, zone: str) -> int | None:
    """Return the ordinal of the local date at an instant."""
    return None if micros is None else local_date(from_micros(micros), zone).toordinal()


def shift_days(micros: int | None, days: int | None, zone: str) -> int | None:
    """Return the instant so many calendar days away, at the same local time."""
    if micros is None or days is None:
        return None
    span = Span(count=abs(days), unit="day")
    try:
        return to_micros(add_span(EPOCH + timedelta(microseconds=micros), span, zone, sign=1 if days >= 0 else -1))
    except OverflowError:  # beyond the calendar's end: no such day
        return None


def read_date(told: object) -> int | None:
    """Return the ordinal of an event's date; None where it is none."""
    plain = str(told).strip()
    if told is None or not DATE.fullmatch(plain):
        return None
    try:
        return date.fromisoformat(plain).toordinal()
    except ValueError:
        return None


def read_instant(told: object, zone: str) -> int | None:
    """Return the micros of an event's instant, local to `zone` where it has no offset; None where it is none."""
    plain = str(told).strip()
    if told is None or not INSTANT.fullmatch(plain):
        return None
    try:
        at = datetime.fromisoformat(plain)
        return to_micros(at if at.tzinfo is not None else local_instant(at.date(), at.time(), zone))
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=64)
def _calendar(text_: str) -> CalendarPlan | None:
    from seqlang.plan.model import CalendarPlan

    return CalendarPlan.model_validate_json(text_) if text_ else None


def shift_working(ordinal: int | None, count: int, calendar: str) -> int | None:
    """Return the ordinal so many working days away."""
    if ordinal is None:
        return None
    try:
        return shift_working_days(date.fromordinal(ordinal), count, _calendar(calendar)).toordinal()
    except (OverflowError, ValueError):
        return None


@lru_cache(maxsize=16)
def working_days(calendar: str | None, year: int) -> tuple[int, ...]:
    """Return the ordinals of the working days of the years around `year`."""
    plan = _calendar(calendar or "")
    first, last = date(year - WORKING_YEARS, 1, 1).toordinal(), date(year + WORKING_YEARS, 12, 31).toordinal()
    return tuple(n for n in range(first, last + 1) if is_open_day(plan, date.fromordinal(n)))


FUNCTIONS: tuple[tuple[str, int, Callable[..., Any]], ...] = (  # name in SQL, number of arguments
    ("seqlang_fold", 1, fold),
    ("seqlang_share", 3, split_share),
    ("seqlang_local_date", 2, local_date_of),
    ("seqlang_shift_days", 3, shift_days),
    ("seqlang_working", 3, shift_working),
    ("seqlang_read_date", 1, read_date),
    ("seqlang_read_instant", 2, read_instant),
)
