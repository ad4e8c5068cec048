"""Repairs: what was likely meant where a token does not fit, so that reading can go on as if it stood there."""

from __future__ import annotations

from collections.abc import Callable

from seqlang.diagnostics.diagnostic import Edit, Fix
from seqlang.diagnostics.source import Span
from seqlang.syntax.lines import GOES_ON
from seqlang.syntax.places import Place, Repair, follows, follows_up_to, kind_in, make, span_of, write
from seqlang.syntax.repair_heads import channel_missing, kind_missing, name_of_words, word_missing
from seqlang.syntax.repair_numbers import comma_in_number, no_percent, no_unit, number_for_time
from seqlang.syntax.repair_phrases import other_phrase
from seqlang.syntax.repair_words import misspelt, misspelt_before, other_word, wrong_case
from seqlang.syntax.tokens import Token
from seqlang.syntax.wording import shown


def _colon_or_equals(place: Place) -> Repair | None:
    token = place.token
    other = {":": "=", "=": ":"}.get(token.kind)
    if other is None or other not in place.accepted:
        return None
    hint = "an option is written `name: value`" if other == ":" else "a comparison, `set` and `let` are written with `=`"
    return Repair(
        "SEQ111",
        f"`{token.kind}` is written `{other}` here",
        span_of(token),
        (place.at, place.at + 1),
        (make(other, other, token),),
        hint,
        write(token, other, safe=True),
    )


def _text_for_name(place: Place) -> Repair | None:
    token = place.token
    if (
        token.kind != "STRING"
        or "NAME" not in place.accepted
        or not place.fits(("NAME",), place.tokens[place.at + 1 : place.at + 2])
    ):
        return None
    value = str(token.value)
    if not value or "`" in value or "\n" in value:
        return None
    written = value if value.isidentifier() else f"`{value}`"
    new = Token("NAME", written, token.start, token.end, token.fresh, value)
    hint = "a name goes without quotes" if value.isidentifier() else "a name with other characters goes in backticks"
    return Repair(
        "SEQ120",
        f"expected a name, not the text {shown(token)}",
        span_of(token),
        (place.at, place.at + 1),
        (new,),
        hint,
        write(token, written),
    )


def _name_for_text(place: Place) -> Repair | None:
    """One or more words where a text in quotes stands."""
    if "STRING" not in place.accepted or place.token.kind not in ("WORD", "NAME", "NUMBER"):
        return None
    end = place.at
    while place.tokens[end].kind in ("WORD", "NAME", "NUMBER", "-", ".") and (end == place.at or not place.tokens[end].fresh):
        end += 1
        after = place.tokens[end : end + 1]
        if place.fits(("STRING",), after) and not (after[0].kind == "WORD" and end - place.at < 6 and _more(place, end)):
            break
    else:
        return None
    first, last = place.token, place.tokens[end - 1]
    written = place.text[first.start : last.end].strip("`")
    if not place.fits(("STRING",), place.tokens[end : end + 1]):
        return None
    whole = Span(first.start, last.end)
    new = Token("STRING", f'"{written}"', first.start, last.end, first.fresh, written)
    fix = Fix(f'write `"{written}"`', (Edit(whole, f'"{written}"'),))
    return Repair("SEQ120", f"`{written}` goes in quotes here", whole, (place.at, end), (new,), f'write `"{written}"`', fix)


def _more(place: Place, end: int) -> bool:
    """Say whether the words go on after a word that could also follow the text."""
    token = place.tokens[end]
    return not place.fits(("STRING", token.text), place.tokens[end + 1 : end + 2])


def _two_statements(place: Place) -> Repair | None:
    token = place.token
    if "NL" not in place.accepted or token.fresh or token.kind not in ("WORD", "NAME"):
        return None
    states = place.machine.after(("NL",))
    if states is None:
        return None
    kind = kind_in(place.machine, states, token)
    after = place.tokens[place.at + 1]
    if not follows(place.machine, states, [token, after]) or (kind == "NAME" and after.kind != ":"):
        return None
    new = Token("NL", "", token.start, token.start, fresh=False)
    if kind == "NAME":
        fix = Fix("write `,`", (Edit(Span(place.tokens[place.at - 1].end, place.tokens[place.at - 1].end), ","),), safe=True)
        return Repair(
            "SEQ121",
            f"a comma is missing before {shown(token)}",
            span_of(token),
            (place.at, place.at),
            (new,),
            "options are parted by commas or line ends",
            fix,
        )
    fix = Fix("begin a new line", (Edit(Span(token.start, token.start), "\n"),))
    return Repair(
        "SEQ123",
        f"{shown(token)} begins a new statement on the same line",
        span_of(token),
        (place.at, place.at),
        (new,),
        "begin a new line, or write `;` before it",
        fix,
    )


def _column(text: str, token: Token) -> int:
    """Return how far a token stands from the start of its line."""
    return token.start - text.rfind("\n", 0, token.start)


def _line_ends_early(place: Place) -> Repair | None:
    """`and`, `or` at the end of a line instead of the beginning of the next one."""
    token, before = place.token, place.tokens[place.at - 1]
    if token.kind != "NL" or token.end > token.start or before.kind != "WORD" or before.text not in ("and", "or"):
        return None
    after = place.tokens[place.at + 1]
    if not place.fits((), [after]) or _column(place.text, after) <= _column(place.text, place.tokens[place.start]):
        return None
    gap = Span(before.start, after.start)
    fix = Fix(
        f"begin the next line with `{before.text}`",
        (Edit(gap, f"\n{' ' * 4}{before.text} "),),
        safe="#" not in place.text[before.end : after.start],
    )
    return Repair(
        "SEQ124",
        f"the line ends with `{before.text}`",
        span_of(before),
        (place.at, place.at + 1),
        (),
        f"a condition goes on in a line that begins with `{before.text}`",
        fix,
    )


def _comma_at_end(place: Place) -> Repair | None:
    """A comma at the end of a line drew the next statement into this one."""
    for at in (min(place.at + 1, len(place.tokens) - 1), place.at, place.at - 1, place.at - 2):
        if at <= place.start + 1 or not place.tokens[at].fresh or place.tokens[at - 1].kind != ",":
            continue
        comma = place.tokens[at - 1]
        states = follows_up_to(place, at - 1)
        if states is None or not follows(
            place.machine, states, [Token("NL", "", 0, 0, fresh=False), *place.tokens[at : max(at, place.at) + 1]]
        ):
            continue
        fix = Fix("leave out the comma", (Edit(span_of(comma), ""),), safe=True)
        new = Token("NL", "", comma.start, comma.start, fresh=False)
        return Repair(
            "SEQ124", "the line ends with a comma", span_of(comma), (at - 1, at), (new,), "leave it out", fix, again=True
        )
    return None


_SIGNS = (":", ",", "=", ")", "]")


def _sign_in_two(place: Place) -> Repair | None:
    """`> =` with a space."""
    token, before = place.token, place.tokens[place.at - 1]
    if token.kind != "=" or before.kind not in ("<", ">") or place.at == place.start:
        return None
    sign = before.kind + "="
    whole = Span(before.start, token.end)
    new = Token(sign, sign, before.start, token.end, fresh=False)
    fix = Fix(f"write `{sign}`", (Edit(whole, sign),), safe=True)
    message = f"`{before.kind} =` is written `{sign}`"
    return Repair("SEQ108", message, whole, (place.at - 1, place.at + 1), (new,), "without a space", fix, again=True)


def _name_begins_line(place: Place) -> Repair | None:
    """A field or an option `when` at the start of a line."""
    token = place.token
    stack = place.machine.after(("NL", "NAME")) if token.fresh and token.text in GOES_ON else None
    if not follows(place.machine, stack, place.tokens[place.at + 1 : place.at + 2]):
        return None
    new = (
        Token("NL", "", token.start, token.start, fresh=False),
        Token("NAME", token.text, token.start, token.end, fresh=True, value=token.text),
    )
    hint = "a name that begins a line with this word goes in backticks"
    message = f"{shown(token)} goes on with the line before"
    return Repair("SEQ101", message, span_of(token), (place.at, place.at + 1), new, hint, write(token, f"`{token.text}`"))


def _one_missing(place: Place) -> Repair | None:
    """One sign, or the one word that can stand before this token."""
    token = place.token
    rest = place.tokens[place.at : place.at + 2]
    fitting = [sign for sign in _SIGNS if sign in place.accepted and place.fits((sign,), rest)]
    words = (
        [] if fitting else [kind for kind in place.accepted if kind.isalpha() and kind.islower() and place.fits((kind,), rest)]
    )
    missing = fitting[0] if fitting else words[0] if len(words) == 1 and token.kind not in ("NL", "$END", "}") else None
    if missing is None or place.at == place.start:
        return None
    before = place.tokens[place.at - 1]
    spaced = missing if missing in (":", ",", ")", "]") else f" {missing}"
    new = Token("WORD" if missing.isalpha() else missing, missing, before.end, before.end, fresh=False, value=missing)
    fix = Fix(f"write `{missing}`", (Edit(Span(before.end, before.end), spaced),))
    where = f"before {shown(token)}" if token.kind not in ("NL", "$END") else f"after {shown(before)}"
    return Repair(
        "SEQ121",
        f"`{missing}` is missing {where}",
        span_of(token if token.kind not in ("NL", "$END") else before),
        (place.at, place.at),
        (new,),
        None,
        fix,
    )


def _one_too_many(place: Place) -> Repair | None:
    """A sign, or a word that stands twice."""
    token, before = place.token, place.tokens[place.at - 1]
    twice = token.kind == before.kind == "WORD" and token.text == before.text and not token.fresh
    if place.at == place.start or not (twice or (token.kind in (",", ":", ".", "=", "%", "-") and token.end > token.start)):
        return None
    if not place.fits((), place.tokens[place.at + 1 : place.at + 3]):
        return None
    fix = Fix(f"leave out {shown(token)}", (Edit(span_of(token), ""),))
    message = f"{shown(token)} is there twice" if twice else f"{shown(token)} does not belong here"
    return Repair("SEQ101", message, span_of(token), (place.at, place.at + 1), (), "leave it out", fix)


def _comma_for_and(place: Place) -> Repair | None:
    """`where score > 5, country = "DE"`."""
    token, after = place.token, place.tokens[place.at + 1 : place.at + 2]
    if token.kind != "," or after[0].fresh:
        return None
    new = make("WORD", "and", token)
    states = follows_up_to(place, place.at)  # the machine itself has closed the condition at the comma
    if not follows(place.machine, states, [new, *after]):
        return None
    fix = Fix("write `and`", (Edit(span_of(token), " and"),))
    hint = "conditions are joined by `and` or `or`"
    message = "`,` is written `and` here"
    return Repair("SEQ108", message, span_of(token), (place.at, place.at + 1), (new,), hint, fix, again=True)


def _quote_inside(place: Place) -> Repair | None:
    """`"The "best" offer"`: texts and words without a gap between them."""
    first = place.at - 1
    kinds = (place.tokens[first].kind, place.token.kind)
    if place.token.start != place.tokens[first].end or "STRING" not in kinds or place.token.kind not in ("WORD", "STRING"):
        return None
    first -= place.token.kind == "STRING"
    end = first + 1
    while place.tokens[end].start <= place.tokens[end - 1].end + 1 and place.tokens[end].kind not in ("NL", "$END", "}"):
        end += 1
    while end > first and place.tokens[end - 1].kind != "STRING":
        end -= 1
    whole = Span(place.tokens[first].start, place.tokens[end - 1].end)
    if end - first < 3 or place.tokens[first].kind != "STRING":
        return None
    inside = place.text[whole.start + 1 : whole.end - 1]
    right = '"' + inside.replace('"', '\\"') + '"'
    new = Token("STRING", right, whole.start, whole.end, place.tokens[first].fresh, inside)
    if not follows(place.machine, follows_up_to(place, first), [new, place.tokens[end]]):
        return None
    fix = Fix(f"write `{right}`", (Edit(whole, right),))
    hint = 'inside of a text write `\\"`'
    return Repair("SEQ107", "a quotation mark ends this text", whole, (first, end), (new,), hint, fix, again=True)


def _list_mark(place: Place) -> Repair | None:
    """`- step hello: email`, as YAML and Markdown have lists."""
    token, after = place.token, place.tokens[place.at + 1 : place.at + 3]
    if token.kind != "-" or place.at != place.start or not place.fits((), after):
        return None
    after[0].fresh = True
    fix = Fix("leave out `-`", (Edit(Span(token.start, after[0].start), ""),), safe=True)
    return Repair("SEQ101", "`-` is the mark of a list", span_of(token), (place.at, place.at + 1), (), "leave it out", fix)


def _word_twice(place: Place) -> Repair | None:
    """`step step hello`: the second word was taken for a name."""
    for at in (place.at, place.at - 1, place.at - 2):
        if at <= place.start:
            break
        token, before = place.tokens[at], place.tokens[at - 1]
        if not (token.kind == before.kind == "WORD") or token.text != before.text or token.fresh:
            continue
        states = follows_up_to(place, at)
        rest = place.tokens[at + 1 : max(place.at, at) + 3]
        if states is None or not follows(place.machine, states, rest):
            continue
        fix = Fix(f"leave out {shown(token)}", (Edit(Span(before.end, token.end), ""),))
        message = f"{shown(token)} is there twice"
        return Repair("SEQ101", message, span_of(token), (at, at + 1), (), "leave it out", fix, again=True)
    return None


_REPAIRS: tuple[Callable[[Place], Repair | None], ...] = (
    _name_begins_line, _quote_inside, other_phrase, _word_twice, kind_missing, word_missing, channel_missing, name_of_words,
    _list_mark, _sign_in_two, number_for_time, comma_in_number, _comma_for_and, wrong_case, _colon_or_equals,
    no_percent, no_unit, _line_ends_early, _comma_at_end, other_word, misspelt, misspelt_before, _text_for_name, _name_for_text,
    _two_statements, _one_too_many, _one_missing,
)  # fmt: skip


def find(place: Place, *, phrases: bool = False) -> Repair | None:
    """Return the first repair that holds; None where it is not clear what was meant. `phrases`: only of those."""
    for repair in (other_phrase,) if phrases else _REPAIRS:
        found = repair(place)
        if found is not None:
            return found
    return None
