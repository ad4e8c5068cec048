"""When somebody who is away is back: the day that an out-of-office note names, in English, German, French or Spanish."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from seqlang.inbox.return_words import BACK_AFTER, BACK_BEFORE, DAYS, FROM, INCLUSIVE, MONTHS, UNTIL, WEEKDAYS

TEXT_CHARS_MAX = 8_000
AHEAD_DAYS_MAX = 400
PAST_DAYS_MAX = 60  # who forgot to turn the note off has been back since
MENTIONS_MAX = 60
_MONTH = "|".join(sorted((re.escape(m) for m in MONTHS), key=len, reverse=True))
_WEEKDAY = "|".join(sorted((re.escape(d) for d in WEEKDAYS), key=len, reverse=True))
_RELATIVE = "|".join(sorted((re.escape(d) for d in DAYS), key=len, reverse=True))
_YEAR = r"(?:,?\s{1,3}(?:de\s|del\s)?|\s?/\s?)"
_ORDINAL = r"(?:st|nd|rd|th|er|º|°|\.)?"
_MENTION = re.compile(
    r"(?<!\d)(?P<iso>20\d\d-\d\d-\d\d)(?!\d)"
    r"|(?<![\d.])(?P<a>\d{1,2})(?P<sign>[./]|-(?=\d{1,2}-\d))\s?(?P<b>\d{1,2})(?:(?P=sign)\s?(?P<c>20\d\d|\d\d)(?!\d)"
    r"|(?P<open>\.)?(?![\d/]))"
    rf"|(?<!\d)(?P<d1>\d{{1,2}}){_ORDINAL}\s{{0,3}}(?:of\s|de\s)?(?P<m1>{_MONTH})\b\.?(?:{_YEAR}(?P<y1>20\d\d))?"
    rf"|\b(?P<m2>{_MONTH})\b\.?\s{{1,3}}(?P<d2>\d{{1,2}})(?!\d)(?!:\d)(?:st|nd|rd|th)?(?:{_YEAR}(?P<y2>20\d\d))?"
    rf"|\b(?P<weekday>{_WEEKDAY})\b(?!\s{{0,2}},?\s{{0,2}}(?:(?:the|den|dem|le|el)\s)?(?:\d{{1,2}}[\s.\-/]|{_MONTH}\b))"
    rf"|\b(?P<relative>{_RELATIVE})\b",
    re.IGNORECASE,
)
_LEAD = (
    rf"(?:(?:{_WEEKDAY})\b[.,]?\s{{0,2}})?(?:(?:den|dem|the|le|el|on"
    rf"|am)\s{{1,2}})?(?:(?:{_WEEKDAY})\b[.,]?\s{{0,2}})?(?:(?:den|dem|the|le|el)\s{{1,2}})?$"
)
_UNTIL = re.compile(rf"(?:{UNTIL})\s{{0,3}}{_LEAD}", re.IGNORECASE)
_FROM = re.compile(rf"\b(?:{FROM})\s{{0,3}}{_LEAD}", re.IGNORECASE)
_RANGE = re.compile(
    rf"(?:\d{{1,2}}\s?(?:st|nd|rd|th|\.)?|\b(?:{_MONTH})\.?)"
    rf"\s{{0,2}}(?:[-–—]|to|bis|au|al|a|and|und|et|y)\s{{0,2}}{_LEAD}", re.IGNORECASE)
_BACK_BEFORE = re.compile(rf"(?:{BACK_BEFORE})", re.IGNORECASE)
_BACK_AFTER = re.compile(rf"^\W{{0,3}}(?:\w+\W{{1,2}}){{0,5}}?(?:{BACK_AFTER})", re.IGNORECASE)
_INCLUSIVE = re.compile(rf"(?:{INCLUSIVE})", re.IGNORECASE)
_OTHER = re.compile(  # words of languages that write the day first
    r"\b(?:ich|bin|vom|bis|ab|den|dem|je|suis|du|au|le|retour|el|del|hasta|estoy|estar.|regreso|vuelvo)\b", re.IGNORECASE)
_WRAPPED = re.compile(r"(?<!\n)\n(?!\s*\n)")  # a line that goes on with the next one
_SENTENCE = re.compile(r"[!?\n]|(?<=[^\W\d]{3})\.\s")
BACK, END, PLAIN = 3, 2, 0


@dataclass(frozen=True, slots=True)
class Mention:
    """A day that a text names."""

    day: date
    start: int
    end: int
    weight: int


def return_date(text: str, today: date) -> date | None:
    """Return the day of the return; None where the text names none. `today` is the day on which the note came.

    Days of a return ("back on", "wieder ab") go before ends of the absence ("until", "bis"); of several the latest counts. The
    end of an absence is taken for the day of the return, except where it says that it is included ("bis einschließlich").
    """
    best: Mention | None = None
    for mention in mentions(_WRAPPED.sub(" ", text[:TEXT_CHARS_MAX]), today):
        if mention.weight and (best is None or (mention.weight, mention.day) > (best.weight, best.day)):
            best = mention
    return best.day if best is not None else None


def mentions(text: str, today: date) -> Iterator[Mention]:
    """Yield the days that a text names, each with what the words around it make of it."""
    for count, found in enumerate(_MENTION.finditer(text)):
        if count == MENTIONS_MAX:
            return
        before = _SENTENCE.split(text[max(0, found.start() - 120) : found.start()])[-1]
        after = _SENTENCE.split(text[found.end() : found.end() + 60])[0]
        day = _day(found, today, english=_is_english(text))
        if day is None or not -PAST_DAYS_MAX <= (day - today).days <= AHEAD_DAYS_MAX:
            continue
        weight = _weight(before, after)
        if weight == END and (_INCLUSIVE.search(before[-40:]) or _INCLUSIVE.match(after[:20].strip(" ,("))):
            day += timedelta(days=1)
        yield Mention(day, found.start(), found.end(), weight)


def _weight(before: str, after: str) -> int:
    ends, begins = _UNTIL.search(before), _FROM.search(before)
    if ends is not None:
        return END
    if _BACK_BEFORE.search(before[-80:]) or _BACK_AFTER.match(after):
        return BACK
    if begins is not None:
        return PLAIN
    return END if _RANGE.search(before) else PLAIN


def _is_english(text: str) -> bool:
    return _OTHER.search(text) is None


def _day(found: re.Match[str], today: date, *, english: bool) -> date | None:
    part = found.groupdict()
    if part["iso"]:
        return _made(int(part["iso"][:4]), int(part["iso"][5:7]), int(part["iso"][8:]))
    if part["a"]:
        return _numeric(part, today, english=english)
    if part["d1"] or part["d2"]:
        month = MONTHS[(part["m1"] or part["m2"]).lower()]
        year = part["y1"] or part["y2"]
        return _placed(int(year) if year else None, month, int(part["d1"] or part["d2"]), today)
    if part["weekday"]:
        ahead = (WEEKDAYS[part["weekday"].lower()] - today.weekday() - 1) % 7 + 1
        return today + timedelta(days=ahead)
    ahead = DAYS[part["relative"].lower()]
    return today + timedelta(days=ahead if ahead >= 0 else 7 - today.weekday())


def _numeric(part: dict[str, str | None], today: date, *, english: bool) -> date | None:
    """Read 10.03.2026, 10.03., 10/03/2026, 3/10: with dots the day stands first; with strokes, in English, nobody knows."""
    first, second, sign = int(part["a"] or 0), int(part["b"] or 0), part["sign"]
    year = int(part["c"]) if part["c"] else None
    if year is not None and year < 100:
        year += 2000
    if sign == "." and year is None and not part["open"]:
        return None  # 10.30: a time, a version
    day_first = _placed(year, second, first, today)
    if sign == "." or not english:
        return day_first
    month_first = _placed(year, first, second, today)
    near = [d for d in (month_first, day_first) if d is not None and d >= today]
    return min(near, default=month_first or day_first)


def _placed(year: int | None, month: int, day: int, today: date) -> date | None:
    """Return the date; without a year the next such day, or the last one if it has only just gone by."""
    if year is not None:
        return _made(year, month, day)
    made = [d for d in (_made(y, month, day) for y in (today.year - 1, today.year, today.year + 1)) if d is not None]
    return next((d for d in made if (today - d).days <= PAST_DAYS_MAX), None)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
