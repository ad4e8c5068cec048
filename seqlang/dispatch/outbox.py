"""The outbox: what became of messages, and what a person decides of an unclear one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Select, func, select, update

from seqlang.clock import from_micros
from seqlang.dispatch.claim import OPEN
from seqlang.errors import NotFoundError, RefusedError
from seqlang.store.tables import flow, ledger, message, node

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.store.database import Store

Decision = Literal["sent", "resend", "drop"]
STATES = ("planned", "sending", "accepted", "rejected", "retry", "unknown", "cancelled")
EFFECTS = ("message", "call_out")


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """One message."""

    id: int  # what `outbox settle` is told
    at: datetime  # planned
    state: str
    flow: str
    step: str
    channel: str
    contact: str | None  # the contact's address now; None: it has none, or is gone
    recipient: str | None  # where it was given to; None: it has not been yet
    mailbox: str | None
    subject: str | None
    message_id: str | None
    attempts: int
    ready_at: datetime | None  # when it is tried again
    reason: str | None  # why it was rejected, cancelled, put off or is unclear; of an accepted one the server's answer


def list_messages(
    conn: Connection, store: Store, *, state: str | None = None, contact: str | None = None, sequence: str | None = None,
    limit: int = 200,
) -> list[OutboxLine]:
    """Return messages, the latest first. `state` is one of STATES, or "failed" for those that were rejected."""
    wanted = "rejected" if state == "failed" else state
    if wanted is not None and wanted not in STATES:
        raise RefusedError(f"there is no state `{state}`", hint=f"the states are {', '.join((*STATES, 'failed'))}")
    query = _query(store).where(ledger.c.effect.in_(EFFECTS)).order_by(ledger.c.id.desc()).limit(limit)
    if wanted is not None:
        query = query.where(ledger.c.state == wanted)
    if contact is not None:
        query = query.where(store.records("contact").c.email_key == contact.strip().lower())
    if sequence is not None:
        query = query.where(flow.c.name == sequence)
    return [_line(row) for row in conn.execute(query)]


def find_message(conn: Connection, store: Store, ledger_id: int) -> OutboxLine:
    """Return one message; NotFoundError where there is none of that number."""
    row = conn.execute(_query(store).where(ledger.c.id == ledger_id, ledger.c.effect.in_(EFFECTS))).first()
    if row is None:
        raise NotFoundError(f"there is no message {ledger_id}", hint="`seqlang outbox` lists them")
    return _line(row)


def settle_message(store: Store, ledger_id: int, decision: Decision, at: datetime) -> OutboxLine:
    """Carry out what a person decided of an unclear message: it was sent, send it again, or drop it; return it as it is then.

    What only waits may be dropped, too: a message that a server would not have must not keep a mailbox stopped.
    What is to be sent again goes with the next delivery and keeps its Message-ID, so that a receiver who got it twice can
    tell. What is dropped counts as never sent. RefusedError: there is nothing to decide.
    """
    with store.begin() as conn:
        before = find_message(conn, store, ledger_id)
        if before.state != "unknown" and (decision != "drop" or before.state not in OPEN):
            raise RefusedError(f"message {ledger_id} is {before.state}, and only unclear ones are settled by a person",
                               hint="`seqlang outbox --state unknown` lists them; `drop` takes one that waits, too")
        note = f"settled by a person as {decision}"
        decided: dict[Decision, dict[str, Any]] = {
            "sent": {"state": "accepted", "error": None}, "resend": {"state": "planned", "error": note},
            "drop": {"state": "cancelled", "error": note},
        }
        query = update(ledger).where(ledger.c.id == ledger_id, ledger.c.state == before.state)
        # A new fencing number: whoever sent it before cannot note anything any more.
        conn.execute(query.values(**decided[decision], lease_until=None, ready_at=None, fence=ledger.c.fence + 1))
        sent_at = {"sent_at": None} if decision != "sent" else {"detail": f"{note} at {at.isoformat()}"}
        conn.execute(update(message).where(message.c.ledger_id == ledger_id).values(**sent_at))
        return find_message(conn, store, ledger_id)


def count_states(conn: Connection) -> dict[str, int]:
    """Return how many messages there are in each state."""
    query = select(ledger.c.state, func.count()).where(ledger.c.effect.in_(EFFECTS), ledger.c.state.is_not(None))
    return {row[0]: row[1] for row in conn.execute(query.group_by(ledger.c.state))}


def _query(store: Store) -> Select[tuple[object, ...]]:
    contact = store.records("contact")
    joined = (
        ledger.join(flow, flow.c.id == ledger.c.flow_id).join(node, node.c.id == ledger.c.node_id)
        .outerjoin(message, message.c.ledger_id == ledger.c.id).outerjoin(contact, contact.c.id == ledger.c.contact_id)
    )
    return select(
        ledger.c.id, ledger.c.at, ledger.c.state, flow.c.name, node.c.key, ledger.c.channel, ledger.c.attempts, ledger.c.ready_at,
        ledger.c.error, store.column("contact", "email").label("contact"), message.c.recipient, message.c.mailbox,
        message.c.subject, message.c.message_id, message.c.detail,
    ).select_from(joined).where(ledger.c.state.is_not(None))


def _line(row: object) -> OutboxLine:
    found = row._mapping  # type: ignore[attr-defined]  # noqa: SLF001  SQLAlchemy's public name
    ready = found["ready_at"]
    return OutboxLine(
        id=found["id"], at=from_micros(found["at"]), state=found["state"], flow=found["name"], step=found["key"],
        channel=found["channel"] or "", contact=found["contact"], recipient=found["recipient"], mailbox=found["mailbox"],
        subject=found["subject"], message_id=found["message_id"], attempts=found["attempts"],
        ready_at=from_micros(ready) if ready is not None else None, reason=found["error"] or found["detail"],
    )
