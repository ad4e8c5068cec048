"""Which version of the schema a database has, without importing Alembic: that takes a tenth of a second at every start."""

from __future__ import annotations

# `migrations/versions`, oldest first
REVISIONS: tuple[str, ...] = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
HEAD = REVISIONS[-1]
VERSION_TABLE = "alembic_version"
ASK_VERSION = "SELECT version_num FROM alembic_version"
