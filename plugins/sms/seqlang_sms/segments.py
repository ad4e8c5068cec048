"""How many segments a text takes: 160 characters of the GSM alphabet or 70 others, 153 and 67 where there are several."""

from __future__ import annotations

# GSM 03.38, the basic table and, counted twice, its extension.
BASIC = frozenset("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
                  "¿abcdefghijklmnopqrstuvwxyzäöñüà")
EXTENDED = frozenset("^{}\\[~]|€\f")


def segments_of(text: str) -> int:
    """Return the number of segments; 0 for an empty text."""
    if all(sign in BASIC or sign in EXTENDED for sign in text):
        length = sum(2 if sign in EXTENDED else 1 for sign in text)
        return _parts(length, 160, 153)
    return _parts(len(text.encode("utf-16-be")) // 2, 70, 67)


def _parts(length: int, alone: int, joined: int) -> int:
    if length <= alone:
        return int(length > 0)
    return -(-length // joined)
