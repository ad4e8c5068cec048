"""What texts to phones have of their own: their alphabet, their segments, and the words with which people stop and start them."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["gsm_bytes", "gsm_text", "is_gsm", "is_start", "is_stop", "odd_signs", "plain_number", "segments"]

# GSM 03.38, the basic table in its order; behind the escape its extension, each sign counted twice.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_EXTENDED = {"\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65}
_CODES = {sign: bytes([code]) for code, sign in enumerate(_BASIC) if code != _ESCAPE}
_CODES |= {sign: bytes([_ESCAPE, code]) for sign, code in _EXTENDED.items()}
_SIGNS = {code[-1]: sign for sign, code in _CODES.items() if len(code) == 1}
_BEHIND_ESCAPE = {code: sign for sign, code in _EXTENDED.items()}

GSM_ALONE, GSM_JOINED = 160, 153  # septets of a text in one segment, and of each where there are several
WIDE_ALONE, WIDE_JOINED = 70, 67  # units of UTF-16 likewise

# Of English, German, French and Spanish, without accents. The first stand for themselves alone (one may "cancel" a meeting); the
# others also at the beginning of a few words ("Stopp bitte", "STOP all messages").
STOP_ALONE = frozenset({
    "end", "quit", "cancel", "ende", "raus", "fin", "arreter", "alto", "parar", "cancelar", "detener", "salir",
})  # fmt: skip
STOP_FIRST = frozenset({
    "stop", "stopall", "unsubscribe", "optout", "opt-out", "stopp", "abmelden", "abmeldung", "abbestellen", "austragen", "arret",
    "desabonner", "desabonnement", "desinscription", "desinscrire", "baja", "desuscribir",
})  # fmt: skip
STOP_WORDS_MAX = 4
# Words that open a phone again. Alone, or with a word of courtesy: who writes more is to be read by a person.
START_WORDS = frozenset({
    "start", "unstop", "restart", "resume", "subscribe", "resubscribe", "optin", "opt-in", "starten", "anmelden", "anmeldung",
    "weiter", "reprendre", "reprise", "recommencer", "reabonner", "abonner", "reanudar", "alta", "empezar",
    "suscribir", "iniciar",
})  # fmt: skip
COURTESY = frozenset({"please", "bitte", "merci", "svp", "gracias", "thanks", "danke"})


def is_gsm(text: str) -> bool:
    """Tell whether every sign is of the GSM alphabet: such a text has 160 signs in a segment, any other 70."""
    return all(sign in _CODES for sign in text)


def odd_signs(text: str) -> str:
    """Return the signs that are not of the GSM alphabet, each once, in the order of the text."""
    return "".join(dict.fromkeys(sign for sign in text if sign not in _CODES))


def gsm_bytes(text: str) -> bytes:
    """Return the text in the GSM alphabet, a septet a byte; KeyError where a sign is not of it."""
    return b"".join(_CODES[sign] for sign in text)


def gsm_text(raw: bytes) -> str:
    """Return what the bytes say in the GSM alphabet; what means nothing is a space."""
    found: list[str] = []
    escaped = False
    for code in raw:
        if escaped:
            found.append(_BEHIND_ESCAPE.get(code, " "))
            escaped = False
        elif code == _ESCAPE:
            escaped = True
        else:
            found.append(_SIGNS.get(code, " "))
    return "".join(found)


def segments(text: str) -> tuple[str, ...]:
    """Return the text in the pieces in which it is sent; none for an empty one. No sign is cut in two."""
    gsm = is_gsm(text)
    alone, joined = (GSM_ALONE, GSM_JOINED) if gsm else (WIDE_ALONE, WIDE_JOINED)
    sizes = [len(_CODES[sign]) if gsm else 1 + (ord(sign) > 0xFFFF) for sign in text]
    if sum(sizes) <= alone:
        return (text,) if text else ()
    pieces, start, size = [], 0, 0
    for place, one in enumerate(sizes):
        if size + one > joined:
            pieces.append(text[start:place])
            start, size = place, 0
        size += one
    return (*pieces, text[start:])


def plain_number(text: str) -> str:
    """Return a phone number that was copied from a page or a sheet as if it had been typed.

    Signs that nobody sees go, dashes and digits are those of ASCII, and so is what stands before the number (`tel:`).
    """
    if text.isascii():
        return text.strip(" \t").removeprefix("tel:").strip(" \t")
    kept = [sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf"]
    typed = "".join("-" if unicodedata.category(sign) == "Pd" else sign for sign in kept)
    return plain_number(typed) if typed.isascii() else typed


def is_stop(text: str) -> bool:
    """Tell whether an answer asks to get no more texts: a word of English, German, French or Spanish."""
    words = _words(text)
    if not words or len(words) > STOP_WORDS_MAX:
        return False
    return words[0] in STOP_FIRST or (len(words) == 1 and words[0] in STOP_ALONE)


def is_start(text: str) -> bool:
    """Tell whether an answer asks to get texts again after a STOP: a word of English, German, French or Spanish."""
    words = [word for word in _words(text) if word not in COURTESY]
    return len(words) == 1 and words[0] in START_WORDS


def _words(text: str) -> list[str]:
    """Return the words of an answer, in lower case and without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", "".join(sign for sign in plain if not unicodedata.combining(sign)))
