"""Line ends: one NL behind every statement, none inside `(…)` and `[…]`, none before a line that goes on with the one before."""

from __future__ import annotations

from seqlang.frozen import Record
from seqlang.limits import NESTING_MAX
from seqlang.syntax.tokens import Token

GOES_ON = frozenset({"and", "or", "else", "when"})  # a line that begins with one of them goes on with the one before
PAIRS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = frozenset(PAIRS.values())
_NO_NL_BEHIND = frozenset({"NL", "{", ","})


class Lines(Record):
    """A source's tokens with their statements parted."""

    tokens: list[Token]  # an NL behind every statement, `$END` at the end
    matching: bool  # every bracket has its counterpart
    too_deep: Token | None  # first bracket that is nested deeper than `NESTING_MAX`; what stands in it was left out


def end_statements(tokens: list[Token], size: int) -> Lines:
    """Part the statements. `size` is the length of the text. Behind `{`, a comma and another NL there is no NL."""
    out: list[Token] = []
    add = out.append
    open_: list[str] = []  # the closing sign that each open bracket waits for
    matching = True
    too_deep: Token | None = None
    last = "NL"  # kind of the token before; at the start of the text no NL is due
    place = 0  # end of the token before
    block = True  # the innermost bracket is `{`, or there is none
    for token in tokens:
        kind = token.kind
        starts = block and (token.fresh or kind == "}") and last not in _NO_NL_BEHIND
        if starts and not (kind == "WORD" and token.text in GOES_ON):
            add(Token("NL", "", place, place, fresh=False))
            last = "NL"
        if kind == "NL" and last in _NO_NL_BEHIND:
            continue
        if kind in PAIRS:
            open_.append(PAIRS[kind])
            block = kind == "{"
            if len(open_) > NESTING_MAX:
                too_deep = too_deep or token
        elif kind in CLOSERS:
            if not open_ or open_.pop() != kind:
                matching = False
            block = not open_ or open_[-1] == "}"
        if too_deep is None or len(open_) <= NESTING_MAX:
            add(token)
        last = kind
        place = token.end
    if last != "NL":
        add(Token("NL", "", place, place, fresh=False))
    add(Token("$END", "", size, size, fresh=True))
    return Lines(out, matching and not open_, too_deep)
