"""Conditions on where a record belongs: lists, tags, flows; and on the records that are linked to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, false, or_, select

from seqlang.plan import conditions as c
from seqlang.predicates.paths import linked, target_id
from seqlang.store import tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Select

    from seqlang.predicates.subject import Subject
    from seqlang.store.database import Store


def some_rows(
    item: c.Some,
    subject: Subject,
    store: Store,
    ask: Callable[[c.Condition, Subject], ColumnElement[bool]],
) -> Select[Any]:
    """Return the linked records that fulfil the condition, as a SELECT for EXISTS or a count."""
    row = store.records(item.record).alias()
    tied = row.c[store.column(item.record, item.link).name] == target_id(item.links, subject, store)
    asked = ask(item.where, linked(subject, item.record, row, store))
    return select(1).select_from(row).where(tied, asked).correlate_except(row)


def tagged(item: c.Tagged, subject: Subject) -> ColumnElement[bool]:
    """Return whether the subject bears the tag."""
    tag = tables.tag.alias()
    rows = (
        select(1)
        .select_from(tag)
        .where(tag.c.record == subject.record, tag.c.record_id == subject.row.c.id, tag.c.tag == item.tag)
    )
    return exists(rows.correlate_except(tag))


def in_list(item: c.InList, subject: Subject, store: Store) -> ColumnElement[bool]:
    """Return whether the subject, or the record of the list's type that belongs to it, is on the list.

    The list is found once, by its name; a list of another type is then no list at all, and its EXISTS finds nothing.
    """
    declared = {spec.name: spec.record for spec in store.catalogue.lists}
    tests = []
    for record in (declared[item.list],) if item.list in declared else _reached(subject, store):
        entry = tables.list_member.alias()
        theirs = _belongs(entry.c.record_id, record, subject, store)
        if theirs is None:
            continue
        found = tables.list_.alias()
        number = select(found.c.id).where(found.c.name == item.list, found.c.record == record).correlate(None).scalar_subquery()
        tests.append(exists(select(1).select_from(entry).where(entry.c.list_id == number, theirs).correlate_except(entry)))
    return or_(false(), *tests)


def in_flow(item: c.InFlow, subject: Subject, store: Store) -> ColumnElement[bool]:
    """Return whether the subject is in that flow (or was), or the record of the flow's type that belongs to it."""
    tests = []
    for record in _reached(subject, store):
        stay, found = tables.enrolment.alias(), tables.flow.alias()
        theirs = _belongs(stay.c.record_id, record, subject, store)
        if theirs is None:
            continue
        number = select(found.c.id).where(found.c.name == item.flow, found.c.record == record).correlate(None).scalar_subquery()
        now = and_(stay.c.flow_id == number, theirs)
        tests.append(
            exists(select(1).select_from(stay).where(now if item.was else and_(now, stay.c.active)).correlate_except(stay))
        )
    return or_(false(), *tests)


def _reached(subject: Subject, store: Store) -> tuple[str, ...]:
    """Return the types of records that belong to the subject, its own first."""
    others = [r for r in ("contact", "account", "deal") if r != subject.record]
    return (subject.record, *(r for r in others if store.catalogue.record(r) is not None))


def _belongs(id_: ColumnElement[Any], record: str, subject: Subject, store: Store) -> ColumnElement[bool] | None:
    """Return whether `id_` is a record of that type that belongs to the subject; None where none can."""
    if record == subject.record:
        return id_ == subject.row.c.id
    spec = store.record_tables.spec(subject.record)
    if record == "contact" and subject.contact_id is not None:
        return id_ == subject.contact_id
    if (link := spec.field(record)) is not None and link.link == record:
        return id_ == subject.row.c[store.column(subject.record, record).name]
    back = store.record_tables.spec(record).field(subject.record)
    if back is None or back.link != subject.record:
        return None
    row = store.records(record).alias()
    ids = select(row.c.id).where(row.c[store.column(record, subject.record).name] == subject.row.c.id)
    return id_.in_(ids.correlate_except(row))
