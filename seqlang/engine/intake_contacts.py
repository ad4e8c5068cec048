"""What events say of contacts: consent, addresses that bounced for good, how they were contacted last (LANGUAGE 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, exists, func, insert, literal, not_, null, or_, select, update

from seqlang.store import tables
from seqlang.vocabulary.records import CONTACTED_MODES

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from sqlalchemy import ColumnElement, Connection

    from seqlang.store.database import Store

OPENED, REPLIED, CALLED, WORKED = "Opened but no reply", "Replied", "Outgoing call", "Sales Activity"
CALL = "call"  # the channel whose report is a call
# What an activity elsewhere is called, and the type that it is one of.
TYPES = {"Incoming call": "Call", "Outgoing call": "Call"}


def take_facts(conn: Connection, store: Store, number: int, kinds: AbstractSet[str]) -> None:
    """Keep in the contacts what the events of this pass, which are of those kinds, say of them."""
    event = tables.event
    if "unsubscribed" in kinds:
        _stamp(conn, store, number, "unsubscribed_at", event.c.kind == "unsubscribed")
    if "replied" in kinds:
        _stamp(conn, store, number, "phone_stopped_at", and_(event.c.kind == "replied", event.c.value == "STOP"))
    if "bounced" in kinds:
        _suppress(conn, number)
    if kinds & {"opened", "clicked", "replied", "completed", "activity"}:
        _keep_modes(conn, store, number)
    if kinds & {"completed", "activity"}:
        _keep_types(conn, store, number)


def _stamp(conn: Connection, store: Store, number: int, column: str, which: ColumnElement[bool]) -> None:
    """Write the instant of the first such event into the contact, unless there is one already."""
    event, contact = tables.event, store.records("contact")
    mine = and_(event.c.tick_pass == number, which)
    first = select(func.min(event.c.at)).where(mine, event.c.contact_id == contact.c.id).scalar_subquery()
    ids = select(event.c.contact_id).where(mine, event.c.contact_id.is_not(None))
    conn.execute(update(contact).where(contact.c.id.in_(ids), contact.c[column].is_(None)).values({column: first}))


def _suppress(conn: Connection, number: int) -> None:
    event, closed = tables.event, tables.suppression
    rows = (
        select(event.c.value, literal("bounced"), func.min(event.c.at))
        .where(
            event.c.tick_pass == number,
            event.c.kind == "bounced",
            ~event.c.soft,
            event.c.value.is_not(None),
            not_(exists().where(closed.c.address == event.c.value)),
        )
        .group_by(event.c.value)
    )
    conn.execute(insert(closed).from_select(["address", "reason", "at"], rows))


def _keep_modes(conn: Connection, store: Store, number: int) -> None:
    """Write how each contact was contacted last; an opening after a reply tells nothing new."""
    event, line = tables.event, tables.ledger
    by_person = ~event.c.machine
    mode = case(
        (and_(event.c.kind.in_(("opened", "clicked")), by_person), OPENED),
        (and_(event.c.kind == "replied", ~event.c.out_of_office), REPLIED),
        (and_(event.c.kind == "completed", line.c.channel == CALL), CALLED),
        (event.c.kind == "completed", WORKED),
        (and_(event.c.kind == "activity", event.c.value.in_(CONTACTED_MODES)), event.c.value),
        else_=null(),
    )
    told = (
        select(event.c.contact_id, event.c.id, event.c.at, mode.label("said"))
        .select_from(event.outerjoin(line, line.c.id == event.c.ledger_id))
        .where(event.c.tick_pass == number, event.c.contact_id.is_not(None))
        .subquery()
    )
    replied = func.max(case((told.c.said == REPLIED, 1), else_=0)).over(
        partition_by=told.c.contact_id, order_by=(told.c.at, told.c.id)
    )
    with_reply = select(told, replied.label("replied")).where(told.c.said.is_not(None)).subquery()
    sound = or_(with_reply.c.said != OPENED, with_reply.c.replied == 0)
    column = store.column("contact", "last_contacted_mode")
    said = _last(with_reply, with_reply.c.said, sound)
    _write(conn, store, column, said, or_(column.is_(None), column != REPLIED, said.c.said != OPENED))


def _keep_types(conn: Connection, store: Store, number: int) -> None:
    event = tables.event
    kind = case(TYPES, value=event.c.value, else_=event.c.value)
    told = (
        select(event.c.contact_id, event.c.id, event.c.at, kind.label("said"))
        .where(
            event.c.tick_pass == number,
            event.c.contact_id.is_not(None),
            event.c.value.is_not(None),
            event.c.kind.in_(("completed", "activity")),
        )
        .subquery()
    )
    said = _last(told, told.c.said)
    _write(conn, store, store.column("contact", "last_activity_type"), said)


def _last(told: Any, said: ColumnElement[Any], *where: ColumnElement[bool]) -> Any:
    """Return what was said last of each contact: by instant, then arrival."""
    ranked = (
        select(
            told.c.contact_id,
            said.label("said"),
            func.row_number().over(partition_by=told.c.contact_id, order_by=(told.c.at.desc(), told.c.id.desc())).label("place"),
        )
        .where(*where)
        .subquery()
    )
    return select(ranked.c.contact_id, ranked.c.said).where(ranked.c.place == 1).subquery()


def _write(conn: Connection, store: Store, column: ColumnElement[Any], said: Any, *where: ColumnElement[bool]) -> None:
    contact = store.records("contact")
    conn.execute(update(contact).where(contact.c.id == said.c.contact_id, *where).values({column: said.c.said}))
