"""What a comparison says of its field, as a set of values of one sort: numbers, texts, dates as such, distances from today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from seqlang.plan.conditions import (
    Between,
    Compare,
    FieldRef,
    Literal_,
    Matches,
    Now,
    OneOf,
    PlanValue,
    Relative,
    Shifted,
    Span,
    Today,
    Within,
)
from seqlang.semantics.domains import Domain, Numbers, Texts, compared

OnField = Compare | OneOf | Matches | Within | Relative | Between
Choices = Callable[[FieldRef], tuple[str, ...] | None]  # the values of a field that is a `choice`; None: it is none
SECONDS = {"minute": 60.0, "hour": 3600.0}
WHOLE_DAYS = ("date", "days from today")  # sorts of which nothing lies between two neighbours


def values_of(atom: OnField, choices: Choices) -> tuple[str, Domain] | None:
    """Return the values for which an atom holds and their sort, or None where they make no set."""
    match atom:
        case Compare():
            return _compared(atom)
        case OneOf() if all(v.type == "text" for v in atom.values):
            return "text", Texts(frozenset(str(v.value) for v in atom.values))
        case OneOf() if all(v.type == "number" for v in atom.values):
            return "number", Numbers(tuple((float(v.value), True, float(v.value), True) for v in atom.values))
        case Matches():
            return _matching(atom, choices(atom.field))
        case Relative():
            at = _point(atom.value, atom.field)
            return None if at is None else (at[0], _on_line(at[0], "<" if atom.side == "before" else ">", at[1]))
        case Between():
            low, high = _point(atom.low, atom.field), _point(atom.high, atom.field)
            if low is None or high is None or low[0] != high[0]:
                return None
            return low[0], compared(">=", low[1]).meet(compared("<=", high[1]))
        case Within():
            return _within(atom)
        case _:
            return None


def _compared(atom: Compare) -> tuple[str, Domain] | None:
    value = atom.value
    if type(value) is Literal_ and value.type in ("text", "boolean"):
        given = value.value
        same = Texts(frozenset([given if isinstance(given, bool) else str(given)]))
        return (value.type, same) if atom.op == "=" else None
    at = _point(value, atom.field)
    return None if at is None else (at[0], _on_line(at[0], atom.op, at[1]))


def _matching(atom: Matches, choices: tuple[str, ...] | None) -> tuple[str, Domain] | None:
    if choices is None:
        return None
    text = atom.text.casefold()
    found = [c for c in choices if _fits(c.casefold(), atom.how, text)]
    return "text", Texts(frozenset(found))


def _fits(value: str, how: str, text: str) -> bool:
    if how == "contains":
        return text in value
    return value.startswith(text) if how == "starts with" else value.endswith(text)


def _on_line(sort: str, op: str, value: float) -> Numbers:
    if sort in WHOLE_DAYS:
        return compared({"<": "<=", ">": ">="}.get(op, op), value - 1 if op == "<" else value + 1 if op == ">" else value)
    return compared(op, value)


def _point(value: PlanValue, ref: FieldRef) -> tuple[str, float] | None:
    """Return a value as a number of its sort, or None where that depends on more than the value (a zone, another field)."""
    match value:
        case Literal_(type="number"):
            return "number", float(value.value)
        case Literal_(type="date") if ref.type == "date":
            return "date", float(date.fromisoformat(str(value.value)).toordinal())
        case Literal_(type="instant") if ref.type == "datetime":
            return "instant", datetime.fromisoformat(str(value.value)).timestamp()
        case Today() if ref.type == "date":
            return "days from today", 0.0
        case Now() if ref.type == "datetime":
            return "seconds from now", 0.0
        case Shifted():
            origin = _point(value.origin, ref)
            length = _length(value.span, origin[0]) if origin is not None else None
            return None if origin is None or length is None else (origin[0], origin[1] + value.sign * length)
        case _:
            return None


def _length(span: Span, sort: str) -> float | None:
    """Return a duration in the units of a sort, or None where it depends on the day (clocks change, offices close)."""
    if sort in WHOLE_DAYS:
        return span.count * {"day": 1.0, "week": 7.0}.get(span.unit, 0.0) or None
    return span.count * SECONDS.get(span.unit, 0.0) or None


def _within(atom: Within) -> tuple[str, Domain] | None:
    if atom.field.type == "date":
        sort, length = "days from today", _length(atom.span, "date")
    else:  # of instants a day is 24 hours here (LANGUAGE 3, *Time*)
        sort, length = (
            "seconds from now",
            atom.span.count * {**SECONDS, "day": 86400.0, "week": 604800.0}.get(atom.span.unit, 0.0) or None,
        )
    if length is None:
        return None
    return sort, Numbers(((-length, True, 0.0, True),) if atom.sign < 0 else ((0.0, True, length, True),))
