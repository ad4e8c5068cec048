"""One statement for many rows: put together once for each database, and handed to the driver as plain values.

SQLAlchemy looks at every parameter of every row; where a statement is carried out for hundreds of rows a second, and its values
are plain numbers and texts, that takes longer than the database does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    """An UPDATE or DELETE that does the same to all rows with certain numbers: a good part faster than one row at a time.

    `make` gets the places of the numbers, `SIZE` of them: where there are fewer, the last one stands there again.
    """

    SIZE = 25
    __slots__ = ("_statement",)

    def __init__(self, make: Callable[[Sequence[BindParameter[int]]], UpdateBase]) -> None:
        self._statement = Many(make([bindparam(f"its_{place}") for place in range(self.SIZE)]))

    def run(self, conn: Connection, numbers: Sequence[int], values: Mapping[str, Any]) -> int:
        """Carry it out for all the numbers, and return how many rows changed."""
        changed = 0
        for at in range(0, len(numbers), self.SIZE):
            some = list(numbers[at : at + self.SIZE])
            some += some[-1:] * (self.SIZE - len(some))
            changed += self._statement.run(conn, [{**values, **{f"its_{place}": number for place, number in enumerate(some)}}])
        return changed
