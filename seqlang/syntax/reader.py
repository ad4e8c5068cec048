"""The loop of the parser. A statement that cannot be read is reported once and left out; reading goes on behind it."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from seqlang.diagnostics.catalogue import problem
from seqlang.diagnostics.diagnostic import Diagnostic, Edit, Fix
from seqlang.diagnostics.source import Source, Span
from seqlang.frozen import Record
from seqlang.limits import DIAGNOSTICS_PER_FILE_MAX
from seqlang.syntax.lines import GOES_ON, PAIRS
from seqlang.syntax.machine import Machine
from seqlang.syntax.misuse import Misuse
from seqlang.syntax.scan import scan
from seqlang.syntax.tokens import Token

if TYPE_CHECKING:
    from seqlang.syntax.wording import Words

_MARKS = frozenset({"{", "}", "NL", ",", "when", "where", "if", "until"})
_CONDITION_BEHIND = frozenset({"when", "where", "if", "until"})
# What may be put in, to come from a spoilt head of a block to its `{`.
_FILLERS = ("NAME", "STRING", "NUMBER", ":", "%", ")", "]", "=", "BROKEN", "sequence", "of", "DATE")
# What was wrong with single tokens or brackets: what does not fit in the same statement comes of it.
_NOTED = frozenset({"SEQ103", "SEQ105", "SEQ106", "SEQ112", "SEQ113", "SEQ114", "SEQ115"})
FILLERS_MAX = 4
QUIET_TOKENS = 2  # behind a repair


class _Frame:
    """The statement under way in one block."""

    __slots__ = ("condition", "depth", "index", "reported")

    def __init__(self, depth: int, index: int) -> None:
        self.depth = depth  # of the stack before it
        self.index = index  # of its first token
        self.condition = 0  # depth of the stack behind the word before its condition; 0: it has none (yet)
        self.reported = False  # something was said about it: nothing more is


class Lost(Record):
    """A statement that could not be read, or whose head could not."""

    start: int  # offset of its first character
    end: int
    names: tuple[str, ...]  # words and texts in it


class Reader:
    """One source on its way through the machine."""

    def __init__(self, source: Source, tokens: list[Token], found: list[Diagnostic], start: str) -> None:
        self.source = source
        self.tokens = tokens  # repairs change it
        self.found = found  # grows
        self.machine = Machine(start)
        self.lost: list[Lost] = []
        self.alone = start == "condition_alone"
        self.frames = [_Frame(1, 0)]
        self.fresh = True  # the next token begins a statement
        self.last_repair = (-1, -1)
        self.quiet = 0  # nothing is said of tokens before this offset: they stand too near to what was repaired
        self.noted = sorted(d.span.start for d in found if d.code in _NOTED)
        self.spoilt = {source.position(d.span.start)[0] for d in found if d.code == "SEQ103"}  # lines without a sure text

    def read(self) -> Any:
        """Return what the start rule built; None where nothing could be read."""
        machine, tokens = self.machine, self.tokens
        actions, states, values = machine.actions, machine.states, machine.values
        at = 0
        while at < len(tokens) and len(self.found) < DIAGNOSTICS_PER_FILE_MAX:
            token = tokens[at]
            kind = token.kind
            row = actions[states[-1]]
            if kind == "WORD":  # as `machine.kind_of` does it
                kind = token.text
                action = row.get(kind, 0)
                if action == 0 or (action < 0 and "NAME" in row and not machine.accepts(kind)):
                    kind = "NAME"
                    action = row.get(kind, 0)
            else:
                action = row.get(kind, 0)
            if action > 0:  # a shift, as `machine.feed` does it: half of all tokens need no more
                states.append(action - 1)
                values.append(token)
            else:
                try:
                    fits = machine.feed(token, kind)
                except Misuse as misuse:
                    at = self._misused(misuse, at)
                    continue
                if not fits:
                    at = self._recover(at, kind)
                    continue
            if self.fresh or kind in _MARKS:
                self._note(kind, at)
            at += 1
        if len(self.found) >= DIAGNOSTICS_PER_FILE_MAX:
            hint = "mend these first; the rest of the file was not looked at"
            self.found.append(
                problem("SEQ122", self.source, self.found[-1].span, "there are too many mistakes to list", hint=hint)
            )
            return None
        return machine.values[-1] if machine.done else None

    def _note(self, kind: str, at: int) -> None:
        """Keep track of blocks, statements and conditions, after a token was taken."""
        depth = len(self.machine.states)
        if self.fresh and kind not in ("}", "NL"):
            self.frames[-1] = _Frame(depth - 1, at)
            self.fresh = False
        if kind == "{":
            self.frames.append(_Frame(depth, at + 1))
            self.fresh = True
        elif kind == "}":
            if len(self.frames) > 1:
                self.frames.pop()
            self.fresh = False
        elif kind == "NL":
            self.fresh = True
        elif kind == ",":
            self.fresh = "}" in self.machine.actions[self.machine.states[-1]]
        elif kind in _CONDITION_BEHIND:
            self.frames[-1].condition = depth

    # ----------------------------------------------------------------------------------------- recovery

    def _recover(self, at: int, kind: str) -> int:
        """Report a token that does not fit, and return the index to go on from."""
        from seqlang.syntax.wording import by_example  # few files need it

        if self.fresh:
            self.frames[-1] = _Frame(len(self.machine.states), at)
            self.quiet = 0
        frame = self.frames[-1]
        silent = self._silent(frame, at)
        known = None if silent else by_example(self.machine, self.tokens[at], kind)
        repaired = self._repair(frame, at, silent=silent, phrases=known is not None and known.surely)
        if repaired is not None:
            return repaired
        if not silent:
            self._say(at, kind, known)
        frame.reported = True
        if self.alone:
            return len(self.tokens)
        return self._without_condition(frame, at) or self._without_head(frame, at) or self._without_statement(frame, at)

    def _silent(self, frame: _Frame, at: int) -> bool:
        """Say whether something was said about this statement already, or of a token of its lines."""
        if frame.reported or self.tokens[at].start < self.quiet:
            return True
        if self.spoilt and self.source.position(self.tokens[at].start)[0] in self.spoilt:
            return True
        start = self.tokens[min(frame.index, at)].start
        end = self.source.text.find("\n", self.tokens[at].end)
        place = bisect_left(self.noted, start)
        return place < len(self.noted) and self.noted[place] <= (end if end >= 0 else len(self.source.text))

    def _repair(self, frame: _Frame, at: int, *, silent: bool, phrases: bool) -> int | None:
        """Put in what was meant, if that is clear (`phrases`: of a phrase); return the index to go on from."""
        from seqlang.syntax.places import Place  # few files need it
        from seqlang.syntax.repairs import find

        here = (self.tokens[at].start, len(self.machine.states))
        if here == self.last_repair:
            return None
        place = Place(self.machine, self.tokens, at, min(frame.index, at), frame.depth, self.source.text, self.machine.accepted())
        repair = find(place, phrases=phrases)
        if repair is None:
            return None
        self.last_repair = here
        if not silent:
            if repair.code == "SEQ107":  # a text ends too early: what its pieces were taken for comes of it
                whole = repair.span
                self.found[:] = [d for d in self.found if d.code != "SEQ107" or not whole.start <= d.span.start < whole.end]
            self.found.append(problem(repair.code, self.source, repair.span, repair.message, hint=repair.hint, fix=repair.fix))
        first, last = repair.replaced
        self.tokens[first:last] = repair.tokens
        self.quiet = self.tokens[min(first + len(repair.tokens) + QUIET_TOKENS, len(self.tokens) - 1)].start
        if repair.again:
            self._cut(frame.depth)
            self.fresh = True
            return frame.index
        return at

    def _say(self, at: int, kind: str, known: Words | None) -> None:
        """Report a token that does not fit: in the words of a known mistake, else with what would fit."""
        from seqlang.syntax.wording import Words, describe  # few files need it

        token = self.tokens[at]
        before = self.tokens[at - 1] if at else None
        words = known or describe(self.machine, token, kind, before, begins=self.fresh)
        if known is None and words.code in ("SEQ101", "SEQ102") and self._goes_on_foreign(at):
            return  # one more line of what is no program, as of YAML or a table
        span = Span(token.start, token.end)
        joins = token.fresh and token.kind == "WORD" and token.text in GOES_ON
        if joins:
            message = f"before `{token.text}` something is missing"
            hint = f"a line that begins with `{token.text}` goes on with the one before"
            words = Words("SEQ121", message, hint)
        elif token.end == token.start or (token.fresh and words.code in ("SEQ121", "SEQ109") and not self.fresh):
            span = Span(before.start, before.end) if before is not None else Span(0, 0)
        self.found.append(problem(words.code, self.source, span, words.message, hint=words.hint))

    def _goes_on_foreign(self, at: int) -> bool:
        """Say whether a declaration cannot be read right after another one that could not."""
        return self.fresh and len(self.frames) == 1 and bool(self.lost) and self.tokens[at - 1].start <= self.lost[-1].end

    def _misused(self, misuse: Misuse, at: int) -> int:
        """Report what a builder refused; read the statement anew where it says what was meant, else leave it out."""
        frame = self.frames[-1]
        fix = None
        if misuse.mend is not None:
            fix = Fix(f"write `{misuse.mend}`", (Edit(misuse.span, misuse.mend),), safe=misuse.safe)
        if not self._silent(frame, at):
            self.found.append(problem(misuse.code, self.source, misuse.span, misuse.message, hint=misuse.hint, fix=fix))
        frame.reported = True
        if self.alone:
            return len(self.tokens)
        if misuse.mend is not None:
            for index in range(at, frame.index - 1, -1):
                if self.tokens[index].start == misuse.span.start:
                    made = scan(Source("", misuse.mend)).tokens[0]
                    made.start, made.end, made.fresh = misuse.span.start, misuse.span.end, self.tokens[index].fresh
                    self.tokens[index] = made
                    self._cut(frame.depth)
                    self.fresh = True
                    return frame.index
        return self._without_condition(frame, at) or self._without_statement(frame, at)

    def _cut(self, depth: int) -> None:
        self.machine.cut(depth)

    def _without_condition(self, frame: _Frame, at: int) -> int:
        """Put a broken condition in the place of the one that is spoilt; 0 where the statement is not in its condition."""
        if not frame.condition or len(self.machine.states) < frame.condition:
            return 0
        end = self._end(at, "{")
        self._cut(frame.condition)
        frame.condition = 0
        here = self.tokens[at]
        if not self.machine.accepts("BROKEN"):
            return 0
        self.machine.feed(Token("BROKEN", "", here.start, here.end, fresh=False), "BROKEN")
        kind = self.machine.kind_of(self.tokens[end])
        return end if self.machine.accepts(kind) else 0

    def _without_head(self, frame: _Frame, at: int) -> int:
        """Fill up the head of a block so that the block can be read, and forget the statement in the end; 0: no block."""
        if self.fresh:
            return 0
        end = self._end(at, "{")
        if self.tokens[end].kind != "{":
            return 0
        waiting: list[tuple[str, ...]] = [()]
        for kinds in waiting:
            if self.machine.after((*kinds, "{")) is not None:
                break
            if len(kinds) < FILLERS_MAX:
                waiting.extend((*kinds, one) for one in _FILLERS if self.machine.after((*kinds, one)) is not None)
        else:
            return 0
        place = self.tokens[at].start
        try:
            for kind in kinds:
                value: str | float = 0 if kind == "NUMBER" else ""
                self.machine.feed(
                    Token(kind, "2000-01-01" if kind == "DATE" else kind, place, place, fresh=False, value=value), kind
                )
        except Misuse:
            return 0
        self._lose(frame.index, end)
        return end

    def _without_statement(self, frame: _Frame, at: int) -> int:
        """Leave the statement out."""
        at = max(at, frame.index)
        self._cut(frame.depth)
        self.fresh = True
        end = self._end(at, ",")
        while self.tokens[end].kind == "," and not self._begins(end + 1):
            end = self._end(end + 1, ",")
        kind = self.tokens[end].kind
        self._lose(frame.index, end)
        if kind in {"$END", "}"}:
            fits = self.machine.accepts(kind)
            return end if (fits and end > at) or (fits and frame.index < at) else end + 1
        return end + 1  # behind the NL or comma

    def _end(self, at: int, stop: str) -> int:
        """Return the index of what ends the statement at `at`: its NL, the `}` around it, `$END`; or of the sign `stop`."""
        comma = stop == "," and self._commas()
        depth = 0
        while True:
            kind = self.tokens[at].kind
            if kind == "$END" or (depth == 0 and (kind in ("NL", "}") or (kind == stop and (comma or stop == "{")))):
                return at
            if kind in PAIRS:
                depth += 1
            elif kind in (")", "]", "}") and depth:
                depth -= 1
            at += 1

    def _begins(self, at: int) -> bool:
        """Say whether a token, and the one after it, begin what may be parted from the statement before by a comma."""
        first, second = self.tokens[at : at + 2]  # a comma is never the last token: an end of the line and `$END` come after it
        return self.machine.accepts(self.machine.kind_of(first)) and second.kind in (":", "WORD", "NAME", "STRING")

    def _commas(self) -> bool:
        """Say whether the statements of this block may be parted by commas."""
        row = self.machine.actions[self.machine.states[-1]]
        return ("NAME" in row or "STRING" in row) and "expect" not in row and "step" not in row

    def _lose(self, first: int, end: int) -> None:
        """Remember a statement that is left out."""
        tokens = self.tokens[first : end + 1]
        if not tokens or tokens[0].kind in ("NL", "$END"):
            return
        names = tuple(
            dict.fromkeys(str(token.value) for token in tokens if token.kind in ("WORD", "NAME", "STRING") and token.value)
        )
        self.lost.append(Lost(tokens[0].start, tokens[-1].end, names))
