"""What the database believes of its tables' sizes and values is renewed where it no longer holds.

SQLite needs no such figures. PostgreSQL plans by them, and looks at a table when a process of its own comes round to it: minutes
after an import or an admission, or never where that process is switched off. Until then a table that it has seen empty counts as
small, and what goes through it anew for every row takes a thousand times as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from seqlang.store import tables

if TYPE_CHECKING:
    from seqlang.store.database import Store

ROWS_MIN = 1_000  # whoever wrote fewer has not changed the figures


def renew(store: Store) -> tuple[str, ...]:
    """Let the database look at those tables that have outgrown what it knows of them; return their names.

    Not for use in a transaction: each table is a transaction of its own, and one that another process looks at is left to it.
    One short question where nothing has changed.
    """
    outgrown = store.sql.outgrown
    if outgrown is None:
        return ()
    try:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            known = [*tables.metadata.tables, *(store.records(spec.name).name for spec in store.record_tables)]
            names = tuple(conn.execute(text(outgrown), {"names": known}).scalars())
            if names:
                quote = conn.dialect.identifier_preparer.quote
                conn.exec_driver_sql(f"ANALYZE (SKIP_LOCKED) {', '.join(map(quote, names))}")
    except DBAPIError:  # it may not, or was too slow: all goes on as before, and whatever is really broken shows at once
        return ()
    return names
