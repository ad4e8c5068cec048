"""The database: tables, migrations, records, events, the ledger, named queries and reports."""

from __future__ import annotations

from seqlang.store.database import Store

__all__ = ["Store"]
