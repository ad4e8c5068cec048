"""Whether a person asks for no more mail, in so many words: the phrases (`opt_out.toml`), and where in a mail they must stand."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

TEXT_CHARS_MAX = 2_000
CLOSING_LINE_CHARS_MAX = 40
NAME_WORDS_MAX = 3


@dataclass(frozen=True, slots=True)
class Wishes:
    """The phrases."""

    clear: re.Pattern[str]  # clear by themselves
    any: re.Pattern[str]  # and those that are only where nothing else is said


_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|hallo|guten (?:tag|morgen)|sehr geehrte\w?|liebe\w?|bonjour|madame|monsieur|hola|buen[oa]s \w{3,6}"
    r"|estimad[oa]s?)\b[^,.!\n]{0,40}[,.!\n]\s*")
_CLOSING = re.compile(
    r"(?:(?:many )?thanks|thank you|thx|(?:kind |best |warm )?regards|best|cheers|sincerely|danke|vielen dank|mfg"
    r"|(?:viele |beste )?grusse?|mit freundlichen|merci|cordialement|bien a vous|salutations|gracias|(?:un )?saludos?"
    r"|atentamente)\b")
_SIGNATURE = re.compile(r"\n\s*(?:--|sent from|get outlook|gesendet von|von meinem|envoye de|enviado desde)")


def asks_for_no_more(text: str) -> bool:
    """Tell whether somebody's own words ask for no more mail: all that they say, or a first line that is clear."""
    said = _without_closing([" ".join(line.split()) for line in _plain_lines(text.strip()[:TEXT_CHARS_MAX])])
    return bool(said) and (_wishes().any.fullmatch(" ".join(said)) is not None or _first_is_clear(said))


def says_only_that(subject: str) -> bool:
    """Tell whether the subject of a new mail is nothing but the wish."""
    return ":" not in subject and _wishes().any.fullmatch(" ".join(_plain(subject[:TEXT_CHARS_MAX]).split())) is not None


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.casefold().replace("’", "'").replace("´", "'"))
    return "".join(sign for sign in bare if not unicodedata.combining(sign))


def _plain_lines(text: str) -> list[str]:
    """Return the lines up to the signature, without the greeting."""
    own = _SIGNATURE.split("\n" + _plain(text), maxsplit=1)[0].strip()
    greeting = _GREETING.match(own)
    return (own[greeting.end() :] if greeting else own).split("\n")


def _without_closing(lines: list[str]) -> list[str]:
    """Leave out thanks and names at the end, and blank ends."""
    closing = (n for n, line in enumerate(lines) if n and len(line) <= CLOSING_LINE_CHARS_MAX and _CLOSING.match(line))
    kept = lines[: next(closing, len(lines))]
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _first_is_clear(lines: list[str]) -> bool:
    """Tell whether the first line, or its first sentence, is the wish, and does not go on in the next line."""
    first = lines[0]
    sentence = re.match(r"[^.!]{1,200}[.!](?=\s|$)", first)
    if sentence is not None and _wishes().clear.fullmatch(sentence[0]):
        return True
    ends = len(lines) == 1 or not lines[1] or len(lines[1].split()) <= NAME_WORDS_MAX
    return ends and _wishes().clear.fullmatch(first) is not None


@cache
def _wishes() -> Wishes:
    data = tomllib.loads(files("seqlang.inbox").joinpath("opt_out.toml").read_text(encoding="utf-8"))
    clear = [phrase for phrases in data["clear"].values() for phrase in phrases]
    before, after = "|".join(data["before"]), "|".join(data["after"])

    def made(phrases: Iterable[str]) -> re.Pattern[str]:
        joined = "|".join(phrases)
        for name, part in data["parts"].items():
            joined = joined.replace(f"<{name}>", part)
        return re.compile(rf"(?:(?:{before}),? ){{0,3}}(?:{joined})(?:,? ?(?:{after})){{0,3}}\W{{0,3}}")

    return Wishes(made(clear), made((*data["alone"], *clear)))
