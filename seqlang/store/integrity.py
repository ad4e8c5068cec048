"""Whether the data hangs together: what `db check` looks at."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Select, and_, func, not_, or_, select

from seqlang.store import tables
from seqlang.store.records_schema import column_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from seqlang.store.database import Store


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    check: str  # a stable word: "links", "enrolments", …
    message: str  # in one sentence
    count: int  # rows it is true of


def check_integrity(store: Store) -> list[Finding]:
    """Return all that is wrong with the data; empty: nothing is. It only reads."""
    found: list[Finding] = []
    with store.read() as conn:
        for check in CHECKS:
            found += check(conn, store)
    return found


def _files(conn: Connection, store: Store) -> Iterator[Finding]:
    for said in store.sql.damage(conn):
        yield Finding("file", f"the database says: {said}", 1)


def _keys(conn: Connection, store: Store) -> Iterator[Finding]:
    """Look at the keys that not every database looks after itself (`columns.key_of_sets`)."""
    for key in () if store.sql.keeps_all_keys else KEYS_OF_SETS:
        table, (link,) = key.table, key.elements
        other = link.column.table.alias()
        own = table.c[link.parent.name]
        lost = select(func.count()).select_from(table.outerjoin(other, other.c[link.column.name] == own)).where(
            other.c[link.column.name].is_(None)
        )
        told = f"{{n}} rows of {table.name} name a row of {link.column.table.name} that is not there"
        yield from _some(conn, lost, "keys", told)


KEYS_OF_SETS = [
    key
    for table in tables.metadata.sorted_tables
    for key in table.foreign_key_constraints
    if key.info.get("sets")
]


def _links(conn: Connection, store: Store) -> Iterator[Finding]:
    for spec in store.record_tables:
        table = store.records(spec.name)
        for field in spec.fields:
            if field.type != "link" or field.link is None:
                continue
            other = store.records(field.link).alias()
            link = table.c[column_of(field.name)]
            lost = (
                select(func.count())
                .select_from(table.outerjoin(other, other.c.id == link))
                .where(link.is_not(None), other.c.id.is_(None))
            )
            yield from _some(conn, lost, "links", f"{{n}} of `{spec.name}.{field.name}` lead to a {field.link} that is not there")


def _enrolments(conn: Connection, store: Store) -> Iterator[Finding]:
    stay, flow = tables.enrolment, tables.flow
    for record in conn.execute(select(flow.c.record).distinct()).scalars():
        if store.catalogue.record(record) is None:
            yield Finding("enrolments", f"flows enrol `{record}`, a record that was never declared", 1)
            continue
        table = store.records(record)
        lost = (
            select(func.count())
            .select_from(
                stay.join(flow, flow.c.id == stay.c.flow_id).outerjoin(table, table.c.id == stay.c.record_id),
            )
            .where(flow.c.record == record, stay.c.active, table.c.id.is_(None))
        )
        yield from _some(conn, lost, "enrolments", f"{{n}} are enrolled of which no {record} is there any more")
    archived = (
        select(func.count())
        .select_from(stay.join(flow, flow.c.id == stay.c.flow_id))
        .where(stay.c.active, flow.c.state.in_(("archived", "draft")))
    )
    yield from _some(conn, archived, "enrolments", "{n} are enrolled in flows that are not under way")
    half = select(func.count()).where(
        or_(and_(stay.c.active, stay.c.exited_at.is_not(None)), and_(not_(stay.c.active), stay.c.exit_reason.is_(None)))
    )
    yield from _some(conn, half, "enrolments", "{n} have half ended: a reason or an instant is missing, or too much")


def _ledger(conn: Connection, _store: Store) -> Iterator[Finding]:
    line, stay = tables.ledger, tables.enrolment
    lost = select(func.count()).select_from(line.outerjoin(stay, stay.c.id == line.c.enrolment_id)).where(stay.c.id.is_(None))
    yield from _some(conn, lost, "ledger", "{n} lines of the timeline belong to no enrolment")
    other = (
        select(func.count())
        .select_from(line.join(stay, stay.c.id == line.c.enrolment_id))
        .where(or_(stay.c.flow_id != line.c.flow_id, stay.c.record_id != line.c.record_id))
    )
    yield from _some(conn, other, "ledger", "{n} lines of the timeline name another flow or record than their enrolment")
    doubled = (
        select(line.c.enrolment_id)
        .where(line.c.occurrence.is_not(None))
        .group_by(line.c.enrolment_id, line.c.node_id, line.c.occurrence)
        .having(func.count() > 1)
        .subquery()
    )
    yield from _some(conn, select(func.count()).select_from(doubled), "ledger", "{n} effects are there twice")
    silent = select(func.count()).where(line.c.state.is_not(None), line.c.occurrence.is_(None))
    yield from _some(conn, silent, "ledger", "{n} lines have a state of delivery but are no effect")
    gone = (
        select(func.count())
        .select_from(stay)
        .where(not_(select(1).where(line.c.enrolment_id == stay.c.id, line.c.what == "entered").correlate(stay).exists()))
    )
    yield from _some(conn, gone, "ledger", "{n} enrolments have no line that says they came in")


def _events(conn: Connection, _store: Store) -> Iterator[Finding]:
    event, line, stay = tables.event, tables.ledger, tables.enrolment
    lost = (
        select(func.count())
        .select_from(event.outerjoin(stay, stay.c.id == event.c.enrolment_id))
        .where(event.c.enrolment_id.is_not(None), stay.c.id.is_(None))
    )
    yield from _some(conn, lost, "events", "{n} events belong to an enrolment that is not there")
    unsent = (
        select(func.count())
        .select_from(event.outerjoin(line, line.c.id == event.c.ledger_id))
        .where(event.c.ledger_id.is_not(None), line.c.id.is_(None))
    )
    yield from _some(conn, unsent, "events", "{n} events are about a message that is not there")


def _people(conn: Connection, store: Store) -> Iterator[Finding]:
    person = store.records("contact")
    address = store.column("contact", "email")
    wrong = select(func.count()).where(
        or_(and_(address.is_not(None), person.c.email_key.is_(None)), and_(address.is_(None), person.c.email_key.is_not(None)))
    )
    yield from _some(conn, wrong, "contacts", "{n} contacts cannot be found by their address, or by one that they do not have")
    for record in (r.name for r in store.record_tables):
        table = store.records(record)
        tagged = (
            select(func.count())
            .select_from(tables.tag.outerjoin(table, table.c.id == tables.tag.c.record_id))
            .where(tables.tag.c.record == record, table.c.id.is_(None))
        )
        yield from _some(conn, tagged, "tags", f"{{n}} tags are borne by a {record} that is not there")
        member, named = tables.list_member, tables.list_
        listed = (
            select(func.count())
            .select_from(
                member.join(named, named.c.id == member.c.list_id).outerjoin(table, table.c.id == member.c.record_id),
            )
            .where(named.c.record == record, table.c.id.is_(None))
        )
        yield from _some(conn, listed, "lists", f"{{n}} places on lists are held by a {record} that is not there")


def _plans(conn: Connection, _store: Store) -> Iterator[Finding]:
    for row in conn.execute(select(tables.plan.c.hash, tables.plan.c.body)):
        if hashlib.sha256(row.body.encode()).hexdigest() != row.hash:
            yield Finding("plans", f"the plan `{row.hash[:12]}` is not what its name says", 1)
    for row in conn.execute(select(tables.content.c.hash, tables.content.c.body), execution_options={"yield_per": 50}):
        if hashlib.sha256(row.body).hexdigest() != row.hash:
            yield Finding("contents", f"the content `{row.hash[:12]}` is not what its name says", 1)
    node, flow = tables.node, tables.flow
    line = tables.ledger
    lost = (
        select(func.count())
        .select_from(line.outerjoin(node, node.c.id == line.c.node_id))
        .where(line.c.node_id.is_not(None), node.c.id.is_(None))
    )
    yield from _some(conn, lost, "plans", "{n} lines of the timeline are about a step that no flow has")
    next_ = (
        select(func.count())
        .select_from(flow.outerjoin(tables.plan, tables.plan.c.hash == flow.c.plan_next_hash))
        .where(flow.c.plan_next_hash.is_not(None), tables.plan.c.hash.is_(None))
    )
    yield from _some(conn, next_, "plans", "{n} flows wait for a plan that is not there")


CHECKS: tuple[Callable[[Connection, Store], Iterator[Finding]], ...] = (
    _files,
    _keys,
    _links,
    _enrolments,
    _ledger,
    _events,
    _people,
    _plans,
)


def _some(conn: Connection, query: Select[int], check: str, message: str) -> Iterator[Finding]:
    count = conn.execute(query).scalar_one()
    if count:
        yield Finding(check, message.format(n=count), count)


__all__ = ["CHECKS", "Finding", "check_integrity"]
