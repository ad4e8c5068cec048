"""Alembic's entry: runs revisions on the connection that the caller passes."""

from __future__ import annotations

from alembic import context

from seqlang.store.tables import metadata

connection = context.config.attributes["connection"]
# SQLite cannot alter most things: batch mode makes a table anew and copies it.
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
