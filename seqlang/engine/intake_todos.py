"""Reports of people: outcomes of to-dos; drafts that are released are handed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, case, select, update

from seqlang.engine import intake_drafts
from seqlang.store import tables

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from seqlang.store.database import Store


def take_reports(conn: Connection, store: Store, at: datetime, number: int) -> None:
    """Close the to-dos that this pass reports, and plan the messages of released drafts: only then are they sent, and counted."""
    event, todo = tables.event, tables.todo
    mine = and_(event.c.tick_pass == number, event.c.kind.in_(("completed", "released")))
    outcome = case((event.c.kind == "released", "released"), else_=event.c.name)
    conn.execute(
        update(todo)
        .where(todo.c.ledger_id == event.c.ledger_id, mine, todo.c.state == "open")
        .values(state="done", outcome=outcome, done_at=event.c.at)
    )
    line = tables.ledger
    reported = select(event.c.ledger_id).where(mine)
    # What is reported is over: an exit that comes later has nothing to cancel.
    conn.execute(update(line).where(line.c.id.in_(reported), line.c.state == "planned").values(state="accepted"))
    intake_drafts.release(conn, store, at, number)
