"""Tags and lists of records, put on and taken off in sets; each real change is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from seqlang.clock import to_micros
from seqlang.errors import RefusedError
from seqlang.store import tables
from seqlang.store.records_finding import CHANGE, chunks, contact_column

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from seqlang.store.database import Store


def add_tags(
    conn: Connection,
    store: Store,
    record: str,
    tags: Mapping[str, Collection[int]],
    *,
    at: datetime,
    source_flow: int | None = None,
) -> set[int]:
    """Give each tag to its records; return those that bear one now that they did not before."""
    new: set[int] = set()
    for tag, ids in tags.items():
        there = _bearers(conn, record, tag, ids)
        fresh = sorted(set(ids) - there)
        store.sql.write_rows(conn, tables.tag, ("record", "record_id", "tag"), ((record, i, tag) for i in fresh))
        _tell(conn, store, record, fresh, ("tag", tag, "added"), at, source_flow)
        new.update(fresh)
    return new


def remove_tags(
    conn: Connection,
    store: Store,
    record: str,
    tags: Mapping[str, Collection[int]],
    *,
    at: datetime,
    source_flow: int | None = None,
) -> int:
    """Take each tag from its records; return how many bore one."""
    lost = 0
    for tag, ids in tags.items():
        there = sorted(_bearers(conn, record, tag, ids))
        for chunk in chunks(there):
            conn.execute(
                delete(tables.tag).where(
                    tables.tag.c.record == record, tables.tag.c.tag == tag, tables.tag.c.record_id.in_(chunk)
                )
            )
        _tell(conn, store, record, there, ("tag", tag, "removed"), at, source_flow)
        lost += len(there)
    return lost


def tags_of(conn: Connection, record: str, ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return the tags of each record that bears any, in alphabetical order."""
    found: dict[int, tuple[str, ...]] = {}
    table = tables.tag
    for chunk in chunks(sorted(set(ids))):
        query = select(table.c.record_id, table.c.tag).where(table.c.record == record, table.c.record_id.in_(chunk))
        for row in conn.execute(query.order_by(table.c.tag)):
            found[row[0]] = (*found.get(row[0], ()), row[1])
    return found


def ensure_list(conn: Connection, name: str, record: str) -> int:
    """Return the id of the list of that name, made where it is missing. RefusedError where it is a list of other records."""
    found = conn.execute(select(tables.list_.c.id, tables.list_.c.record).where(tables.list_.c.name == name)).first()
    if found is None:
        made = conn.execute(tables.list_.insert().values(name=name, record=record).returning(tables.list_.c.id))
        return int(made.scalar_one())
    if found[1] != record:
        raise RefusedError(f"the list `{name}` is one of {found[1]}s: no {record} can be on it")
    return int(found[0])


def add_to_lists(
    conn: Connection,
    store: Store,
    record: str,
    lists: Mapping[str, Collection[int]],
    *,
    at: datetime,
    source_flow: int | None = None,
) -> set[int]:
    """Put records on lists, which are made where they are missing; return those that are on one now that were not before."""
    new: set[int] = set()
    for name, ids in lists.items():
        number = ensure_list(conn, name, record)
        fresh = sorted(set(ids) - _members(conn, number, ids))
        rows = ((number, i, to_micros(at)) for i in fresh)
        store.sql.write_rows(conn, tables.list_member, ("list_id", "record_id", "added_at"), rows)
        _tell(conn, store, record, fresh, ("list", name, "added"), at, source_flow)
        new.update(fresh)
    return new


def remove_from_lists(
    conn: Connection,
    store: Store,
    record: str,
    lists: Mapping[str, Collection[int]],
    *,
    at: datetime,
    source_flow: int | None = None,
) -> int:
    """Take records off lists; return how many were on one."""
    lost = 0
    for name, ids in lists.items():
        number = ensure_list(conn, name, record)
        there = sorted(_members(conn, number, ids))
        member = tables.list_member
        for chunk in chunks(there):
            conn.execute(delete(member).where(member.c.list_id == number, member.c.record_id.in_(chunk)))
        _tell(conn, store, record, there, ("list", name, "removed"), at, source_flow)
        lost += len(there)
    return lost


def lists_of(conn: Connection, record: str, ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return the names of the lists that each record is on, in alphabetical order."""
    found: dict[int, tuple[str, ...]] = {}
    member, named = tables.list_member, tables.list_
    for chunk in chunks(sorted(set(ids))):
        query = select(member.c.record_id, named.c.name).join(named, named.c.id == member.c.list_id)
        for row in conn.execute(query.where(named.c.record == record, member.c.record_id.in_(chunk)).order_by(named.c.name)):
            found[row[0]] = (*found.get(row[0], ()), row[1])
    return found


def contacts_behind(conn: Connection, store: Store, record: str, ids: Iterable[int]) -> dict[int, int | None]:
    """Return, for each record, the contact whose conditions it may turn; None where it may turn anybody's."""
    column = contact_column(store.record_tables.spec(record))
    wanted = sorted(set(ids))
    if column is None:
        return dict.fromkeys(wanted)
    if column == "id":
        return {i: i for i in wanted}
    table = store.records(record)
    found: dict[int, int | None] = {}
    for chunk in chunks(wanted):
        found |= {r[0]: r[1] for r in conn.execute(select(table.c.id, table.c[column]).where(table.c.id.in_(chunk)))}
    return found


def _bearers(conn: Connection, record: str, tag: str, ids: Collection[int]) -> set[int]:
    table = tables.tag
    found: set[int] = set()
    for chunk in chunks(sorted(set(ids))):
        query = select(table.c.record_id).where(table.c.record == record, table.c.tag == tag, table.c.record_id.in_(chunk))
        found |= set(conn.execute(query).scalars())
    return found


def _members(conn: Connection, number: int, ids: Collection[int]) -> set[int]:
    table = tables.list_member
    found: set[int] = set()
    for chunk in chunks(sorted(set(ids))):
        found |= set(
            conn.execute(select(table.c.record_id).where(table.c.list_id == number, table.c.record_id.in_(chunk))).scalars()
        )
    return found


def _tell(  # noqa: PLR0917 - of this file only
    conn: Connection,
    store: Store,
    record: str,
    ids: list[int],
    news: tuple[str, str, str],
    at: datetime,
    source_flow: int | None,
) -> None:
    people = contacts_behind(conn, store, record, ids)
    what, name, value = news
    rows = ((to_micros(at), record, i, people.get(i), what, name, value, source_flow, False) for i in ids)
    store.sql.write_rows(conn, tables.change, CHANGE, rows)
