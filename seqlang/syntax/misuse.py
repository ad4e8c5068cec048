"""Mistakes that a builder finds: the words are right one by one, and mean nothing together."""

from __future__ import annotations

from seqlang.diagnostics.source import Span
from seqlang.syntax.tokens import Token


class Misuse(Exception):  # noqa: N818
    """A builder's refusal; `parse` makes a diagnostic of it and goes on behind the statement."""

    def __init__(
        self, code: str, span: Span, message: str, *, hint: str | None = None, mend: str | None = None, safe: bool = False
    ) -> None:
        super().__init__(message)
        self.code = code
        self.span = span
        self.message = message
        self.hint = hint
        self.mend = mend  # what to write in its place: one token
        self.safe = safe  # the mend is surely what was meant

    @classmethod
    def name_in_quotes(cls, token: Token) -> Misuse:
        """Return the refusal of a text where a name stands."""
        written = str(token.value)
        plain = written.isidentifier()
        mend = None if "`" in written or not written else written if plain else f"`{written}`"
        hint = "a name goes without quotes" if plain else "a name with other characters goes in backticks"
        return cls("SEQ120", Span(token.start, token.end), f"expected a name, not the text `{written}`", hint=hint, mend=mend)
