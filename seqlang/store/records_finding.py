"""Finding records: by key, by id, by what they are called; the small questions that all who write them share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, func, select, update

from seqlang.store.addresses import email_key, email_ok, phone_ok
from seqlang.store.records_schema import column_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, Table

    from seqlang.store.database import Store
    from seqlang.vocabulary.records import FieldSpec, RecordSpec

T = TypeVar("T")
CHUNK = 5_000  # values in one IN list; SQLite takes 32,766 parameters
ASCII_LOWER = str.maketrans({c: c.lower() for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"})  # what lower() of both databases does
CHANGE = ("at", "record", "record_id", "contact_id", "what", "field", "value", "flow_id", "taken")  # columns of `change`


def find(conn: Connection, store: Store, record: str, key_values: Sequence[str], *, key: str | None = None) -> dict[str, int]:
    """Return the id of the record (the oldest where several have it) for each given key value that exists; case ignored."""
    spec, table = store.record_tables.spec(record), store.records(record)
    column = column_of((spec.field(key or spec.key) or unknown_field(spec, key or spec.key)).name)
    asked = {value: key_of(table, column, value) for value in key_values}
    found = dict(look_up(conn, table, column, {k for k in asked.values() if k is not None}))
    return {value: found[k] for value, k in asked.items() if k in found}


def names(conn: Connection, store: Store, record: str, ids: Iterable[int]) -> dict[int, str]:
    """Return the value of the key field (an e-mail address, a domain, a name) of each record that is there and has one."""
    spec, table = store.record_tables.spec(record), store.records(record)
    key = table.c[column_of(spec.key)]
    found: dict[int, str] = {}
    for chunk in chunks(sorted(set(ids))):
        found |= {r[0]: str(r[1]) for r in conn.execute(select(table.c.id, key).where(table.c.id.in_(chunk), key.is_not(None)))}
    return found


def refresh_keys(conn: Connection, store: Store, ids: Sequence[int] | None = None) -> None:
    """Work out `email_key`, `email_ok`, `phone_ok` anew for these contacts (None: all): after a statement set email or phone."""
    table = store.records("contact")
    wanted = select(table.c.id, store.column("contact", "email"), store.column("contact", "phone"))
    write = update(table).where(table.c.id == bindparam("row"))
    for chunk in [None] if ids is None else chunks(sorted(set(ids))):
        rows = conn.execute(wanted if chunk is None else wanted.where(table.c.id.in_(chunk))).all()
        values = [
            {"row": r[0], "email_key": email_key(r[1]), "email_ok": email_ok(r[1]), "phone_ok": phone_ok(r[2])} for r in rows
        ]
        if values:
            conn.execute(write, values)


def key_of(table: Table, column: str, value: object) -> object:
    """Return a key as it is compared: addresses in lower case, other texts with ASCII letters in lower case; None: no key."""
    if value is None or not isinstance(value, str):
        return value
    if column == "f_email" and "email_key" in table.c:
        return email_key(value)
    return value.strip().translate(ASCII_LOWER) or None


def look_up(conn: Connection, table: Table, column: str, keys: set[object]) -> Iterator[tuple[object, int]]:
    """Yield key and id of the records that have one of the keys; of several the oldest."""
    compared: ColumnElement[Any] = table.c[column]
    if column == "f_email" and "email_key" in table.c:
        compared = table.c.email_key
    elif any(isinstance(k, str) for k in keys):
        compared = func.lower(compared)
    for chunk in chunks(sorted(keys, key=str)):
        yield from (
            (r[0], r[1])
            for r in conn.execute(select(compared, func.min(table.c.id)).where(compared.in_(chunk)).group_by(compared))
        )


def unknown_field(spec: RecordSpec, name: str) -> FieldSpec:
    """Raise KeyError in plain words."""
    raise KeyError(f"a {spec.name} has no field `{name}`")


def contact_column(spec: RecordSpec) -> str | None:
    """Return the column that says which contact's conditions a record may turn; None: anybody's."""
    if spec.name == "contact":
        return "id"
    link = spec.field("contact")
    return column_of("contact") if link is not None and link.link == "contact" else None


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut a sequence so that each piece fits into one IN list."""
    return (values[n : n + CHUNK] for n in range(0, len(values), CHUNK))
