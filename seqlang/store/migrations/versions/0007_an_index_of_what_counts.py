"""An index of what counts."""
# ruff: noqa: INP001, Q000 - written by `python -m seqlang.store.migrations`

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

# Messages of drafts that were released say now what they are counted by, as all others do.
RELEASED = """
UPDATE ledger SET counts = coalesce(channel, 'email') WHERE occurrence > 0 AND effect = 'message' AND counts IS NULL
"""
# Who came in within the last week has taken a place, where the flow says how many may.
PLACES = """
UPDATE ledger SET counts = 'place'
WHERE what = 'entered' AND at >= (SELECT max(at) FROM ledger) - 691200000000
    AND enrolment_id IN (SELECT id FROM enrolment WHERE NOT by_hand)
"""


def upgrade() -> None:
    """An index of what counts."""
    op.drop_index('ix_ledger_flow_at', table_name='ledger')
    op.execute(RELEASED)
    op.execute(PLACES)
    where = sa.text('counts is not null')
    op.create_index('ix_ledger_counted', 'ledger', ['flow_id', 'at'], sqlite_where=where, postgresql_where=where)
