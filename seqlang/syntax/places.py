"""Where reading came to a stop, and what a repair of it is."""

from __future__ import annotations

from seqlang.diagnostics.diagnostic import Edit, Fix
from seqlang.diagnostics.source import Span
from seqlang.frozen import Record
from seqlang.syntax.machine import Machine, Stack
from seqlang.syntax.tokens import Token


class Place(Record):
    """Where reading came to a stop."""

    machine: Machine
    tokens: list[Token]
    at: int  # index of the token that does not fit
    start: int  # index of the first token of its statement
    depth: int  # of the machine's stack before that statement
    text: str  # of the source
    accepted: list[str]  # terminals that would fit

    @property
    def token(self) -> Token:
        """The token that does not fit."""
        return self.tokens[self.at]

    def fits(self, kinds: tuple[str, ...], tokens: list[Token]) -> bool:
        """Say whether some terminals, and tokens after them, would fit here."""
        states = self.machine.after(kinds)
        return states is not None and follows(self.machine, states, tokens)


class Repair(Record):
    """What was meant, and what to say."""

    code: str
    message: str
    span: Span
    replaced: tuple[int, int]  # the tokens from the first index up to the second are …
    tokens: tuple[Token, ...]  # … these
    hint: str | None = None
    fix: Fix | None = None
    again: bool = False  # the statement is read anew from its start


def follows(machine: Machine, states: Stack | None, tokens: list[Token]) -> bool:
    """Say whether tokens fit one after the other, from given states."""
    if states is None:
        return False
    stack = states.copy()
    return all(machine.try_out(stack, kind_in(machine, stack, token)) for token in tokens)


def kind_in(machine: Machine, states: Stack, token: Token) -> str:
    """Return the terminal that a token is in some states."""
    if token.kind != "WORD":
        return token.kind
    action = machine.actions[states.top].get(token.text)
    if action is None or (action < 0 and machine.after((token.text,), states) is None):
        return "NAME"
    return token.text


def span_of(token: Token) -> Span:
    """Return where a token stands."""
    return Span(token.start, token.end)


def write(token: Token, text: str, *, safe: bool = False) -> Fix:
    """Return the fix that writes something in the place of a token."""
    return Fix(f"write `{text}`", (Edit(span_of(token), text),), safe=safe)


def make(kind: str, text: str, like: Token) -> Token:
    """Return a token that stands where another one does."""
    return Token(kind, text, like.start, like.end, like.fresh, text)


def follows_up_to(place: Place, end: int) -> Stack | None:
    """Return the states after the statement's tokens up to an index; None where they do not fit."""
    stack = place.machine.stack_at(place.depth)
    machine = place.machine
    before = place.tokens[place.start : end]
    return stack if all(machine.try_out(stack, kind_in(machine, stack, token)) for token in before) else None
