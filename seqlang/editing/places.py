"""Offsets in a text and the lines and columns of an editor, which counts columns in UTF-16 units unless it says otherwise."""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]


class Places:
    """The places of one text; lines and columns begin at 0."""

    __slots__ = ("encoding", "starts", "text")

    def __init__(self, text: str, encoding: Encoding = "utf-16") -> None:
        self.text = text
        self.encoding = encoding
        self.starts = [0]
        at = text.find("\n")
        while at >= 0:
            self.starts.append(at + 1)
            at = text.find("\n", at + 1)

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a place; what lies beyond the text or a line is moved to its end."""
        if line >= len(self.starts):
            return len(self.text)
        start = self.starts[max(line, 0)]
        end = self.starts[line + 1] - 1 if line + 1 < len(self.starts) else len(self.text)
        part = self.text[start:end]
        if self.encoding == "utf-32" or part.isascii():
            return start + min(max(column, 0), len(part))
        units = 0
        for index, char in enumerate(part):
            if units >= column:
                return start + index
            units += self._units(char)
        return end

    def position(self, offset: int) -> tuple[int, int]:
        """Return (line, column) of an offset."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self.starts, offset) - 1
        part = self.text[self.starts[line] : offset]
        if self.encoding == "utf-32" or part.isascii():
            return line, len(part)
        return line, sum(self._units(char) for char in part)

    def length(self, start: int, end: int) -> int:
        """Return how many units of the encoding a part of one line takes."""
        part = self.text[start:end]
        return len(part) if self.encoding == "utf-32" or part.isascii() else sum(self._units(char) for char in part)

    def _units(self, char: str) -> int:
        if self.encoding == "utf-16":
            return 2 if ord(char) > 0xFFFF else 1
        return len(char.encode("utf-8", "surrogatepass")) if self.encoding == "utf-8" else 1
