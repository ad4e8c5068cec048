"""Conditions on fields: comparisons, texts, spans of time, emptiness."""

from __future__ import annotations

import operator
from dataclasses import replace
from datetime import date, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, func, literal, not_, or_, true

from seqlang.clock import to_micros
from seqlang.plan import conditions as c
from seqlang.predicates.paths import where_field
from seqlang.predicates.values import TYPES, Typed, as_date, kind_of
from seqlang.schedule import add_span, local_instant, shift_date, span_seconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from seqlang.predicates.subject import Subject
    from seqlang.store.database import Store

    Value = Callable[[c.PlanValue], Typed]

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(ref: c.FieldRef, op: str, value: Typed, subject: Subject, store: Store) -> ColumnElement[bool]:
    """Return `field OP value`; false where either is empty."""
    kind = kind_of(ref.type)
    if kind == "link" and value.kind == "text":
        return _names(ref, value, subject, store)
    if {kind, value.kind} == {"date", "instant"}:
        return _across(ref, op, value, subject, store)
    test = OPERATORS[op]
    return where_field(ref, subject, store, lambda field: _sure(test(field, value.sql), value))


def one_of(item: c.OneOf, subject: Subject, store: Store, value: Value) -> ColumnElement[bool]:
    """Return whether the field equals one of the values."""
    values = [value(v) for v in item.values]
    kind = kind_of(item.field.type)
    if kind != "link" and all(v.kind == kind for v in values):
        return where_field(item.field, subject, store, lambda field: field.in_([v.known for v in values]))
    return or_(false(), *(compare(item.field, "=", v, subject, store) for v in values))


def matches(item: c.Matches, subject: Subject, store: Store) -> ColumnElement[bool]:
    """Return whether the text contains (…) the other; a set: whether a member equals it; case is ignored."""
    if item.field.type != "set":
        return where_field(item.field, subject, store, lambda field: store.sql.matches(field, item.text, item.how))
    member = item.text.strip()
    if not member or ";" in member:
        return false()
    if item.how == "contains":
        return where_field(item.field, subject, store, lambda field: store.sql.matches(field, f";{member};", "contains"))
    part = f";{member}" if item.how == "starts with" else f"{member};"
    return where_field(item.field, subject, store, lambda field: store.sql.matches(field, part, "contains"))


def within(item: c.Within, subject: Subject, store: Store) -> ColumnElement[bool]:
    """Return `in the last D`, `in the next D`: of a date whole days of the flow's zone, of an instant exact hours; ends in."""
    if kind_of(item.field.type) == "date":
        here = subject.today
        try:
            there = shift_date(here, item.span, subject.working, sign=item.sign).toordinal()
        except OverflowError:
            there = (date.max if item.sign > 0 else date.min).toordinal()
        low, high = sorted((here.toordinal(), there))
    else:
        low, high = sorted((to_micros(subject.at), reach(subject, item.span, item.sign)))
    kind = TYPES[kind_of(item.field.type)]
    return where_field(item.field, subject, store, lambda field: and_(field >= literal(low, kind), field <= literal(high, kind)))


def relative(item: c.Relative, subject: Subject, store: Store, value: Value) -> ColumnElement[bool]:
    """Return `before X`, `after X`, X excluded."""
    return compare(item.field, "<" if item.side == "before" else ">", value(item.value), subject, store)


def between(item: c.Between, subject: Subject, store: Store, value: Value) -> ColumnElement[bool]:
    """Return `between X and Y`, both included."""
    low, high = value(item.low), value(item.high)
    kind = kind_of(item.field.type)
    if low.kind == high.kind == kind:
        return where_field(
            item.field, subject, store, lambda field: and_(_sure(field >= low.sql, low), _sure(field <= high.sql, high))
        )
    return and_(compare(item.field, ">=", low, subject, store), compare(item.field, "<=", high, subject, store))


def empty(item: c.Empty, subject: Subject, store: Store) -> ColumnElement[bool]:
    """Return whether the field, or a link on the way to it, is empty."""
    return not_(filled(item, subject, store))


def filled(item: c.Empty, subject: Subject, store: Store) -> ColumnElement[bool]:
    """Return `is not empty`."""
    return where_field(item.field, replace(subject, filters=False), store, lambda _field: true())


def reach(subject: Subject, span: c.Span, sign: int) -> int:
    """Return, in microseconds, the instant an exact span away from now: days are 24 hours; working days those of the calendar."""
    at: datetime = subject.at
    if span.unit == "working day":
        return to_micros(add_span(at, span, subject.zone, subject.working, sign=sign))
    return to_micros(at) + sign * round(span_seconds(span) * 1_000_000)


def _sure(test: ColumnElement[bool], value: Typed) -> ColumnElement[bool]:
    """Make a comparison with a value that may be null false there; one with a known value stays as indices like it."""
    return test if value.known is not None else func.coalesce(test, false())


def _names(ref: c.FieldRef, value: Typed, subject: Subject, store: Store) -> ColumnElement[bool]:
    """Compare a link with the name of the record that it leads to: a user's e-mail address, an account's domain."""
    own = store.record_tables.spec(ref.holder).field(ref.field)
    target = own.link if own is not None and own.link is not None else "user"
    spec = store.record_tables.spec(target)
    key = c.FieldRef(
        record=ref.record, links=(*ref.links, c.LinkStep(field=ref.field, record=target)), field=spec.key, type="text"
    )
    return where_field(key, subject, store, lambda field: _sure(field == value.sql, value))


def _across(ref: c.FieldRef, op: str, value: Typed, subject: Subject, store: Store) -> ColumnElement[bool]:
    """Compare a date with an instant: the instant's local date counts (docs/reference/conditions.md)."""
    test = OPERATORS[op]
    if kind_of(ref.type) == "date":
        day = as_date(value, subject, store)
        return where_field(ref, subject, store, lambda field: _sure(test(field, day.sql), day))
    if value.known is not None and (bounds := _day(int(value.known), subject.zone)) is not None:
        start, end = (literal(b, TYPES["instant"]) for b in bounds)
        parts: dict[str, Callable[[Any], Any]] = {
            "=": lambda f: and_(f >= start, f < end),
            "<": lambda f: f < start,
            "<=": lambda f: f < end,
            ">": lambda f: f >= end,
            ">=": lambda f: f >= start,
        }
        return where_field(ref, subject, store, parts[op])
    return where_field(ref, subject, store, lambda field: _sure(test(store.sql.local_day(field, subject.zone), value.sql), value))


def _day(ordinal: int, zone: str) -> tuple[int, int] | None:
    """Return the first instant of a local date and the first of the next, in microseconds; None at the calendar's ends."""
    try:
        days = (date.fromordinal(ordinal), date.fromordinal(ordinal + 1))
        first, after = (to_micros(local_instant(day, time(0), zone)) for day in days)
    except (OverflowError, ValueError):
        return None
    return first, after
