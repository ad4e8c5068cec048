"""One index of stays."""
# ruff: noqa: E501, INP001, Q000 - written by `python -m seqlang.store.migrations`

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One index of stays."""
    # Without a batch: both databases do each of these in place, and no table is copied.
    op.drop_index('ix_enrolment_flow_record', table_name='enrolment')
    op.drop_index('uq_enrolment_in', table_name='enrolment')
    op.add_column('enrolment', sa.Column('stay', sa.Integer(), sa.Computed('case when active and not many then 0 end'), nullable=True))
    op.create_index('uq_enrolment_stay', 'enrolment', ['flow_id', 'record_id', 'stay'], unique=True)
    op.drop_column('enrolment', 'attempts')
