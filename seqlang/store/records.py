"""Finding and writing records, many at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from seqlang.clock import to_micros
from seqlang.store import tables
from seqlang.store.addresses import email_key, email_ok, phone_ok
from seqlang.store.cells import Stored, stored, text_of
from seqlang.store.records_finding import (
    CHANGE,
    chunks,
    contact_column,
    find,
    key_of,
    look_up,
    names,
    refresh_keys,
    unknown_field,
)
from seqlang.store.records_leaving import delete, merge
from seqlang.store.records_schema import column_of, default_of
from seqlang.vocabulary.records import SUBSCRIPTION_MARKETED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Table

    from seqlang.store.database import Store
    from seqlang.vocabulary.records import FieldSpec, RecordSpec

__all__ = ["Upserted", "chunks", "delete", "find", "merge", "names", "refresh_keys", "upsert"]

KEPT = ("created_at", "updated_at")  # kept by the store: their changes are told to nobody


@dataclass(frozen=True, slots=True)
class Upserted:
    """What an upsert did. `ids` has one id for each row given, in their order."""

    ids: tuple[int, ...]
    created: tuple[int, ...]
    updated: tuple[int, ...]  # those of which a field has another value now


@dataclass(slots=True)
class _Batch:
    """One upsert under way."""

    conn: Connection
    store: Store
    spec: RecordSpec
    table: Table
    at: int
    source_flow: int | None
    created: dict[int, dict[str, Stored]] = field(default_factory=dict)  # id -> all columns
    changed: dict[int, dict[str, Stored]] = field(default_factory=dict)  # id -> new values of columns
    before: dict[int, dict[str, Stored]] = field(default_factory=dict)  # id -> values of the columns in question


def upsert(  # noqa: PLR0913 - each is a question of its own, all but the first four are named
    conn: Connection,
    store: Store,
    record: str,
    rows: Sequence[Mapping[str, object]],
    *,
    at: datetime,
    key: str | None = None,
    source_flow: int | None = None,
    fresh: bool = False,
    quiet: bool = False,
) -> Upserted:
    """Add or update records, found by the field `key` (default: the type's own; case ignored).

    A row maps field names to Python values (see `store.cells`); a field that is missing keeps its value (in a new record:
    takes its default), None empties it. Links are ids of rows. `fresh`: every row is a new record. `quiet`: no `change` rows
    (the records were always there). `source_flow`: the flow whose statement did it. ValueError, TypeError, KeyError: a wrong
    value or field.
    """
    spec = store.record_tables.spec(record)
    batch = _Batch(conn, store, spec, store.records(record), to_micros(at), source_flow)
    kept = [_stored_row(spec, row) for row in rows]
    key_column = column_of((spec.field(key or spec.key) or unknown_field(spec, key or spec.key)).name)
    keys = [None] * len(kept) if fresh else [key_of(batch.table, key_column, row.get(key_column)) for row in kept]
    known: dict[object, int] = dict(look_up(conn, batch.table, key_column, {k for k in keys if k is not None}))
    numbers = iter(store.sql.next_ids(conn, batch.table, _how_many_new(keys, known)))
    _read_before(batch, set(known.values()), {c for row in kept for c in row})
    defaults = _defaults(spec)
    ids = []
    for row, value in zip(kept, keys, strict=True):
        id_ = known.get(value) if value is not None else None
        if id_ is None:
            id_ = next(numbers)
            batch.created[id_] = _new(batch, id_, defaults | row, row)
            if value is not None:
                known[value] = id_
        else:
            _change(batch, id_, row)
        ids.append(id_)
    _write(batch, quiet=quiet)
    return Upserted(tuple(ids), tuple(batch.created), tuple(batch.changed))


# ------------------------------------------------------------------------------------------------ rows


def _stored_row(spec: RecordSpec, row: Mapping[str, object]) -> dict[str, Stored]:
    by_name = _fields(spec)
    try:
        return {by_name[name][0]: stored(by_name[name][1], value) for name, value in row.items()}
    except KeyError as missing:
        raise KeyError(f"a {spec.name} has no field {missing}") from None


_FIELDS: dict[int, tuple[RecordSpec, dict[str, tuple[str, FieldSpec]]]] = {}  # names of columns cost a hash each: once a type


def _fields(spec: RecordSpec) -> dict[str, tuple[str, FieldSpec]]:
    known = _FIELDS.get(id(spec))
    if known is None or known[0] is not spec:
        if len(_FIELDS) > 256:
            _FIELDS.clear()
        known = _FIELDS[id(spec)] = (spec, {f.name: (column_of(f.name), f) for f in spec.fields})
    return known[1]


def _defaults(spec: RecordSpec) -> dict[str, Stored]:
    """Return the values of a new record whose row says nothing; a contact may be mailed unless it says otherwise."""
    values: dict[str, Stored] = {column_of(f.name): default_of(f) if f.default is not None else None for f in spec.fields}
    if spec.name == "contact":
        values[column_of("subscriptions")] = f";{SUBSCRIPTION_MARKETED};"
    return values


def _new(batch: _Batch, id_: int, values: dict[str, Stored], row: dict[str, Stored]) -> dict[str, Stored]:
    for name in KEPT:
        column = column_of(name)
        if column in batch.table.c and row.get(column) is None:
            values[column] = batch.at
    return {"id": id_} | values | _beside(batch.table, values)


def _beside(table: Table, values: Mapping[str, Stored]) -> dict[str, Stored]:
    """Return what the engine keeps of an e-mail address and a phone number, where the values have one."""
    found: dict[str, Stored] = {}
    if "email_key" in table.c and "f_email" in values:
        address = values["f_email"]
        found["email_key"] = email_key(str(address) if address is not None else None)
        if "email_ok" in table.c:
            found["email_ok"] = email_ok(str(address).strip() if address is not None else None)
    if "phone_ok" in table.c and "f_phone" in values:
        found["phone_ok"] = phone_ok(str(values["f_phone"]) if values["f_phone"] is not None else None)
    return found


def _change(batch: _Batch, id_: int, row: dict[str, Stored]) -> None:
    """Note what of the row differs from what is there; a record created in this very batch takes it at once."""
    if id_ in batch.created:
        batch.created[id_] |= row | _beside(batch.table, row)
        return
    before = batch.before[id_]
    pending = batch.changed.get(id_, {})
    differs = {c: v for c, v in row.items() if pending.get(c, before.get(c)) != v and not (c == "f_created_at" and v is None)}
    if differs:
        batch.changed[id_] = pending | differs


# -------------------------------------------------------------------------------------------- database


def _how_many_new(keys: Sequence[object], known: Mapping[object, int]) -> int:
    return sum(k is None for k in keys) + len({k for k in keys if k is not None and k not in known})


def _read_before(batch: _Batch, ids: set[int], columns: set[str]) -> None:
    wanted = sorted(columns)
    query = select(batch.table.c.id, *(batch.table.c[c] for c in wanted))
    for chunk in chunks(sorted(ids)):
        for row in batch.conn.execute(query.where(batch.table.c.id.in_(chunk))):
            batch.before[row[0]] = dict(zip(wanted, row[1:], strict=True))


def _write(batch: _Batch, *, quiet: bool) -> None:
    if batch.created:
        columns = list(next(iter(batch.created.values())))
        batch.store.sql.write_rows(batch.conn, batch.table, columns, ([r[c] for c in columns] for r in batch.created.values()))
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for id_, values in batch.changed.items():
        extra: dict[str, Stored] = _beside(batch.table, values)
        if "f_updated_at" in batch.table.c and "f_updated_at" not in values:
            extra["f_updated_at"] = batch.at
        whole = values | extra
        groups.setdefault(tuple(sorted(whole)), []).append({"row": id_, **{f"new_{c}": v for c, v in whole.items()}})
    for columns_, rows in groups.items():
        statement = update(batch.table).where(batch.table.c.id == bindparam("row"))
        batch.conn.execute(statement.values({c: bindparam(f"new_{c}") for c in columns_}), rows)
    if not quiet:
        batch.store.sql.write_rows(batch.conn, tables.change, CHANGE, _told(batch))


def _told(batch: _Batch) -> Iterator[tuple[object, ...]]:
    """Yield the `change` rows: each new record, and each field that has another value, as text."""
    record, contact = batch.spec.name, contact_column(batch.spec)
    for id_, values in batch.created.items():
        yield (batch.at, record, id_, values.get(contact) if contact else None, "created", None, None, batch.source_flow, False)
    if not batch.changed:
        return
    for id_, values in batch.changed.items():
        before = batch.before[id_]
        whose = {values.get(contact, before.get(contact)), before.get(contact)} if contact and contact != "id" else set()
        for spec in batch.spec.fields:
            column = column_of(spec.name)
            if column not in values or spec.name in KEPT:
                continue
            text = text_of(values[column])
            # A record that goes from one contact to another wakes both.
            for person in {id_} if contact == "id" else whose if column == contact else {before.get(contact or "")}:
                yield (batch.at, record, id_, person, "updated", spec.name, text, batch.source_flow, False)
