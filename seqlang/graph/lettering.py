"""How wide a text is, without a font at hand: a generous guess, so that no label is cut off whatever sans-serif is there."""

from __future__ import annotations

import unicodedata

_NARROW = frozenset("ijlI.,:;'|!()[]{} `ft\"r-")
_WIDE = frozenset("mwMW@%—…")


def em(char: str) -> float:
    """Return the width of a character in parts of the letters' size."""
    if char in _NARROW:
        return 0.43
    if char in _WIDE:
        return 1.05
    if unicodedata.combining(char) or char in "\u200b\u200d\ufe0f":
        return 0.0
    if ord(char) > 0x2E7F or unicodedata.east_asian_width(char) in "WF":
        return 1.4
    return 0.78 if char.isupper() or char in "=<>+_" else 0.66


def width(text: str, size: float) -> float:
    """Return about how wide a text is at most, in pixels."""
    return sum(em(char) for char in text) * size


def shorten(text: str, size: float, most: float) -> str:
    """Return the text, cut with an ellipsis where it is wider than `most` pixels."""
    if width(text, size) <= most:
        return text
    while text and width(text + "…", size) > most:
        text = text[:-1]
    return text.rstrip() + "…"


def wrap(text: str, size: float, most: float, lines_max: int) -> tuple[str, ...]:
    """Return the text as lines of at most `most` pixels; what is longer than `lines_max` lines ends with an ellipsis."""
    lines: list[str] = []
    words = " ".join(text.split()).split(" ")
    line = ""
    for at, word in enumerate(words):
        longer = f"{line} {word}" if line else word
        if line and width(longer, size) > most:
            if len(lines) == lines_max - 1:
                return (*lines, shorten(" ".join([line, *words[at:]]), size, most))
            lines.append(line)
            line = word
        else:
            line = longer
        if width(line, size) > most:
            line = shorten(line, size, most)
    return (*lines, line) if line else tuple(lines)
