"""Tables of records: typed columns made of the catalogue, and how `apply` extends them without ever dropping one."""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    func,
    inspect,
    select,
    update,
)
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

from seqlang.errors import RefusedError
from seqlang.store import tables
from seqlang.store.cells import parse_cell, stored
from seqlang.store.columns import NAMING, Id, Words
from seqlang.vocabulary.records import BUILT_IN, USER, Catalogue, FieldSpec, RecordSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine

PLAIN = re.compile(r"[a-z_][a-z0-9_]{0,48}")
COLLEAGUE = "colleague"
# How each type of field is kept; a date is an ordinal, an instant microseconds, a set ";A;B;", a link the id of a row.
STORED: Mapping[str, TypeEngine[Any]] = {
    "text": Words,
    "choice": Words,
    "email": Words,
    "phone": Words,
    "url": Words,
    "set": Words,
    "number": Float(),
    "boolean": Boolean(),
    "date": Integer(),
    "datetime": BigInteger(),
    "link": Id,
}
# What the engine keeps beside the fields, which are columns by `column_of`.
ENGINE_COLUMNS: Mapping[str, tuple[tuple[str, TypeEngine[Any]], ...]] = {
    "contact": (
        ("email_key", Words),  # the address in lower case; null where it is empty
        ("email_ok", Boolean()),  # mail can go to it
        ("phone_ok", Boolean()),
        ("unsubscribed_at", BigInteger()),
        ("phone_stopped_at", BigInteger()),
        ("held_until", BigInteger()),  # out of office
    ),
    "user": (("email_key", Words),),
}


def slug(name: str) -> str:
    """Return `name` where it is a plain word, else a word made of it that no other name gives."""
    if PLAIN.fullmatch(name):
        return name
    word = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:32]
    return f"{word}_{hashlib.sha256(name.encode()).hexdigest()[:10]}"


def column_of(field: str) -> str:
    """Return the name of the column that keeps the field of that name."""
    return "f_" + slug(field)


def table_of(record: str) -> str:
    """Return the name of the table that keeps records of that type."""
    if record == "user":
        return COLLEAGUE
    return record if any(record == r.name for r in BUILT_IN) else "r_" + slug(record)


def complete(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with the built-in records that it leaves out, users among them, in front."""
    named = {r.name for r in catalogue.records}
    missing = tuple(r for r in (USER, *BUILT_IN) if r.name not in named)
    return catalogue.model_copy(update={"records": (*missing, *catalogue.records)}) if missing else catalogue


class RecordTables:
    """The tables of one catalogue. `of(record)` is the table, `spec(record)` what the catalogue says of it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = complete(catalogue)
        self.metadata = MetaData(naming_convention=NAMING)
        self._specs = {r.name: r for r in self.catalogue.records}
        self._tables = {name: self._table(spec) for name, spec in self._specs.items()}
        self._columns = {
            (name, f.name): self._tables[name].c[column_of(f.name)] for name, spec in self._specs.items() for f in spec.fields
        }

    def __iter__(self) -> Iterator[RecordSpec]:
        return iter(self._specs.values())

    def of(self, record: str) -> Table:
        """Return the table of that record type; KeyError where there is none."""
        return self._tables[record]

    def spec(self, record: str) -> RecordSpec:
        """Return the type itself; KeyError where there is none."""
        return self._specs[record]

    def column(self, record: str, field: str) -> Column[Any]:
        """Return the column of a field; KeyError where there is none."""
        return self._columns[record, field]

    def links_to(self, record: str) -> tuple[tuple[str, FieldSpec], ...]:
        """Return every (record type, field) that links to records of that type."""
        return tuple((r.name, f) for r in self for f in r.fields if f.type == "link" and f.link == record)

    def _table(self, spec: RecordSpec) -> Table:
        made = Table(
            table_of(spec.name),
            self.metadata,
            Column("id", Id, primary_key=True),
            *(Column(name, kind) for name, kind in ENGINE_COLUMNS.get(spec.name, ())),
            *(_column(f) for f in spec.fields),
            # A number is never given twice: what is left of a deleted record must not become another's.
            sqlite_autoincrement=True,
        )
        _index(made, spec)
        return made


@lru_cache(maxsize=64)
def record_tables(catalogue: Catalogue) -> RecordTables:
    """Return the tables of a catalogue, made once: every trial of a project asks for the same."""
    return RecordTables(catalogue)


def _column(spec: FieldSpec) -> Column[Any]:
    name = column_of(spec.name)
    if spec.type == "link" and spec.link is not None:
        return Column(name, Id, ForeignKey(f"{table_of(spec.link)}.id", ondelete="SET NULL"))
    return Column(name, STORED[spec.type])


def _index(made: Table, spec: RecordSpec) -> None:
    """Add the indices that conditions and look-ups need: keys, links, the instant of creation."""
    if "held_until" in made.c:  # the few who are away, found without looking at the others
        Index(
            None, made.c.held_until, sqlite_where=made.c.held_until.is_not(None), postgresql_where=made.c.held_until.is_not(None)
        )
    if "email_key" in made.c:
        Index(None, made.c.email_key)
    elif (key := spec.field(spec.key)) is not None and key.type != "link":
        Index(f"ix_{made.name}_key", func.lower(made.c[column_of(key.name)]))
    for field in spec.fields:
        if (field.type == "link" and field.link != "user") or field.name == "created_at":
            Index(None, made.c[column_of(field.name)])


def create(conn: Connection, wanted: RecordTables, before: Catalogue | None = None) -> None:
    """Make the tables and columns that are missing; leave what is there. `before` is the catalogue applied last."""
    there = set(inspect(conn).get_table_names())
    links: list[Column[Any]] = []
    for spec in wanted:
        made = wanted.of(spec.name)
        if made.name in there:
            links += _add_columns(conn, made, spec, None if before is None else before.record(spec.name))
        else:
            # Links come second: the table that one leads to may not be there yet.
            links += [c for c in made.c if c.foreign_keys]
            bare = Table(
                made.name,
                MetaData(naming_convention=NAMING),
                *(_copy(c) for c in made.c if not c.foreign_keys),
                sqlite_autoincrement=True,
            )
            conn.execute(CreateTable(bare))
    for link in links:
        _add_column(conn, link)
    for spec in wanted:
        for index in sorted(wanted.of(spec.name).indexes, key=lambda i: str(i.name)):
            conn.execute(CreateIndex(index, if_not_exists=True))


def _copy(original: Column[Any]) -> Column[Any]:
    return Column(original.name, original.type, primary_key=original.primary_key)


def _add_column(conn: Connection, fresh: Column[Any]) -> None:
    """Add one column; a link with its foreign key, which both databases take in the same statement."""
    quote = conn.dialect.identifier_preparer.quote
    ddl = f"ALTER TABLE {quote(fresh.table.name)} ADD COLUMN {CreateColumn(fresh).compile(dialect=conn.dialect)}"
    for key in fresh.foreign_keys:
        ddl += f" REFERENCES {quote(key.column.table.name)} (id) ON DELETE SET NULL"
    conn.exec_driver_sql(ddl)


def _add_columns(conn: Connection, made: Table, spec: RecordSpec, before: RecordSpec | None) -> list[Column[Any]]:
    """Add the columns that the table lacks, with the field's default in the rows that are there; return missing links."""
    there = {c["name"]: c["type"] for c in inspect(conn).get_columns(made.name)}
    links: list[Column[Any]] = []
    for name, _ in ENGINE_COLUMNS.get(spec.name, ()):
        if name not in there:
            _add_column(conn, made.c[name])
    for field in spec.fields:
        fresh = made.c[column_of(field.name)]
        if fresh.name in there:
            old = before.field(field.name) if before is not None else None
            if _same_kind(old, field) if old is not None else _family(there[fresh.name]) == _family(fresh.type):
                continue
            _clear(conn, made, field)
        if fresh.foreign_keys:
            links.append(fresh)
            continue
        _add_column(conn, fresh)
        if field.default is not None:
            conn.execute(update(made).values({fresh.name: default_of(field)}))
    return links


TEXTS = frozenset({"text", "choice", "email", "phone", "url"})


def _same_kind(old: FieldSpec, new: FieldSpec) -> bool:
    """Tell whether values of the old type are values of the new one."""
    if old.type in TEXTS and new.type in TEXTS:
        return True
    return old.type == new.type and old.link == new.link


def _family(kind: TypeEngine[Any]) -> str:
    """Return what a column's type comes down to; the order matters, a BIGINT is an Integer too."""
    for name, family in (("truth", Boolean), ("real", Float), ("long", BigInteger), ("whole", Integer)):
        if isinstance(kind, family):
            return name
    return "text"


def _clear(conn: Connection, made: Table, field: FieldSpec) -> None:
    """Drop an empty column whose field has another type now; RefusedError where it holds values."""
    old = made.c[column_of(field.name)]
    held = conn.execute(select(func.count()).select_from(made).where(old.is_not(None))).scalar_one()
    if held:
        message = f"the field `{field.name}` cannot become a {field.type}: {held} records hold values of its former type"
        raise RefusedError(message, hint="declare a field of another name, and fill it from the old one")
    quote = conn.dialect.identifier_preparer.quote
    for index in inspect(conn).get_indexes(made.name):
        if old.name in index["column_names"]:
            conn.exec_driver_sql(f"DROP INDEX {quote(str(index['name']))}")
    conn.exec_driver_sql(f"ALTER TABLE {quote(made.name)} DROP COLUMN {quote(old.name)}")


def default_of(field: FieldSpec) -> str | bool | float | int | None:
    """Return a field's default as the store keeps it: dates as ordinals, instants as microseconds, sets in their form."""
    given: object = parse_cell(field, field.default, "UTC") if isinstance(field.default, str) else field.default
    return stored(field, given)


def apply_catalogue(conn: Connection, catalogue: Catalogue) -> None:
    """Make the database fit the catalogue: missing tables, columns, lists; defaults for the rows that are there.

    Runs in the caller's transaction. What the catalogue no longer has stays in the database. RefusedError where a field that
    holds values has another type now.
    """
    wanted = record_tables(catalogue)
    create(conn, wanted, read_catalogue(conn))
    for declared in wanted.catalogue.lists:
        known = conn.execute(select(tables.list_.c.id).where(tables.list_.c.name == declared.name)).first()
        if known is None:
            conn.execute(tables.list_.insert().values(name=declared.name, record=declared.record))
    write_catalogue(conn, wanted.catalogue)
    store = conn.get_execution_options().get("seqlang_store")
    if store is not None:
        store.adopt(wanted)


def write_catalogue(conn: Connection, catalogue: Catalogue) -> None:
    """Keep the catalogue, and its stamp, by which other processes see that theirs is old."""
    text = catalogue.model_dump_json()
    for key, value in (("catalogue", text), ("catalogue_stamp", hashlib.sha256(text.encode()).hexdigest())):
        done = conn.execute(tables.meta.update().where(tables.meta.c.key == key).values(value=value))
        if not done.rowcount:
            conn.execute(tables.meta.insert().values(key=key, value=value))


def read_catalogue(conn: Connection) -> Catalogue | None:
    """Return the catalogue that was applied last, or None."""
    text = conn.execute(select(tables.meta.c.value).where(tables.meta.c.key == "catalogue")).scalar_one_or_none()
    return None if text is None else Catalogue.model_validate(json.loads(text))
