"""New values of fields as events tell them: read by the field's type, kept as text until they are taken in."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Float, Integer, cast, select

from seqlang.clock import EPOCH
from seqlang.store import records, tables
from seqlang.store.cells import parse_cell, stored, text_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from seqlang.store.database import Store
    from seqlang.vocabulary.records import FieldSpec

UTC = "UTC"
YES = "yes"


def read_value(conn: Connection, store: Store, record: str, name: str, text: str) -> tuple[str | None, str | None]:
    """Return the text by which `event.value` keeps the new value (None: emptied), or what is wrong with it.

    Dates are ordinals, instants microseconds, links the number of the record; truths `yes` and `no`.
    """
    spec = store.record_tables.spec(record)
    field = spec.field(name)
    if field is None:
        near = difflib.get_close_matches(name, [f.name for f in spec.fields], 1)
        return None, f"a {record} has no field `{name}`" + (f"; did you mean `{near[0]}`?" if near else "")
    if field.engine:
        return None, f"`{name}` is kept by the engine and cannot be set"
    if field.type == "link" and text:
        return _linked(conn, store, field, text)
    try:
        kept = stored(field, parse_cell(field, text, _zone(conn)))
    except (ValueError, TypeError) as error:
        return None, str(error)
    return text_of(kept), None


def typed_value(field: FieldSpec, text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return what the field's column keeps of a value that `read_value` made."""
    match field.type:
        case "number":
            return cast(text, Float)
        case "boolean":
            return text == YES
        case "date":
            return cast(text, Integer)
        case "datetime" | "link":
            return cast(text, BigInteger)
        case _:
            return text


def _linked(conn: Connection, store: Store, field: FieldSpec, text: str) -> tuple[str | None, str | None]:
    link = field.link or ""
    found = records.find(conn, store, link, [text])
    number = next(iter(found.values()), None)
    if number is None and link == "user":
        number = records.upsert(conn, store, "user", [{"email": text.strip()}], at=EPOCH, quiet=True).ids[0]
    return (None, f"there is no {link} `{text}`") if number is None else (str(number), None)


def _zone(conn: Connection) -> str:
    return conn.execute(select(tables.meta.c.value).where(tables.meta.c.key == "project_zone")).scalar_one_or_none() or UTC
