"""Time in plain Python: dates of a zone, spans, wall times that the clocks skip or show twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from seqlang.plan import conditions as c


def day_of(moment: date, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date() if isinstance(moment, datetime) else moment


def exact(span: c.Span) -> timedelta:
    """Return a span in which a day is 24 hours."""
    hours = {"minute": 1 / 60, "hour": 1, "day": 24, "week": 168}[span.unit]
    return timedelta(seconds=round(span.count * hours * 3600))


def shifted(moment: Any, span: c.Span, sign: int, zone: str) -> Any:
    """Move a date or an instant: days at the same local time, hours exactly, working days mon-fri."""
    if moment is None:
        return None
    if span.unit in ("minute", "hour"):
        return moment + sign * exact(span)
    if not isinstance(moment, datetime):
        return moment + timedelta(days=_days(moment, span, sign))
    wall = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    days = _days(wall.date(), span, sign)
    return moment if days == 0 else instant_of(wall + timedelta(days=days), zone)


def _days(day: date, span: c.Span, sign: int) -> int:
    if span.unit != "working day":
        return sign * int(span.count) * (7 if span.unit == "week" else 1)
    moved, left = 0, int(span.count)
    while left:
        moved += sign
        left -= (day + timedelta(days=moved)).weekday() < 5
    return moved


def instant_of(wall: datetime, zone: str) -> datetime:
    """Return the instant of a wall time: the first of two; of a skipped one the first after the gap."""
    while True:
        at = wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
        if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == wall:
            return at
        wall = wall.replace(second=0, microsecond=0) + timedelta(minutes=1)
