"""The loop of the parser, and its recovery."""

from __future__ import annotations

from typing import Any

from seqlang.diagnostics.catalogue import problem
from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source, Span
from seqlang.syntax.machine import Machine
from seqlang.syntax.misuse import Misuse
from seqlang.syntax.scan import Token


class Reader:
    """One source on its way through the machine."""

    def __init__(self, source: Source, tokens: list[Token], found: list[Diagnostic], start: str) -> None:
        self.source = source
        self.tokens = tokens
        self.found = found  # grows
        self.machine = Machine(start)

    def read(self) -> Any:  # noqa: ANN401
        """Return what the start rule built; None where nothing could be read."""
        machine = self.machine
        for token in self.tokens:
            try:
                fits = machine.feed(token, machine.kind_of(token))
            except Misuse as misuse:
                self.found.append(problem(misuse.code, self.source, misuse.span, misuse.message, hint=misuse.hint))
                return None
            if not fits:
                span = Span(token.start, token.end)
                self.found.append(problem("SEQ101", self.source, span, f"`{token.text}` does not belong here"))
                return None
        return machine.values[-1] if machine.done else None
