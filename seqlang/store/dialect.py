"""All that differs between SQLite and PostgreSQL: connections, bulk writing, and a handful of SQL functions of one meaning.

Both databases have the functions `seqlang_fold` (case folded text), `seqlang_local_date` (micros, zone -> ordinal),
`seqlang_shift_days` (micros, days, zone -> micros, the same local time) and `seqlang_share` (flow, split, key -> 0 … 1):
registered Python on SQLite, SQL on PostgreSQL (`store/postgres.sql`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Float,
    Integer,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    event,
    func,
    literal,
    or_,
    select,
    text,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import Computed, CreateTable

from seqlang.limits import BUSY_TIMEOUT_SECONDS
from seqlang.store.functions import FUNCTIONS, split_share, working_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, Engine, Select

    from seqlang.plan.conditions import Span
    from seqlang.plan.model import CalendarPlan


class Dialect(ABC):
    """What the store, the predicates and the engine ask of a database."""

    name: str
    keeps_all_keys = True  # False: those of `columns.key_of_sets` not
    outgrown: str | None = None  # asks which of the tables `:names` have outgrown the planner's figures; None: it needs none

    @abstractmethod
    def plan_afresh(self, conn: Connection) -> None:
        """Let each statement of this transaction, about sets, be planned for the values and tables that it finds."""

    @abstractmethod
    def prepare(self, engine: Engine, *, memory: bool = False) -> None:
        """Set up every connection of the engine."""

    @abstractmethod
    def make_functions(self, conn: Connection) -> None:
        """Make the functions of the schema, where they live in the database."""

    @abstractmethod
    def lock_schema(self, conn: Connection) -> None:
        """Keep others from making or changing the schema until the transaction ends."""

    @abstractmethod
    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Return an INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""

    @abstractmethod
    def matches(self, value: ColumnElement[Any], text_: str, how: str) -> ColumnElement[bool]:
        """Return whether `value` contains, starts with or ends with the text, case ignored as Unicode folds it; null: null."""

    @abstractmethod
    def property(self, document: ColumnElement[Any], name: str, kind: str) -> ColumnElement[Any]:
        """Return a member of a JSON object as text, number or boolean; null where it is missing or of another type."""

    @abstractmethod
    def shift_working(
        self, day: ColumnElement[Any], count: int, calendar: CalendarPlan | None, today: date
    ) -> ColumnElement[Any]:
        """Return the ordinal `count` working days after `day` (an ordinal; negative: before)."""

    @abstractmethod
    def next_ids(self, conn: Connection, table: Table, count: int) -> Sequence[int]:
        """Reserve `count` numbers for new rows of a record table."""

    @abstractmethod
    def write_rows(self, conn: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Insert many rows of plain values at the highest speed that the database has."""

    @abstractmethod
    def damage(self, conn: Connection) -> list[str]:
        """Return what the database itself finds wrong with its files and keys."""

    def fold(self, value: ColumnElement[Any]) -> ColumnElement[str]:
        """Return the text case-folded, as `str.casefold` does it."""
        return func.seqlang_fold(value, type_=Text())

    def share(self, flow: str, split: str, key: ColumnElement[Any]) -> ColumnElement[float]:
        """Return the place (0 … 1) of a record in a split; `key` is its lower-case e-mail, name or domain (LANGUAGE 5.6)."""
        return func.seqlang_share(flow, split, key, type_=Float())

    def local_day(self, micros: ColumnElement[Any], zone: str) -> ColumnElement[int]:
        """Return the ordinal of the local date at an instant."""
        return func.seqlang_local_date(micros, zone, type_=Integer())

    def shift_instant(self, micros: ColumnElement[Any], span: Span, sign: int, zone: str) -> ColumnElement[int]:
        """Return the instant a span of minutes, hours, days or weeks away; days at the same local time of `zone`."""
        if span.unit in ("minute", "hour"):
            return type_coerce(
                micros + sign * round(span.count * (60 if span.unit == "minute" else 3600) * 1_000_000), BigInteger()
            )
        return self.shift_days(micros, literal(sign * int(span.count) * (7 if span.unit == "week" else 1), Integer()), zone)

    def shift_days(self, micros: ColumnElement[Any], days: ColumnElement[Any], zone: str) -> ColumnElement[int]:
        """Return the instant so many calendar days away, at the same local time of `zone`."""
        return func.seqlang_shift_days(micros, days, zone, type_=BigInteger())

    def scratch(self, conn: Connection, name: str, *columns: Column[Any]) -> Table:
        """Return an empty temporary table of this connection; `columns` are fresh ones. Emptied where it is there already."""
        from sqlalchemy import MetaData

        table = Table(name, MetaData(), *columns, prefixes=["TEMPORARY"])
        conn.execute(CreateTable(table, if_not_exists=True))
        conn.execute(delete(table))
        return table

    def read_first(self, rows: Select[Any], number: ColumnElement[Any]) -> Select[Any]:
        """Return rows, each with a number of its own, so that all are read before the first of them is written.

        For an INSERT … SELECT that asks the table that it fills.
        """
        del number
        return rows  # SQLite does so by itself

    @abstractmethod
    def analyze(self, conn: Connection, table: Table) -> None:
        """Tell the planner how large a freshly filled table is, where it does not see it by itself."""


class Sqlite(Dialect):
    """SQLite 3.38 or newer."""

    name = "sqlite"

    def prepare(self, engine: Engine, *, memory: bool = False) -> None:
        """Set pragmas and functions on every connection; transactions begin as the store says, not as the driver guesses."""

        @event.listens_for(engine, "connect")
        def connected(raw: Any, _record: Any) -> None:
            raw.isolation_level = None
            for pragma in _pragmas(memory=memory):
                raw.execute(f"PRAGMA {pragma}")
            for name, arguments, made in FUNCTIONS:
                raw.create_function(name, arguments, made, deterministic=True)

        @event.listens_for(engine, "begin")
        def begun(conn: Connection) -> None:
            write = conn.get_execution_options().get("seqlang_write")
            conn.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    def plan_afresh(self, conn: Connection) -> None:
        """Do nothing: SQLite plans by the schema."""

    def make_functions(self, conn: Connection) -> None:
        """Do nothing: functions belong to the connection."""

    def lock_schema(self, conn: Connection) -> None:
        """Do nothing: a writer is alone."""

    def insert(self, table: Table) -> sqlite.Insert:
        """Return SQLite's own INSERT."""
        return sqlite.insert(table)

    def matches(self, value: ColumnElement[Any], text_: str, how: str) -> ColumnElement[bool]:
        """Use the built-in LIKE for values of ASCII alone, for which it is right, and fold only the others."""
        needle = text_.casefold()
        pattern = like_pattern(needle, how)
        # As many bytes as characters: the text is ASCII, and so are its folded form and all that it can contain.
        foreign = func.length(value) != func.length(cast(value, sqlite.BLOB))
        folded = and_(foreign, self.fold(value).like(pattern, escape="\\"))
        return or_(value.like(pattern, escape="\\"), folded) if needle.isascii() else folded

    def property(self, document: ColumnElement[Any], name: str, kind: str) -> ColumnElement[Any]:
        """Use json_each where a name cannot stand in a JSON path."""
        entries = func.json_each(document).table_valued("key", "value", "type", name="property")
        types = {"number": ("integer", "real"), "boolean": ("true", "false")}.get(kind, ("text",))
        result: Any = {"number": Float(), "boolean": Boolean()}.get(kind, Text())
        return type_coerce(
            select(entries.c.value).where(entries.c.key == name, entries.c.type.in_(types)).limit(1).scalar_subquery(), result
        )

    def shift_working(
        self, day: ColumnElement[Any], count: int, calendar: CalendarPlan | None, today: date
    ) -> ColumnElement[Any]:
        """Count in Python, from anywhere."""
        del today
        return func.seqlang_working(day, count, "" if calendar is None else calendar.model_dump_json(), type_=Integer())

    def next_ids(self, conn: Connection, table: Table, count: int) -> Sequence[int]:
        """Go on behind the highest number ever given; the transaction is the only writer."""
        last = conn.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}).scalar() or 0
        return range(last + 1, last + 1 + count)

    def write_rows(self, conn: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Prepare once, then step through the rows in C."""
        quote = conn.dialect.identifier_preparer.quote
        names = ", ".join(quote(c) for c in columns)
        marks = ", ".join("?" * len(columns))
        if batch := [tuple(r) for r in rows]:
            conn.exec_driver_sql(f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})", batch)  # noqa: S608 - names of our own

    def analyze(self, conn: Connection, table: Table) -> None:
        """Do nothing: SQLite needs no figures of a table that it reads through."""

    def damage(self, conn: Connection) -> list[str]:
        """Ask SQLite to look at every page, index and foreign key."""
        found = [str(r[0]) for r in conn.execute(text("PRAGMA integrity_check(20)")) if r[0] != "ok"]
        return found + [
            f"a row of {r[0]} ({r[1]}) names a row of {r[2]} that is gone"
            for r in conn.execute(text("PRAGMA foreign_key_check")).fetchmany(20)
        ]


class Postgresql(Dialect):
    """PostgreSQL 13 or newer, by psycopg 3."""

    name = "postgresql"
    keeps_all_keys = False
    # Grown to twice the pages, never looked at, or written anew as a whole (the server's own process comes at a tenth).
    outgrown = """
SELECT c.relname FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid,
    LATERAL (SELECT pg_relation_size(c.oid) / current_setting('block_size')::int AS pages) AS now
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(:names) AND now.pages > 4 AND (
    now.pages > 2 * c.relpages + 8 OR s.n_mod_since_analyze > 1000 + greatest(c.reltuples, 0)
    OR s.last_analyze IS NULL AND s.last_autoanalyze IS NULL
) ORDER BY c.relname
"""

    def plan_afresh(self, conn: Connection) -> None:
        """Take no plan from before: it may have been made for tables that were almost empty. Give sets room in memory."""
        conn.exec_driver_sql(FOR_SETS)

    def prepare(self, engine: Engine, *, memory: bool = False) -> None:
        """Nothing: what a session needs is in the address's options (`postgres_options`)."""

    def make_functions(self, conn: Connection) -> None:
        """Make the functions, with the best folding of case that this server has."""
        known = {r[0] for r in conn.execute(text("SELECT collname FROM pg_collation"))}
        version = conn.execute(text("SELECT current_setting('server_version_num')::int")).scalar_one()
        script = files("seqlang.store").joinpath("postgres.sql").read_text("utf-8")
        conn.exec_driver_sql(script.replace("%", "%%").replace("@fold@", _postgres_fold(version, known)))

    def lock_schema(self, conn: Connection) -> None:
        """Take a lock that only makers of the schema take."""
        conn.execute(text("SELECT pg_advisory_xact_lock(7364657131)"))

    def insert(self, table: Table) -> postgresql.Insert:
        """Return PostgreSQL's own INSERT."""
        return postgresql.insert(table)

    def matches(self, value: ColumnElement[Any], text_: str, how: str) -> ColumnElement[bool]:
        """Compare folded texts."""
        return self.fold(value).like(like_pattern(text_.casefold(), how), escape="\\")

    def property(self, document: ColumnElement[Any], name: str, kind: str) -> ColumnElement[Any]:
        """Look at the type first, so that a wrong one is null and not an error."""
        from sqlalchemy import case

        whole = cast(document, JSONB)
        member = whole.op("->>", return_type=Text())(name)
        type_ = func.jsonb_typeof(whole.op("->", return_type=JSONB())(name))
        result: Any = {"number": postgresql.DOUBLE_PRECISION(), "boolean": Boolean()}.get(kind)
        wanted = {"number": "number", "boolean": "boolean"}.get(kind, "string")
        return case((type_ == wanted, member if result is None else cast(member, result)))

    def shift_working(
        self, day: ColumnElement[Any], count: int, calendar: CalendarPlan | None, today: date
    ) -> ColumnElement[Any]:
        """Look the day up among the working days of the years around; null beyond them."""
        if count == 0:
            return day
        days = working_days(None if calendar is None else calendar.model_dump_json(), today.year)
        one = func.unnest(bindparam(None, list(days), type_=ARRAY(Integer))).column_valued("working_day")
        wanted = select(one).where(one > day if count > 0 else one < day)
        return wanted.order_by(one if count > 0 else one.desc()).offset(abs(count) - 1).limit(1).scalar_subquery()

    def next_ids(self, conn: Connection, table: Table, count: int) -> Sequence[int]:
        """Draw from the table's sequence."""
        drawn = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
        return [r[0] for r in conn.execute(drawn, {"name": table.name, "count": count})]

    def write_rows(self, conn: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Use COPY."""
        quote = conn.dialect.identifier_preparer.quote
        names = ", ".join(quote(c) for c in columns)
        driver: Any = conn.connection.driver_connection
        batch = list(rows)  # before the COPY begins: what makes the rows may ask the same connection
        if not batch:
            return
        with driver.cursor() as cursor, cursor.copy(f"COPY {quote(table.name)} ({names}) FROM STDIN") as copy:
            for row in batch:
                copy.write_row(row)

    def damage(self, conn: Connection) -> list[str]:
        """Return nothing: PostgreSQL checks its pages itself, and its keys always, but for those that `integrity` looks at."""
        del conn
        return []

    def read_first(self, rows: Select[Any], number: ColumnElement[Any]) -> Select[Any]:
        """Sort them, by what no index gives.

        Who takes a table for empty looks through it anew for each row, which costs nothing unless each row that is written
        makes it longer.
        """
        return rows.order_by(number + 0)

    def analyze(self, conn: Connection, table: Table) -> None:
        """PostgreSQL does not look at temporary tables by itself."""
        conn.exec_driver_sql(f"ANALYZE {conn.dialect.identifier_preparer.quote(table.name)}")


@compiles(Computed, "postgresql")
def _stored(element: Computed, compiler: Any, **_: Any) -> str:
    """Keep computed columns in the row: PostgreSQL has no index on others, and SQLite cannot add a kept one to a table."""
    expression = compiler.sql_compiler.process(element.sqltext, include_table=False, literal_binds=True)
    return f"GENERATED ALWAYS AS ({expression}) STORED"


FOR_SETS = """
SELECT set_config('plan_cache_mode', 'force_custom_plan', true),
       set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')), 33554432) / 1024 || 'kB', true)
"""
DIALECTS: dict[str, Dialect] = {"sqlite": Sqlite(), "postgresql": Postgresql()}


def postgres_options() -> dict[str, str]:
    """Return the settings of every session.

    UTC, no just-in-time compiler (it costs more than our statements), room in memory for scratch tables (taken where it is used).
    """
    return {"options": "-c jit=off -c timezone=UTC -c temp_buffers=64MB", "connect_timeout": "10"}


def like_pattern(folded: str, how: str) -> str:
    r"""Return the LIKE pattern of a folded text, with `\\` before its special characters."""
    safe = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {"contains": f"%{safe}%", "starts with": f"{safe}%", "ends with": f"%{safe}"}[how]


def _pragmas(*, memory: bool) -> tuple[str, ...]:
    if memory:
        return ("journal_mode = MEMORY", "synchronous = OFF", "foreign_keys = ON", "temp_store = MEMORY", "cache_size = -64000")
    return (
        f"busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "cache_size = -64000",
        "temp.cache_size = -16000",  # scratch tables: what is more goes to a file, so that memory does not grow with the audience
        "wal_autocheckpoint = 8192",  # pages: a large run is copied into the database once, and not in pieces of a thousand
    )


def _postgres_fold(version: int, collations: set[str]) -> str:
    """Return the SQL that folds $1 as `str.casefold` does, as nearly as the server can."""
    if version >= 180000 and "pg_unicode_fast" in collations:
        return 'casefold($1 COLLATE "pg_unicode_fast")'
    for name in ("und-x-icu", "unicode", "pg_c_utf8"):
        if name in collations:
            # Up and down again makes `ß` and `SS` equal; the final sigma is the one letter that lower() treats by its place.
            return f"replace(lower(upper($1 COLLATE \"{name}\") COLLATE \"{name}\"), 'ς', 'σ')"
    return "lower($1)"


__all__ = ["DIALECTS", "Dialect", "like_pattern", "postgres_options", "split_share"]
