"""What PostgreSQL believes of its tables: renewed where it no longer holds, and only there."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from seqlang.store import Store, statistics
from tests.postgres_figures import known, leave_alone, look

pytestmark = pytest.mark.postgres
PEOPLE = """
INSERT INTO contact (id, f_email, email_key, email_ok, phone_ok, f_created_at, f_subscriptions)
SELECT i, 'p' || i || '@x.example', 'p' || i || '@x.example', true, false, :created, ';Non marketing emails;'
FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS i
"""


def people(store: Store, first: int, last: int) -> None:
    """Make contacts, as an import does."""
    with store.begin() as conn:
        conn.execute(text(PEOPLE), {"first": first, "last": last, "created": 0})
        conn.execute(text("SELECT pg_stat_force_next_flush()"))


@pytest.fixture
def server_store(postgres_url: str) -> Store:
    """A fresh store on PostgreSQL whose tables the server does not look at by itself."""
    store = Store.open(postgres_url)
    leave_alone(store)
    return store


def test_tables_that_were_never_looked_at_are(server_store: Store) -> None:
    people(server_store, 1, 2000)
    assert known(server_store, "contact") == -1
    assert "contact" in statistics.renew(server_store)
    assert known(server_store, "contact") == 2000


def test_tables_that_were_looked_at_while_empty_are_looked_at_again(server_store: Store) -> None:
    look(server_store)
    assert known(server_store, "contact") == 0
    people(server_store, 1, 2000)
    assert "contact" in statistics.renew(server_store)
    assert known(server_store, "contact") == 2000


def test_nothing_is_looked_at_twice(server_store: Store) -> None:
    people(server_store, 1, 2000)
    statistics.renew(server_store)
    people(server_store, 2001, 2100)
    assert "contact" not in statistics.renew(server_store)


def test_a_table_that_grows_in_an_import_is_looked_at_again(server_store: Store) -> None:
    people(server_store, 1, 2000)
    statistics.renew(server_store)
    people(server_store, 2001, 6000)
    assert "contact" in statistics.renew(server_store)
    assert known(server_store, "contact") == 6000


def test_a_table_that_is_written_anew_is_looked_at_again(server_store: Store) -> None:
    people(server_store, 1, 4000)
    statistics.renew(server_store)
    with server_store.begin() as conn:
        conn.execute(text("UPDATE contact SET held_until = 1"))
        conn.execute(text("UPDATE contact SET held_until = 2 WHERE id <= 1500"))
        conn.execute(text("SELECT pg_stat_force_next_flush()"))
    assert "contact" in statistics.renew(server_store)


def test_a_table_that_another_process_looks_at_is_left_to_it(server_store: Store) -> None:
    people(server_store, 1, 2000)
    with server_store.engine.connect() as other, other.begin():
        other.execute(text("LOCK TABLE contact IN SHARE UPDATE EXCLUSIVE MODE"))
        assert "contact" in statistics.renew(server_store)
    assert known(server_store, "contact") == -1


def test_a_transaction_that_plans_afresh_leaves_others_their_plans(server_store: Store) -> None:
    with server_store.begin() as conn:
        server_store.sql.plan_afresh(conn)
        assert conn.execute(text("SHOW plan_cache_mode")).scalar_one() == "force_custom_plan"
        assert conn.execute(text("SHOW work_mem")).scalar_one() == "32MB"
    with server_store.begin() as conn:
        assert conn.execute(text("SHOW plan_cache_mode")).scalar_one() == "auto"


def test_sets_leave_a_server_that_gives_more_memory_as_it_is(server_store: Store) -> None:
    with server_store.begin() as conn:
        conn.execute(text("SET LOCAL work_mem = '128MB'"))
        server_store.sql.plan_afresh(conn)
        assert conn.execute(text("SHOW work_mem")).scalar_one() == "128MB"


def test_sqlite_is_asked_nothing() -> None:
    store = Store.in_memory()
    with store.begin():
        assert statistics.renew(store) == ()
