"""Text to tokens: words, literals, signs and comments, each with its place; slips of the pen are mended and reported here."""

from __future__ import annotations

import re

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source
from seqlang.frozen import Record
from seqlang.syntax.clocks import check_clock
from seqlang.syntax.literals import read_long_text, read_number, read_text
from seqlang.syntax.tokens import Token


class Scan(Record):
    """What one source consists of."""

    tokens: list[Token]  # without comments and line ends
    comments: list[Token]  # kind "#"
    diagnostics: list[Diagnostic]


_PATTERN = re.compile(
    r"""
    [ \t]*+(?:
      (?P<word>[^\W\d]\w*)
    | (?P<nl>\n[ \t\n]*)
    | (?P<sign>!=(?!=)|<=|>=(?!=)|[<>](?![=>])|=(?![=<>])|[{}()\[\],:;.%]|-(?=\d\d?:\d\d)|-(?!\d))
    | (?P<comment>\#[^\n]*)
    | (?P<long>\"\"\"(?:[^"\\]++|\\.|"(?!""))*+\"\"\")
    | (?P<text>"(?!"")(?:[^"\\\n]++|\\[^\n])*+")
    | (?P<instant>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?(?![\w:]))
    | (?P<date>\d{4}-\d\d-\d\d(?![\w.]|-\d|[ ]+\d\d?:\d\d))
    | (?P<time>\d\d:\d\d(?![\w:]))
    | (?P<number>-?\d+(?:_\d+)*(?:\.\d+)?(?![\w.:/]|-\d))
    | (?P<name>`[^`\n]+`)
    | (?P<slip>.)
    | (?P<end>\Z)
    )
    """,
    re.VERBOSE | re.DOTALL,
)

_PLAIN = {"instant": "INSTANT", "date": "DATE", "time": "TIME"}


def scan(source: Source) -> Scan:  # noqa: C901, PLR0912, PLR0915  # one loop, for speed
    """Return the tokens and comments of a source, and what is wrong with single tokens."""
    text = source.text
    tokens: list[Token] = []
    comments: list[Token] = []
    found: list[Diagnostic] = []
    add = tokens.append
    match = _PATTERN.match
    fresh = True
    at = 0
    while True:
        hit = match(text, at)
        assert hit is not None  # one of the last two alternatives takes anything
        assert hit.lastindex is not None
        kind = hit.lastgroup
        if kind == "nl":
            at = hit.end()
            fresh = True
            continue
        start, at = hit.span(hit.lastindex)
        raw = text[start:at]
        if kind == "word":
            add(Token("WORD", raw, start, at, fresh, raw))
        elif kind == "sign":
            add(Token("NL" if raw == ";" else raw, raw, start, at, fresh))
        elif kind == "text":
            value = raw[1:-1]
            if "\\" in value:
                value = read_text(source, value, start + 1, found)
            add(Token("STRING", raw, start, at, fresh, value))
        elif kind == "number":
            add(Token("NUMBER", raw, start, at, fresh, read_number(source, raw, start, found)))
        elif kind == "comment":
            comments.append(Token("#", raw.rstrip(), start, start + len(raw.rstrip()), fresh))
            continue
        elif kind in _PLAIN:
            add(Token(_PLAIN[kind], raw, start, at, fresh))
            if kind != "date":
                check_clock(source, tokens[-1], tokens[-2] if len(tokens) > 1 else None, found)
        elif kind == "name":
            add(Token("NAME", raw, start, at, fresh, raw[1:-1]))
        elif kind == "long":
            add(Token("STRING", raw, start, at, fresh, read_long_text(source, raw, start, found)))
        elif kind == "end":
            break
        else:
            at = _mend(source, start, fresh=fresh, tokens=tokens, comments=comments, found=found)
            if tokens and tokens[-1].start < start:  # nothing was added: the next token may still be the first
                continue
        fresh = False
    if found and '"' in text:
        from seqlang.syntax.quotes import one_a_line

        found = one_a_line(source, found)
    return Scan(tokens, comments, found)


def _mend(source: Source, start: int, *, fresh: bool, tokens: list[Token], comments: list[Token], found: list[Diagnostic]) -> int:
    """Add what a slip of the pen at `start` was meant to be; return the offset to go on from."""
    from seqlang.syntax import slips  # few files need it

    slip = slips.read(source, start)
    if slip.diagnostic is not None:
        found.append(slip.diagnostic)
    while slip.start >= 0 and tokens and tokens[-1].start >= slip.start:
        fresh = tokens.pop().fresh
    for kind, text, at, end, value in slip.tokens:
        if kind == "#":
            comments.append(Token(kind, text, at, end, fresh))
        else:
            tokens.append(Token(kind, text, at, end, fresh, value))
            fresh = False
    return slip.end
