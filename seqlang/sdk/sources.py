"""Records from elsewhere, as a source hands them over: rows with their places, in batches with a mark each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqlang.sdk.mailbox import MailboxSettings


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row: its cells as a CSV file would have them, or why it cannot be read."""

    place: str  # where people find it: "leads.csv line 12", "row 40"
    cells: Mapping[str, str] = field(default_factory=dict)  # column -> text; dates and instants as ISO texts, truths yes and no
    broken: str | None = None  # the reason


@dataclass(frozen=True, slots=True)
class SourceBatch:
    """Rows that are taken in together with their mark: in one transaction, so that none is lost or read twice."""

    columns: tuple[str, ...]
    rows: tuple[SourceRow, ...]
    mark: str  # from where reading goes on behind them; the source's own words
    part: str = ""  # of a source of several parts, which one, as people call it: the name of a file
    broken: str | None = None  # why that part cannot be read: the source's problem; rows and mark count for nothing


class BatchRefusedError(ValueError):
    """The rows of a batch cannot be taken in: their columns do not fit the record.

    Raised in `read`, where it has yielded the batch. A source that catches it leaves out that part and goes on with the others.
    """


@dataclass(frozen=True, slots=True)
class SourceSettings(MailboxSettings):
    """What a source knows of its `[sources.NAME]`: `word` is its kind."""

    folder: Path = Path()  # of the project: relative paths begin here

    def path(self, name: str) -> Path:
        """Return a path of the settings, relative ones in the project's folder."""
        return self.folder / Path(str(self.get(name, ""))).expanduser()


def cell_of(value: Any) -> str:
    """Return the text that a CSV cell would have for a value of a database: "" for none, yes and no, ISO dates."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, list | tuple | set | frozenset):
        return ";".join(cell_of(item) for item in value)
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
