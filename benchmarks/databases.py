"""The databases that are measured: SQLite in a file, PostgreSQL on a server of its own; and SQL by hand on both."""

from __future__ import annotations

import atexit
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import psutil
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from benchmarks import postgres

DATABASES = ("sqlite", "postgres")
PRAGMAS = """
PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -64000; PRAGMA wal_autocheckpoint = 8192;
PRAGMA foreign_keys = ON;
"""
# What the server does beside is not measured: both sides tell it when to look at their tables. All else is as it is delivered.
SETTINGS = ("autovacuum = off",)
PLACE = re.compile(r"(?<!:):(\w+)")


class Hand(Protocol):
    """A connection for SQL by hand; places are named `:so`."""

    kind: str

    def execute(self, statement: str, values: Mapping[str, object] | None = None) -> Any:
        """Do one statement; return its cursor."""

    def begin(self) -> None:
        """Begin a transaction that writes."""


class HandSqlite:
    """A connection of the driver."""

    kind = "sqlite"

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw

    def execute(self, statement: str, values: Mapping[str, object] | None = None) -> Any:
        """Do one statement; return its cursor."""
        return self.raw.execute(statement, dict(values or {}))

    def begin(self) -> None:
        """Begin a transaction that writes."""
        self.raw.execute("BEGIN IMMEDIATE")


class HandPostgres:
    """A connection of the driver."""

    kind = "postgres"

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def execute(self, statement: str, values: Mapping[str, object] | None = None) -> Any:
        """Do one statement; return its cursor."""
        return self.raw.execute(*_psycopg(statement, values))

    def begin(self) -> None:
        """Begin a transaction."""
        self.raw.execute("BEGIN")


def _psycopg(statement: str, values: Mapping[str, object] | None) -> tuple[Any, ...]:
    """Return a statement and its values as psycopg wants them."""
    if not values:
        return (statement,)
    return PLACE.sub(r"%(\1)s", statement.replace("%", "%%")), dict(values)


@contextmanager
def by_hand(folder: Path, kind: str) -> Iterator[Hand]:
    """Give a connection to an empty database; each statement is a transaction of its own unless one is begun."""
    if kind == "sqlite":
        path = folder / "hand.db"
        path.unlink(missing_ok=True)
        raw = sqlite3.connect(path, isolation_level=None)
        try:
            raw.executescript(PRAGMAS)
            yield HandSqlite(raw)
        finally:
            raw.close()
        return
    import psycopg

    with fresh(folder, kind, "hand") as url, psycopg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True, options="-c jit=off"
    ) as conn:
        yield HandPostgres(conn)


@contextmanager
def fresh(folder: Path, kind: str, name: str = "bench") -> Iterator[str]:
    """Lend an empty database; give its address."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / name}.db"
        return
    database = f"seqlang_{name}_{os.getpid()}"
    postgres.order(server(), f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)', f'CREATE DATABASE "{database}"')
    try:
        yield server().set(database=database).render_as_string(hide_password=False)
    finally:
        postgres.order(server(), f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


@cache
def server() -> URL:
    """Return the address of the server, started where there is none yet: the same one for this process."""
    address = postgres.given()
    if address is None:
        address, stop = postgres.start(SETTINGS)
        atexit.register(stop)
    return address


def server_clock() -> Callable[[], float]:
    """Return what tells how many seconds the processes of our server have kept a processor busy."""
    engine = create_engine(server(), poolclass=NullPool)
    with engine.connect() as conn:
        folder = Path(conn.execute(text("SHOW data_directory")).scalar_one())
    first = psutil.Process(int((folder / "postmaster.pid").read_text("utf-8").split()[0]))

    def busy() -> float:
        gone = first.cpu_times()  # of those that have ended, the first process keeps the account
        there = [_busy(process) for process in first.children()]
        return sum(there) + float(gone.user + gone.system + gone.children_user + gone.children_system)

    return busy


def _busy(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
