"""What to say of a token that does not fit: in the reader's words, with what would fit."""

from __future__ import annotations

import sys
from collections.abc import Collection
from functools import cache
from pathlib import Path

from seqlang import kept
from seqlang.diagnostics.source import Source
from seqlang.frozen import Record
from seqlang.syntax.machine import Machine
from seqlang.syntax.table import grammar_text
from seqlang.syntax.tokens import Token

UNITS = frozenset({"minute", "minutes", "hour", "hours", "day", "days", "week", "weeks", "working"})
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">=", "is", "contains", "starts", "ends", "between", "before", "after"})
_PHRASES = {
    "NAME": "a name", "STRING": "a text in quotes", "NUMBER": "a number", "DATE": "a date", "TIME": "a time of day",
    "INSTANT": "an instant", "NL": "the end of the line", "$END": "the end of the file",
}  # fmt: skip
# What stands for whole groups of terminals: where all of the first are there, they are told as the second.
_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"not", "(", "event", "count", "NAME"}), "a condition"),
    (
        frozenset({"classic", "record", "view"}),
        "a declaration (`record`, `list`, `event`, `view`, `calendar`, `let`, a flow or a `test`)",
    ),
    (frozenset({"owner", "run", "audience", "step"}), "a setting, a step or a statement"),
    (frozenset({"step", "set", "wait", "if"}), "a step or a statement"),
    (frozenset({"expect", "start", "NAME"}), "an event, an expectation or a record of the test"),
    (frozenset({"STRING", "NUMBER", "choose", "NAME"}), "a value"),
    (frozenset({"=", "contains", "between"}), "a comparison (`=`, `>=`, `in`, `contains`, `is empty`, …)"),
    (frozenset({"mon", "tue", "sun"}), "days (`mon-fri`)"),
    (frozenset({"minutes", "hours", "days"}), "a unit (`minutes`, `hours`, `days`, `weeks`, `working days`)"),
)
_MEMBERS = {
    "a condition": frozenset({
        "not", "(", "event", "count", "NAME", "in", "was", "tagged", "replied", "opened", "clicked", "bounced", "sent", "done",
        "overdue", "outcome", "unsubscribed", "finished", "BROKEN",
    }),
    "a value": frozenset({"STRING", "NUMBER", "DATE", "TIME", "INSTANT", "yes", "no", "today", "now", "[", "choose", "NAME",
    "{"}),
    "a comparison (`=`, `>=`, `in`, `contains`, `is empty`, …)": _COMPARISONS | {"in", "not", "with", "replied", "."},
    "days (`mon-fri`)": frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"}),
    "a unit (`minutes`, `hours`, `days`, `weeks`, `working days`)": UNITS,
}  # fmt: skip
SHOWN_MAX = 6


def expected(accepted: Collection[str]) -> str:
    """Return what would fit, as a phrase: "a name, `when` or the end of the line"."""
    left = set(accepted) - {"BROKEN"}
    phrases: list[str] = []
    for mark, phrase in _GROUPS:
        if mark <= left:
            phrases.append(phrase)
            left.discard("}")
            left -= _MEMBERS.get(phrase, left - {"NL", "}", "$END"})
    words = sorted(left - {"NL", "$END"}, key=lambda kind: (kind not in _PHRASES, kind))
    phrases += [_PHRASES.get(kind, f"`{kind}`") for kind in words]
    if len(phrases) > SHOWN_MAX:
        phrases = [*phrases[:SHOWN_MAX], "…"]
        return ", ".join(phrases)
    if left & {"NL", "$END"} and (phrases or "NL" in left):
        phrases.append("the end of the line" if "NL" in left else "the end of the file")
    if len(phrases) > 1:
        return f"{', '.join(phrases[:-1])} or {phrases[-1]}"
    return phrases[0] if phrases else "nothing more"


def shown(token: Token) -> str:
    """Return a token as a message cites it."""
    text = token.text if token.kind != "NL" else ";" if token.end > token.start else ""
    text = text.split("\n", 1)[0]
    return f"`{text[:40]}…`" if len(text) > 40 else f"`{text}`"


class Words(Record):
    """What to say of one mistake."""

    code: str
    message: str
    hint: str | None = None
    surely: bool = False  # said even where a repair would be found


def describe(machine: Machine, token: Token, kind: str, before: Token | None, *, begins: bool) -> Words:
    """Return the words for a token that does not fit, with what would; `begins`: it is the first of its statement."""
    accepted = machine.accepted()
    phrase = expected(accepted)
    if token.kind == "WORD" and token.text in ("elif", "elseif", "elsif"):
        return Words("SEQ102", f"`{token.text}` is not known here", "write `else if`, after the `}` of an `if`")
    if kind in ("NL", "}", "$END", ")", "]") or (token.fresh and not begins):
        if before is not None and before.kind == "NUMBER" and set(accepted) <= UNITS:
            return Words("SEQ109", f"`{before.text}` has no unit", f"expected {phrase}")
        after = f" after {shown(before)}" if before is not None and before.kind != "NL" else ""
        return Words("SEQ121", f"something is missing{after}", f"expected {phrase}")
    if set(accepted) <= {"NAME", "BROKEN"}:
        return Words("SEQ121", f"a name is missing before {shown(token)}")
    if set(accepted) == {"STRING"}:
        return Words("SEQ121", f"a text in quotes is missing before {shown(token)}")
    code = "SEQ102" if kind == "NAME" and token.kind == "WORD" else "SEQ101"
    message = f"{shown(token)} is not known here" if code == "SEQ102" else f"{shown(token)} does not belong here"
    return Words(code, message, f"expected {phrase}")


def by_example(machine: Machine, token: Token, kind: str) -> Words | None:
    """Return the words of the sample in `mistakes` that fails at such a token in this state; None: there is none."""
    known = _by_example()
    return known.get((machine.states[-1], kind, token.text)) or known.get((machine.states[-1], kind, ""))


@cache
def _by_example() -> dict[tuple[int, str, str], Words]:
    """Return what is said in the states and of the tokens at which the samples of `mistakes` fail."""
    from seqlang.syntax.mistakes import MISTAKES

    here = str(Path(__file__).parent)
    key = kept.digest_of(sys.version, grammar_text(), kept.state_of(here))
    said = [Words(mistake.code, mistake.message, mistake.hint, mistake.surely) for mistake in MISTAKES]
    found: dict[tuple[int, str, str], int] = kept.once(f"mistakes-{kept.digest_of(here)[:24]}.places", key, _places)
    return {place: said[number] for place, number in found.items()}


def _places() -> dict[tuple[int, str, str], int]:
    """Return where samples fail, each place with the number of its mistake; it takes longer than checking a file does."""
    from seqlang.syntax.mistakes import MISTAKES

    known: dict[tuple[int, str, str], int] = {}
    for number, mistake in enumerate(MISTAKES):
        for sample in mistake.samples:
            first, *later = (_failure(variant) for variant in _variants(sample))
            for state, kind, text, _ in (first, *(one for one in later if one[3] == first[3])):
                known.setdefault((state, kind, text if mistake.this_word else ""), number)
    return known


def _failure(sample: str) -> tuple[int, str, str, int]:
    """Return where a sample fails: the state, the token's kind and text, and how many characters come after it."""
    from seqlang.syntax.lines import end_statements
    from seqlang.syntax.scan import scan

    machine = Machine("module")
    for token in end_statements(scan(Source("sample", sample)).tokens, len(sample)).tokens:
        kind = machine.kind_of(token)
        if not machine.feed(token, kind):
            return machine.states[-1], kind, token.text, len(sample) - token.end
    raise ValueError(f"this sample is right: {sample}")


def _variants(sample: str) -> tuple[str, ...]:
    """Return a sample as the first, the second and a later declaration or statement of its block."""
    item = "exit; " if "journey" in sample else "start 2026-03-02; " if "test " in sample else "a text, "
    before = [("let a = 1\n" * count, item * count) for count in (1, 2)]
    return (
        sample,
        *(f"{lets}{sample}" for lets, _ in before),
        *((lets + sample).replace("{ ", "{ " + items, 1) for lets, items in before),
    )
