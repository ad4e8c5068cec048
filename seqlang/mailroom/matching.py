"""Which message of ours a mail is about: by Message-ID, then by sender or recipient and mailbox; a batch in a few statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select

from seqlang.mailroom.records import Ours
from seqlang.store.tables import enrolment, flow, ledger, message

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.store.database import Store

CHUNK = 500  # values of one statement


def _messages() -> Select[Any]:
    return select(
        ledger.c.id, ledger.c.flow_id, ledger.c.enrolment_id, ledger.c.node_id, ledger.c.record_id, ledger.c.contact_id,
        ledger.c.counts, flow.c.record, message.c.recipient, message.c.mailbox, message.c.message_id, message.c.sent_at,
        ledger.c.at,
    ).select_from(message).join(ledger, ledger.c.id == message.c.ledger_id).join(flow, flow.c.id == ledger.c.flow_id)


def _ours(row: Any) -> Ours:
    recipients = ", ".join(bare(part) for part in (row.recipient or "").split(","))
    return Ours(
        row.id, row.flow_id, row.enrolment_id, row.node_id, row.record, row.record_id, row.contact_id, recipients,
        row.mailbox or "", row.message_id, row.sent_at if row.sent_at is not None else row.at, row.counts is not None,
    )


def bare(text: str) -> str:
    """Return the address of "Kim <kim@example.com>", lower case."""
    return (text.rpartition("<")[2].rpartition(">")[0] if "<" in text else text).strip().lower()


def by_message_ids(conn: Connection, ids: Collection[str]) -> dict[str, Ours]:
    """Return our messages among these Message-IDs (with their brackets)."""
    found: dict[str, Ours] = {}
    for some in _chunks(sorted(ids)):
        for row in conn.execute(_messages().where(message.c.message_id.in_(some))):
            found[row.message_id] = _ours(row)
    return found


def by_contacts(conn: Connection, store: Store, addresses: Collection[str], boxes: Sequence[str]) -> dict[str, list[Ours]]:
    """Return what went to the contacts of these addresses from these mailboxes, the earliest first."""
    contact = store.records("contact")
    found: dict[str, list[Ours]] = {}
    for some in _chunks(sorted(addresses)):
        query = (
            _messages().add_columns(contact.c.email_key)
            .join(enrolment, enrolment.c.id == ledger.c.enrolment_id)
            .join(contact, contact.c.id == enrolment.c.contact_id)
            .where(contact.c.email_key.in_(some), message.c.mailbox.in_(boxes), message.c.sent_at.is_not(None))
            .order_by(message.c.sent_at, ledger.c.id)
        )
        for row in conn.execute(query):
            found.setdefault(row.email_key, []).append(_ours(row))
    return found


def by_recipients(conn: Connection, addresses: Collection[str], boxes: Sequence[str], since: int) -> dict[str, list[Ours]]:
    """Return what went to these addresses from these mailboxes since then (microseconds), the earliest first.

    For reports that name no message: an address that was corrected meanwhile is found by where the message went.
    """
    found: dict[str, list[Ours]] = {}
    for some in _chunks(sorted(addresses)):
        sent = [message.c.mailbox.in_(boxes), message.c.sent_at >= since, message.c.recipient.in_(some)]
        for row in conn.execute(_messages().where(*sent).order_by(message.c.sent_at, ledger.c.id)):
            found.setdefault(bare(row.recipient), []).append(_ours(row))
    return found


def contacts_of(conn: Connection, store: Store, addresses: Collection[str]) -> dict[str, int]:
    """Return the contacts of these addresses."""
    contact = store.records("contact")
    found: dict[str, int] = {}
    for some in _chunks(sorted(addresses)):
        query = select(contact.c.email_key, contact.c.id).where(contact.c.email_key.in_(some)).order_by(contact.c.id.desc())
        found.update((row.email_key, row.id) for row in conn.execute(query))
    return found


def last_before(sent: Iterable[Ours], at: int) -> Ours | None:
    """Return the last of these that had gone out by then."""
    return next((ours for ours in reversed(list(sent)) if ours.sent_at <= at), None)


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
