"""One statement for many rows: put together once for each database, and handed to the driver as plain values.

SQLAlchemy looks at every parameter of every row; where a statement is carried out for hundreds of rows a second, and its values
are plain numbers and texts, that takes longer than the database does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, Connection
    from sqlalchemy.sql.dml import UpdateBase


class Many:
    """A statement with `bindparam`s, for rows of plain values (no types that a driver does not know)."""

    __slots__ = ("_made", "_statement")

    def __init__(self, statement: UpdateBase) -> None:
        self._statement = statement
        self._made: dict[str, tuple[str, dict[str, Any], list[str] | None]] = {}  # by database

    def run(self, conn: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Carry it out for each row, and return how many rows of the database changed. All rows have the same keys."""
        if not rows:
            return 0
        made = self._made.get(conn.dialect.name)
        if made is None:
            compiled = self._statement.compile(dialect=conn.dialect, column_keys=list(rows[0]))
            places: list[str] | None = getattr(compiled, "positiontup", None)  # of the dialects with places, not names
            made = self._made[conn.dialect.name] = (str(compiled), dict(compiled.params), places)
        text, fixed, places = made
        if places is None:
            return conn.exec_driver_sql(text, [{**fixed, **row} for row in rows]).rowcount
        own = set(rows[0])
        if own.issuperset(places):
            return conn.exec_driver_sql(text, [tuple([row[name] for name in places]) for row in rows]).rowcount
        return conn.exec_driver_sql(text, [tuple([row[n] if n in own else fixed[n] for n in places]) for row in rows]).rowcount


class Batch:
    """A statement for several rows at once: one call of the database instead of one a row.

    SQLite's driver lets other threads run at each call: where they are busy, that costs more than the rows do. `make` gets the
    places of the values, for each row by name, and puts the statement together; once for each number of rows.
    """

    SIZE = 50
    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[Sequence[Mapping[str, BindParameter[Any]]]], UpdateBase]) -> None:
        self._make = make
        self._made: dict[int, tuple[Many, list[str]]] = {}  # with the places' names, by the number of rows

    def run(self, conn: Connection, rows: Sequence[Mapping[str, Any]], values: Mapping[str, Any] | None = None) -> int:
        """Carry it out, and return how many rows changed. All rows have the same names in one order; `values` are of no row."""
        changed = 0
        for at in range(0, len(rows), self.SIZE):
            some = rows[at : at + self.SIZE]
            made = self._made.get(len(some))
            if made is None:
                places: list[dict[str, BindParameter[Any]]] = [
                    {name: bindparam(f"{name}__{place}") for name in row} for place, row in enumerate(some)
                ]
                made = self._made[len(some)] = (Many(self._make(places)), [one.key for row in places for one in row.values()])
            statement, names = made
            given = dict(zip(names, chain.from_iterable([row.values() for row in some]), strict=True))
            changed += statement.run(conn, [given if values is None else {**values, **given}])
        return changed
