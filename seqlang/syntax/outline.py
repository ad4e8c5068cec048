"""Tokens and comments to the outline that the formatter lays out: statements, blocks, and where each comment belongs."""

from __future__ import annotations

from dataclasses import dataclass, field

from seqlang.diagnostics.source import Source
from seqlang.syntax import tree
from seqlang.syntax.lines import PAIRS
from seqlang.syntax.node import Node
from seqlang.syntax.tokens import Token


@dataclass(frozen=True, slots=True)
class Note:
    """A comment."""

    text: str
    own_line: bool  # nothing else on its line
    blank: bool  # an empty line before it


@dataclass(slots=True)
class Group:
    """A pair of brackets and what stands between."""

    sign: str  # "(", "[" or "{"
    elements: list[Element] = field(default_factory=list)  # of ( and [
    statements: list[Statement] = field(default_factory=list)  # of {
    first: list[Note] = field(default_factory=list)  # behind the `{`, on its line
    last: list[Note] = field(default_factory=list)  # before the `}`
    commas: bool = False  # its statements are parted by commas where they share a line
    one_line: bool = False  # the author wrote it on one line


@dataclass(slots=True)
class Statement:
    """A statement, declaration, option or field."""

    elements: list[Element]
    before: list[Note]
    blank: bool  # an empty line before its first token
    after: list[Note] = field(default_factory=list)  # on the line of its end


Element = Token | Note | Group


def comma_blocks(module: tree.Module) -> set[int]:
    """Return where the `}` of each block stands whose parts are options, fields or the like."""
    ends: set[int] = set()
    waiting: list[object] = [module]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting.extend(node)
        elif isinstance(node, Node):
            if isinstance(node, tree.Step | tree.ObjectOf | tree.TestRecord | tree.TestEvent | tree.Record | tree.Event):
                ends.add(node.span.end - 1)
            waiting.extend(getattr(node, key) for key in type(node).__dataclass_fields__ if key != "span")
    return ends


class Outliner:
    """Builds the outline of one source, which has no mistakes."""

    def __init__(self, source: Source, tokens: list[Token], comments: list[Token], commas: set[int]) -> None:
        self.source = source
        self.commas = commas
        self.items = sorted([*tokens, *comments], key=lambda item: (item.start, item.kind == "#"))
        self.at = 0
        self.place = 0  # end of what was read last

    def outline(self) -> Group:
        """Return the whole text as one block."""
        whole = Group("{")
        self._fill(whole)
        return whole

    def _next(self) -> tuple[Token, bool]:
        """Return the next item and whether an empty line goes before it."""
        item = self.items[self.at]
        self.at += 1
        blank = self.source.text.count("\n", self.place, item.start) > 1 if item.start > self.place else False
        self.place = max(self.place, item.end)
        return item, blank

    def _fill(self, block: Group) -> Token:
        """Read the statements of a block; return the sign that closes it."""
        elements: list[Element] = []
        before: list[Note] = []
        empty_line = False
        while True:
            item, blank = self._next()
            kind = item.kind
            if kind == "#":
                note = Note(item.text, item.fresh, blank)
                if elements:
                    elements.append(note)
                elif item.fresh:
                    before.append(note)
                elif block.statements:
                    block.statements[-1].after.append(note)
                else:
                    block.first.append(note)
                continue
            if elements and (kind in ("NL", "}", "$END") or (kind == "," and block.commas)):
                block.statements.append(Statement(elements, before, empty_line))
                elements, before = [], []
            if kind in ("}", "$END"):
                block.last = before
                return item
            if kind == "NL" or (kind == "," and block.commas):
                continue
            if not elements:
                empty_line = blank
            elements.append(self._group(item) if kind in PAIRS else item)

    def _group(self, opening: Token) -> Group:
        group = Group(opening.kind)
        if opening.kind == "{":
            group.commas = self._closing_of_next() in self.commas
            closing = self._fill(group)
            group.one_line = "\n" not in self.source.text[opening.start : closing.end]
            return group
        while True:
            item, blank = self._next()
            if item.kind == "#":
                group.elements.append(Note(item.text, item.fresh, blank))
            elif item.kind in PAIRS:
                group.elements.append(self._group(item))
            elif item.kind in (")", "]"):
                return group
            else:
                group.elements.append(item)

    def _closing_of_next(self) -> int:
        """Return where the bracket closes whose opening was read last."""
        depth = 1
        at = self.at
        while depth:
            kind = self.items[at].kind
            depth += (kind in PAIRS) - (kind in ("}", ")", "]"))
            at += 1
        return self.items[at - 1].start
