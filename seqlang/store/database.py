"""The door to a database: opening, transactions, and the tables of the project's records."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.pool import StaticPool

from seqlang.errors import StoreError
from seqlang.sdk.redaction import HIDDEN, remember_password
from seqlang.store import tables
from seqlang.store.dialect import DIALECTS, Dialect, postgres_options
from seqlang.store.failures import failure, shown
from seqlang.store.records_schema import RecordTables, create, read_catalogue, record_tables, write_catalogue
from seqlang.store.versions import ASK_VERSION, HEAD, REVISIONS, VERSION_TABLE
from seqlang.vocabulary.records import BUILT_IN, Catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Column, Connection, Engine, Table

FORMS = "write sqlite:///path/to/file.db or postgresql+psycopg://user@host/name"
_template_lock = threading.Lock()
_template: list[sqlite3.Connection] = []  # a fresh database in memory, made once and copied


class Store:
    """One open database. Threads may share it; each transaction has a connection of its own (in memory: one at a time)."""

    def __init__(self, engine: Engine, *, memory: bool = False) -> None:
        self._engine = engine
        self._memory = memory
        self._name = shown(engine.url)
        self._records = record_tables(Catalogue(records=BUILT_IN))
        self._stamp: str | None = None
        # In memory there is one connection: whoever comes second waits, except the thread that has it (it reads in its own).
        self._lock = threading.RLock()
        self._open: Connection | None = None

    # ------------------------------------------------------------------------------------------ opening

    @classmethod
    def open(cls, url: str, *, create: bool = False) -> Store:
        """Open the database at `url`, and make it first where it is empty and `create` is given.

        StoreError, in one line: no such database, not ours, damaged, out of reach, of an older or newer version.
        """
        address = address_of(url)
        if address.get_backend_name() == "sqlite" and address.database in (None, "", ":memory:"):
            return cls.in_memory()
        store = cls(engine_of(address, create=create))
        try:
            store._admit(create=create)
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def in_memory(cls) -> Store:
        """Return a fresh database in memory with the built-in records: for simulations and tests."""
        with _template_lock:
            if not _template:
                _template.append(_made_template())
            engine = memory_engine()
            raw = engine.raw_connection()
            driver: Any = raw.driver_connection
            _template[0].backup(driver)
            raw.close()
        return cls(engine, memory=True)

    def close(self) -> None:
        """Give all connections back; what is in memory is gone."""
        self._engine.dispose()

    # ------------------------------------------------------------------------------------- what it is

    @property
    def dialect(self) -> str:
        """Either "sqlite" or "postgresql"."""
        return self._engine.dialect.name

    @property
    def sql(self) -> Dialect:
        """What differs between the databases."""
        return DIALECTS[self.dialect]

    @property
    def engine(self) -> Engine:
        """The SQLAlchemy engine: for migrations and tests; all others use `begin` and `read`."""
        return self._engine

    @property
    def name(self) -> str:
        """How a person names this database."""
        return self._name

    @property
    def catalogue(self) -> Catalogue:
        """What was applied last, with the built-in records."""
        return self._records.catalogue

    @property
    def record_tables(self) -> RecordTables:
        """All tables of records, with their specifications."""
        return self._records

    def records(self, name: str) -> Table:
        """Return the table of a record type ("contact", "user", …); KeyError where there is none."""
        return self._records.of(name)

    def column(self, record: str, field: str) -> Column[Any]:
        """Return the column of a field; KeyError where there is none."""
        return self._records.column(record, field)

    def adopt(self, wanted: RecordTables) -> None:
        """Work with these tables from now on: `apply_catalogue` has made them."""
        self._records = wanted
        self._stamp = None

    # ---------------------------------------------------------------------------------- transactions

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Give a connection in a write transaction; committed at the end, rolled back where anything is raised.

        On SQLite the transaction is the only writer from its first moment. Failures of the database are StoreErrors; violated
        constraints and wrong SQL stay SQLAlchemy's own.
        """
        with self._transaction(write=True) as conn:
            yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the data on SQLite, and what is committed on PostgreSQL."""
        with self._transaction(write=False) as conn:
            yield conn

    @contextmanager
    def _transaction(self, *, write: bool) -> Iterator[Connection]:
        with self._lock if self._memory else _free():
            if self._open is not None:
                if write:
                    raise RuntimeError("a transaction is open: pass its connection on")
                yield self._open
                return
            before = self._records
            try:
                with self._engine.connect() as plain:
                    # How many rows an INSERT … SELECT made is asked often; without the option psycopg has forgotten it by then.
                    conn = plain.execution_options(seqlang_write=write, seqlang_store=self, preserve_rowcount=True)
                    with conn.begin():
                        if self._memory:
                            self._open = conn
                        else:
                            self._refresh(conn)
                            before = self._records
                        yield conn
            except (IntegrityError, ProgrammingError):
                self.adopt(before)
                raise
            except DBAPIError as error:
                self.adopt(before)
                raise failure(error, self._name) from error
            except BaseException:
                self.adopt(before)
                raise
            finally:
                self._open = None

    def _refresh(self, conn: Connection) -> None:
        """Read the catalogue anew where another process has applied one."""
        stamp = conn.execute(_STAMP).scalar_one_or_none()
        if stamp != self._stamp:
            catalogue = read_catalogue(conn)
            if catalogue is not None:
                self._records = record_tables(catalogue)
            self._stamp = stamp

    # ------------------------------------------------------------------------------------- admission

    def _admit(self, *, create: bool) -> None:
        """See that the database is ours and of our version; make it where it is empty and may be made."""
        try:
            with self._engine.connect() as plain:
                conn = plain.execution_options(seqlang_write=create)
                with conn.begin():
                    if create:
                        self.sql.lock_schema(conn)
                    self._look(conn, create=create)
                    self._refresh(conn)
        except DBAPIError as error:
            raise failure(error, self._name) from error

    def _look(self, conn: Connection, *, create: bool) -> None:
        there = set(inspect(conn).get_table_names())
        if VERSION_TABLE in there and tables.meta.name in there:
            check_version(conn.execute(text(ASK_VERSION)).scalar_one_or_none(), self._name)
        elif there and (VERSION_TABLE in there or self.dialect == "sqlite" or there & set(tables.metadata.tables)):
            raise StoreError(f"{self._name} holds other data: it is not a seqlang database", hint="name another one")
        elif create:
            create_schema(conn, self.sql)
        else:
            raise StoreError(f"{self._name} is empty: there is no seqlang database yet", hint="`seqlang apply` makes it")


_STAMP = select(tables.meta.c.value).where(tables.meta.c.key == "catalogue_stamp")


@contextmanager
def _free() -> Iterator[None]:
    yield


def create_schema(conn: Connection, sql: Dialect) -> None:
    """Make all tables, functions and built-in records in an empty database, at the newest version."""
    tables.metadata.create_all(conn)
    sql.make_functions(conn)
    create(conn, built_in := record_tables(Catalogue(records=BUILT_IN)))
    write_catalogue(conn, built_in.catalogue)
    conn.exec_driver_sql(f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    conn.exec_driver_sql(f"INSERT INTO {VERSION_TABLE} VALUES ('{HEAD}')")  # noqa: S608 - names of our own


def check_version(found: str | None, name: str) -> None:
    """Raise StoreError where the schema is older or newer than this program."""
    if found == HEAD:
        return
    if found is None:
        raise StoreError(f"the database {name} is half made: it has no version", hint="restore it from a backup")
    if found in REVISIONS:
        raise StoreError(
            f"the database {name} is of an older version ({found}; this program needs {HEAD})",
            hint="make a backup, then `seqlang db upgrade`",
        )
    raise StoreError(
        f"the database {name} was made by a newer seqlang (version {found}; this program knows {HEAD})",
        hint="install the newer seqlang",
    )


def address_of(url: str) -> URL:
    """Return the address in SQLAlchemy's form; StoreError where it is none of ours. Its password is known to `redact` then."""
    remember_password(url)
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except (ArgumentError, ValueError):
        raise StoreError(f"`{_without_user(url)}` is not the address of a database", hint=FORMS) from None
    if backend not in DIALECTS:
        raise StoreError(f"seqlang does not work with databases of the kind `{backend}`", hint=FORMS)
    if backend != "sqlite" and "@" in f"{address.host}{address.database}":
        hint = "write `%40` for `@` and `%2F` for `/` in the password"  # or what is behind it would be taken for the host
        raise StoreError("the address of the database has more than one `@`", hint=hint)
    if backend == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    return address.set(drivername="sqlite+pysqlite")


def _without_user(url: str) -> str:
    """Return what is no address as it may be shown: without what stands before an `@`."""
    scheme, slashes, rest = url.partition("//")
    return f"{scheme}{slashes}{HIDDEN}@{rest.rpartition('@')[2]}" if "@" in rest else url


def engine_of(address: URL, *, create: bool) -> Engine:
    """Return an engine for that address, prepared; nothing is opened yet."""
    if address.get_backend_name() == "sqlite":
        _look_at_file(Path(str(address.database)), create=create)
        engine = create_engine(address, connect_args={"check_same_thread": False, "cached_statements": 512})
    else:
        try:
            engine = create_engine(address, connect_args=postgres_options(), pool_pre_ping=True)
        except ImportError:
            raise StoreError("PostgreSQL needs one more part of seqlang", hint='pip install "seqlang[postgres]"') from None
    DIALECTS[engine.dialect.name].prepare(engine)
    return engine


def _look_at_file(path: Path, *, create: bool) -> None:
    if path.is_dir():
        raise StoreError(f"`{path}` is a folder, not a database", hint=FORMS)
    if not path.parent.is_dir():
        raise StoreError(f"there is no folder `{path.parent}` for the database", hint="make the folder, or correct the address")
    if not create and not path.exists():
        raise StoreError(f"there is no database `{path}` yet", hint="`seqlang apply` makes it")


def memory_engine() -> Engine:
    """Return an engine on an empty database in memory."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False, "cached_statements": 512})
    DIALECTS["sqlite"].prepare(engine, memory=True)
    return engine


def _made_template() -> sqlite3.Connection:
    """Return a database in memory with the whole schema, to be copied page by page."""
    engine = memory_engine()
    with engine.connect() as conn, conn.begin():
        create_schema(conn, DIALECTS["sqlite"])
    raw = engine.raw_connection()
    driver: Any = raw.driver_connection
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    driver.backup(copy)
    raw.close()
    engine.dispose()
    return copy
