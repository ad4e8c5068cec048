"""Rows of a CSV file as values of a record's fields: which column is which field, and what is wrong with a cell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from seqlang.app.csv_rows import Row
from seqlang.errors import UsageError
from seqlang.store.cells import Value, members, parse_cell
from seqlang.vocabulary.records import Catalogue, FieldSpec, RecordSpec

SPECIAL = ("id", "tags", "lists")  # columns that are no fields


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column of a file is."""

    record: RecordSpec
    fields: tuple[tuple[str, FieldSpec], ...]  # column, field
    special: Mapping[str, str]  # "id", "tags", "lists" -> column
    unknown: tuple[str, ...]  # columns that are nothing, with the nearest field: "`scoer` (did you mean `score`?)"

    def has(self, field: str) -> bool:
        """Whether a column is that field."""
        return any(f.name == field for _, f in self.fields)


@dataclass(frozen=True, slots=True)
class Read:
    """One row that was read; links are still the keys of the records that they lead to."""

    values: dict[str, Value]  # every field that the file has; None: empty
    id: str | None
    tags: tuple[str, ...]
    lists: tuple[str, ...]


def record_spec(catalogue: Catalogue, record: str) -> RecordSpec:
    """Return the type of that name; UsageError with a suggestion where there is none."""
    found = catalogue.record(record)
    if found is None or record == "user":
        names = [r.name for r in catalogue.records if r.name != "user"]
        raise UsageError(f"there is no record `{record}`{suggestion(record, names)}")
    return found


def plan_columns(columns: Sequence[str], record: RecordSpec, maps: Mapping[str, str] | None = None) -> Columns:
    """Find the field of each column: as `maps` says, else by its name, case and spaces ignored.

    `maps`: column to field; an empty field leaves the column out. UsageError for a name that is none.
    """
    wanted = dict(maps or {})
    for column in wanted:
        if column not in columns:
            raise UsageError(f"the file has no column `{column}`{suggestion(column, columns)}")
    by_name = {_plain(f.name): f for f in record.fields}
    fields: list[tuple[str, FieldSpec]] = []
    special: dict[str, str] = {}
    unknown: list[str] = []
    for column in columns:
        name = wanted.get(column, column)
        if not name:
            continue
        field = record.field(name) or by_name.get(_plain(name))
        if field is not None:
            if any(f.name == field.name for _, f in fields):
                raise UsageError(f"two columns are the field `{field.name}`")
            fields.append((column, field))
        elif _plain(name) in SPECIAL:
            special[_plain(name)] = column
        elif column in wanted:
            raise UsageError(f"`{record.name}` has no field `{name}`{suggestion(name, [f.name for f in record.fields])}")
        else:
            unknown.append(f"`{column}`{suggestion(column, [f.name for f in record.fields], ' ({})')}")
    return Columns(record, tuple(fields), special, tuple(unknown))


def read_row(row: Row, columns: Columns, zone: str) -> Read:
    """Return the row's values; ValueError with the reason where a cell is no value of its field."""
    values = {field.name: parse_cell(field, row.cells.get(column, ""), zone) for column, field in columns.fields}
    cell = {name: row.cells.get(column, "") for name, column in columns.special.items()}
    tags, lists = (members(cell.get(name, "").split(";")) for name in ("tags", "lists"))
    return Read(values, cell.get("id") or None, tags, lists)


def suggestion(name: str, candidates: Sequence[str], shape: str = ", {}") -> str:
    """Return ", did you mean `x`?" with the nearest name, or nothing."""
    plain = {_plain(c): c for c in candidates}
    near = get_close_matches(_plain(name), list(plain), n=1, cutoff=0.55)
    return shape.format(f"did you mean `{plain[near[0]]}`?") if near else ""


def _plain(name: str) -> str:
    return re.sub(r"[^\w]+", "_", name.strip().casefold())
