"""No queries for each row of a set: on PostgreSQL, keys of tables that ticks fill are left to `db check`."""
# ruff: noqa: INP001 - a revision; by hand, for the databases differ

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEYS = (
    ("enrolment", "fk_enrolment_flow_id_flow"),
    ("pinned", "fk_pinned_enrolment_id_enrolment"),
    ("request", "fk_request_flow_id_flow"),
    ("list_member", "fk_list_member_list_id_list"),
)


def upgrade() -> None:
    """Drop the keys, and leave room in pages of enrolments that are written from now on."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, key in KEYS:
        op.drop_constraint(key, table, type_="foreignkey")
    op.execute("ALTER TABLE enrolment SET (fillfactor = 50)")
