"""Phones that are closed by STOP and opened by START: how often it was said, and what START takes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, func, not_, or_, select, update

from seqlang.store.tables import event

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from seqlang.store.database import Store

STOP, START = "STOP", "START"  # values of answers; STOP is also that of the `unsubscribed` that comes with it
TAKEN_BACK = "STOP, then START"  # of a STOP that no tick had taken in yet


def is_closed(conn: Connection, store: Store, contact_id: int) -> bool:
    """Tell whether the contact has said STOP and not START since, taken in or not."""
    contact = store.records("contact")
    waiting = exists().where(*_replied(contact_id), event.c.value == STOP, event.c.taken_at.is_(None))
    query = select(contact.c.id).where(contact.c.id == contact_id, or_(contact.c.phone_stopped_at.is_not(None), waiting))
    return conn.execute(query).first() is not None


def times_said(conn: Connection, contact_id: int, word: str) -> int:
    """Return how often the contact has said it: a STOP after a START is a new one, though it has the same words."""
    words = (STOP, TAKEN_BACK) if word == STOP else (word,)
    query = select(func.count()).select_from(event).where(*_replied(contact_id), event.c.value.in_(words))
    return conn.execute(query).scalar_one()


def reopen(conn: Connection, store: Store, contact_id: int) -> None:
    """Take back what STOP did: the phone is open, and who is unsubscribed by nothing else is so no more."""
    contact = store.records("contact")
    waiting = (*_replied(contact_id), event.c.value == STOP, event.c.taken_at.is_(None))
    conn.execute(update(event).where(*waiting).values(value=TAKEN_BACK))
    by_stop = (event.c.contact_id == contact_id, event.c.kind == "unsubscribed", event.c.value == STOP)
    conn.execute(delete(event).where(*by_stop, event.c.taken_at.is_(None)))  # nobody has seen it: the answer itself stays
    mine = contact.c.id == contact_id
    conn.execute(update(contact).where(mine).values(phone_stopped_at=None))
    other = exists().where(*by_stop[:2], func.coalesce(event.c.value, "") != STOP)
    conn.execute(update(contact).where(mine, exists().where(*by_stop), not_(other)).values(unsubscribed_at=None))


def _replied(contact_id: int) -> tuple[ColumnElement[bool], ...]:
    return event.c.contact_id == contact_id, event.c.kind == "replied"
