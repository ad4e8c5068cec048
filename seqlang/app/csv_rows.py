"""Rows of a CSV file, each with its line: a broken row is a mistake of that row and never of those behind it."""

from __future__ import annotations

import csv
import io
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seqlang.errors import UsageError

LINES_PER_ROW_MAX = 200  # a cell with line ends in it; more is an open quote
DELIMITERS = ",;\t|"
UTF_16 = (BOM_UTF16_LE, BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column, or why it cannot be read."""

    line: int  # of the file, from 1
    cells: dict[str, str]  # column -> text, without outer white space; empty where broken
    broken: str | None = None  # the reason


@dataclass(frozen=True, slots=True)
class Sheet:
    """A CSV file whose head was read."""

    path: Path
    columns: tuple[str, ...]
    lines: tuple[str, ...]  # all of its lines, with their ends
    head_line: int  # how many lines stand before the first row
    delimiter: str

    @property
    def row_count(self) -> int:
        """How many rows there are at most (a cell may hold line ends)."""
        return len(self.lines) - self.head_line


def open_sheet(path: str | Path) -> Sheet:
    """Read the file and its head; UsageError where it is missing, no UTF-8, or has no head."""
    place = Path(path)
    try:
        text = place.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"there is no file `{path}`") from None
    except IsADirectoryError:
        raise UsageError(f"`{path}` is a folder, not a CSV file") from None
    except OSError as broken:
        raise UsageError(f"cannot read `{path}`: {(broken.strerror or str(broken)).lower()}") from None
    # What is no UTF-8 stays visible as a replacement character: `rows` reports such a row alone. Spreadsheets that write
    # "Unicode text" mean UTF-16 and say so. Lines end as in a file: `splitlines` would cut a cell at a line separator, too.
    decoded = text.decode("utf-16" if text.startswith(UTF_16) else "utf-8-sig", errors="replace")
    lines = tuple(io.StringIO(decoded, newline=""))
    start = next((i for i, line in enumerate(lines) if line.strip()), None)
    if start is None:
        raise UsageError(f"`{path}` is empty: its first line names the columns")
    head = lines[start]
    delimiter = max(DELIMITERS, key=head.count)
    columns = tuple(c.strip() for c in next(csv.reader([head], delimiter=delimiter)))
    doubled = {c for c in columns if c and columns.count(c) > 1}
    if doubled:
        raise UsageError(f"`{path}` has the column `{min(doubled)}` twice")
    return Sheet(place, columns, lines, start + 1, delimiter)


def rows(sheet: Sheet) -> Iterator[Row]:
    """Yield every row that is not blank, broken ones with their reason."""
    at, count = sheet.head_line, len(sheet.lines)
    width = len(sheet.columns)
    while at < count:
        first, line = at, sheet.lines[at]
        at += 1
        if not line.strip():
            continue
        cells: list[str] | None
        if '"' not in line:
            cells = line.rstrip("\r\n").split(sheet.delimiter)
        else:
            cells, at = _quoted(sheet, first)
            if cells is None:
                yield Row(first + 1, {}, "a quote is opened and never closed, or text follows a closing quote")
                continue
        if len(cells) > width and any(c.strip() for c in cells[width:]):
            yield Row(first + 1, {}, f"{len(cells)} cells, but there are {width} columns")
            continue
        if len(cells) < width and len(cells) == 1 and width > 1 and cells[0].strip():
            yield Row(first + 1, {}, f"one cell, but there are {width} columns")
            continue
        if len(cells) < width:
            yield Row(first + 1, {}, f"{len(cells)} cells, but there are {width} columns")
            continue
        found = {c: v.strip() for c, v in zip(sheet.columns, cells, strict=False) if c}
        if any("\N{REPLACEMENT CHARACTER}" in v for v in found.values()):
            yield Row(first + 1, {}, "it is not UTF-8 text")
            continue
        yield Row(first + 1, found)


def _quoted(sheet: Sheet, first: int) -> tuple[list[str] | None, int]:
    """Return the cells of the row that begins at `first` and the index behind it; no cells where its quotes are broken."""
    taken: list[str] = []
    for at in range(first, min(first + LINES_PER_ROW_MAX, len(sheet.lines))):
        taken.append(sheet.lines[at])
        try:
            found = list(csv.reader(taken, delimiter=sheet.delimiter, strict=True))
        except csv.Error as wrong:
            if "unexpected end" in str(wrong):
                continue
            return None, first + 1
        return found[0], at + 1
    return None, first + 1
