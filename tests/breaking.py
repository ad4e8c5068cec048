"""A trigger of the database that stands for whatever may fail where one flow writes, or one row."""

from __future__ import annotations

from sqlalchemy import Connection


def refuse(conn: Connection, write: str, when: str, reason: str) -> None:
    """Let the database refuse a write ("INSERT ON ledger", "UPDATE OF f_score ON contact") of rows for which `when` holds."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql(f"CREATE TRIGGER broken BEFORE {write} WHEN {when} BEGIN SELECT raise(ABORT, '{reason}'); END")
        return
    raised = f"RAISE integrity_constraint_violation USING MESSAGE = ''{reason}''"
    conn.exec_driver_sql(f"CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN {raised}; END'")
    conn.exec_driver_sql(f"CREATE TRIGGER broken BEFORE {write} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION broken()")
