"""What `import` is asked for, and what becomes of a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

ROWS_PER_TRANSACTION = 1_000
Progress = Callable[[int, int], None]  # rows done, rows in all


@dataclass(frozen=True, slots=True)
class Import:
    """What the file is, and what every row of it gets."""

    record: str = "contact"  # a record type, or "event"
    key: str | None = None
    tags: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    sets: tuple[tuple[str, str], ...] = ()  # field, text of the value
    maps: tuple[tuple[str, str], ...] = ()  # column, field


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not taken, and why."""

    line: int
    reason: str


@dataclass(slots=True)
class Imported:
    """What became of the file."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    bad: list[BadRow] = field(default_factory=list)  # in the order of the file
