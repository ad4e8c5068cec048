"""How values read in texts for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

DATE_PARTS = frozenset({"year", "month", "day", "hour", "minute"})


def shown(value: Any, zone: str) -> str:
    """Return a value as people expect to read it; an empty one as an empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, datetime):
        return local(value, zone).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list | tuple):
        return ", ".join(shown(item, zone) for item in value)
    if isinstance(value, Mapping):
        raise TypeError("a record has no text: name a field of it")
    return str(value)  # texts, whole numbers, dates as ISO


def number(value: float) -> str:
    """Return a number without a needless `.0`, and never as 1e+16."""
    return str(int(value)) if value.is_integer() and abs(value) < 2**63 else repr(value)


def local(value: datetime, zone: str) -> datetime:
    """Return the instant in a zone."""
    return value.astimezone(_zone(zone)) if value.tzinfo is not None else value


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
