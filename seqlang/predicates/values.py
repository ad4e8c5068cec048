"""Values of a plan as SQL, each with its kind; what is known beforehand is worked out in Python, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, Float, Integer, Text, case, literal, null, select, type_coerce

from seqlang.clock import from_micros, to_micros
from seqlang.plan import conditions as c
from seqlang.predicates.paths import field_sql
from seqlang.schedule import add_span, local_date, shift_date
from seqlang.store import tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement

    from seqlang.predicates.subject import Subject
    from seqlang.store.database import Store

KINDS = {"number": "number", "boolean": "boolean", "date": "date", "datetime": "instant", "link": "link"}
TYPES: dict[str, Any] = {
    "number": Float(),
    "boolean": Boolean(),
    "date": Integer(),
    "instant": BigInteger(),
    "link": BigInteger(),
    "text": Text(),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """A value: how it is kept, and what it is where that is known before any row is looked at."""

    kind: str  # text number boolean date (ordinal) instant (micros) link (id)
    sql: ColumnElement[Any]
    known: str | bool | float | int | None = None  # None: it differs by row, and may be null


def kind_of(field_type: str) -> str:
    """Return the kind of a field's values; choices, addresses and sets are texts."""
    return KINDS.get(field_type, "text")


def constant(kind: str, value: str | bool | float) -> Typed:  # noqa: FBT001 - a value of any type
    """Return a value that is the same for all rows."""
    return Typed(kind, literal(value, TYPES[kind]), value)


def typed(value: c.PlanValue, subject: Subject, store: Store, choose: Callable[[c.Condition], ColumnElement[bool]]) -> Typed:
    """Return the value; `choose` compiles the conditions of a choice. TypeError for what is no single value (a list, a file)."""
    match value:
        case c.Literal_():
            return _literal(value)
        case c.FieldRef():
            return Typed(kind_of(value.type), field_sql(value, subject, store))
        case c.Today():
            return constant("date", subject.today.toordinal())
        case c.Now():
            return constant("instant", to_micros(subject.at))
        case c.Shifted():
            return _shifted(value, typed(value.origin, subject, store, choose), subject, store)
        case c.Choose():
            return _chosen(value, subject, store, choose)
        case c.FlowOwner():
            return _owner(subject, store)
        case c.Template() if "{{" not in value.source and "{%" not in value.source:
            return constant("text", value.source)
        case c.Word():
            return constant("text", value.word)
        case _:
            raise TypeError(f"a {type(value).__name__} is no value that a database compares or keeps")


def _literal(value: c.Literal_) -> Typed:
    match value.type:
        case "date":
            return constant("date", date.fromisoformat(str(value.value)).toordinal())
        case "instant":
            at = datetime.fromisoformat(str(value.value))
            return constant("instant", to_micros(at if at.tzinfo is not None else at.replace(tzinfo=UTC)))
        case "number":
            return constant("number", float(value.value))
        case "boolean":
            return constant("boolean", bool(value.value))
        case _:
            return constant("text", str(value.value))


def _shifted(value: c.Shifted, origin: Typed, subject: Subject, store: Store) -> Typed:
    """Move a date by whole days, an instant by exact hours or by days at the same local time of the flow's zone."""
    span, sign = value.span, value.sign
    if origin.kind == "text":
        raise TypeError("a text cannot be moved in time")
    if origin.known is not None:
        try:
            return _known_shift(origin, span, sign, subject)
        except (OverflowError, ValueError):  # beyond the calendar's end: no such day
            return Typed(origin.kind, type_coerce(null(), TYPES[origin.kind]))
    if origin.kind == "date" and span.unit in ("day", "week"):
        return Typed("date", type_coerce(origin.sql + sign * int(span.count) * (7 if span.unit == "week" else 1), Integer()))
    if span.unit != "working day":
        return Typed("instant", store.sql.shift_instant(origin.sql, span, sign, subject.zone))
    day = origin.sql if origin.kind == "date" else store.sql.local_day(origin.sql, subject.zone)
    there = store.sql.shift_working(day, sign * int(span.count), subject.working, subject.today)
    if origin.kind == "date":
        return Typed("date", there)
    return Typed("instant", store.sql.shift_days(origin.sql, there - day, subject.zone))


def _known_shift(origin: Typed, span: c.Span, sign: int, subject: Subject) -> Typed:
    at = int(origin.known)  # type: ignore[arg-type]  # dates and instants are whole numbers
    if origin.kind == "date":
        if span.unit in ("minute", "hour"):
            raise ValueError("a date cannot move by hours")
        return constant("date", shift_date(date.fromordinal(at), span, subject.working, sign=sign).toordinal())
    return constant("instant", to_micros(add_span(from_micros(at), span, subject.zone, subject.working, sign=sign)))


def _chosen(value: c.Choose, subject: Subject, store: Store, choose: Callable[[c.Condition], ColumnElement[bool]]) -> Typed:
    """Make a CASE of it; dates stand beside instants as their local dates."""
    arms = [(arm.when, typed(arm.value, subject, store, choose)) for arm in value.cases]
    kinds = {arm.kind for _, arm in arms}
    if kinds == {"date", "instant"}:
        arms = [(when, as_date(arm, subject, store)) for when, arm in arms]
    kind = arms[0][1].kind if arms else "text"
    whens = [(choose(when), arm.sql) for when, arm in arms if when is not None]
    otherwise = next((arm.sql for when, arm in arms if when is None), None)
    if not whens:
        return Typed(kind, otherwise if otherwise is not None else type_coerce(null(), TYPES[kind]))
    return Typed(kind, case(*whens, else_=otherwise))


def _owner(subject: Subject, store: Store) -> Typed:
    """Return the id of the user who owns the flow; null outside one."""
    people, flow = store.records("user").alias(), tables.flow.alias()
    own = select(people.c.id).where(people.c.email_key == flow.c.owner, flow.c.id == subject.flow_id)
    return Typed("link", own.limit(1).correlate(None).scalar_subquery())


def as_date(value: Typed, subject: Subject, store: Store) -> Typed:
    """Return a date as it is, and of an instant the local date of the flow's zone."""
    if value.kind == "date":
        return value
    if value.known is not None:
        return constant("date", local_date(from_micros(int(value.known)), subject.zone).toordinal())
    return Typed("date", store.sql.local_day(value.sql, subject.zone))
