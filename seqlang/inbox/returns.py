"""When somebody who is away is back: the day that an out-of-office note names, in English, German, French or Spanish."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from seqlang.inbox import return_patterns as patterns
from seqlang.inbox.return_words import COUNTS, DAYS, MONTHS, PARTS, STEPS, WEEKDAYS

TEXT_CHARS_MAX = 8_000
AHEAD_DAYS_MAX = 400
PAST_DAYS_MAX = 60  # who forgot to turn the note off has been back since
MENTIONS_MAX = 60
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
    end of an absence is taken for the day of the return, of a span ("Nov 23-27") too, except where it says that it is included
    ("bis einschließlich", "the end of November"); "back after" a day is the day behind it.
    """
    best: Mention | None = None
    for mention in mentions(patterns.WRAPPED.sub(" ", text[:TEXT_CHARS_MAX]), today):
        if mention.weight and (best is None or (mention.weight, mention.day) > (best.weight, best.day)):
            best = mention
    return best.day if best is not None else None


def mentions(text: str, today: date) -> Iterator[Mention]:
    """Yield the days that a text names, each with what the words around it make of it."""
    english = patterns.OTHER.search(text) is None
    for count, found in enumerate(patterns.MENTION.finditer(text)):
        if count == MENTIONS_MAX:
            return
        before = patterns.SENTENCE.split(text[max(0, found.start() - 120) : found.start()])[-1]
        after = patterns.SENTENCE.split(text[found.end() : found.end() + 60])[0]
        day = _day(found, today, english=english)
        if day is None or not -PAST_DAYS_MAX <= (day - today).days <= AHEAD_DAYS_MAX:
            continue
        weight = END if found["d3"] else _weight(before, after)
        if (weight == END and _is_included(found, before, after)) or (weight and patterns.AFTER.search(before)):
            day += timedelta(days=1)
        yield Mention(day, found.start(), found.end(), weight)


def _weight(before: str, after: str) -> int:
    ends, begins = patterns.UNTIL.search(before), patterns.FROM.search(before)
    if ends is not None:
        return END
    if patterns.BACK_BEFORE.search(before[-80:]) or patterns.BACK_AFTER.match(after):
        return BACK
    if begins is not None:
        return PLAIN
    return END if patterns.RANGE.search(before) else PLAIN


def _is_included(found: re.Match[str], before: str, after: str) -> bool:
    """Tell whether the end of an absence is a part of it."""
    if found["last"] or patterns.INCLUSIVE.search(found[0]) or patterns.INCLUSIVE.search(before[-40:]):
        return True
    return patterns.INCLUSIVE.match(after[:20].strip(" ,(")) is not None


def _day(found: re.Match[str], today: date, *, english: bool) -> date | None:
    part = found.groupdict()
    if part["iso"]:
        return _made(int(part["iso"][:4]), int(part["iso"][5:7]), int(part["iso"][8:]))
    if part["a"]:
        return _numeric(part, today, english=english)
    name = part["m1"] or part["m2"]
    if name:
        year = part["y1"] or part["y2"]
        return _placed(int(year) if year else None, MONTHS[name.lower()], int(part["d1"] or part["d3"] or part["d2"] or 0), today)
    if part["m4"]:
        return _made(int(part["y4"] or 0), MONTHS[part["m4"].lower()], 1)
    if any(part[name] for name in PARTS):
        return _in_month(part, today)
    return _ahead(part, today)


def _ahead(part: dict[str, str | None], today: date) -> date | None:
    """Read what is told from today on: a weekday, "next week", "in two weeks", "the 7th"."""
    if part["weekday"]:
        return today + timedelta(days=(WEEKDAYS[part["weekday"].lower()] - today.weekday() - 1) % 7 + 1)
    if part["relative"]:
        days = DAYS[part["relative"].lower()]
        return today + timedelta(days=days if days >= 0 else 7 - today.weekday())
    if part["step"]:
        count = (part["count"] or "").lower()
        return today + timedelta(days=STEPS[part["step"].lower()] * (int(count) if count.isdigit() else COUNTS[count]))
    day = int(part["alone"] or part["ordinal"] or part["bare"] or 0)
    near = (today.replace(day=1) + timedelta(days=31 * months) for months in range(3))
    return next((d for d in (_made(n.year, n.month, day) for n in near) if d is not None and d >= today), None)


def _in_month(part: dict[str, str | None], today: date) -> date | None:
    """Read "early December", "Mitte Dezember", "fin novembre": its first day, its fifteenth, its last."""
    month = MONTHS[part["m3"].lower()] if part["m3"] else today.month
    year = int(part["y3"]) if part["y3"] else today.year if part["now"] else None
    if not part["last"]:
        return _placed(year, month, 1 if part["first"] else 15, today)
    return next((d for d in (_placed(year, month, day, today) for day in (31, 30, 29, 28)) if d is not None), None)


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
