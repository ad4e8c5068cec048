"""What records were before they changed: kept by triggers of the database, so that no writer can forget it.

Only of the fields, tags and lists that a condition asks: `watch` makes a trigger for each. `put_back` makes records what they
were when a line of the timeline was written; for a transaction that is rolled back.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, Column, Float, Integer, delete, select, text, update

from seqlang.store import tables
from seqlang.store.records_finding import chunks
from seqlang.store.records_schema import column_of, table_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Connection

    from seqlang.store.database import Store

Reach = dict[str, set[int]]  # record type -> ids
NEWEST = "(SELECT coalesce(max(id), 0) FROM ledger)"


# ------------------------------------------------------------------------------------------------ keeping


def watch(conn: Connection, *, fields: Iterable[tuple[str, str]], tags: Iterable[str], lists: Iterable[str]) -> None:
    """Keep, from now on, what these (record type, field) are before a change, and whether these tags and lists are there.

    A list that the database does not know yet is left out. What is kept already goes on being kept.
    """
    there = _triggers(conn)
    for record, field in sorted(set(fields)):
        column = column_of(field)
        _make(conn, there, _name("field", record, column), table_of(record), ("field", record, column))
    for tag in sorted(set(tags)):
        _make(conn, there, _name("tag", tag), "tag", ("tag", tag, ""))
    named = tables.list_
    for number, record in conn.execute(select(named.c.id, named.c.record).where(named.c.name.in_(sorted(set(lists))))).all():
        _make(conn, there, _name("list", str(number)), "list_member", ("list", str(number), record))


def _name(*parts: str) -> str:
    return "former_" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _triggers(conn: Connection) -> frozenset[str]:
    kept = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if conn.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE c.relnamespace = current_schema()::regnamespace"
    )
    return frozenset(str(r[0]) for r in conn.execute(text(kept)))


def _make(conn: Connection, there: Collection[str], name: str, table: str, about: tuple[str, str, str]) -> None:
    """Make the trigger of that name, or the pair of a tag or list, where it is not there."""
    what, first, second = about
    if what == "field":
        if name not in there:
            conn.exec_driver_sql(_escaped(conn, _of_field(conn, name, table, first, second)))
        return
    for when in ("insert", "delete"):
        if f"{name}_{when}" not in there:
            conn.exec_driver_sql(_escaped(conn, _of_mark(conn, f"{name}_{when}", table, when, about)))


def _escaped(conn: Connection, ddl: str) -> str:
    return ddl if conn.dialect.name == "sqlite" else ddl.replace("%", "%%")


def _of_field(conn: Connection, name: str, table: str, record: str, column: str) -> str:
    quote, kind = conn.dialect.identifier_preparer.quote, _literal(record)
    held = f"CREATE TRIGGER {name} AFTER UPDATE OF {quote(column)} ON {quote(table)} FOR EACH ROW WHEN"
    if conn.dialect.name == "sqlite":
        return (
            f"{held} old.{quote(column)} IS NOT new.{quote(column)} BEGIN "  # noqa: S608 - names of our own, texts quoted
            f"INSERT INTO former (line_id, record, record_id, what, name, value) VALUES ({NEWEST}, {kind}, old.id, 'field', "
            f"{_literal(column)}, CAST(old.{quote(column)} AS TEXT)); END"
        )
    differs = f"(old.{quote(column)} IS DISTINCT FROM new.{quote(column)})"
    return f"{held} {differs} EXECUTE FUNCTION seqlang_former({kind}, {_literal(column)})"


def _of_mark(conn: Connection, name: str, table: str, when: str, about: tuple[str, str, str]) -> str:
    what, mark, record = about
    row = "new" if when == "insert" else "old"
    which = f"{row}.tag = {_literal(mark)}" if what == "tag" else f"{row}.list_id = {mark}"
    held = f"CREATE TRIGGER {name} AFTER {when} ON {table} FOR EACH ROW WHEN ({which})"
    if conn.dialect.name == "sqlite":
        kind, value = f"{row}.record" if what == "tag" else _literal(record), "NULL" if when == "insert" else "'1'"
        return (
            f"{held} BEGIN INSERT INTO former (line_id, record, record_id, what, name, value) "  # noqa: S608 - the same
            f"VALUES ({NEWEST}, {kind}, {row}.record_id, '{what}', {_literal(mark)}, {value}); END"
        )
    return f"{held} EXECUTE FUNCTION seqlang_former_mark('{what}', {_literal(mark)}, {_literal(record)})"


def _literal(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"


# ------------------------------------------------------------------------------------------- putting back


def put_back(conn: Connection, store: Store, reach: Reach, holders: Collection[str], line_id: int) -> None:
    """Make the records of `reach` what they were when that line was written; the caller rolls the transaction back.

    With them go those that they link to, and those of the types `holders` that link to them: `reach` grows by these.
    """
    _forward(conn, store, reach, line_id)
    _backward(conn, store, reach, holders, line_id)
    _forward(conn, store, reach, line_id)
    for name, numbers in reach.items():
        for row in _first(conn, name, numbers, line_id):
            _restore(conn, store, name, row)


def _first(conn: Connection, record: str, ids: Iterable[int], line_id: int) -> list[tuple[int, str, str, str | None]]:
    """Return (record's id, what, name, value) of what changed since: the oldest of each, which is what was there then."""
    former = tables.former.c
    found: dict[tuple[int, str, str], str | None] = {}
    for chunk in chunks(sorted(ids)):
        query = select(former.record_id, former.what, former.name, former.value).where(
            former.record == record, former.record_id.in_(chunk), former.line_id >= line_id
        )
        for row in conn.execute(query.order_by(former.id)):
            found.setdefault((row[0], row[1], row[2]), row[3])
    return [(i, what, name, value) for (i, what, name), value in found.items()]


def _restore(conn: Connection, store: Store, record: str, row: tuple[int, str, str, str | None]) -> None:
    id_, what, name, value = row
    if what == "field":
        table = store.records(record)
        if name in table.c:
            conn.execute(update(table).where(table.c.id == id_).values({name: _kept(table.c[name], value)}))
        return
    table = tables.tag if what == "tag" else tables.list_member
    about = {"record": record, "record_id": id_, "tag": name} if what == "tag" else {"list_id": int(name), "record_id": id_}
    if value is None:
        conn.execute(delete(table).where(*(table.c[key] == part for key, part in about.items())))
    else:
        more = {} if what == "tag" else {"added_at": 0}
        conn.execute(store.sql.insert(table).values(about | more).on_conflict_do_nothing())


def _kept(column: Column[object], value: str | None) -> object:
    """Return the text as the column keeps it."""
    if value is None:
        return None
    if isinstance(column.type, Boolean):
        return value in {"1", "true"}
    if isinstance(column.type, Integer):
        return int(value)
    return float(value) if isinstance(column.type, Float) else value


def _forward(conn: Connection, store: Store, reach: Reach, line_id: int) -> None:
    """Add what the records link to, or linked to then, and so on."""
    waiting = list(reach.items())
    while waiting:
        record, ids = waiting.pop()
        table, spec = store.records(record), store.record_tables.spec(record)
        links = {column_of(f.name): f.link for f in spec.fields if f.type == "link" and f.link is not None}
        found: Reach = {}
        for chunk in chunks(sorted(ids)):
            for row in conn.execute(select(*(table.c[c] for c in links)).where(table.c.id.in_(chunk))) if links else ():
                for other, id_ in zip(links.values(), row, strict=True):
                    found.setdefault(other, set()).update(() if id_ is None else (id_,))
        for _, what, name, value in _first(conn, record, ids, line_id):
            if what == "field" and name in links and value is not None:
                found.setdefault(links[name], set()).add(int(value))
        for other, more in found.items():
            if fresh := more - reach.get(other, set()):
                reach.setdefault(other, set()).update(fresh)
                waiting.append((other, fresh))


def _backward(conn: Connection, store: Store, reach: Reach, holders: Collection[str], line_id: int) -> None:
    """Add the records of those types that link to what is reached, or linked to it then."""
    former = tables.former.c
    for record, ids in list(reach.items()):
        for holder, field in store.record_tables.links_to(record):
            if holder not in holders:
                continue
            table, name = store.records(holder), column_of(field.name)
            for chunk in chunks(sorted(ids)):
                now = select(table.c.id).where(table.c[name].in_(chunk))
                then = select(former.record_id).where(
                    former.record == holder,
                    former.what == "field",
                    former.name == name,
                    former.value.in_([str(i) for i in chunk]),
                    former.line_id >= line_id,
                )
                reach.setdefault(holder, set()).update(conn.execute(now.union(then)).scalars())


__all__ = ["put_back", "watch"]
