"""Scratch tables: sets that one transaction works on, so that no statement asks the same question twice.

Each is a temporary table of the connection, empty when borrowed. Borrowing twice gives two tables: a block of statements on the
way out of one flow may make somebody leave another.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, MetaData, Table
from sqlalchemy.schema import CreateTable

from seqlang.store.columns import Id, Word, Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection
    from sqlalchemy.engine import Dialect

    from seqlang.engine.context import FlowContext

IN_USE = "seqlang_scratch"  # in `Connection.info`: the names that are borrowed now
ANALYZE_ROWS_MIN = 500

SHAPES: dict[str, tuple[tuple[str, Any, bool], ...]] = {  # name, type, part of the key
    # Whom an attempt of a step is about, and what came of it (see `attempt`).
    "attempted": (
        ("enrolment_id", Id, True),
        ("record_id", Id, False),
        ("contact_id", Id, False),
        ("entered_at", BigInteger(), False),
        ("waited_on", Integer(), False),
        ("fell_due_at", BigInteger(), False),
        ("verdict", Integer(), False),
        ("ready_at", BigInteger(), False),
    ),
    # Who leaves, and by which of the flow's rules.
    "leaving": (
        ("enrolment_id", Id, True),
        ("record_id", Id, False),
        ("contact_id", Id, False),
        ("rule", Integer(), False),
    ),
    # Whose events or changes came since the flow last looked.
    "touched": (("contact_id", Id, True),),
    # The instants at which a window opens next, for each zone that occurs.
    "opening": (("zone", Word, True), ("opens_at", BigInteger(), False)),
    # The dates of steps, for each date of entry: the step's place in the file, its number, its date, the first run from then on.
    "day": (
        ("entry_on", Integer(), True),
        ("place", Integer(), True),
        ("node_id", Id, False),
        ("day_on", Integer(), False),
        ("run_at", BigInteger(), False),
        ("added_at", BigInteger(), False),
    ),
    # The dates of steps that each contact has for itself (a record's date, a span after another step).
    "own_day": (
        ("enrolment_id", Id, True),
        ("node_id", Id, True),
        ("day_on", Integer(), False),
        ("run_at", BigInteger(), False),
    ),
    # What comes after a day that is being done: for each date of entry and date of the day, the next date and its run.
    "bucket": (
        ("entry_on", Integer(), True),
        ("due_on", Integer(), True),
        ("next_on", Integer(), False),
        ("next_at", BigInteger(), False),
    ),
    # Who still waits in a run, and until when.
    "waiting": (("enrolment_id", Id, True), ("node_id", Id, True), ("ready_at", BigInteger(), False), ("why", Word, False)),
    # The day that each contact is doing in a run.
    "doing": (("enrolment_id", Id, True), ("day_on", Integer(), False)),
    # The step that each contact gets in this run (smart), or whose turn it is (outbound).
    "choice": (("enrolment_id", Id, True), ("place", Integer(), False)),
    # Who competes for a limit's places, settled before the steps of a run.
    "contender": (
        ("enrolment_id", Id, True),
        ("node_id", Id, True),
        ("domain", Word, False),
        ("waited_on", Integer(), False),
        ("entered_at", BigInteger(), False),
        ("created_at", BigInteger(), False),
        ("email", Word, False),
        ("place", Integer(), False),
        ("refused_by", Integer(), False),
    ),
    # Who is or was in a flow.
    "known": (("record_id", Id, True),),
    # Who may come in at a run: in which order, and whether by hand.
    "arrival": (
        ("record_id", Id, True),
        ("contact_id", Id, False),
        ("by_hand", Boolean(), False),
        ("created_at", BigInteger(), False),
        ("email", Word, False),
        ("same", Word, False),
    ),
    # What a statement makes of each record: its new value, in the column of its type, and how many runs (of a workflow) do it.
    "changing": (
        ("record_id", Id, True),
        ("contact_id", Id, False),
        ("enrolment_id", Id, False),
        ("runs", Integer(), False),
        ("number", Float(), False),
        ("whole", BigInteger(), False),
        ("words", Words, False),
    ),
    # What further runs of a workflow in the same pass still have to add (see `workflows`).
    "owing": (("record_id", Id, True), ("node_id", Id, True), ("number", Float(), False)),
    # The records of a flow whose conditions may have turned since it last looked, and since when.
    "woken": (("record_id", Id, True), ("at", BigInteger(), False), ("first_at", BigInteger(), False)),
    "instant": (("record_id", Id, True), ("at", BigInteger(), True)),  # when something happened to those of `woken`
    # Who comes into a journey or workflow, at which planned instant, and by which event.
    "coming": (
        ("id", Id, True),
        ("record_id", Id, False),
        ("contact_id", Id, False),
        ("at", BigInteger(), False),
        ("event_id", Id, False),
        ("by_hand", Boolean(), False),
    ),
    # Who goes through the nodes of a journey or workflow now: where it is (0: at the end), the planned instant at which it came
    # there, when a step's turn came, the arm or side it takes; at rest: until when, and why it is put off.
    "moving": (
        ("enrolment_id", Id, True),
        ("record_id", Id, False),
        ("contact_id", Id, False),
        ("entered_at", BigInteger(), False),
        ("node_id", Id, False),
        ("at", BigInteger(), False),
        ("turn_at", BigInteger(), False),
        ("arm", Integer(), False),
        ("rests", Boolean(), False),
        ("due_at", BigInteger(), False),
        ("end_at", BigInteger(), False),
        ("waiting", Word, False),
    ),
}


@contextmanager
def borrowed(conn: Connection, shape: str) -> Iterator[Table]:
    """Lend an empty scratch table of that shape (a key of SHAPES) until the block ends."""
    in_use: set[str] = conn.info.setdefault(IN_USE, set())
    number = 1
    while f"{shape}_{number}" in in_use:
        number += 1
    name = f"{shape}_{number}"
    table = _table(shape, number)
    # Made anew where it is missing: a transaction that is rolled back takes its temporary tables with it.
    conn.exec_driver_sql(_create(shape, number, conn.dialect))
    conn.execute(_clear(shape, number))
    in_use.add(name)
    try:
        yield table
    finally:
        in_use.discard(name)


def filled(ctx: FlowContext, table: Table, rows: int) -> None:
    """Tell the database's planner how big the table has become."""
    if rows >= ANALYZE_ROWS_MIN:
        ctx.store.sql.analyze(ctx.conn, table)


@lru_cache(maxsize=256)
def _table(shape: str, number: int) -> Table:
    columns = [Column(name, kind, primary_key=key, autoincrement=False, nullable=not key) for name, kind, key in SHAPES[shape]]
    return Table(f"{shape}_{number}", MetaData(), *columns, prefixes=["TEMPORARY"])


@lru_cache(maxsize=256)
def _create(shape: str, number: int, dialect: Dialect) -> str:
    return str(CreateTable(_table(shape, number), if_not_exists=True).compile(dialect=dialect))


@lru_cache(maxsize=256)
def _clear(shape: str, number: int) -> Any:
    return _table(shape, number).delete()
