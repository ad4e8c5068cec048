"""Tables in plain text: as wide as their cells, numbers to the right, nothing to load."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

Cell = str | int | float | None
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def table(head: Sequence[str], rows: Iterable[Sequence[Cell]], *, colour: bool = False) -> str:
    """Return the rows below their heads, two spaces apart; a column of numbers only stands to the right."""
    body = [[_text(c) for c in row] for row in rows]
    raw = [list(row) for row in rows] if isinstance(rows, Sequence) else []
    right = [
        bool(raw) and all(isinstance(r[i], int | float) or r[i] is None for r in raw) and any(r[i] is not None for r in raw)
        for i in range(len(head))
    ]
    widths = [max([_width(h), *(_width(r[i]) for r in body)]) for i, h in enumerate(head)]
    lines = [_line(head, widths, right)]
    if colour:
        lines[0] = f"\x1b[1m{lines[0]}\x1b[0m"
    lines.extend(_line(r, widths, right) for r in body)
    return "\n".join(lines)


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:g}"
    if isinstance(cell, int):
        return str(cell)
    return visible(" ".join(cell.split("\n")))


def visible(text: str) -> str:
    """Return a text with its control characters written out, for what others wrote must not steer a terminal."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = []
    for cell, width, to_right in zip(cells, widths, right, strict=True):
        space = " " * (width - _width(cell))
        padded.append(space + cell if to_right else cell + space)
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
