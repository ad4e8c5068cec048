"""Opening hours as settings write them: `mon-fri 08:00-18:00, sat 09:00-12:00`."""

from __future__ import annotations

import re

from seqlang.plan.model import Opening

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART = re.compile(r"\s*([a-z]{3})(?:-([a-z]{3}))?\s+(\d{1,2}:\d{2})-(\d{1,2}:\d{2})\s*", re.IGNORECASE)


def read_hours(text: str) -> tuple[Opening, ...]:
    """Return the openings; ValueError, in plain words, where the text says none."""
    return tuple(_opening(part) for part in text.split(","))


def _opening(part: str) -> Opening:
    found = _PART.fullmatch(part)
    if found is None:
        raise ValueError(f"`{part.strip()}` is no opening: write `mon-fri 08:00-18:00`")
    first, last = (_day(found[1]), _day(found[2] or found[1]))
    days = tuple(range(first, last + 1)) if first <= last else (*range(last + 1), *range(first, 7))
    start, end = _time(found[3]), _time(found[4])
    if start == end:
        raise ValueError(f"`{part.strip()}` is never open")
    return Opening(days=tuple(sorted(days)), start=start, end=end)


def _day(text: str) -> int:
    if text.lower() not in DAYS:
        raise ValueError(f"`{text}` is no day: write {', '.join(DAYS)}")
    return DAYS.index(text.lower())


def _time(text: str) -> str:
    hour, minute = (int(part) for part in text.split(":"))
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise ValueError(f"`{text}` is no time of day")
    return f"{hour:02}:{minute:02}"
