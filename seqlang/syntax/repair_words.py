"""Repairs of words: wrong case, misspelt, or of another language."""

from __future__ import annotations

from seqlang.syntax.nearest import nearest
from seqlang.syntax.places import Place, Repair, follows, follows_up_to, kind_in, make, span_of, write

LOOK_BACK = 3  # tokens before the one that does not fit

_OTHERS = {
    "elif": ("else", "if"), "elseif": ("else", "if"), "elsif": ("else", "if"), "unless": ("if", "not"), "enrol": ("enroll",),
    "sleep": ("wait",), "delay": ("wait",), "pause": ("wait",), "campaign": ("classic", "sequence"), "var": ("let",),
    "const": ("let",),
    "contain": ("contains",), "stop": ("exit",), "quit": ("exit",), "segment": ("view",), "label": ("tag",), "xor": ("or",),
    "but": ("and",), "to": ("and",), "where": ("when",), "when": ("where",),
    "if": ("when",),
    "until": ("when",), "then": (), "send": ("step",), "anything": ("otherwise",), "otherwise": ("else",),
    "default": ("otherwise",),
    "assert": ("expect",), "weekend": ("weekends",), "everyday": ("daily",), "only": ("when",), "messages": ("message",),
    "per": ("a",),
    "an": ("a",), "goes": ("is",), "previous": ("last",), "past": ("last",), "coming": ("next",), "on": ("when",),
    "else": ("otherwise",),
}  # fmt: skip


def wrong_case(place: Place) -> Repair | None:
    """`Exit`."""
    token = place.token
    lower = token.text.lower()
    if token.kind != "WORD" or lower == token.text or lower not in place.accepted:
        return None
    return Repair(
        "SEQ116",
        f"`{token.text}` is written `{lower}`",
        span_of(token),
        (place.at, place.at + 1),
        (make("WORD", lower, token),),
        "words of the language are lower case",
        write(token, lower, safe=True),
    )


def other_word(place: Place) -> Repair | None:
    """A word of another language, or one that stands elsewhere."""
    token = place.token
    right = _OTHERS.get(token.text) if token.kind == "WORD" else None
    if right is None or not place.fits(right, place.tokens[place.at + 1 : place.at + 2]):
        return None
    text = " ".join(right)
    new = tuple(make("WORD" if word.isalpha() else word, word, token) for word in right)
    message = f"`{token.text}` is not known here" if right else f"`{token.text}` does not belong here"
    hint = f"did you mean `{text}`?" if right else "leave it out"
    return Repair("SEQ102", message, span_of(token), (place.at, place.at + 1), new, hint, write(token, text) if right else None)


def misspelt(place: Place) -> Repair | None:
    """`stpe`."""
    token = place.token
    if token.kind != "WORD":
        return None
    near = nearest(token.text, (kind for kind in place.accepted if kind.isalpha() and kind.islower()))
    if near is None:
        return None
    return Repair(
        "SEQ102",
        f"`{token.text}` is not known here",
        span_of(token),
        (place.at, place.at + 1),
        (make("WORD", near, token),),
        f"did you mean `{near}`?",
        write(token, near),
    )


def misspelt_before(place: Place) -> Repair | None:
    """A word before was taken for a name, though a word of the language was meant."""
    machine = place.machine
    for at in (place.start, *range(max(place.start + 1, place.at - LOOK_BACK), place.at)):
        word = place.tokens[at]
        states = follows_up_to(place, at)
        if at == place.at or word.kind != "WORD" or states is None or kind_in(machine, states, word) != "NAME":
            continue
        known = [kind for kind in machine.actions[states.top] if kind.isalpha() and kind.islower()]
        near = nearest(word.text, known)
        if near is None or word.text == near:
            continue
        new = make("WORD", near, word)
        if follows(machine, states, [new, *place.tokens[at + 1 : place.at + 1]]):
            return Repair(
                "SEQ102",
                f"`{word.text}` is not known here",
                span_of(word),
                (at, at + 1),
                (new,),
                f"did you mean `{near}`?",
                write(word, near),
                again=True,
            )
    return None
