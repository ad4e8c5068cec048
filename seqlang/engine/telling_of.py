"""Recording what is known of one very message, by its number in the ledger: openings, clicks, unsubscriptions from its links."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import select

from seqlang.clock import from_micros, to_micros
from seqlang.store.tables import event, flow, gone, ledger, message, node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from seqlang.store.database import Store

MERGES_MAX = 20  # a contact that was merged into one that was merged …


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that somebody, or a machine, did with a message."""

    at: datetime  # aware
    kind: Literal["opened", "clicked", "unsubscribed"]
    ledger_id: int
    contact_id: int  # whose link it was
    url: str | None = None  # of a click: where it leads
    machine: bool = False  # a machine by what it said of itself
    machine_before: timedelta = timedelta(0)  # also one if it came sooner after the delivery than this


def tell_of(conn: Connection, store: Store, heard: Sequence[Heard], *, recorded_at: datetime) -> int:
    """Record what was heard, each hour's openings and clicks of a link once; return how many events are new.

    Runs in the caller's transaction. What is about nobody any more (the contact is gone) is left out: nothing goes there.
    """
    if not heard:
        return 0
    lines = _lines(conn, {h.ledger_id for h in heard})
    people = _people(conn, store, {h.contact_id for h in heard})
    rows: dict[str, dict[str, Any]] = {}
    for one in heard:
        contact = people.get(one.contact_id)
        if contact is not None:
            row = _row(one, contact, lines.get(one.ledger_id), recorded_at)
            rows.setdefault(row["external_id"], row)
    if not rows:
        return 0
    new = store.sql.insert(event).on_conflict_do_nothing(index_elements=["external_id"]).returning(event.c.id)
    return sum(conn.execute(new.values(**row)).first() is not None for row in rows.values())


def recipient_of(conn: Connection, store: Store, ledger_id: int, contact_id: int) -> str | None:
    """Return the address that the message went to, else the contact's own; None where neither is known."""
    sent = conn.execute(select(message.c.recipient).where(message.c.ledger_id == ledger_id)).scalar_one_or_none()
    if sent:
        return str(sent)
    contact = store.records("contact")
    found = conn.execute(select(contact.c.email_key).where(contact.c.id == contact_id)).scalar_one_or_none()
    return str(found) if found else None


@dataclass(frozen=True, slots=True)
class StepOf:
    """Which step a message was, and to whom it went."""

    contact: str  # the address by which the contact is known
    flow: str
    step: str


def step_of(conn: Connection, store: Store, message_id: str) -> StepOf | None:
    """Return what the message of that Message-ID (or provider's name, with or without brackets) was; None: there is none."""
    bare = message_id.strip().strip("<>")
    contact = store.records("contact")
    query = (
        select(contact.c.email_key, flow.c.name, node.c.key)
        .select_from(message)
        .join(ledger, ledger.c.id == message.c.ledger_id)
        .join(flow, flow.c.id == ledger.c.flow_id)
        .join(node, node.c.id == ledger.c.node_id)
        .join(contact, contact.c.id == ledger.c.contact_id)
        .where(message.c.message_id.in_((f"<{bare}>", bare)), contact.c.email_key.is_not(None))
        .order_by(ledger.c.id.desc())
    )
    row = conn.execute(query.limit(1)).first()
    return StepOf(row[0], row[1], row[2]) if row is not None else None


def _lines(conn: Connection, ids: set[int]) -> dict[int, Any]:
    columns = (ledger.c.id, ledger.c.flow_id, ledger.c.enrolment_id, ledger.c.node_id, ledger.c.contact_id, message.c.sent_at)
    query = select(*columns).outerjoin(message, message.c.ledger_id == ledger.c.id).where(ledger.c.id.in_(ids))
    return {row.id: row for row in conn.execute(query)}


def _people(conn: Connection, store: Store, ids: set[int]) -> dict[int, int]:
    """Return who each contact is now: itself, or the one that it was merged into."""
    table = store.records("contact")
    found = {number: number for number in conn.execute(select(table.c.id).where(table.c.id.in_(ids))).scalars()}
    for number in ids - set(found):
        at: int | None = number
        for _ in range(MERGES_MAX):
            into = select(gone.c.into_id).where(gone.c.record == "contact", gone.c.record_id == at)
            at = conn.execute(into).scalar_one_or_none()
            if at is None:
                break
            if conn.execute(select(table.c.id).where(table.c.id == at)).first() is not None:
                found[number] = at
                break
    return found


def _row(one: Heard, contact: int, line: Any, recorded_at: datetime) -> dict[str, Any]:
    sent = from_micros(line.sent_at) if line is not None and line.sent_at is not None else None
    machine = one.machine or (sent is not None and one.kind != "unsubscribed" and one.at - sent < one.machine_before)
    return {
        "at": to_micros(min(one.at, recorded_at)), "recorded_at": to_micros(recorded_at), "kind": one.kind, "record": "contact",
        "record_id": contact, "contact_id": contact, "flow_id": line.flow_id if line is not None else None,
        "enrolment_id": line.enrolment_id if line is not None else None, "node_id": line.node_id if line is not None else None,
        "ledger_id": line.id if line is not None else None, "name": one.url, "machine": machine,
        "external_id": _name(one, contact, machine=machine),
    }


def _name(one: Heard, contact: int, *, machine: bool) -> str:
    """Return a name that a repetition within the hour has too: reloading a mail a hundred times is one event an hour."""
    if one.kind == "unsubscribed":
        return f"web:unsubscribed:{contact}:{one.ledger_id}"
    what = hashlib.sha256((one.url or "").encode()).hexdigest()[:16]
    return f"web:{one.kind}:{one.ledger_id}:{what}:{'machine' if machine else 'person'}:{one.at:%Y%m%d%H}"
