"""A cheaper index of open lines."""
# ruff: noqa: INP001, Q000 - written by `python -m seqlang.store.migrations`

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A cheaper index of open lines."""
    op.drop_index('ix_ledger_open', table_name='ledger')
    where = sa.text("state = 'planned' or state = 'sending' or state = 'retry'")
    op.create_index('ix_ledger_open', 'ledger', ['state', 'node_id', 'id'], sqlite_where=where, postgresql_where=where)
