"""A token: a word, a literal or a sign of a source, with its place."""

from __future__ import annotations


class Token:
    """One token. `kind` is WORD, NAME (in backticks), STRING, NUMBER, DATE, TIME, INSTANT, NL, `$END` or the sign itself."""

    __slots__ = ("end", "fresh", "kind", "start", "text", "value")

    def __init__(self, kind: str, text: str, start: int, end: int, fresh: bool, value: str | float = "") -> None:  # noqa: FBT001  # made by the million
        self.kind = kind
        self.text = text  # as it means: `“x”` is held as `"x"`
        self.start = start  # offset of its first character
        self.end = end  # offset behind its last
        self.fresh = fresh  # first of its line
        self.value = value  # of a literal or a name: what it stands for

    def __repr__(self) -> str:
        return f"{self.kind}:{self.text!r}"
