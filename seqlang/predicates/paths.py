"""Fields of a subject and of what it is linked to: a column of the row, or one behind joins."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, and_, exists, func, select

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, FromClause

    from seqlang.plan.conditions import FieldRef, LinkStep
    from seqlang.predicates.subject import Subject
    from seqlang.store.database import Store

EVENT = "event:"  # the record of the FieldRefs in an event's `with (…)`


def where_field(
    ref: FieldRef,
    subject: Subject,
    store: Store,
    test: Callable[[ColumnElement[Any]], ColumnElement[bool]],
) -> ColumnElement[bool]:
    """Return whether the field is filled and `test` of it holds; true or false, never null, if `test` is not null then.

    A subject that only filters gets `test` alone, which is null where the field is. Behind links it is an EXISTS on primary keys:
    the planner makes a semi-join of it, and of its negation an anti-join.
    """
    if not ref.links:
        end = own_field(ref, subject, store)
        return test(end) if subject.filters else and_(end.is_not(None), test(end))
    last, joins, on = _follow(subject, store, ref.links)
    end = last.c[store.column(ref.holder, ref.field).name]
    return exists(select(1).select_from(joins).where(on, end.is_not(None), test(end)).correlate_except(joins))


def field_sql(ref: FieldRef, subject: Subject, store: Store) -> ColumnElement[Any]:
    """Return the field as a value; null where it, or a link on the way, is empty."""
    if not ref.links:
        return own_field(ref, subject, store)
    last, joins, on = _follow(subject, store, ref.links)
    end = last.c[store.column(ref.holder, ref.field).name]
    return select(end).select_from(joins).where(on).correlate_except(joins).scalar_subquery()


def own_field(ref: FieldRef, subject: Subject, store: Store) -> ColumnElement[Any]:
    """Return the field of the subject's own row; of an event: the property."""
    if not subject.record.startswith(EVENT):
        return subject.row.c[store.column(subject.record, ref.field).name]
    document = subject.row.c.properties
    if ref.type in ("number", "boolean"):
        return store.sql.property(document, ref.field, ref.type)
    told = store.sql.property(document, ref.field, "text")
    if ref.type == "date":
        return func.seqlang_read_date(told, type_=Integer())
    if ref.type == "datetime":
        return func.seqlang_read_instant(told, subject.zone, type_=BigInteger())
    return told


def target_id(links: tuple[LinkStep, ...], subject: Subject, store: Store) -> ColumnElement[Any]:
    """Return the id of the record at the end of the links; the subject's own without any."""
    if not links:
        return subject.row.c.id
    if len(links) == 1:
        return subject.row.c[store.column(subject.record, links[0].field).name]
    last, joins, on = _follow(subject, store, links[:-1])
    end = last.c[store.column(links[-2].record, links[-1].field).name]
    return select(end).select_from(joins).where(on).correlate_except(joins).scalar_subquery()


def linked(subject: Subject, record: str, row: FromClause, store: Store) -> Subject:
    """Return the subject for conditions asked of another record's row; the enrolment and the instant stay."""
    contact: ColumnElement[Any] | None = row.c.id if record == "contact" else None
    spec = store.record_tables.spec(record)
    if contact is None and (link := spec.field("contact")) is not None and link.link == "contact":
        contact = row.c[store.column(record, "contact").name]
    return replace(subject, record=record, row=row, contact_id=contact)


def _follow(subject: Subject, store: Store, links: tuple[LinkStep, ...]) -> tuple[FromClause, FromClause, ColumnElement[bool]]:
    """Return the last record on the path, all of them joined, and the condition that ties the first to the subject's row."""
    first = store.records(links[0].record).alias()
    on = first.c.id == subject.row.c[store.column(subject.record, links[0].field).name]
    last: FromClause = first
    joins: FromClause = first
    for before, step in pairwise(links):
        following = store.records(step.record).alias()
        joins = joins.join(following, following.c.id == last.c[store.column(before.record, step.field).name])
        last = following
    return last, joins, on
