"""${message[0].upper() + message[1:]}."""
# ruff: noqa: E501, INP001, PLR0915, Q000 - written by `python -m seqlang.store.migrations`

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """${message[0].upper() + message[1:]}."""
    ${upgrades if upgrades else "pass"}
