"""Records that go: deleted, or merged into another. What they were part of ends in order; the timeline stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, insert, literal, null, or_, select, true, update
from sqlalchemy import delete as delete_from

from seqlang.clock import to_micros
from seqlang.store import tables
from seqlang.store.lists_tags import contacts_behind
from seqlang.store.records_finding import CHANGE, chunks, names, refresh_keys
from seqlang.store.records_schema import column_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from seqlang.store.database import Store

UNSENT = ("planned", "retry")  # effects that nobody has begun


def delete(conn: Connection, store: Store, record: str, ids: Sequence[int], at: datetime) -> int:
    """Delete records: their enrolments end as `deleted`, what is planned or to do is cancelled, the ledger stays.

    Links to them become empty. A name stays in `gone`, so that the timeline can say who it was. Return how many there were.
    """
    deleted = 0
    for chunk in chunks(sorted(set(ids))):
        deleted += _delete(conn, store, record, list(chunk), to_micros(at), None)
    return deleted


def merge(conn: Connection, store: Store, record: str, keep: int, gone: int, at: datetime) -> None:
    """Make one record of two: links, tags, lists and events go over to `keep`, its empty fields are filled, `gone` is deleted.

    Enrolments of `gone` itself end as `deleted`; those of contacts at a merged account go on.
    """
    if keep == gone:
        return
    now = to_micros(at)
    _move_links(conn, store, record, keep, gone, now)
    _move_marks(conn, record, keep, gone)
    event = tables.event
    conn.execute(update(event).where(event.c.record == record, event.c.record_id == gone).values(record_id=keep))
    if record == "contact":
        conn.execute(update(event).where(event.c.contact_id == gone).values(contact_id=keep))
    _fill(conn, store, record, keep, gone)
    _delete(conn, store, record, [gone], now, keep)


def _delete(conn: Connection, store: Store, record: str, ids: list[int], now: int, into: int | None) -> int:
    table = store.records(record)
    there = list(conn.execute(select(table.c.id).where(table.c.id.in_(ids))).scalars())
    if not there:
        return 0
    named = names(conn, store, record, there)
    people = contacts_behind(conn, store, record, there)
    _end_stays(conn, record, there, now)
    for holder, field in store.record_tables.links_to(record):
        other = store.records(holder).c[column_of(field.name)]
        conn.execute(update(store.records(holder)).where(other.in_(there)).values({other.name: None}))
    conn.execute(delete_from(tables.tag).where(tables.tag.c.record == record, tables.tag.c.record_id.in_(there)))
    lists = select(tables.list_.c.id).where(tables.list_.c.record == record)
    member = tables.list_member
    conn.execute(delete_from(member).where(member.c.record_id.in_(there), member.c.list_id.in_(lists)))
    store.sql.write_rows(
        conn, tables.gone, ("record", "record_id", "name", "at", "into_id"), ((record, i, named.get(i), now, into) for i in there)
    )
    if record != "contact":  # a contact's own conditions are asked no more; those of others may have looked at the record
        store.sql.write_rows(
            conn, tables.change, CHANGE, ((now, record, i, people.get(i), "deleted", None, None, None, False) for i in there)
        )
    conn.execute(delete_from(table).where(table.c.id.in_(there)))
    former = tables.former
    conn.execute(delete_from(former).where(former.c.record == record, former.c.record_id.in_(there)))
    return len(there)


def _end_stays(conn: Connection, record: str, ids: list[int], now: int) -> None:
    """End the enrolments, each with its line; cancel what they still had to do."""
    stay, flow, line, todo = tables.enrolment, tables.flow, tables.ledger, tables.todo
    theirs = _theirs(record, ids)
    open_ = select(stay.c.id).join(flow, flow.c.id == stay.c.flow_id).where(theirs, stay.c.active)
    conn.execute(
        insert(line).from_select(
            ["at", "enrolment_id", "flow_id", "record_id", "contact_id", "what", "why"],
            select(
                literal(now),
                stay.c.id,
                stay.c.flow_id,
                stay.c.record_id,
                stay.c.contact_id,
                literal("exited"),
                literal("deleted"),
            )
            .where(stay.c.id.in_(open_))
            .order_by(stay.c.id),
        )
    )
    all_ = select(stay.c.id).join(flow, flow.c.id == stay.c.flow_id).where(theirs)
    conn.execute(update(line).where(line.c.enrolment_id.in_(all_), line.c.state.in_(UNSENT)).values(state="cancelled"))
    lines = select(line.c.id).where(line.c.enrolment_id.in_(all_))
    conn.execute(update(todo).where(todo.c.ledger_id.in_(lines), todo.c.state == "open").values(state="cancelled"))
    conn.execute(
        update(stay)
        .where(stay.c.id.in_(open_))
        .values(active=False, exited_at=now, exit_reason="deleted", due_at=null(), waiting=null())
    )
    flows = select(flow.c.id).where(flow.c.record == record)
    request = tables.request
    conn.execute(
        delete_from(request).where(request.c.record_id.in_(ids), request.c.flow_id.in_(flows), request.c.taken_at.is_(None))
    )


def _theirs(record: str, ids: list[int]) -> ColumnElement[bool]:
    """Return whether an enrolment is one of the records'; a contact's are also those in flows for deals that are about it."""
    stay, flow = tables.enrolment, tables.flow
    own = and_(flow.c.record == record, stay.c.record_id.in_(ids))
    return or_(own, stay.c.contact_id.in_(ids)) if record == "contact" else own


def _move_links(conn: Connection, store: Store, record: str, keep: int, gone: int, now: int) -> None:
    """Let what linked to `gone` link to `keep`, and tell it."""
    new_name = names(conn, store, record, [keep]).get(keep, "")
    for holder, field in store.record_tables.links_to(record):
        table = store.records(holder)
        link = table.c[column_of(field.name)]
        moved = list(conn.execute(update(table).where(link == gone).values({link.name: keep}).returning(table.c.id)).scalars())
        people = contacts_behind(conn, store, holder, moved)
        store.sql.write_rows(
            conn,
            tables.change,
            CHANGE,
            ((now, holder, i, people.get(i), "updated", field.name, new_name, None, False) for i in moved),
        )


def _move_marks(conn: Connection, record: str, keep: int, gone: int) -> None:
    tag, member, named = tables.tag, tables.list_member, tables.list_
    had = select(tag.c.tag).where(tag.c.record == record, tag.c.record_id == keep)
    conn.execute(update(tag).where(tag.c.record == record, tag.c.record_id == gone, tag.c.tag.not_in(had)).values(record_id=keep))
    on = select(member.c.list_id).where(member.c.record_id == keep)
    of = select(named.c.id).where(named.c.record == record)
    conn.execute(
        update(member)
        .where(member.c.record_id == gone, member.c.list_id.in_(of), member.c.list_id.not_in(on))
        .values(record_id=keep)
    )


def _fill(conn: Connection, store: Store, record: str, keep: int, gone: int) -> None:
    """Fill the empty fields of `keep` from `gone`."""
    table = store.records(record)
    rows = {r["id"]: r for r in conn.execute(select(table).where(table.c.id.in_((keep, gone)))).mappings()}
    if keep not in rows or gone not in rows:
        return
    columns = [column_of(f.name) for f in store.record_tables.spec(record).fields]
    values: dict[str, Any] = {c: rows[gone][c] for c in columns if rows[keep][c] is None and rows[gone][c] is not None}
    if values:
        conn.execute(update(table).where(table.c.id == keep, true()).values(values))
    if record == "contact":
        refresh_keys(conn, store, [keep])
