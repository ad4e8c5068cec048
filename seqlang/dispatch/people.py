"""Colleagues as templates and to-dos see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from seqlang.store.cells import loaded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from seqlang.store.database import Store

CHAIN_MAX = 4  # `owner.manager.manager…`


def all_people(conn: Connection, store: Store) -> dict[str, Mapping[str, Any]]:
    """Return every colleague's fields by e-mail address (lower case); `manager` is the manager's fields."""
    spec = store.record_tables.spec("user")
    table = store.records("user")
    columns = {field.name: store.column("user", field.name) for field in spec.fields}
    rows = conn.execute(select(table.c.id, *(column.label(f"v_{name}") for name, column in columns.items()))).all()
    plain = {row.id: {f.name: loaded(f, row._mapping[f"v_{f.name}"]) for f in spec.fields} for row in rows}  # noqa: SLF001
    return {str(fields["email"]).lower(): _linked(fields, plain, CHAIN_MAX) for fields in plain.values() if fields.get("email")}


def _linked(fields: Mapping[str, Any], plain: Mapping[int, Mapping[str, Any]], depth: int) -> dict[str, Any]:
    boss = plain.get(fields["manager"]) if isinstance(fields.get("manager"), int) else None
    # An empty link is a record whose fields are empty.
    above = _linked(boss, plain, depth - 1) if boss is not None and depth else None
    return {**fields, "manager": above}
