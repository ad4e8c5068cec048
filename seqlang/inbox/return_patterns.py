"""The patterns that find days in a note, and what stands around them; made of the words in `return_words`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from seqlang.inbox import return_words as words


def _any(names: Iterable[str]) -> str:
    return "|".join(sorted((re.escape(name) for name in names), key=len, reverse=True))


_MONTH, _WEEKDAY, _COUNT = _any(words.MONTHS), _any(words.WEEKDAYS), _any(words.COUNTS)
_PARTS = "|".join(rf"(?P<{name}>{how})" for name, how in words.PARTS.items())
_YEAR = r"(?:,?\s{1,3}(?:de\s|del\s)?|\s?/\s?)"
_ORDINAL = r"(?:st|nd|rd|th|er|º|°|\.)?"
_TO = r"(?:\s?[-–—]\s?|\s(?:to|until|through|thru)\s(?:the\s)?)"
_NO_OTHER = rf"(?![\d%]|[:./]\d|\s{{0,2}}(?:of\b|floor\b|(?:{_MONTH})\b))"
MENTION = re.compile(
    r"(?<!\d)(?P<iso>20\d\d-\d\d-\d\d)(?!\d)"
    r"|(?<![\d.])(?P<a>\d{1,2})(?P<sign>[./]|-(?=\d{1,2}-\d))\s?(?P<b>\d{1,2})(?:(?P=sign)\s?(?P<c>20\d\d|\d\d)(?!\d)"
    r"|(?P<open>\.)?(?![\d/]))"
    rf"|(?<!\d)(?P<d1>\d{{1,2}}){_ORDINAL}\s{{0,3}}(?:of\s|de\s)?(?P<m1>{_MONTH})\b\.?(?:{_YEAR}(?P<y1>20\d\d))?"
    rf"|\b(?P<m2>{_MONTH})\b\.?\s{{1,3}}(?P<d2>\d{{1,2}})(?!\d)(?!:\d)(?:st|nd|rd|th)?"
    rf"(?:{_TO}(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?\b{_NO_OTHER})?(?:{_YEAR}(?P<y2>20\d\d))?"
    rf"|\b(?:{_PARTS})\s{{0,2}}(?:(?P<m3>{_MONTH})\b\.?(?:{_YEAR}(?P<y3>20\d\d))?|(?P<now>{words.THIS_MONTH})\b)"
    rf"|\b(?P<m4>{_MONTH})\b\.?{_YEAR}(?P<y4>20\d\d)(?!\d)"
    rf"|\b(?P<weekday>{_WEEKDAY})\b"
    rf"(?!\s{{0,2}},?\s{{0,2}}(?:(?:the|den|dem|le|el)\s)?(?:\d{{1,2}}(?:[\s.\-/]|st|nd|rd|th)|(?:{_MONTH})\b))"
    rf"|\b(?P<relative>{_any(words.DAYS)})\b"
    rf"|\b(?:{words.AHEAD})\s{{1,2}}(?P<count>\d{{1,2}}|{_COUNT})\s{{1,2}}(?P<step>{_any(words.STEPS)})\b"
    rf"|(?<=\bthe )(?P<alone>\d{{1,2}})(?:st|nd|rd|th)\b{_NO_OTHER}"
    rf"|(?:(?<=\b(?:zum|dem|den) )|(?<=\bam ))(?P<ordinal>\d{{1,2}})\.(?![\d/]|\s{{0,2}}(?:{_MONTH}|\d))"
    r"|(?<=\b(?:le|au|el|al) )(?P<bare>\d{1,2})(?=[.,;)](?:\s|$)|\s?$|\s(?:au bureau|inclus|incluido|prochain)\b)",
    re.IGNORECASE,
)
_SHORT = "|".join(words.WEEKDAYS_SHORT)
_LEAD = (
    rf"(?:(?:(?:{_WEEKDAY})\b[.,]{{0,2}}|(?:{_SHORT})[.,]{{1,2}}|(?:{words.ARTICLES}|{words.NEXT}|{words.AFTER}|{words.ABOUT})(?!\w),?"
    r"|l['’])"
    r"\s{0,2}){0,6}$"
)
UNTIL = re.compile(rf"(?:{words.UNTIL})[\s,(]{{0,3}}{_LEAD}", re.IGNORECASE)
FROM = re.compile(rf"\b(?:{words.FROM})\s{{0,3}}{_LEAD}", re.IGNORECASE)
AFTER = re.compile(rf"\b(?:{words.AFTER})\s{{0,3}}{_LEAD}", re.IGNORECASE)
RANGE = re.compile(
    rf"(?:\d{{1,2}}\s?(?:st|nd|rd|th|\.)?|\b(?:{_MONTH})\.?)"
    rf"\s{{0,2}}(?:[-–—]|to|bis|au|al|a|and|und|et|y)\s{{0,2}}{_LEAD}", re.IGNORECASE)
BACK_BEFORE = re.compile(rf"(?:{words.BACK_BEFORE})", re.IGNORECASE)
# What is said of the day on which an absence begins is not said of a return: no word of its end is passed over.
BACK_AFTER = re.compile(
    rf"^\W{{0,3}}(?:(?!(?:bis|to|till?|until|through|au|al|hasta)\b)\w+\W{{1,2}}){{0,5}}?(?:{words.BACK_AFTER})", re.IGNORECASE)
INCLUSIVE = re.compile(rf"(?:{words.INCLUSIVE})", re.IGNORECASE)
OTHER = re.compile(  # words of languages that write the day first
    r"\b(?:ich|bin|vom|bis|ab|den|dem|je|suis|du|au|le|retour|el|del|hasta|estoy|estar.|regreso|vuelvo)\b", re.IGNORECASE)
WRAPPED = re.compile(r"(?<!\n)\n(?![^\S\n]*\n)")  # a line that goes on with the next one
_SHORTENED = (*words.ABBREVIATIONS, *(name for name in (*words.MONTHS, *words.WEEKDAYS) if len(name) <= 4))
_NO_END = "".join(rf"(?<!\b{re.escape(name)})" for name in _SHORTENED if len(name) >= 3)
SENTENCE = re.compile(  # a full stop behind a number ends it where the next word begins one: "30. Else", not "30. November"
    rf"[!?\n]|(?<=[^\W\d]{{3}}){_NO_END}\.\s|(?<=\d)\.\s(?=(?-i:[A-ZÄÖÜÀÉÊ]))(?!(?:{_MONTH}|{_WEEKDAY})\b)", re.IGNORECASE)
