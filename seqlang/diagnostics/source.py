"""A source text and the places in it."""

from __future__ import annotations

from bisect import bisect_right

from seqlang.frozen import Record, field


class Span(Record):
    """A half-open range of character offsets in one source."""

    start: int  # offset of the first character
    end: int  # offset behind the last character

    def __lt__(self, other: Span) -> bool:
        return (self.start, self.end) < (other.start, other.end)

    def to(self, other: Span) -> Span:
        """Return the smallest span that covers both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


NOWHERE = Span(0, 0)


class Source(Record):
    r"""One file of a project, as text; its line ends are already "\\n" and it has no byte order mark."""

    path: str  # relative to the project's folder, with "/"
    text: str
    _starts: list[int] = field(default_factory=list, compare=False)

    def position(self, offset: int) -> tuple[int, int]:
        """Return (line, column) of a character offset, both from 1; columns count characters."""
        starts = self._lines()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line(self, number: int) -> Span:
        """Return the place of a line (from 1) without its end; an empty one at the end of the text where there is none."""
        starts = self._lines()
        if number > len(starts):
            return Span(len(self.text), len(self.text))
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return Span(starts[number - 1], end)

    def _lines(self) -> list[int]:
        if not self._starts:
            self._starts.append(0)
            self._starts.extend(i + 1 for i, ch in enumerate(self.text) if ch == "\n")
        return self._starts
