"""What PostgreSQL believes of a store's tables: kept from looking by itself, let look, asked."""

from __future__ import annotations

from sqlalchemy import text

from seqlang.store import Store


def leave_alone(store: Store) -> None:
    """Keep the server from looking at tables by itself."""
    with store.begin() as conn:
        for table in conn.execute(text("SELECT relname FROM pg_stat_user_tables")).scalars().all():
            conn.execute(text(f'ALTER TABLE "{table}" SET (autovacuum_enabled = off)'))


def look(store: Store) -> None:
    """Let the server look at all tables."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("VACUUM ANALYZE"))


def known(store: Store, table: str) -> float:
    """Return how many rows of a table the planner believes in; -1: it knows nothing."""
    with store.read() as conn:
        found = conn.execute(text("SELECT reltuples FROM pg_class WHERE relname = :name"), {"name": table})
        return float(found.scalar_one())
