"""Line ends: one NL behind every statement, none inside `(…)` and `[…]`, none before a line that goes on with the one before."""

from __future__ import annotations

from seqlang.syntax.scan import Token

GOES_ON = frozenset({"and", "or", "else", "when"})  # a line that begins with one of them goes on with the one before
PAIRS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = frozenset(PAIRS.values())


def end_statements(tokens: list[Token], size: int) -> tuple[list[Token], bool]:
    """Return the tokens with an NL behind every statement and `$END` at the end, and whether all brackets match.

    `size` is the length of the text. Behind `{`, behind a comma and behind another NL there is none.
    """
    out: list[Token] = []
    add = out.append
    open_: list[str] = []  # the closing sign that each open bracket waits for
    matching = True
    last = "NL"  # kind of the token before; at the start of the text no NL is due
    place = 0  # end of the token before
    block = True  # the innermost bracket is `{`, or there is none
    for token in tokens:
        kind = token.kind
        if block and (token.fresh or kind == "}") and last not in _NO_NL_BEHIND:
            if not (kind == "WORD" and token.text in GOES_ON):
                add(Token("NL", "", place, place, fresh=False))
                last = "NL"
        if kind == "NL" and last in _NO_NL_BEHIND:
            continue
        if kind in PAIRS:
            open_.append(PAIRS[kind])
            block = kind == "{"
        elif kind in CLOSERS:
            if not open_ or open_.pop() != kind:
                matching = False
            block = not open_ or open_[-1] == "}"
        add(token)
        last = kind
        place = token.end
    if last != "NL":
        add(Token("NL", "", place, place, fresh=False))
    add(Token("$END", "", size, size, fresh=True))
    return out, matching and not open_


_NO_NL_BEHIND = frozenset({"NL", "{", ","})
