"""Changes of the schema, oldest first, by Alembic; `upgrade` brings a database to the newest version."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from seqlang.errors import StoreError
from seqlang.store import tables
from seqlang.store.failures import failure, shown
from seqlang.store.records_schema import create, read_catalogue, record_tables, write_catalogue
from seqlang.store.versions import ASK_VERSION, HEAD, REVISIONS, VERSION_TABLE
from seqlang.vocabulary.records import BUILT_IN, Catalogue

if TYPE_CHECKING:
    from sqlalchemy import Connection

HERE = Path(__file__).parent


def upgrade(url: str) -> str | None:
    """Bring the database at `url` to the newest version, all or nothing; an empty one is made.

    Return the version that it had (None: it was empty). StoreError: out of reach, of a newer version, not ours.
    """
    from seqlang.store.database import address_of, engine_of
    from seqlang.store.dialect import DIALECTS

    address = address_of(url)
    engine = engine_of(address, create=True)
    try:
        with engine.connect() as plain:
            conn = plain.execution_options(seqlang_write=True)
            with conn.begin():
                sql = DIALECTS[engine.dialect.name]
                sql.lock_schema(conn)
                before = _version(conn, shown(address))
                migrate(conn)
                sql.make_functions(conn)
                catalogue = read_catalogue(conn) or Catalogue(records=BUILT_IN)
                wanted = record_tables(catalogue)
                create(conn, wanted, catalogue)
                write_catalogue(conn, wanted.catalogue)
    except DBAPIError as error:
        raise failure(error, shown(address)) from error
    finally:
        engine.dispose()
    return before


def migrate(conn: Connection, to: str = HEAD) -> None:
    """Run the revisions that the database lacks, in the caller's transaction; the fixed tables only."""
    made = config()
    made.attributes["connection"] = conn
    command.upgrade(made, to)


def config() -> Config:
    """Return Alembic's configuration, without a file."""
    made = Config()
    made.set_main_option("script_location", str(HERE))
    made.set_main_option("path_separator", "os")
    return made


def revisions() -> tuple[str, ...]:
    """Return the names of all revisions in `versions/`, oldest first."""
    return tuple(r.revision for r in reversed(list(ScriptDirectory.from_config(config()).walk_revisions())))


def _version(conn: Connection, name: str) -> str | None:
    there = set(inspect(conn).get_table_names())
    if VERSION_TABLE not in there:
        if there & set(tables.metadata.tables):
            raise StoreError(f"{name} holds other data: it is not a seqlang database", hint="name another one")
        return None
    found = conn.execute(text(ASK_VERSION)).scalar_one_or_none()
    if found is not None and found not in REVISIONS:
        raise StoreError(
            f"the database {name} was made by a newer seqlang (version {found}; this program knows {HEAD})",
            hint="install the newer seqlang",
        )
    return str(found) if found is not None else None


__all__ = ["config", "migrate", "revisions", "upgrade"]
