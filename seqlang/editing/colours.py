"""What each word of a file is, for colours that a pattern cannot find: a soft word may be a keyword here and a field there."""

from __future__ import annotations

from seqlang.diagnostics.source import Span
from seqlang.editing.analysis import Analysis
from seqlang.editing.occurrences import occurrences
from seqlang.editing.symbols import Kind
from seqlang.frozen import Record
from seqlang.syntax.scan import scan
from seqlang.syntax.table import load

# As the protocol names them; the order is the legend's.
TYPES = (
    "namespace", "class", "struct", "property", "function", "parameter", "event", "variable", "type", "keyword", "enumMember",
)  # fmt: skip
MODIFIERS = ("declaration", "readonly")
_OF: dict[Kind, str] = {
    "flow": "class", "view": "class", "list": "class", "calendar": "class", "event": "event", "constant": "variable",
    "record": "struct", "field": "property", "property": "property", "step": "function", "channel": "type",
    "option": "parameter", "goal": "class", "split": "class", "side": "enumMember", "who": "variable", "template": "namespace",
}  # fmt: skip


class Colour(Record):
    """One coloured part of a line."""

    span: Span
    type: str
    modifiers: tuple[str, ...] = ()


def colours(analysis: Analysis, path: str) -> tuple[Colour, ...]:
    """Return the colours of a file in the order of the text; none overlap, none goes over the end of a line."""
    module = analysis.module(path)
    if module is None:
        return ()
    named = occurrences(analysis, path)
    found: dict[int, Colour] = {}
    for one in named:
        if one.symbol.kind in _OF and "\n" not in module.source.text[one.span.start : one.span.end]:
            modifiers = (*(("declaration",) if one.declares else ()), *(("readonly",) if one.symbol.kind == "constant" else ()))
            found.setdefault(one.span.start, Colour(one.span, _OF[one.symbol.kind], modifiers))
    taken = {one.span.start for one in named}
    words = load().words
    tokens = scan(module.source).tokens
    for index, token in enumerate(tokens):
        after = tokens[index + 1].kind if index + 1 < len(tokens) else ""
        if token.kind == "WORD" and token.text in words and token.start not in taken and after != ":":
            found.setdefault(token.start, Colour(Span(token.start, token.end), "keyword"))
    ordered: list[Colour] = []
    for start in sorted(found):
        if not ordered or ordered[-1].span.end <= start:
            ordered.append(found[start])
    return tuple(ordered)
