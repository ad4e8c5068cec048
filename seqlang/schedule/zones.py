"""Time zones: between instants and what a clock on the wall shows, whatever daylight saving does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


@lru_cache(maxsize=1024)
def zone_exists(name: str) -> bool:
    """Tell whether `name` is a time zone of the IANA database (its exact spelling)."""
    if not name or name != name.strip() or name.startswith((".", "/")) or name in {"localtime", "posixrules", "Factory"}:
        return False
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError; a folder such as "Europe" an OSError
        return False
    return True


@lru_cache(maxsize=1024)
def zone_info(name: str) -> ZoneInfo:
    """Return the zone of that IANA name; KeyError or ValueError where there is none (see `zone_exists`)."""
    return ZoneInfo(name)


def wall_time(at: datetime, zone: str) -> datetime:
    """Return what a clock in `zone` shows at the instant `at` (aware), as a naive datetime."""
    return at.astimezone(zone_info(zone)).replace(tzinfo=None, fold=0)


def local_date(at: datetime, zone: str) -> date:
    """Return the date in `zone` at the instant `at` (aware)."""
    return at.astimezone(zone_info(zone)).date()


def local_instant(day: date, at: time, zone: str) -> datetime:
    """Return the instant, in UTC, at which clocks in `zone` show `at` (naive) on `day`.

    A time that the clocks skip is the first instant after the gap; one that comes twice, the first of the two.
    """
    info = zone_info(zone)
    wall = datetime.combine(day, at).replace(fold=0)
    instant = wall.replace(tzinfo=info).astimezone(UTC)
    if instant.astimezone(info).replace(tzinfo=None, fold=0) == wall:
        return instant
    return _gap_end(wall, zone)


def gap_before(at: datetime, zone: str) -> tuple[datetime, datetime] | None:
    """Return the wall times [first, end) that the clocks of `zone` skip at the very instant `at`, or None."""
    info = zone_info(zone)
    after = at.astimezone(info).utcoffset()
    before = (at - SECOND).astimezone(info).utcoffset()
    if after is None or before is None or after <= before:
        return None
    naive = at.astimezone(UTC).replace(tzinfo=None)
    return naive + before, naive + after


@lru_cache(maxsize=4096)
def _gap_end(wall: datetime, zone: str) -> datetime:
    """Return the instant that ends the gap in which the skipped wall time lies; transitions fall on whole seconds."""
    info = zone_info(zone)
    late = wall.replace(tzinfo=info, fold=0).astimezone(UTC).replace(microsecond=0)  # by the offset before: after the gap
    early = wall.replace(tzinfo=info, fold=1).astimezone(UTC).replace(microsecond=0) - SECOND  # by the one after: before it
    after = late.astimezone(info).utcoffset()
    while late - early > SECOND:
        middle = early + timedelta(seconds=(late - early) // SECOND // 2)
        if middle.astimezone(info).utcoffset() == after:
            late = middle
        else:
            early = middle
    return late
