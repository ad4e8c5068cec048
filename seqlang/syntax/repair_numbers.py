"""Repairs of numbers: their signs, units and separators."""

from __future__ import annotations

import re

from seqlang.diagnostics.diagnostic import Edit, Fix
from seqlang.diagnostics.source import Span
from seqlang.syntax.literals import DIGITS_MAX
from seqlang.syntax.places import Place, Repair, follows, follows_up_to, make, span_of, write
from seqlang.syntax.tokens import Token
from seqlang.syntax.wording import UNITS


def no_percent(place: Place) -> Repair | None:
    """`50 "a"` among the shares of a split."""
    before = place.tokens[place.at - 1]
    if "%" not in place.accepted or before.kind != "NUMBER" or not place.fits(("%",), [place.token]):
        return None
    new = Token("%", "%", before.end, before.end, fresh=False)
    share, of_one = f"{before.text}%", 0 < float(before.value) < 1
    if of_one:  # 0.5 for a half
        before.value = float(before.value) * 100
        share = f"{before.value:g}%"
    fix = Fix(f"write `{share}`", (Edit(span_of(before), share),), safe=not of_one)
    message = f"`{before.text}` has no percent sign"
    return Repair("SEQ110", message, span_of(before), (place.at, place.at), (new,), f"a share is written `{share}`", fix)


def no_unit(place: Place) -> Repair | None:
    """`wait 3`, `wait 2 months`."""
    before = place.tokens[place.at - 1]
    if before.kind != "NUMBER" or not set(place.accepted) <= UNITS:
        return None
    token = place.token
    hint = "units are `minutes`, `hours`, `days`, `weeks` and `working days`"
    if token.kind == "WORD" and token.text[:4] in ("mont", "quar", "year"):
        hint = "months and years differ in length: write `30 days` or `4 weeks`"
    word = "day" if before.value == 1 else "days"
    if (
        token.kind == "WORD"
        and place.fits((word,), place.tokens[place.at + 1 : place.at + 2])
        and not place.fits((word,), [token])
    ):
        return Repair(
            "SEQ109",
            f"`{token.text}` is not a unit",
            span_of(token),
            (place.at, place.at + 1),
            (make("WORD", word, token),),
            hint,
        )
    fix = Fix(f"write `{before.text} {word}`", (Edit(Span(before.end, before.end), f" {word}"),))
    new = Token("WORD", word, before.end, before.end, fresh=False, value=word)
    return Repair("SEQ109", f"`{before.text}` has no unit", span_of(before), (place.at, place.at), (new,), hint, fix)


def number_for_time(place: Place) -> Repair | None:
    """`daily at 9`, `daily at 9.30`."""
    token = place.token
    hit = re.fullmatch(r"(\d\d?)(?:\.([0-5]\d))?", token.text)
    if token.kind != "NUMBER" or "TIME" not in place.accepted or "NUMBER" in place.accepted or hit is None or int(hit[1]) > 23:
        return None
    right = f"{hit[1]:0>2}:{hit[2] or '00'}"
    new = Token("TIME", right, token.start, token.end, token.fresh)
    message = f"the time `{token.text}` is written `{right}`"
    return Repair("SEQ125", message, span_of(token), (place.at, place.at + 1), (new,), None, write(token, right))


def comma_in_number(place: Place) -> Repair | None:
    """`5,000` and `10,5`."""
    token, before, after = place.token, place.tokens[place.at - 1], place.tokens[min(place.at + 1, len(place.tokens) - 1)]
    if token.kind == "NUMBER" == before.kind and re.fullmatch(r"\d{3}", token.text) and not token.fresh:
        return _number_in_parts(place)
    if token.kind != "," or not (before.kind == after.kind == "NUMBER") or before.end != token.start or after.start != token.end:
        return None
    whole = Span(before.start, after.end)
    thousands = len(after.text) == 3 and "." not in before.text
    right = f"{before.text}_{after.text}" if thousands else f"{before.text.replace('.', '_')}.{after.text}"
    number = int(right.replace("_", "")[:DIGITS_MAX]) if thousands else float(right.replace("_", ""))
    new = Token("NUMBER", right, whole.start, whole.end, before.fresh, number)
    fix = Fix(f"write `{right}`", (Edit(whole, right),))
    if not follows(place.machine, follows_up_to(place, place.at - 1), [new, *place.tokens[place.at + 2 : place.at + 3]]):
        return None
    message = f"`{place.text[whole.start : whole.end]}` is written `{right}`"
    hint = "a number has a point before its decimals, and `_` between thousands"
    return Repair("SEQ105", message, whole, (place.at - 1, place.at + 2), (new,), hint, fix, again=True)


def _number_in_parts(place: Place) -> Repair | None:
    """`1 000 000`."""
    first, end = place.at - 1, place.at
    while place.tokens[end].kind == "NUMBER" and re.fullmatch(r"\d{3}", place.tokens[end].text) and not place.tokens[end].fresh:
        end += 1
    right = "_".join(token.text for token in place.tokens[first:end])
    whole = Span(place.tokens[first].start, place.tokens[end - 1].end)
    new = Token("NUMBER", right, whole.start, whole.end, place.tokens[first].fresh, int(right.replace("_", "")[:DIGITS_MAX]))
    if not follows(place.machine, follows_up_to(place, first), [new, place.tokens[end]]):
        return None
    message = f"`{place.text[whole.start : whole.end]}` is written `{right}`"
    fix = Fix(f"write `{right}`", (Edit(whole, right),), safe=True)
    return Repair("SEQ105", message, whole, (first, end), (new,), "a number has no spaces", fix, again=True)
