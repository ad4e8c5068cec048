"""Reports of people: outcomes of to-dos, and drafts that are released."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import String, and_, case, exists, insert, literal, select, update

from seqlang.engine.plans import load_plan
from seqlang.engine.verdicts import counts_as
from seqlang.store import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

    from seqlang.store.database import Store

EMAIL = "email"
OUTGOING_MODE = "No reply"


def take_reports(conn: Connection, store: Store, number: int) -> None:
    """Close the to-dos that this pass reports, and plan the messages of released drafts: only then are they sent, and counted."""
    event, todo = tables.event, tables.todo
    mine = and_(event.c.tick_pass == number, event.c.kind.in_(("completed", "released")))
    if conn.execute(select(event.c.id).where(mine).limit(1)).first() is None:
        return
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
    _release(conn, store, number)


def _release(conn: Connection, store: Store, number: int) -> None:
    event, line = tables.event, tables.ledger
    message = line.alias()
    mine = and_(event.c.tick_pass == number, event.c.kind == "released")
    there = exists().where(
        message.c.enrolment_id == line.c.enrolment_id, message.c.node_id == line.c.node_id, message.c.occurrence == 1
    )
    drafts = event.join(line, line.c.id == event.c.ledger_id)
    rows = conn.execute(select(line.c.plan_hash, line.c.node_id).select_from(drafts).where(mine).distinct()).all()
    if not rows:
        return
    names = [
        "at",
        "enrolment_id",
        "flow_id",
        "record_id",
        "contact_id",
        "what",
        "node_id",
        "channel",
        "effect",
        "counts",
        "occurrence",
        "state",
        "plan_hash",
    ]
    conn.execute(
        insert(line).from_select(
            names,
            select(
                event.c.at,
                line.c.enrolment_id,
                line.c.flow_id,
                line.c.record_id,
                line.c.contact_id,
                literal("executed"),
                line.c.node_id,
                literal(EMAIL),
                literal("message"),
                _counts(conn, [(r.plan_hash, r.node_id) for r in rows], line.c.node_id),
                literal(1),
                literal("planned"),
                line.c.plan_hash,
            )
            .select_from(drafts)
            .where(mine, ~there)
            .order_by(event.c.at, event.c.id),
            include_defaults=False,
        )
    )
    contact, mode = store.records("contact"), store.column("contact", "last_contacted_mode")
    to = select(line.c.contact_id).select_from(drafts).where(mine)
    conn.execute(update(contact).where(contact.c.id.in_(to)).values({mode: OUTGOING_MODE}))


def _counts(conn: Connection, drafts: Sequence[tuple[str | None, int]], node_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return what limits and pace count each released message by: what its step says."""
    numbers = [n for _, n in drafts]
    rows = conn.execute(select(tables.node.c.id, tables.node.c.key).where(tables.node.c.id.in_(numbers)))
    keys = {row.id: row.key for row in rows}
    found: dict[int, str | None] = {}
    for plan_hash, number in drafts:
        steps = load_plan(conn, plan_hash).steps if plan_hash is not None else ()
        found[number] = next((counts_as(s) for s in steps if s.key == keys.get(number)), EMAIL)
    return case({number: literal(word, String()) for number, word in found.items()}, value=node_id)
