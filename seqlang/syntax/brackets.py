"""Brackets that do not match: where one is missing or too many, as the indentation says."""

from __future__ import annotations

import re

from seqlang.diagnostics.catalogue import problem
from seqlang.diagnostics.diagnostic import Diagnostic, Edit, Fix, Related
from seqlang.diagnostics.source import Source, Span
from seqlang.frozen import Record
from seqlang.syntax.lines import CLOSERS, GOES_ON, PAIRS
from seqlang.syntax.tokens import Token

_TOP = frozenset({
    "let", "record", "list", "event", "view", "calendar", "classic", "smart", "outbound", "cadence", "workflow", "journey",
    "test",
})  # fmt: skip
_BRANCH = re.compile(r"[ \t]*(\}[ \t]*)?(if|else)\b")


def mend(source: Source, tokens: list[Token], *, silent: bool) -> tuple[list[Token], list[Diagnostic]]:
    """Return the tokens with brackets that match, and what was wrong (nothing, where `silent`)."""
    found: list[Diagnostic] = []
    out: list[Token] = []
    for chunk in _declarations(source, tokens):
        if _match(chunk):
            out += chunk
        else:
            out += _Mender(source, found).mend(chunk)
    return out, [] if silent else found


def _declarations(source: Source, tokens: list[Token]) -> list[list[Token]]:
    """Part the tokens where a line begins with a declaration's word, without indentation."""
    chunks: list[list[Token]] = [[]]
    for token in tokens:
        if token.fresh and token.kind == "WORD" and token.text in _TOP and source.position(token.start)[1] == 1:
            chunks.append([])
        chunks[-1].append(token)
    return chunks


def _match(tokens: list[Token]) -> bool:
    waiting: list[str] = []
    for token in tokens:
        if token.kind in PAIRS:
            waiting.append(PAIRS[token.kind])
        elif token.kind in CLOSERS and (not waiting or waiting.pop() != token.kind):
            return False
    return not waiting


class _Open(Record):
    """A bracket that waits for its counterpart."""

    token: Token
    indent: int  # of the line that it stands on


class _Mender:
    """Mends one declaration."""

    def __init__(self, source: Source, found: list[Diagnostic]) -> None:
        self.source = source
        self.found = found
        self.out: list[Token] = []
        self.open: list[_Open] = []
        self.closed: _Open | None = None  # the bracket that was closed last
        self.surplus = 0  # closing braces without an opening one that are still to come
        self.indent = 0  # of the line

    def mend(self, tokens: list[Token]) -> list[Token]:
        """Return the declaration with brackets that match."""
        tokens = self._without_doubled(tokens)
        self.surplus = sum((token.kind == "}") - (token.kind == "{") for token in tokens)
        for token in tokens:
            if token.fresh:
                self._begin_line(token)
            if token.kind in CLOSERS:
                self._close(token)
                continue
            if token.kind in PAIRS:
                if token.kind == "{" and self.open and self.open[-1].token.kind == "(":  # no block stands in such brackets
                    self._not_closed()
                self.open.append(_Open(token, self.indent))
            self.out.append(token)
        while self.open:
            self._not_closed()
        return self.out

    def _closed_branch(self) -> bool:
        """Say whether the last token closes the block of an `if` or `else`."""
        if self.out[-1].kind != "}" or self.closed is None:
            return False
        start = self.source.text.rfind("\n", 0, self.closed.token.start) + 1
        return _BRANCH.match(self.source.text, start) is not None

    def _without_doubled(self, tokens: list[Token]) -> list[Token]:
        """Return the tokens without an opening bracket that stands twice, as in `{{`."""
        missing = {sign: sum((t.kind == sign) - (t.kind == PAIRS[sign]) for t in tokens) for sign in PAIRS}
        out: list[Token] = []
        for token in tokens:
            before = out[-1] if out else None
            twice = before is not None and before.kind == token.kind and not self.source.text[before.end : token.start].strip()
            if twice and not token.fresh and missing.get(token.kind, 0) > 0:
                missing[token.kind] -= 1
                fix = Fix(f"leave out `{token.kind}`", (self._edit(token, ""),))
                message, hint = f"`{token.kind}` is there twice", "leave one out, or close them both"
                span = Span(token.start, token.end)
                self.found.append(problem("SEQ112", self.source, span, message, hint=hint, fix=fix))
                continue
            out.append(token)
        return out

    def _begin_line(self, token: Token) -> None:
        column = self.source.position(token.start)[1] - 1
        goes_on = token.kind == "WORD" and token.text in GOES_ON
        while self.open and (not goes_on or token.text == "else"):
            top = self.open[-1]
            joins = token.text == "else" and top.token.kind == "{" and self.surplus < 0 and not self._closed_branch()
            if (column > top.indent and not joins) or (token.kind in CLOSERS and column == top.indent):
                break
            self._not_closed()
        last = self.out[-1] if self.out else None
        deeper = last is not None and column > self.indent and last.kind not in ("{", "(", "[", ",") and not goes_on
        inside = not self.open or self.open[-1].token.kind == "{"
        if deeper and inside and self.surplus > 0 and last is not None and token.kind != "}":
            self._not_opened(last)
        if token.text == "else" and goes_on and self.closed is not None:
            self.indent = min(column, self.closed.indent)
        elif not goes_on:
            self.indent = column

    def _not_closed(self) -> None:
        """Close the innermost bracket behind the last token; told where it begins, or on the line below that token."""
        self.closed = top = self.open.pop()
        sign, closing = top.token.kind, PAIRS[top.token.kind]
        place = self.out[-1].end
        self.out.append(Token(closing, closing, place, place, fresh=False))
        alone = self._line(top.token) == self.source.position(place)[0]
        written = f"\n{' ' * top.indent}}}" if closing == "}" and not alone else f" {closing}" if closing == "}" else closing
        fix = Fix(f"write `{closing}`", (Edit(Span(place, place), written),))
        span = Span(top.token.start, top.token.end)
        if closing == "}":
            self.surplus += 1
        if alone:
            hint = f"its `{closing}` is missing" + ("" if closing == "}" else f" after `{self.out[-2].text or sign}`")
            self.found.append(problem("SEQ112", self.source, span, f"this `{sign}` is not closed", hint=hint, fix=fix))
            return
        message = f"before this, a `{closing}` is missing"
        hint = f"it closes the `{sign}` of line {self._line(top.token)}"
        related = (Related(f"this `{sign}` is not closed", self.source, span),)
        here = self._below(place)
        self.found.append(problem("SEQ112", self.source, here, message, hint=hint, fix=fix, related=related))

    def _below(self, place: int) -> Span:
        """Return what stands on the line below a place: its first word or sign; nothing, where the line is empty."""
        text = self.source.text
        start = text.find("\n", place) + 1
        if not start:
            return Span(place, place)
        end = text.find("\n", start)
        line = text[start : end if end >= 0 else len(text)]
        start += len(line) - len(line.lstrip())
        return Span(start, start + len(line.strip().partition(" ")[0]))

    def _not_opened(self, last: Token) -> None:
        """Open a block behind the last token of the line before."""
        self.open.append(_Open(Token("{", "{", last.end, last.end, fresh=False), self.indent))
        self.out.append(self.open[-1].token)
        self.surplus -= 1
        fix = Fix("write `{`", (Edit(Span(last.end, last.end), " {"),))
        message = "a `{` is missing at the end of this line"
        self.found.append(problem("SEQ114", self.source, Span(last.start, last.end), message, fix=fix))

    def _close(self, token: Token) -> None:
        kind = token.kind
        if not any(PAIRS[one.token.kind] == kind for one in self.open):
            if self.open and kind != "}" and self.open[-1].token.kind != "{":  # `(a]`
                right = PAIRS[self.open.pop().token.kind]
                self.out.append(Token(right, right, token.start, token.end, token.fresh))
                self._report(
                    token, f"`{kind}` cannot close this: `{right}` does", Fix(f"write `{right}`", (self._edit(token, right),))
                )
                return
            self._stray(token)
            return
        if kind != "}" and self.open[-1].token.kind == "{":
            self._stray(token)
            return
        if PAIRS[self.open[-1].token.kind] != kind and self.surplus > 0 and not token.fresh:
            block = next(one.token for one in reversed(self.open) if one.token.kind == "{")
            if self._line(block) != self._line(token):  # `["DE"} , "AT"]`
                self._stray(token)
                return
        while PAIRS[self.open[-1].token.kind] != kind:
            self._not_closed()
        if kind == "}" and self.surplus > 0 and self._out_of_place(token):
            self._stray(token)
            return
        self.closed = self.open.pop()
        self.out.append(token)

    def _out_of_place(self, token: Token) -> bool:
        """Say whether a `}` stands where the innermost block does not end: further in, or behind something on a later line."""
        if token.fresh:
            return self.source.position(token.start)[1] - 1 > self.open[-1].indent
        return self._line(token) != self._line(self.open[-1].token)

    def _line(self, token: Token) -> int:
        return self.source.position(token.start)[0]

    def _stray(self, token: Token) -> None:
        if token.kind == "}":
            self.surplus -= 1
        self._report(token, f"this `{token.kind}` closes nothing", Fix(f"leave out `{token.kind}`", (self._edit(token, ""),)))

    def _report(self, token: Token, message: str, fix: Fix) -> None:
        self.found.append(problem("SEQ113", self.source, Span(token.start, token.end), message, fix=fix))

    def _edit(self, token: Token, text: str) -> Edit:
        return Edit(Span(token.start, token.end), text)
