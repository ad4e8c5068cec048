"""Opening databases: what is there, what is not, what is not ours, what is of another version."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select, text

from seqlang.errors import StoreError
from seqlang.store import Store, tables
from tests.postgres_server import PostgresServer


def test_fresh_store_holds_the_built_in_records(store: Store) -> None:
    assert [r.name for r in store.catalogue.records] == ["user", "contact", "account", "deal"]
    with store.read() as conn:
        assert conn.execute(select(store.records("contact"))).all() == []
        assert conn.execute(select(store.records("user"))).all() == []


def test_what_is_committed_is_there_after_opening_again(store_url: str) -> None:
    store = Store.open(store_url)
    with store.begin() as conn:
        conn.execute(tables.meta.insert().values(key="k", value="ü"))
    store.close()
    again = Store.open(store_url)
    with again.read() as conn:
        assert conn.execute(select(tables.meta.c.value).where(tables.meta.c.key == "k")).scalar_one() == "ü"
    again.close()


def test_raising_in_a_transaction_rolls_it_back(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.begin() as conn:  # noqa: PT012 - what happened before is the point
        conn.execute(tables.meta.insert().values(key="k", value="v"))
        raise ZeroDivisionError
    with store.read() as conn:
        assert conn.execute(select(tables.meta).where(tables.meta.c.key == "k")).all() == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "not the address of a database"),
        ("mysql://somewhere/x", "databases of the kind `mysql`"),
        ("sqlite:////no/such/folder/x.db", "there is no folder `/no/such/folder`"),
        ("sqlite:////tmp", "is a folder"),
        ("postgresql+psycopg://nobody@127.0.0.1:1/x", "nothing answers"),
        ("postgresql://nobody:s3cret@no-such-host.invalid/x", "is unknown"),
    ],
)
def test_address_that_leads_nowhere_is_one_clear_line(url: str, said: str) -> None:
    with pytest.raises(StoreError) as caught:
        Store.open(url, create=True)
    assert said in caught.value.message
    assert "\n" not in caught.value.message
    assert "s3cret" not in caught.value.message
    assert caught.value.hint


def test_missing_file_is_not_made_by_looking(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with pytest.raises(StoreError, match="there is no database"):
        Store.open(f"sqlite:///{path}")
    assert not path.exists()


def test_text_file_is_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_text("This is a letter to my aunt, and it is long enough to be looked at.\n" * 100)
    with pytest.raises(StoreError, match="is not a database"):
        Store.open(f"sqlite:///{path}", create=True)


def test_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(StoreError, match="holds other data"):
        Store.open(f"sqlite:///{path}", create=True)
    with sqlite3.connect(path) as raw:
        assert [r[0] for r in raw.execute("SELECT name FROM sqlite_master")] == ["invoices"]


@pytest.mark.parametrize(("version", "said"), [("9999", "newer"), ("0000", "newer")])
def test_database_of_a_newer_version_is_refused(store_url: str, version: str, said: str) -> None:
    store = Store.open(store_url)
    with store.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    store.close()
    with pytest.raises(StoreError, match=said):
        Store.open(store_url)


def test_damaged_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    Store.open(f"sqlite:///{path}", create=True).close()
    content = bytearray(path.read_bytes())
    content[100:8192] = os.urandom(8092)  # the schema itself
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        Store.open(f"sqlite:///{path}")
    assert "damaged" in caught.value.message


def test_full_disk_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'x.db'}", create=True)
    with store.read() as conn:
        pages = conn.execute(text("PRAGMA page_count")).scalar_one()
    with pytest.raises(StoreError, match="no room left"), store.begin() as conn:  # noqa: PT012 - as above
        conn.execute(text(f"PRAGMA max_page_count = {pages + 2}"))
        conn.execute(tables.meta.insert(), [{"key": str(n), "value": "x" * 3000} for n in range(100)])
    store.close()
    again = Store.open(f"sqlite:///{tmp_path / 'x.db'}")
    with again.begin() as conn:
        conn.execute(tables.meta.insert().values(key="after", value="v"))
    again.close()


def test_password_is_never_shown() -> None:
    with pytest.raises(StoreError) as caught:
        Store.open("postgresql+psycopg://ana:hunter2@127.0.0.1:1/x")
    assert "hunter2" not in str(caught.value) + str(caught.value.hint)


@pytest.mark.parametrize(("url", "part"), [
    ("postgresql+psycopg://u:p@ss/hunter2pw%40@127.0.0.1:1/db", "more than one `@`"),
    ("postgresql+psycopg://u:p@ss@127.0.0.1:1/hunter2pw", "more than one `@`"),
    ("postgresql+psycopg://u:pass/hunter2pw%40@127.0.0.1:port/db", "`postgresql+psycopg://•••@127.0.0.1:port/db` is not"),
    ("postgres//u:hunter2pw@127.0.0.1/db", "`postgres//•••@127.0.0.1/db` is not the address"),
    ("postgresql+psycopg://u:pass/hunter2pw%40@127.0.0.1:1/db", "`postgresql+psycopg://u:***@127.0.0.1:1/db`"),
])
def test_password_that_is_not_escaped_is_shown_in_no_part(url: str, part: str) -> None:
    with pytest.raises(StoreError) as caught:
        Store.open(url)
    assert part in caught.value.message
    assert "hunter2pw" not in caught.value.message + str(caught.value.hint)


@pytest.mark.postgres
def test_postgres_without_that_database_is_told(postgres: PostgresServer) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        Store.open(postgres.url("nowhere"), create=True)


@pytest.mark.postgres
def test_empty_postgres_is_made_only_when_asked(postgres: PostgresServer) -> None:
    with postgres.database(schema=False) as url:
        with pytest.raises(StoreError, match="is empty"):
            Store.open(url)
        Store.open(url, create=True).close()
        Store.open(url).close()


WRITER = """
import sys
from sqlalchemy import select
from seqlang.store import Store, tables
store = Store.open(sys.argv[1])
for _ in range(50):
    with store.begin() as conn:
        query = select(tables.meta.c.value).where(tables.meta.c.key == "n").with_for_update()
        n = int(conn.execute(query).scalar_one())
        conn.execute(tables.meta.update().where(tables.meta.c.key == "n").values(value=str(n + 1)))
"""


def test_two_processes_on_one_database_wait_for_each_other(store_url: str) -> None:
    store = Store.open(store_url)
    with store.begin() as conn:
        conn.execute(tables.meta.insert().values(key="n", value="0"))
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, store_url]) for _ in range(2)]
    assert [w.wait(60) for w in writers] == [0, 0]
    with store.read() as conn:
        assert conn.execute(select(tables.meta.c.value).where(tables.meta.c.key == "n")).scalar_one() == "100"
    store.close()


def test_two_processes_that_make_one_database_at_once_make_it_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    code = "import sys; from seqlang.store import Store; Store.open(sys.argv[1], create=True).close()"
    makers = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(3)]
    assert [m.wait(60) for m in makers] == [0, 0, 0]
    Store.open(url).close()


def test_sqlite_on_disk_is_durable_and_keeps_foreign_keys(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'x.db'}", create=True)
    with store.read() as conn:
        asked = {p: conn.execute(text(f"PRAGMA {p}")).scalar_one() for p in ("journal_mode", "synchronous", "foreign_keys")}
    store.close()
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_transaction_inside_a_transaction_in_memory_is_refused() -> None:
    store = Store.in_memory()
    with store.begin() as conn:
        with store.read() as same:
            assert same is conn
        with pytest.raises(RuntimeError, match="pass its connection on"), store.begin():
            pass
