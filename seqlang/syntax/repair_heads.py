"""Repairs of how a flow, a step or a field begins: its kind, name and channel."""

from __future__ import annotations

import re

from seqlang.diagnostics.diagnostic import Edit, Fix
from seqlang.diagnostics.source import Span
from seqlang.syntax.places import Place, Repair, follows, follows_up_to, make, span_of
from seqlang.syntax.tokens import Token
from seqlang.syntax.wording import shown


def kind_missing(place: Place) -> Repair | None:
    """`sequence "x" {` and `welcome sequence "x" {` at the top of a file."""
    token = place.token
    after = place.tokens[place.at + 1 : place.at + 3]
    hint = "write `classic sequence`, `smart sequence` or `outbound sequence`"
    if place.at == place.start and [one.text for one in after[:1]] == ["sequence"] and place.fits(("classic",), after):
        new = make("WORD", "classic", token)
        return Repair("SEQ102", f"`{token.text}` is no kind of sequence", span_of(token), (place.at, place.at + 1), (new,), hint)
    if token.text != "sequence" or place.at != place.start or not place.fits(("classic",), place.tokens[place.at : place.at + 2]):
        return None
    new = Token("WORD", "classic", token.start, token.start, token.fresh, "classic")
    message = "this sequence has no kind"
    return Repair("SEQ121", message, span_of(token), (place.at, place.at), (new,), hint)


_WORD_HINTS = {
    "step": None,
    "set": "a field is changed by `set FIELD = VALUE`",
    "let": "a constant is declared by `let NAME = VALUE`",
}


def word_missing(place: Place) -> Repair | None:
    """`hello: email` without `step`; `score = 5` without `set`, or without `let` at the top of a file."""
    token, after = place.token, place.tokens[place.at + 1 : place.at + 3]
    if place.at != place.start or token.kind not in ("WORD", "NAME") or after[0].kind not in (":", "="):
        return None
    word = "step" if after[0].kind == ":" else "set" if "set" in place.accepted else "let"
    if word not in place.accepted or not place.fits((word,), [token, *after]):
        return None
    new = Token("WORD", word, token.start, token.start, token.fresh, word)
    token.fresh = False
    fix = Fix(f"write `{word}`", (Edit(Span(token.start, token.start), f"{word} "),))
    message = f"`{word}` is missing before {shown(token)}"
    return Repair("SEQ121", message, span_of(token), (place.at, place.at), (new,), _WORD_HINTS[word], fix)


_TIMINGS = ("on", "after", "every", "when", "day")


def channel_missing(place: Place) -> Repair | None:
    """`step hello: on day 1`: `on` was taken for the channel."""
    start = place.start
    words = [token.text for token in place.tokens[start : start + 4]]
    if len(words) < 4 or words[0] != "step" or words[2] != ":" or words[3] not in _TIMINGS or place.at <= start + 3:
        return None
    taken = place.tokens[start + 3]
    behind = start + {"on": 6, "day": 5}.get(words[3], 0)
    channel = place.tokens[min(behind, len(place.tokens) - 1)]
    if behind > start and place.tokens[behind - 1].kind == "NUMBER" and channel.kind == "WORD" and not channel.fresh:
        return _channel_late(place, start + 3, behind)
    new = Token("WORD", "email", taken.start, taken.start, fresh=False, value="email")
    hint = "a step is written `step NAME: CHANNEL { … }`, as in `step hello: email { … }`"
    message = f"the channel is missing before `{taken.text}`"
    return Repair("SEQ121", message, span_of(taken), (start + 3, start + 3), (new,), hint, again=True)


def _channel_late(place: Place, first: int, at: int) -> Repair:
    """`step hello: on day 1 call { }`."""
    timing, channel = place.tokens[first:at], place.tokens[at]
    when = place.text[timing[0].start : timing[-1].end]
    on = () if timing[0].text == "on" else (make("WORD", "on", channel),)
    right = f"{channel.text} {'on ' * len(on)}{when}"
    fix = Fix(f"write `{right}`", (Edit(Span(timing[0].start, channel.end), right),))
    message = f"the channel goes before `{when}`"
    return Repair(
        "SEQ101", message, span_of(channel), (first, at + 1), (channel, *on, *timing), f"write `{right}`", fix, again=True
    )


WORDS_MAX = 6  # of a name that should be one


def name_of_words(place: Place) -> Repair | None:
    """`step first call: call`, `step follow-up: email`, `step 3: call`; `lead source text` among fields."""
    start = place.start
    first = start + 1 if place.tokens[start].text == "step" else start
    end = place.at
    while end - first < WORDS_MAX and place.tokens[end].kind in ("WORD", "NUMBER", "-") and not place.tokens[end].fresh:
        end += 1
        if place.tokens[end].kind == ":":
            break
    if first == start:  # a field: all but the last word are its name
        end -= 1
        if "default" not in place.accepted or end - first < 2:
            return None
    elif place.tokens[end].kind != ":" or place.at > first + 1 or end <= first:
        return None
    whole = Span(place.tokens[first].start, place.tokens[end - 1].end)
    written = place.text[whole.start : whole.end]
    right = re.sub(r"\W+", "_", written) if first > start else f"`{written}`"
    right = f"step_{right}" if right[0].isdigit() else right
    new = Token("NAME", right, whole.start, whole.end, fresh=False, value=right.strip("`"))
    states = follows_up_to(place, first)
    if not follows(place.machine, states, [new, *place.tokens[end : end + 2]]):
        return None
    fix = Fix(f"write `{right}`", (Edit(whole, right),))
    hint = f"write `{right}`" if first > start else "a name of several words goes in backticks"
    return Repair("SEQ101", f"`{written}` is not one name", whole, (first, end), (new,), hint, fix, again=True)
