"""Migrations lead to the schema that `tables.py` describes, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from seqlang.errors import StoreError
from seqlang.store import Store, tables
from seqlang.store.database import address_of, engine_of
from seqlang.store.integrity import KEYS_OF_SETS
from seqlang.store.migrations import migrate, revisions, upgrade
from seqlang.store.versions import REVISIONS
from tests.postgres_server import PostgresServer

HOW = 'tables.py has changed: run `python -m seqlang.store.migrations "what it does"`'

FORMER_LINES = """
INSERT INTO plan (hash, body, created_at) VALUES ('h', '{}', 0);
INSERT INTO flow (id, name, kind, plan_hash) VALUES (1, 'F', 'classic', 'h');
INSERT INTO enrolment (id, flow_id, record_id, entered_at, entry_on, by_hand) VALUES (1, 1, 1, 0, 1, 0), (2, 1, 2, 0, 1, 1);
INSERT INTO ledger (enrolment_id, flow_id, record_id, what, at) VALUES
    (1, 1, 1, 'entered', 1), (1, 1, 1, 'entered', 864000000000), (2, 1, 2, 'entered', 864000000000);
INSERT INTO ledger (enrolment_id, flow_id, record_id, what, effect, channel, occurrence, node_id, at) VALUES
    (1, 1, 1, 'executed', 'message', 'email', 1, 1, 864000000000), (2, 1, 2, 'executed', 'draft', 'email', 0, 1, 864000000000)
"""


def test_versions_name_every_revision() -> None:
    assert revisions() == REVISIONS


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Two URLs of empty databases of one kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'a.db'}", f"sqlite:///{tmp_path / 'b.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database(schema=False) as one, server.database(schema=False) as other:
        yield one, other


def test_migrations_and_metadata_give_the_same_schema(both: tuple[str, str]) -> None:
    assert upgrade(both[0]) is None
    migrated, made = Store.open(both[0]), Store.open(both[1], create=True)
    with migrated.read() as one, made.read() as other:
        assert _described(one) == _described(other), HOW
        found = compare_metadata(MigrationContext.configure(one), tables.metadata)
        assert [d for d in found if not (_of_records(d) or _of_sqlite(d, one))] == [], HOW
    migrated.close()
    made.close()


def test_upgrading_twice_changes_nothing(both: tuple[str, str]) -> None:
    upgrade(both[0])
    assert upgrade(both[0]) == REVISIONS[-1]
    Store.open(both[0]).close()


def test_upgrading_says_of_old_lines_what_they_are_counted_by(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    engine = engine_of(address_of(url), create=True)
    with engine.connect().execution_options(seqlang_write=True) as conn, conn.begin():
        migrate(conn, "0006")
        for statement in FORMER_LINES.split(";"):
            conn.exec_driver_sql(statement)
    engine.dispose()
    upgrade(url)
    store = Store.open(url)
    with store.read() as conn:
        counts = conn.exec_driver_sql("SELECT counts FROM ledger ORDER BY id").scalars().all()
        assert counts == [None, "place", None, "email", None]
    store.close()


def test_upgrading_a_newer_database_is_refused(both: tuple[str, str]) -> None:
    store = Store.open(both[0], create=True)
    with store.begin() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    with pytest.raises(StoreError, match="newer"):
        upgrade(both[0])


def _described(conn: Connection) -> dict[str, Any]:
    """Return all that the database says of its tables, in an order of our own."""
    asked = inspect(conn)
    return {
        name: {
            "columns": sorted(
                str((c["name"], str(c["type"]), c["nullable"], str(c["default"]).strip("()"))) for c in asked.get_columns(name)
            ),
            "indexes": sorted(
                str(
                    (
                        i["name"],
                        i["column_names"],
                        i["unique"],
                        sorted((k, str(v)) for k, v in i.get("dialect_options", {}).items()),
                    )
                )
                for i in asked.get_indexes(name)
            ),
            "keys": sorted(
                str((k["constrained_columns"], k["referred_table"], k["options"])) for k in asked.get_foreign_keys(name)
            ),
            "checks": sorted(str(c["sqltext"]) for c in asked.get_check_constraints(name)),
            "unique": sorted(str(c["column_names"]) for c in asked.get_unique_constraints(name)),
            "room": _room(conn, name),
            "primary": asked.get_pk_constraint(name)["constrained_columns"],
        }
        for name in sorted(asked.get_table_names())
        if name != "alembic_version"
    }


def _room(conn: Connection, name: str) -> list[str] | None:
    """Return how full PostgreSQL makes the pages of a table, where that was said."""
    if conn.dialect.name == "sqlite":
        return None
    said: list[str] | None = conn.execute(text("SELECT reloptions FROM pg_class WHERE relname = :name"), {"name": name}).scalar()
    return said


def _of_sqlite(difference: Any, conn: Connection) -> bool:
    """Tell whether a key is missed that only SQLite has (`key_of_sets`)."""
    names = {key.name for key in KEYS_OF_SETS}
    return difference[0] == "add_fk" and conn.dialect.name != "sqlite" and difference[1].name in names


def _of_records(difference: Any) -> bool:
    """Tell whether a difference is about a table that the catalogue makes, not `tables.py`."""
    first = difference[0] if isinstance(difference, list) else difference
    what = first[1] if isinstance(first[0], str) else None
    table = getattr(what, "table", what)
    return getattr(table, "name", "") not in tables.metadata.tables
