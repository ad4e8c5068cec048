"""Changed fields: the last value told of each record stays, and every change that was one wakes whoever waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, insert, literal, select, update

from seqlang.engine.telling_values import typed_value
from seqlang.store import records, tables
from seqlang.store.columns import Id
from seqlang.store.records_schema import column_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from seqlang.store.database import Store

ADDRESSES = frozenset({"email", "phone"})


def take_changes(conn: Connection, store: Store, number: int) -> None:
    """Write the new values of this pass's `changed` events, with a `change` row for each that differs from the one before."""
    event = tables.event
    mine = and_(event.c.tick_pass == number, event.c.kind == "changed")
    for record, name in conn.execute(
        select(event.c.record, event.c.name).where(mine).distinct().order_by(event.c.record, event.c.name)
    ):
        if name is not None and store.record_tables.spec(record).field(name) is not None:
            _take(conn, store, record, name, number)


def _take(conn: Connection, store: Store, record: str, name: str, number: int) -> None:
    event, row, column = tables.event, store.records(record), store.column(record, name)
    spec = store.record_tables.spec(record)
    field = spec.field(name)
    assert field is not None
    which = and_(event.c.tick_pass == number, event.c.kind == "changed", event.c.record == record, event.c.name == name)
    order: dict[str, Any] = {"partition_by": event.c.record_id, "order_by": (event.c.at, event.c.id)}
    told = (
        select(
            event.c.record_id,
            event.c.at,
            event.c.id,
            event.c.value,
            func.lag(event.c.value).over(**order).label("before"),
            func.row_number().over(**order).label("place"),
            func.row_number().over(partition_by=event.c.record_id, order_by=(event.c.at.desc(), event.c.id.desc())).label("back"),
        )
        .where(which)
        .subquery()
    )
    value = typed_value(field, told.c.value)
    first_differs = and_(told.c.place == 1, column.is_distinct_from(value))
    later_differs = and_(told.c.place > 1, told.c.value.is_distinct_from(told.c.before))
    change = tables.change
    contact: ColumnElement[Any] = literal(None, Id)
    if record in {"contact", "deal"}:
        contact = row.c.id if record == "contact" else row.c[column_of("contact")]
    rows = (
        select(
            told.c.at,
            literal(record),
            told.c.record_id,
            contact,
            literal("updated"),
            literal(name),
            told.c.value,
        )
        .select_from(told.join(row, row.c.id == told.c.record_id))
        .where(first_differs | later_differs)
        .order_by(told.c.at, told.c.id)
    )
    names = ["at", "record", "record_id", "contact_id", "what", "field", "value"]
    if not conn.execute(insert(change).from_select(names, rows, include_defaults=False)).rowcount:
        return
    last = select(told.c.record_id, told.c.value, told.c.at).where(told.c.back == 1).subquery()
    values: dict[Any, Any] = {column: typed_value(field, last.c.value)}
    if spec.field("updated_at") is not None and name != "updated_at":
        values[store.column(record, "updated_at")] = last.c.at
    conn.execute(update(row).where(row.c.id == last.c.record_id, column.is_distinct_from(values[column])).values(values))
    if record == "contact" and name in ADDRESSES:
        ids = conn.execute(select(event.c.record_id).where(which).distinct()).scalars().all()
        records.refresh_keys(conn, store, list(ids))
