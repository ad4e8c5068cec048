"""Quotation marks of a line that do not match: told once, whatever else seems to be wrong with the line then."""

from __future__ import annotations

import re

from seqlang.diagnostics.catalogue import problem
from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source, Span

_ESCAPED = re.compile(r"\\\\.")
# A mark amid words: `""Fresh`, `leads""`, `DE, "AT"`.
_AMID = re.compile(r'""(?=[\w+])|(?<=\w)""|(?<=\w)"(?=\w)')


def one_a_line(source: Source, found: list[Diagnostic]) -> list[Diagnostic]:
    """Return what is wrong with the tokens: of each line whose quotation marks do not match, one diagnostic."""
    spoilt: dict[int, Diagnostic | None] = {}
    lines = source.text.split("\n")
    odd: dict[int, bool] = {}  # of each line: whether the number of its marks is
    for d in found:
        row = source.position(d.span.start)[0]
        if row in spoilt or d.code == "SEQ107":
            continue
        text = lines[row - 1]
        if row not in odd:
            odd[row] = '"""' not in text and "`" not in text and _ESCAPED.sub("", text).count('"') % 2 == 1
        if d.code == "SEQ103" and source.text[d.span.start] == '"' and '"""' not in text:
            spoilt[row] = d
        elif odd[row]:
            spoilt[row] = _odd(source, row, text)
    if not spoilt:
        return found
    kept = [d for d in found if source.position(d.span.start)[0] not in spoilt]
    return [*kept, *(d for d in spoilt.values() if d is not None)]


def _odd(source: Source, row: int, text: str) -> Diagnostic:
    start = sum(len(line) + 1 for line in source.text.split("\n")[: row - 1])
    hit = _AMID.search(text)
    at = start + (hit.start() if hit is not None else text.rindex('"'))
    hint = 'a text begins and ends with `"`; inside of one a quotation mark is written `\\\\"`'
    return problem("SEQ103", source, Span(at, at + 1), "the quotation marks of this line do not match", hint=hint)
