"""The rows of a query in batches that end where the mark grows, so that no two readings part rows of one mark."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from seqlang.sdk import SourceBatch, SourceRow, SourceSettings, cell_of

ROWS_PER_BATCH = 1_000
SAME_MARK_MAX = 50_000  # rows of one mark are one batch
_READS = re.compile(r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(select|with)\b", re.IGNORECASE | re.DOTALL)


class Query:
    """One query of one database."""

    def __init__(self, settings: SourceSettings) -> None:
        self._settings = settings
        self._query = str(settings.get("query", "")).strip().rstrip(";")
        self._column = settings.get("mark")
        if not _READS.match(self._query):
            raise ValueError("`query` must be a select: a source only reads")
        if ";" in re.sub(r"'[^']*'", "", self._query):
            raise ValueError("`query` must be one statement")
        if ":mark" in self._query and not self._column:
            raise ValueError("`query` has `:mark`: name the column that grows with `mark`")
        if self._column and ":mark" not in self._query:
            raise ValueError(f"`mark` is `{self._column}`, so `query` needs `:mark`: `where {self._column} >= :mark`")
        self._engine: Any = None

    def read(self, mark: str | None) -> Iterator[SourceBatch]:
        """Yield the rows behind the mark; without the setting `mark` all of them, at every reading."""
        from sqlalchemy import text
        from sqlalchemy.exc import SQLAlchemyError

        last = read_mark(mark) if mark else self._settings.get("start")
        try:
            with self._connected() as connection:
                result = connection.execution_options(stream_results=True, yield_per=ROWS_PER_BATCH).execute(
                    text(self._query), {"mark": last} if self._column else {}
                )
                columns = tuple(result.keys())
                if self._column and self._column not in columns:
                    raise ValueError(f"`query` finds no column `{self._column}`, which `mark` names")
                yield from self._batches(result, columns, last)
                connection.rollback()
        except SQLAlchemyError as error:
            said = " ".join(str(getattr(error, "orig", None) or error).split())
            raise ValueError(f"the database says: {said[:300]}") from None

    def close(self) -> None:
        """Close all connections."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _connected(self) -> Any:
        from sqlalchemy import create_engine
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError

        try:
            url = make_url(self._settings.secret("database") or "")
            if url.get_backend_name() == "sqlite" and url.database:
                # A file that is not there would be made, and a relative one belongs to the project.
                path = self._settings.folder / url.database
                if not path.is_file():
                    raise ValueError(f"there is no database `{path}`")
                url = url.set(database=str(path))
            self._engine = create_engine(url)
        except (ArgumentError, NoSuchModuleError, ImportError):
            raise ValueError("`database` is no URL of a database that is installed: postgresql+psycopg://user@host") from None
        return self._engine.connect()

    def _batches(self, result: Any, columns: tuple[str, ...], last: Any) -> Iterator[SourceBatch]:
        at = columns.index(self._column) if self._column else None
        rows: list[SourceRow] = []
        seen = last
        for number, values in enumerate(result, 1):
            value = None if at is None else values[at]
            if at is not None:
                seen = self._grown(seen, value, number)
                if (len(rows) >= ROWS_PER_BATCH and value != last) or len(rows) >= SAME_MARK_MAX:
                    yield SourceBatch(columns, tuple(rows), write_mark(last))
                    rows = []
                last = value
            elif len(rows) >= ROWS_PER_BATCH:
                yield SourceBatch(columns, tuple(rows), "")
                rows = []
            cells = {column: cell_of(one) for column, one in zip(columns, values, strict=True)}
            rows.append(SourceRow(f"row {number}" if value is None else f"row {number} ({self._column} {value})", cells))
        if rows:
            yield SourceBatch(columns, tuple(rows), write_mark(last) if at is not None else "")

    def _grown(self, before: Any, value: Any, number: int) -> Any:
        """Return the value; ValueError where it is empty or smaller than the one before: going on would lose rows."""
        if value is None:
            raise ValueError(f"row {number} has no `{self._column}`: leave such rows out (`where {self._column} is not null`)")
        if number > 1 and type(before) is type(value) and value < before:
            raise ValueError(f"row {number} comes behind a later one: add `order by {self._column}` to the query")
        return value


def write_mark(value: Any) -> str:
    """Return a value as text that says its type."""
    kinds = ((bool, "bool"), (int, "int"), (float, "float"), (Decimal, "decimal"), (datetime, "datetime"), (date, "date"))
    for kind, name in kinds:
        if isinstance(value, kind):
            return json.dumps([name, value.isoformat() if isinstance(value, date) else str(value)])
    return json.dumps(["text", str(value)])


def read_mark(text: str) -> Any:
    """Return the value that `write_mark` wrote."""
    kind, value = json.loads(text)
    kinds: dict[str, Any] = {
        "bool": lambda v: v == "True", "int": int, "float": float, "decimal": Decimal, "datetime": datetime.fromisoformat,
        "date": date.fromisoformat, "text": str,
    }  # fmt: skip
    return kinds[kind](value)
