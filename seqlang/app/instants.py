"""Instants that people type: `2026-03-02`, `2026-03-02T09:30`, with or without an offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from seqlang.errors import UsageError
from seqlang.schedule.zones import local_instant, zone_exists

_SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?\s*(Z|z|[+-]\d{2}:?\d{2})?)?")


def read_instant(text: str, zone: str, what: str) -> datetime:
    """Return the instant in UTC; one without an offset is of `zone`. UsageError, naming `what`, where it is none.

    A local time that the clocks skip is the first instant after the gap; one that comes twice, the first.
    """
    stripped = text.strip()
    read = None
    if _SHAPE.fullmatch(stripped):
        try:
            read = datetime.fromisoformat(stripped.replace("z", "Z"))
        except ValueError:
            read = None
    if read is None:
        raise UsageError(f"`{text}` is no instant for `{what}`; write `2026-03-02T09:30` or `2026-03-02T09:30+01:00`")
    if read.tzinfo is not None:
        return read.astimezone(UTC)
    if not zone_exists(zone):
        raise UsageError(f"there is no timezone `{zone}`")
    return local_instant(read.date(), read.time(), zone)
