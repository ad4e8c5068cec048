"""Spans over a column of instants: one SQL expression for all rows, whatever the clocks do in between."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, Integer, case, cast, literal

from seqlang.clock import from_micros
from seqlang.schedule import shift_date
from seqlang.schedule.zones import zone_info

if TYPE_CHECKING:
    from seqlang.plan.conditions import Span
    from seqlang.plan.model import CalendarPlan

SECOND = 1_000_000
DAY = 86_400 * SECOND
WEEK = 7 * DAY  # no two changes of a zone fall into one
EXACT = {"minute": 60 * SECOND, "hour": 3_600 * SECOND}
CALENDAR_DAYS = {"day": 1, "week": 7}
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
WORKING_DATES_MAX = 1_500  # arms of one CASE; anchors that lie further back count calendar days


def later(
    column: ColumnElement[Any],
    span: Span,
    zone: str,
    low: int,
    high: int,
    working: CalendarPlan | None = None,
    *,
    sign: int = 1,
) -> ColumnElement[Any]:
    """Return the instant that lies `span` after (`sign` -1: before) each instant of `column`, as `schedule.add_span` says.

    Instants are microseconds UTC; all of `column` lie between `low` and `high`, both included.
    """
    if span.unit in EXACT:
        return column + literal(sign * round(span.count * EXACT[span.unit]), BigInteger)
    if not span.count:
        return column
    reach = (round(span.count) + 3) * (7 if span.unit == "week" else 1 if span.unit == "day" else 40) * DAY
    wide = (low - reach, high + reach)
    local = local_of(column, zone, *wide)
    if span.unit in CALENDAR_DAYS:
        moved = local + literal(sign * round(span.count) * CALENDAR_DAYS[span.unit] * DAY, BigInteger)
    else:
        moved = local + _working_shift(local, span, low, high, working, sign)
    return instant_of(moved, zone, *wide)


def local_of(column: ColumnElement[Any], zone: str, low: int, high: int) -> ColumnElement[Any]:
    """Return what clocks of `zone` show at each instant of `column`, as microseconds since 1970-01-01T00:00 local."""
    first, changes = _offsets(zone, low, high)
    if not changes:
        return column + literal(first, BigInteger)
    arms = [(column < instant, literal(before, BigInteger)) for instant, before, _ in changes]
    return column + case(*arms, else_=literal(changes[-1][2], BigInteger))


def instant_of(local: ColumnElement[Any], zone: str, low: int, high: int) -> ColumnElement[Any]:
    """Return the instant at which clocks of `zone` show each local time: after a gap its end, of a fold the first."""
    first, changes = _offsets(zone, low, high)
    arms: list[tuple[ColumnElement[bool], ColumnElement[Any]]] = []
    for instant, before, after in changes:
        arms.append((local < instant + before, local - literal(before, BigInteger)))
        if after > before:
            arms.append((local < instant + after, literal(instant, BigInteger)))
    last = changes[-1][2] if changes else first
    return case(*arms, else_=local - literal(last, BigInteger)) if arms else local - literal(last, BigInteger)


def date_instant(ordinal: ColumnElement[Any], zone: str, low: int, high: int) -> ColumnElement[Any]:
    """Return 00:00 in `zone` of each date (proleptic ordinal); the instants lie between `low` and `high`."""
    local = (cast(ordinal, BigInteger) - literal(EPOCH_ORDINAL, BigInteger)) * literal(DAY, BigInteger)
    return instant_of(local, zone, low - 2 * DAY, high + 2 * DAY)


def date_of(column: ColumnElement[Any], zone: str, low: int, high: int) -> ColumnElement[Any]:
    """Return the local date (proleptic ordinal) of each instant of `column`."""
    local = local_of(column, zone, low, high)
    return cast(local // literal(DAY, BigInteger) + literal(EPOCH_ORDINAL, BigInteger), Integer)


def _working_shift(
    local: ColumnElement[Any], span: Span, low: int, high: int, working: CalendarPlan | None, sign: int
) -> ColumnElement[Any]:
    """Return by how much the local time moves: one arm of a CASE for each date that may occur."""
    last = from_micros(high).date().toordinal() + 1
    first = max(from_micros(low).date().toordinal() - 1, last - WORKING_DATES_MAX)
    day = local // literal(DAY, BigInteger)
    arms = {}
    for ordinal in range(first, last + 1):
        on = date.fromordinal(ordinal)
        arms[ordinal - EPOCH_ORDINAL] = (shift_date(on, span, working, sign=sign) - on).days * DAY
    return case(arms, value=day, else_=literal(sign * round(span.count) * DAY, BigInteger))


def _offsets(zone: str, low: int, high: int) -> tuple[int, list[tuple[int, int, int]]]:
    """Return the offset at `low` and each change (instant, offset before, offset after) up to `high`, in microseconds."""
    every = _changes(zone, from_micros(low).year - 1, from_micros(high).year + 1)
    start = bisect_left(every, (low, -DAY, -DAY))
    end = bisect_left(every, (high + 1, -DAY, -DAY))
    return _offset(zone, low), list(every[start:end])


def _offset(zone: str, at: int) -> int:
    offset = from_micros(at).astimezone(zone_info(zone)).utcoffset() or timedelta()
    return round(offset.total_seconds()) * SECOND


@lru_cache(maxsize=256)
def _changes(zone: str, first_year: int, last_year: int) -> tuple[tuple[int, int, int], ...]:
    """Return the changes of offset of the zone in those years, found by weeks, then by halving; they fall on whole seconds."""
    start = (date(max(first_year, 1), 1, 1).toordinal() - EPOCH_ORDINAL) * DAY
    end = (date(min(last_year, 9998) + 1, 1, 1).toordinal() - EPOCH_ORDINAL) * DAY
    found: list[tuple[int, int, int]] = []
    at, before = start, _offset(zone, start)
    while at < end:
        then = at + WEEK
        after = _offset(zone, then)
        if after != before:
            low, high = at // SECOND, then // SECOND
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle * SECOND) == before else (low, middle)
            found.append((high * SECOND, before, after))
        at, before = then, after
    return tuple(found)
