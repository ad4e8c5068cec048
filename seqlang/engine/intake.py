"""Phase (1) of a tick: events up to its instant, by their instant, then arrival, take effect on records, to-dos and requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from seqlang.clock import to_micros
from seqlang.engine import intake_contacts, intake_fields, intake_flows, intake_holds, intake_todos
from seqlang.engine.intake_passes import forget_changes, next_pass
from seqlang.store import tables

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from seqlang.store.database import Store


def take_in(conn: Connection, store: Store, at: datetime) -> int:
    """Take in the events up to `at` that have not been taken in; return how many. Runs in the caller's transaction.

    What conditions ask of events (`replied`, `event "x"`) they ask of the events themselves; here is what happens besides.
    """
    forget_changes(conn)
    event = tables.event
    waiting = (event.c.taken_at.is_(None), event.c.at <= to_micros(at))
    if conn.execute(select(event.c.id).where(*waiting).limit(1)).first() is None:
        return 0  # nothing is written, and no disk is waited for
    number = next_pass(conn)
    taken = conn.execute(update(event).where(*waiting).values(taken_at=to_micros(at), tick_pass=number)).rowcount
    # Asked once: a hundred thousand events of one kind are not gone through for each of the others.
    kinds = set(conn.execute(select(event.c.kind).where(event.c.tick_pass == number).distinct()).scalars())
    if "changed" in kinds:
        intake_fields.take_changes(conn, store, number)
    intake_contacts.take_facts(conn, store, number, kinds)
    if kinds & {"completed", "released"}:
        intake_todos.take_reports(conn, store, at, number)
    if "replied" in kinds:
        intake_holds.take_notes(conn, store, at, number)
    if kinds & {"listed", "unlisted"}:
        intake_flows.take_lists(conn, number)
    if kinds & {"enrolled", "unenrolled"}:
        intake_flows.take_requests(conn, store, at, number)
    return taken
