"""Finding and writing records, many at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from seqlang.store.database import Store


@dataclass(frozen=True, slots=True)
class Upserted:
    """What an upsert did. `ids` has one id for each row given, in their order."""

    ids: tuple[int, ...]
    created: tuple[int, ...]
    updated: tuple[int, ...]  # those of which a field has another value now


def upsert(  # noqa: PLR0913 - each is a different question, all but the first four are named
    conn: Connection, store: Store, record: str, rows: Sequence[Mapping[str, object]], *, at: datetime, key: str | None = None,
    source_flow: int | None = None, fresh: bool = False, quiet: bool = False,
) -> Upserted:
    """Add or update records, found by the field `key` (default: the type's own; case ignored).

    A row maps field names to Python values (see `store.cells`); a field that is missing keeps its value (in a new record: takes its
    default), None empties it. Links are ids of rows. `fresh`: every row is a new record. `quiet`: no `change` rows (the records were
    always there). `source_flow`: the flow whose statement did it. ValueError, TypeError, KeyError: a wrong value or field.
    """
    raise NotImplementedError


def find(conn: Connection, store: Store, record: str, key_values: Sequence[str], *, key: str | None = None) -> dict[str, int]:
    """Return the id of the record (the oldest where several have it) for each given key value that exists; case ignored."""
    raise NotImplementedError


def delete(conn: Connection, store: Store, record: str, ids: Sequence[int], at: datetime) -> int:
    """Delete records: their enrolments end as `deleted`, what is planned or to do is cancelled, the ledger stays. Return how many."""
    raise NotImplementedError


def merge(conn: Connection, store: Store, record: str, keep: int, gone: int, at: datetime) -> None:
    """Make one record of two: links, tags, lists and events go over to `keep`, its empty fields are filled, `gone` is deleted."""
    raise NotImplementedError


def refresh_keys(conn: Connection, store: Store, ids: Sequence[int] | None = None) -> None:
    """Work out `email_key`, `email_ok`, `phone_ok` anew for these contacts (None: all): after a statement that set email or phone."""
    raise NotImplementedError
