"""The one canonical layout: an outline to text. See docs/reference/syntax.md for what it promises."""

from __future__ import annotations

from seqlang.syntax.lines import GOES_ON
from seqlang.syntax.literals import long_text_lines
from seqlang.syntax.outline import Element, Group, Note, Statement
from seqlang.syntax.tokens import Token

WIDTH = 120  # characters of a line that is not broken
INDENT = 2
_CALLS = frozenset({"count", "outcome", "replied", "opened", "clicked", "bounced", "sent", "done", "overdue"})
_NO_SPACE_BEFORE = frozenset({",", ":", ")", "]", "%", ".", "-"})
_NO_SPACE_BEHIND = frozenset({"(", "[", ".", "-"})


def _kind(element: Element) -> str:
    if isinstance(element, Group):
        return element.sign
    return "#" if isinstance(element, Note) else element.kind


def _gap(before: Element | None, element: Element) -> str:
    """Return what stands between two elements of a line."""
    if before is None:
        return ""
    first, second = _kind(before), _kind(element)
    if second in _NO_SPACE_BEFORE or (first in _NO_SPACE_BEHIND and isinstance(before, Token)):
        return ""
    if second == "(" and first == "WORD" and isinstance(before, Token) and before.text in _CALLS:
        return ""
    return " "


def _word(token: Token, *, begins: bool) -> str:
    """Return a token's text; a name at the start of a statement that would go on with the line before gets backticks."""
    if begins and token.kind == "WORD" and token.text in GOES_ON:
        return f"`{token.text}`"
    return token.text


def flat(elements: list[Element], *, begins: bool = False) -> str | None:
    """Return elements on one line; None where they cannot stand on one: comments, long texts, blocks of several lines."""
    out: list[str] = []
    before: Element | None = None
    for element in elements:
        out.append(_gap(before, element))
        if isinstance(element, Note):
            return None
        if isinstance(element, Group):
            inside = _flat_group(element)
            if inside is None:
                return None
            out.append(inside)
        elif "\n" in element.text:
            return None
        else:
            out.append(_word(element, begins=begins and before is None))
        before = element
    return "".join(out)


def _flat_group(group: Group) -> str | None:
    if group.sign != "{":
        inside = flat(_without_last_comma(group.elements))
        return None if inside is None else f"{group.sign}{inside}{')' if group.sign == '(' else ']'}"
    if group.first or group.last:
        return None
    if not group.statements:
        return "{}"
    if not group.one_line:
        return None
    parts: list[str] = []
    for statement in group.statements:
        part = None if statement.before or statement.after else flat(statement.elements, begins=True)
        if part is None:
            return None
        parts.append(part)
    return "{ " + (", " if group.commas else "; ").join(parts) + " }"


def _without_last_comma(elements: list[Element]) -> list[Element]:
    last = next((n for n in range(len(elements) - 1, -1, -1) if not isinstance(elements[n], Note)), None)
    if last is not None and _kind(elements[last]) == ",":
        return elements[:last] + elements[last + 1 :]
    return elements


def _head(elements: list[Element]) -> int:
    """Return how many characters some elements take on their first line: up to the block, text or comment that breaks it."""
    for n, element in enumerate(elements):
        if isinstance(element, Note) or (isinstance(element, Token) and "\n" in element.text):
            return len(flat(elements[:n]) or "") + (0 if isinstance(element, Note) else 4)
        if isinstance(element, Group) and element.sign == "{":
            return len(flat(elements[:n]) or "") + 2
    return len(flat(elements) or "")


def _cut(elements: list[Element], word: str) -> list[list[Element]]:
    """Cut elements before each `and`, `or` or (not among the first four) `when`; or behind each comma."""
    pieces: list[list[Element]] = [[]]
    between = False
    for n, element in enumerate(elements):
        text = element.text if isinstance(element, Token) and element.kind == "WORD" else ""
        after_dot = n > 0 and _kind(elements[n - 1]) == "."
        if (text == word and n and not after_dot and not (between and word == "and") and (word != "when" or n > 3)) or (
            word == "," and n and _kind(elements[n - 1]) == ","
        ):
            pieces.append([])
        between = text == "between" or (between and text != "and")
        pieces[-1].append(element)
    return pieces


def _pieces(elements: list[Element], indent: int) -> list[list[Element]]:
    """Cut a statement into the pieces that begin a line: where the author did, and where it is too long."""
    pieces: list[list[Element]] = [[]]
    for n, element in enumerate(elements):
        if (
            n
            and isinstance(element, Token)
            and element.fresh
            and element.kind == "WORD"
            and element.text in ("and", "or", "when")
        ):
            pieces.append([])
        pieces[-1].append(element)
    for word in ("when", "or", "and", ","):
        finer: list[list[Element]] = []
        for n, piece in enumerate(pieces):
            room = WIDTH - indent - (INDENT if n else 0)
            finer.extend(_cut(piece, word) if _head(piece) > room else [piece])
        pieces = finer
    return pieces


class Layout:
    """Writes one outline."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line = ""
        self.fixed = False  # white space at the end of the line belongs to a text

    def text(self, whole: Group) -> str:
        """Return the whole text; it ends with one line end, if there is any."""
        self._block(whole, 0)
        return "\n".join(self.lines) + "\n" if self.lines else ""

    def _end_line(self, indent: int = 0) -> None:
        self.lines.append(self.line if self.fixed else self.line.rstrip())
        self.fixed = False
        self.line = " " * indent

    def _block(self, block: Group, indent: int) -> None:
        """Write the statements and the last comments of a block, each on its own lines."""
        first = True
        for statement in block.statements:
            for note in statement.before:
                self._note_line(note, indent, first=first)
                first = False
            if statement.blank and not first:
                self.lines.append("")
            first = False
            self._statement(statement, indent)
        for note in block.last:
            self._note_line(note, indent, first=first)
            first = False

    def _note_line(self, note: Note, indent: int, *, first: bool) -> None:
        if note.blank and not first:
            self.lines.append("")
        self.lines.append(" " * indent + note.text)

    def _statement(self, statement: Statement, indent: int) -> None:
        self.line = " " * indent
        self._write(_pieces(statement.elements, indent), indent, indent + INDENT, begins=True)
        for note in statement.after:
            self.line = f"{self.line.rstrip()}  {note.text}"
        self._end_line()

    def _write(self, pieces: list[list[Element]], indent: int, further: int, *, begins: bool = False) -> None:
        """Write pieces: the first goes on with the line, the others begin lines at `further`; blocks are relative to `indent`."""
        for n, piece in enumerate(pieces):
            if n and self.line.strip():
                self._end_line(further)
            before: Element | None = None
            for at, element in enumerate(piece):
                if isinstance(element, Note):
                    self._note(element, further)
                    before = None
                    continue
                gap = _gap(before, element)
                if isinstance(element, Group):
                    self._group(element, gap, piece[at + 1 :], indent)
                elif "\n" in element.text:
                    self._long_text(element, gap, indent)
                else:
                    self.line += gap + _word(element, begins=begins and n == 0 and at == 0)
                before = element

    def _note(self, note: Note, further: int) -> None:
        """Write a comment inside a statement; what follows begins a line."""
        if note.own_line and self.line.strip():
            self._end_line(further)
        self.line = f"{self.line.rstrip()}  {note.text}" if self.line.strip() else self.line + note.text
        self._end_line(further)

    def _long_text(self, token: Token, gap: str, indent: int) -> None:
        self.line += gap + '"""'
        lines = long_text_lines(token.text)
        if lines is None:  # nothing but white space: its lines cannot be moved
            *first, last = token.text[3:].split("\n")
            for n, line in enumerate(first):
                self.line = self.line + line if n == 0 else line
                self.fixed = True
                self._end_line()
            self.line = last
            return
        self._end_line()
        for line in lines:
            self.line = " " * (indent + INDENT) + line if line else ""
            self.fixed = True
            self._end_line()
        self.line = " " * indent + '"""'

    def _group(self, group: Group, gap: str, rest: list[Element], indent: int) -> None:
        """Write brackets: on the line where they fit with what follows, else broken."""
        end = next(
            (n for n, element in enumerate(rest) if isinstance(element, Note | Group) and _kind(element) in "#{"), len(rest)
        )
        behind = len(flat(rest[:end]) or "") + (2 if end < len(rest) and _kind(rest[end]) == "{" else 0)
        inside = _flat_group(group)
        if inside is not None and (len(self.line) + len(gap) + len(inside) + behind <= WIDTH or inside == "{}"):
            self.line += gap + inside
        elif group.sign == "{":
            self._braces(group, gap, indent)
        elif group.sign == "[":
            self._list(group, gap, indent)
        else:
            self.line += gap + "("
            pieces = [piece for part in _cut(group.elements, "or") for piece in _cut(part, "and")]
            self._write(pieces, indent + INDENT, indent + 2 * INDENT)
            self.line += ")"

    def _braces(self, group: Group, gap: str, indent: int) -> None:
        self.line += gap + "{"
        for note in group.first:
            self.line += "  " + note.text
        self._end_line()
        self._block(group, indent + INDENT)
        self.line = " " * indent + "}"

    def _list(self, group: Group, gap: str, indent: int) -> None:
        self.line += gap + "["
        self._end_line(indent + INDENT)
        before: Element | None = None
        ended = True  # the last line is done: behind `[` or a comma
        elements = _without_last_comma(group.elements)
        for at, element in enumerate(elements):
            if isinstance(element, Note):
                if not element.own_line and ended and self.lines and not self.line.strip():
                    self.lines[-1] += f"  {element.text}"
                else:
                    self._note(element, indent + INDENT)
                before = None
                continue
            if isinstance(element, Group):
                self._group(element, _gap(before, element), elements[at + 1 : at + 2], indent + INDENT)
            elif "\n" in element.text:
                self._long_text(element, _gap(before, element), indent + INDENT)
            else:
                self.line += _gap(before, element) + element.text
            before = element
            ended = _kind(element) == ","
            if ended:
                self._end_line(indent + INDENT)
                before = None
        if self.line.strip():
            self._end_line()
        self.line = " " * indent + "]"
