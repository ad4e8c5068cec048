"""Records what came back to a mailbox without letters: receipts and answers, each once, by the message that they are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text, update

from seqlang.clock import to_micros
from seqlang.dispatch.phone_stops import START, STOP, is_closed, reopen, times_said
from seqlang.sdk.incoming import Incoming
from seqlang.sdk.texts import is_start, is_stop
from seqlang.store.tables import event, flow, ledger, message

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from seqlang.store.database import Store

# In the index's own words: with a parameter in it, no database would take the index.
_NUMBERED = text("message.recipient like '+%'")


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of a batch."""

    answers: int = 0
    stops: int = 0  # among the answers
    receipts: int = 0
    strange: int = 0  # about nothing that this database knows


def take_in(conn: Connection, store: Store, mailbox: str, items: Sequence[Incoming], now: datetime) -> TakenIn:
    """Record what came to the mailbox ("sms:default"), in the caller's transaction; twice is once. The next tick takes it in."""
    answers = stops = receipts = strange = 0
    for item in items:
        if item.kind == "answer":
            found = _answered(conn, mailbox, item)
            _answer(conn, store, mailbox, found, item, now)
            answers += bool(found)
            stops += bool(found and is_stop(item.text))
        else:
            found = _meant(conn, mailbox, item)
            for line in found:
                _receipt(conn, store, mailbox, line, item, now)
            receipts += bool(found)
        strange += not found
    return TakenIn(answers, stops, receipts, strange)


def _answered(conn: Connection, mailbox: str, item: Incoming) -> list[Row[Any]]:
    """Return the last message to that number from the mailbox; of several people with one number each one's last."""
    query = (
        _lines().where(message.c.recipient == item.sender, _NUMBERED, func.coalesce(message.c.mailbox, "") == mailbox)
        .where(message.c.sent_at.is_not(None)).order_by(message.c.sent_at.desc(), ledger.c.id.desc())
    )
    lasts: dict[int | None, Row[Any]] = {}
    for row in conn.execute(query.limit(200)):
        lasts.setdefault(row.contact_id, row)
    return list(lasts.values())


def _answer(conn: Connection, store: Store, mailbox: str, found: list[Row[Any]], item: Incoming, now: datetime) -> None:
    """Record an answer. STOP is said of the number, by all who have it, and so is START where one of them had said STOP."""
    if is_stop(item.text):
        for line in found:
            which = f":{n}" if (n := times_said(conn, line.contact_id, START)) else ""
            _tell(conn, store, mailbox, line, item, now, which=which, kind="replied", value=STOP)
            if line.contact_id is not None:
                _tell(conn, store, mailbox, line, item, now, which=f"{which}:unsubscribed", kind="unsubscribed", value=STOP)
        return
    closed = [line for line in found if is_closed(conn, store, line.contact_id)] if is_start(item.text) else []
    for line in closed:
        which = f":{times_said(conn, line.contact_id, STOP)}"
        _tell(conn, store, mailbox, line, item, now, which=which, kind="replied", value=START)
        reopen(conn, store, line.contact_id)
    if not closed and found:
        _tell(conn, store, mailbox, found[0], item, now, kind="replied")


def _meant(conn: Connection, mailbox: str, item: Incoming) -> list[Row[Any]]:
    query = _lines().where(message.c.message_id.in_(item.message_id), message.c.mailbox == mailbox)
    return list(conn.execute(query.order_by(ledger.c.id.desc()).limit(1)))


def _lines() -> Any:
    columns = (ledger.c.id, ledger.c.flow_id, ledger.c.enrolment_id, ledger.c.node_id, ledger.c.record_id, ledger.c.contact_id)
    joined = message.join(ledger, ledger.c.id == message.c.ledger_id).join(flow, flow.c.id == ledger.c.flow_id)
    return select(*columns, message.c.sent_at).select_from(joined)


def _receipt(conn: Connection, store: Store, mailbox: str, line: Row[Any], item: Incoming, now: datetime) -> None:
    """Note what the other side says became of a message; one that cannot arrive is a bounce, hard where the number is bad."""
    said = f"{item.kind}: {item.text}" if item.text else item.kind
    conn.execute(update(message).where(message.c.ledger_id == line.id).values(detail=said))
    if item.kind != "delivered":
        _tell(conn, store, mailbox, line, item, now, kind="bounced", soft=item.kind == "delayed")


def _tell(
    conn: Connection, store: Store, mailbox: str, line: Row[Any], item: Incoming, now: datetime, *, which: str = "", **values: Any
) -> None:
    at = to_micros(min(item.at or now, now))
    # The message is part of the name: the same words may answer a later message, and a number may be that of several people.
    name = f"{mailbox}:{line.id}:{item.id}{which}"
    new = store.sql.insert(event).values(
        at=max(at, line.sent_at or at), recorded_at=to_micros(now), record="contact", record_id=line.contact_id,
        contact_id=line.contact_id, flow_id=line.flow_id, enrolment_id=line.enrolment_id, node_id=line.node_id,
        ledger_id=line.id, external_id=name, **values,
    )  # fmt: skip
    conn.execute(new.on_conflict_do_nothing(index_elements=["external_id"]))
