"""The files of a pattern, one after the other; a mark says of each how far it was read, and what it was then.

A file whose beginning is what was read before is read on from there; any other is read anew: rows that were known change nothing.
What may still be written (a line without its end, a quote that is open) waits until the file has rested.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from seqlang.sdk import BatchRefusedError, SourceBatch, SourceRow, SourceSettings

FILE_BYTES_MAX = 512 * 1024 * 1024
FILES_MAX = 1_000
ROWS_PER_BATCH = 1_000
LINES_PER_ROW_MAX = 200  # a cell with line ends in it; more is an open quote
DELIMITERS = ",;\t|"
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\N{REPLACEMENT CHARACTER}]")
REST_SECONDS = 10.0  # after so long nobody is writing any more


@dataclass(frozen=True, slots=True)
class Done:
    """How far one file was read."""

    size: int  # of the file
    changed_ns: int
    read: int  # how many of its bytes are taken in
    sha256: str  # of these bytes


class CsvFiles:
    """All files of one source."""

    def __init__(self, settings: SourceSettings) -> None:
        pattern = settings.path("file")
        magic = next((n for n, part in enumerate(pattern.parts) if any(sign in part for sign in "*?[")), None)
        self._folder = pattern if magic is None else Path(*pattern.parts[:magic])
        self._pattern = None if magic is None else str(Path(*pattern.parts[magic:]))
        self._delimiter = str(settings.get("delimiter") or "")
        self._encoding = str(settings.get("encoding") or "utf-8-sig")
        if len(self._delimiter) > 1:
            raise ValueError(f"`delimiter` is one sign, not `{self._delimiter}`")
        try:
            "".encode(self._encoding)
        except LookupError:
            raise ValueError(f"there is no encoding `{self._encoding}`") from None

    def read(self, mark: str | None) -> Iterator[SourceBatch]:
        """Yield what is new in each file."""
        known = {name: Done(**item) for name, item in json.loads(mark).items()} if mark else {}
        for path in self._files():
            name = path.name
            try:
                for columns, rows, done in self._new(path, known.get(name)):
                    after = json.dumps({one: asdict(item) for one, item in sorted({**known, name: done}.items())})
                    try:
                        yield SourceBatch(columns, rows, after, name)
                    except BatchRefusedError:
                        break  # it is looked at again, and stops none of the others
                    known[name] = done
            except OSError as wrong:
                yield SourceBatch((), (), "", name, (wrong.strerror or str(wrong)).lower())
            except ValueError as wrong:
                yield SourceBatch((), (), "", name, str(wrong))

    def close(self) -> None:
        """Do nothing: files are closed when they are read."""

    def _files(self) -> list[Path]:
        if self._pattern is None:
            if not self._folder.is_file():
                raise ValueError(f"there is no file `{self._folder}`")
            return [self._folder]
        found = sorted(path for path in self._folder.glob(self._pattern) if path.is_file())
        if len(found) > FILES_MAX:
            raise ValueError(f"`{self._pattern}` names {len(found)} files, and at most {FILES_MAX} are read")
        doubled = {path.name for path in found if sum(other.name == path.name for other in found) > 1}
        if doubled:
            raise ValueError(f"two files have the name `{min(doubled)}`: a pattern is one of files of one folder")
        return found

    def _new(self, path: Path, before: Done | None) -> Iterator[tuple[tuple[str, ...], tuple[SourceRow, ...], Done]]:
        there = path.stat()
        now = (there.st_size, there.st_mtime_ns, there.st_size)
        if before is not None and (before.size, before.changed_ns, before.read) == now:
            return
        if there.st_size > FILE_BYTES_MAX:
            raise ValueError(f"it is larger than {FILE_BYTES_MAX // 1024 // 1024} MB")
        raw = path.read_bytes()
        start, digest = 0, hashlib.sha256()
        if before is not None and before.read <= len(raw):
            beginning = hashlib.sha256(raw[: before.read])
            if beginning.hexdigest() == before.sha256:
                start, digest = before.read, beginning
        hashed = start
        # A time in the future is that of another machine's clock: there, whoever has not changed it since the last look has done.
        age = _now_ns() - there.st_mtime_ns
        seen = before is not None and (before.size, before.changed_ns) == (there.st_size, there.st_mtime_ns)
        rested = age >= REST_SECONDS * 1e9 or (age < 0 and seen)
        for columns, rows, end in _batches(raw, start, path.name, self._delimiter, self._encoding, rested=rested):
            digest.update(raw[hashed:end])
            hashed = end
            yield columns, rows, Done(len(raw), there.st_mtime_ns, end, digest.hexdigest())


Batch = tuple[tuple[str, ...], tuple[SourceRow, ...], int]


def _now_ns() -> int:
    return time.time_ns()  # the clock that files are dated by


def _batches(raw: bytes, start: int, name: str, delimiter: str, encoding: str, *, rested: bool) -> Iterator[Batch]:
    """Yield columns, rows and the byte behind them, from the row that ends behind the byte `start` on."""
    lines = raw.splitlines(keepends=True)
    head = next((n for n, line in enumerate(lines) if line.strip()), None)
    if head is None or not (rested or _ended(lines[head])):
        return
    first = lines[head].decode(encoding, "replace").removeprefix("\ufeff")
    sign = delimiter or max(DELIMITERS, key=first.count)
    if _NO_TEXT.search(first):
        raise ValueError(f"its first line is no text of the encoding {encoding}")
    columns = tuple(cell.strip() for cell in next(csv.reader([first], delimiter=sign)))
    doubled = {column for column in columns if column and columns.count(column) > 1}
    if doubled:
        raise ValueError(f"it has the column `{min(doubled)}` twice: call one of them otherwise")
    place, at = head + 1, sum(len(line) for line in lines[: head + 1])
    rows: list[SourceRow] = []
    taken = 0
    waits = False
    while place < len(lines):
        cells, count = _row(lines, place, sign, encoding)
        if not rested and (count == 0 or not _ended(lines[place + count - 1])):
            waits = True  # said by a batch, though an empty one, so that it is known next time
            break
        count = max(count, 1)
        line = place + 1
        place += count
        at += sum(len(one) for one in lines[line - 1 : place])
        if at <= start:
            continue
        row = _checked(cells, columns, f"{name} line {line}")
        if row is not None:
            rows.append(row)
        taken += 1
        if taken % ROWS_PER_BATCH == 0:
            yield columns, tuple(rows), at
            rows = []
    if rows or at > start or waits:
        yield columns, tuple(rows), max(at, start)


def _row(lines: list[bytes], place: int, sign: str, encoding: str) -> tuple[list[str] | str, int]:
    """Return the cells of a row and how many lines it takes (0: a quote is open at the end), or why it cannot be read."""
    taken: list[str] = []
    for count in range(1, min(LINES_PER_ROW_MAX, len(lines) - place) + 1):
        taken.append(lines[place + count - 1].decode(encoding, "replace"))
        if "\N{REPLACEMENT CHARACTER}" in taken[-1]:
            return f"it is no text of the encoding {encoding}", count
        try:
            return next(csv.reader(taken, delimiter=sign, strict=True), []), count
        except csv.Error as wrong:
            if "unexpected end" not in str(wrong):
                return "text follows a closing quote" if "expected after" in str(wrong) else str(wrong), 1
    return "a quote is opened and never closed", 1 if len(lines) - place > LINES_PER_ROW_MAX else 0


def _ended(line: bytes) -> bool:
    return line.endswith((b"\n", b"\r"))


def _checked(cells: list[str] | str, columns: tuple[str, ...], place: str) -> SourceRow | None:
    if isinstance(cells, str):
        return SourceRow(place, broken=cells)
    if not any(cell.strip() for cell in cells):
        return None
    if len(cells) != len(columns):
        return SourceRow(place, broken=f"{len(cells)} cells, but there are {len(columns)} columns")
    return SourceRow(place, {column: cell.strip() for column, cell in zip(columns, cells, strict=True) if column})
