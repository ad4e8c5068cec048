"""Records from any SQL database: a query, and a column by which it goes on where it ended."""

from __future__ import annotations

from seqlang.sdk import Source, SourceSettings, hookimpl


@hookimpl
def open_source(kind: str, settings: SourceSettings) -> Source:
    """Return the source; the database is asked when it is read."""
    from seqlang_sql.reading import Query

    return Query(settings)
