"""Repairs of phrases: what people write who know SQL, Python, a spreadsheet or another tool for sales."""

from __future__ import annotations

from functools import cache

from seqlang.diagnostics.diagnostic import Edit, Fix
from seqlang.diagnostics.source import Source, Span
from seqlang.syntax.places import Place, Repair, follows, follows_up_to
from seqlang.syntax.tokens import Token

LOOK_BACK = 4  # tokens before the one that does not fit
WORDS_MAX = 6  # of a phrase

# Phrase, and what it is here: surely the same thing.
_SAME = {
    "is null": "is empty", "is none": "is empty", "is nil": "is empty", "is blank": "is empty", "is missing": "is empty",
    "is unknown": "is empty", "is undefined": "is empty", "is not set": "is empty", "is not known": "is empty",
    "is not present": "is empty", "has no value": "is empty",
    "is not null": "is not empty", "is not none": "is not empty", "is not blank": "is not empty", "is known": "is not empty",
    "is set": "is not empty", "is present": "is not empty", "is filled": "is not empty", "exists": "is not empty",
    "has any value": "is not empty", "has a value": "is not empty", "is not missing": "is not empty",
    "is true": "= yes", "is false": "= no", "is not true": "!= yes", "is not false": "!= no",
    "is equal to": "=", "is exactly": "=", "equal to": "=", "equals": "=", "equal": "=", "is the same as": "=",
    "is not equal to": "!=", "not equal to": "!=", "not equals": "!=", "does not equal": "!=", "is not": "!=", "is": "=",
    "is greater than or equal to": ">=", "greater than or equal to": ">=", "is at least": ">=", "at least": ">=",
    "is less than or equal to": "<=", "less than or equal to": "<=", "is at most": "<=", "at most": "<=",
    "is greater than": ">", "greater than": ">", "is more than": ">", "more than": ">", "is over": ">", "over": ">",
    "is above": ">", "above": ">", "is larger than": ">", "is higher than": ">",
    "is less than": "<", "less than": "<", "fewer than": "<", "is below": "<", "below": "<", "is under": "<", "under": "<",
    "is lower than": "<", "is smaller than": "<",
    "is in": "in", "is any of": "in", "is one of": "in", "any of": "in", "one of": "in", "is not in": "not in",
    "is none of": "not in", "none of": "not in", "is not any of": "not in", "is not one of": "not in", "isn't": "!=",
    "is between": "between", "is before": "before", "is after": "after", "is earlier than": "before", "earlier than": "before",
    "is later than": "after", "later than": "after", "is on or after": ">=", "is on or before": "<=", "since": ">=",
    "is contained in": "in", "is within the last": "in the last", "is within the next": "in the next",
    "is in the last": "in the last", "is in the next": "in the next", "within the last": "in the last",
    "within the next": "in the next", "within last": "in the last", "within next": "in the next", "in last": "in the last",
    "in next": "in the next", "in past": "in the last", "in the past": "in the last", "includes": "contains",
    "include": "contains", "begins with": "starts with", "startswith": "starts with", "endswith": "ends with",
    "business days": "working days", "business day": "working day", "workdays": "working days", "workday": "working day",
    "weekdays": "mon-fri", "workweek": "mon-fri", "round-robin": "round robin", "roundrobin": "round robin",
    "has tag": "tagged", "has the tag": "tagged", "is tagged": "tagged", "has event": "event", "did event": "event",
    "has done event": "event", "remove tag": "untag", "if else": "else if",
}  # fmt: skip
_DAYS = {
    "mon": ("monday", "mondays"), "tue": ("tuesday", "tuesdays", "tues"), "wed": ("wednesday", "wednesdays", "weds"),
    "thu": ("thursday", "thursdays", "thur", "thurs"), "fri": ("friday", "fridays"), "sat": ("saturday", "saturdays"),
    "sun": ("sunday", "sundays"),
}  # fmt: skip
# … and what is likely meant.
_LIKELY = {
    "in the last day": "in the last 1 day", "in the last hour": "in the last 1 hour", "in the last week": "in the last 1 week",
    "in the last month": "in the last 30 days", "in the last quarter": "in the last 90 days",
    "in the last year": "in the last 365 days", "in the next day": "in the next 1 day",
    "in the next hour": "in the next 1 hour", "in the next week": "in the next 1 week",
    "in the next month": "in the next 30 days", "in the next year": "in the next 365 days",
    "like": "contains", "ilike": "contains", "is like": "contains", "matches": "contains",
    "list": "in list", "view": "in view", "segment": "in view", "tag": "tagged", "enum": "choice", "picklist": "choice",
    "select": "choice", "dropdown": "choice", "any": "", "some": "", "has": "", "did": "event", "points": "", "point": "",
    "emails": "messages", "mails": "messages", "touches": "messages", "wait for": "wait", "for max": "for at most",
    "for up to": "for at most", "within": "for at most", "for maximum": "for at most", "to": "-", "till": "-",
    "every": "", "the": "",
    "drip sequence": "classic sequence", "email sequence": "classic sequence", "sales sequence": "classic sequence",
    "nurture sequence": "classic sequence", "call sequence": "outbound sequence", "a/b test": "split", "ab test": "split",
    "experiment": "split", "increment": "add", "increase": "add", "filter": "where", "goto": "move to",
    "increase by": "add", "trigger": "on", "trigger on": "on", "enrollment trigger on": "enter on",
    "enrollment trigger when": "enter when", "enrollment trigger": "enter", "trigger when": "enter when",
    "enrol when": "enter when", "enroll when": "enter when", "start when": "enter when", "enter if": "enter when",
    "suppress when": "exit when", "unenroll when": "exit when", "unenroll if": "exit when", "goal when": "goal",
}  # fmt: skip


def other_phrase(place: Place) -> Repair | None:
    """`is known`, `greater than`, `in the last week`, `business days`."""
    for at in range(place.at, max(place.start, place.at - LOOK_BACK) - 1, -1):
        states = follows_up_to(place, at)
        if states is None:
            continue
        for end in range(min(at + WORDS_MAX, len(place.tokens) - 1), max(at, place.at - 1), -1):
            right = _phrases().get(_said(place.tokens, at, end))
            if right is None:
                continue
            new = _made(right[0], place.tokens[at], place.tokens[end - 1])
            behind = place.tokens[end : max(end, place.at) + 1]
            if follows(place.machine, states, [*new, *behind]) and not (at == place.start and not _begins(new, place)):
                return _repair(place, at, end, new, *right)
    return None


def _repair(place: Place, at: int, end: int, new: tuple[Token, ...], right: str, safe: bool) -> Repair:  # noqa: FBT001
    whole = Span(place.tokens[at].start, place.tokens[end - 1].end)
    written = place.text[whole.start : whole.end]
    if not right:
        fix = Fix(f"leave out `{written}`", (Edit(Span(whole.start, place.tokens[end].start), ""),))
        return Repair("SEQ102", f"`{written}` does not belong here", whole, (at, end), (), "leave it out", fix, again=True)
    fix = Fix(f"write `{right}`", (Edit(whole, right),), safe=safe)
    message = f"`{written}` is written `{right}`" if safe else f"`{written}` is not known here"
    hint = None if safe else f"did you mean `{right}`?"
    return Repair("SEQ108" if safe else "SEQ102", message, whole, (at, end), new, hint, fix, again=True)


def _begins(new: tuple[Token, ...], place: Place) -> bool:
    """Say whether words can stand at the beginning of the statement: as words of the language, not as a name."""
    return not new or new[0].kind != "WORD" or new[0].text in place.machine.actions[place.machine.stack_at(place.depth).top]


def _said(tokens: list[Token], at: int, end: int) -> str:
    """Return some tokens of one line as a phrase has them; "" where they are none."""
    said = tokens[at:end]
    if any(token.kind not in ("WORD", "-", "/") or (token.fresh and index) for index, token in enumerate(said)):
        return ""
    return " ".join(token.text.lower() for token in said).replace(" - ", "-")


def _made(right: str, first: Token, last: Token) -> tuple[Token, ...]:
    from seqlang.syntax.scan import scan

    tokens = scan(Source("", right)).tokens
    for index, token in enumerate(tokens):
        token.start, token.end, token.fresh = first.start, last.end, first.fresh and index == 0
    return tuple(tokens)


@cache
def _phrases() -> dict[str, tuple[str, bool]]:
    """Return what each phrase is here, and whether that is sure."""
    days = {word: day for day, words in _DAYS.items() for word in (day, *words)}
    spans = {f"{a}{to}{b}": f"{days[a]}-{days[b]}" for a in days for b in days for to in ("-", " to ", " through ", " till ")}
    same = _SAME | spans | days
    return {phrase: (right, True) for phrase, right in same.items()} | {p: (right, False) for p, right in _LIKELY.items()}
