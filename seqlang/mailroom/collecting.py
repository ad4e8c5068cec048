"""Reads an account once: from where the last reading ended, in batches; a batch's events and its end are one transaction.

So a mail is never lost and never counts twice: what was taken in has its number noted, what was not is read again, and a mail
that is read again (a restart, another mailbox, numbers that the server gave anew) has an event of the same name already.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from seqlang.clock import from_micros, to_micros
from seqlang.dispatch import boxes
from seqlang.inbox import Understood, understand
from seqlang.limits import BOUNCE_DAYS_MAX, MAIL_BATCH_MAX
from seqlang.mailroom import matching
from seqlang.mailroom.deciding import Decided, Happened, Known, decide
from seqlang.mailroom.records import Account, Collected, Mail, Source, Taken
from seqlang.schedule import local_date
from seqlang.sdk import redact
from seqlang.store.tables import event, inbox, ledger, message

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.clock import Clock
    from seqlang.store.database import Store

BACK_DAYS = 2  # so many days before the last mail are read again where the server has numbered its mail anew
DETAIL_CHARS_MAX = 500  # of what a report says, beside the message
ALARM_DAYS = 3  # an older report of a policy stops nothing any more
SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class House:
    """What is the same for all accounts of a project."""

    zone: str  # the project's: in which notes of absence are read
    addresses: frozenset[str]  # our own


@dataclass(frozen=True, slots=True)
class Read:
    """One mail and what it means."""

    mail: Mail
    meaning: Understood
    at: int  # when it came, microseconds, never in the future


def collect(
    store: Store, house: House, account: Account, source: Source, clock: Clock, stop: Callable[[], bool] | None = None
) -> Collected:
    """Take in all new mail of an open folder; returns what was done. What `source` raises goes through: nothing is half done."""
    done = Collected(account.name, account.boxes)
    with store.read() as conn:
        state = conn.execute(_mine(account)).one_or_none()
        since = _since(conn, account, state, house, clock.now())
    if state is not None and state.uidvalidity == source.uidvalidity:
        uids = list(source.uids_after(state.last_uid))
    else:
        uids = list(source.uids_since(since)) if since is not None else []
        if state is not None and state.uidvalidity:
            done.mails.append(Taken(0, "automatic", "", "", f"the server has numbered its mail anew: read again since {since}"))
    for start in range(0, len(uids), MAIL_BATCH_MAX):
        if stop is not None and stop():
            return done
        some = uids[start : start + MAIL_BATCH_MAX]
        now = clock.now()
        read = [_read(mail, house, now) for mail in source.fetch(some)]
        with store.begin() as conn:
            _take_in(conn, store, house, read, account=account, now=now, done=done)
            _note(conn, store, account, source.uidvalidity, some[-1], at=[r.at for r in read], now=now)
    if not uids:
        with store.begin() as conn:
            _note(conn, store, account, source.uidvalidity, source.highest, at=[], now=clock.now())
    return done


def _mine(account: Account) -> Any:
    return select(inbox).where(inbox.c.account == account.name, inbox.c.folder == account.folder)


def _since(conn: Connection, account: Account, state: Any, house: House, now: datetime) -> date | None:
    """Return the day from which mail is read where no number helps: a little before the last mail, else our first message's."""
    if state is not None and state.received_at is not None:
        return local_date(from_micros(state.received_at), house.zone) - timedelta(days=BACK_DAYS)
    first = conn.execute(select(func.min(message.c.sent_at)).where(message.c.mailbox.in_(account.boxes))).scalar_one_or_none()
    day = from_micros(first) if first is not None else now
    return local_date(day, house.zone) - timedelta(days=1)


def _read(mail: Mail, house: House, now: datetime) -> Read:
    at = min(mail.received_at, now)
    return Read(mail, understand(mail.raw, local_date(at, house.zone)), to_micros(at))


def _note(
    conn: Connection, store: Store, account: Account, uidvalidity: int, uid: int, *, at: Sequence[int], now: datetime
) -> None:
    """Note how far the account was read; never further back than another reader has come."""
    known = conn.execute(_mine(account)).one_or_none()
    same = known is not None and known.uidvalidity == uidvalidity
    latest = max((*at, *((known.received_at,) if known is not None and known.received_at is not None else ())), default=None)
    values = {
        "uidvalidity": uidvalidity, "last_uid": max(uid, known.last_uid) if known is not None and same else uid,
        "received_at": latest, "read_at": to_micros(now), "problem": None,
    }
    new = store.sql.insert(inbox).values(account=account.name, folder=account.folder, **values)
    conn.execute(new.on_conflict_do_update(index_elements=["account", "folder"], set_=values))


def note_problem(store: Store, account: Account, problem: str, now: datetime) -> None:
    """Note why an account could not be read."""
    problem = redact(problem)
    values = {"problem": problem, "read_at": to_micros(now)}
    new = store.sql.insert(inbox).values(account=account.name, folder=account.folder, last_uid=0, **values)
    with store.begin() as conn:
        conn.execute(new.on_conflict_do_update(index_elements=["account", "folder"], set_={"problem": problem}))


# ------------------------------------------------------------------------------------------------ a batch


def _take_in(
    conn: Connection, store: Store, house: House, read: Sequence[Read], *, account: Account, now: datetime, done: Collected
) -> None:
    around = _look_up(conn, store, account, read)
    rows: dict[str, dict[str, Any]] = {}
    decided: list[tuple[Read, Decided, list[str]]] = []
    for one in read:
        found = decide(one.meaning, around.of(one, house))
        names = [_name(one.meaning, e) for e in found.events]
        decided.append((one, found, names))
        for name, happened in zip(names, found.events, strict=True):
            rows.setdefault(name, _row(one, happened, name, account, now))
    known = _known(conn, rows)
    fresh = [row for name, row in rows.items() if name not in known]
    if fresh:
        conn.execute(store.sql.insert(event).on_conflict_do_nothing(index_elements=["external_id"]), fresh)
    _settle(conn, {row["ledger_id"] for row in fresh if row["ledger_id"] is not None})
    _say(conn, [row for row in fresh if row["kind"] == "bounced" and row["ledger_id"] is not None])
    done.events += len(fresh)
    for one, found, names in decided:
        repeated = bool(names) and all(n in known for n in names)
        kind = "repeated" if repeated else found.kind
        done.mails.append(Taken(one.mail.uid, kind, one.meaning.sender, one.meaning.subject, found.detail))
        if not repeated:
            _stop(conn, store, found, one, now=now, done=done)


def _settle(conn: Connection, effects: Collection[int]) -> None:
    """Settle what was unclear: what is answered, or reported on, has gone out."""
    if effects:
        unclear = update(ledger).where(ledger.c.id.in_(effects), ledger.c.state == "unknown")
        conn.execute(unclear.values(state="accepted", error=None, lease_until=None, ready_at=None))


def _say(conn: Connection, bounces: Iterable[Mapping[str, Any]]) -> None:
    """Write beside each message, where the server's "accepted" stands, what became of it: `outbox` shows it."""
    for row in bounces:
        told = json.loads(row["properties"])
        said = redact(f"bounced ({told['bounce']}): {told.get('reason') or told.get('status') or 'no reason was given'}")
        conn.execute(update(message).where(message.c.ledger_id == row["ledger_id"]).values(detail=said[:DETAIL_CHARS_MAX]))


def _stop(conn: Connection, store: Store, found: Decided, one: Read, *, now: datetime, done: Collected) -> None:
    """Stop the mailboxes that are not wanted somewhere: going on would make it worse, and nobody else is to blame."""
    for name, reason in found.stops:
        if to_micros(now) - one.at > ALARM_DAYS * 86_400 * SECOND:
            done.alarms.append(f"ALARM: the mailbox {name} is blocked: {reason} (some days ago; it goes on)")
            continue
        boxes.stop(conn, store, name, f"blocked: {reason}", None)
        done.alarms.append(boxes.alarm(name, reason))


def _known(conn: Connection, rows: Iterable[str]) -> set[str]:
    names = list(rows)
    return set(conn.execute(select(event.c.external_id).where(event.c.external_id.in_(names))).scalars()) if names else set()


def _name(mail: Understood, happened: Happened) -> str:
    """Return the event's own name: the same however often, and from whichever mailbox, the mail is read."""
    which = f":{happened.value}" if happened.kind == "bounced" else ""
    return f"mail:{mail.key}:{happened.kind}{which}"[:500]


def _row(one: Read, happened: Happened, name: str, account: Account, now: datetime) -> dict[str, Any]:
    ours = happened.ours
    # A server's clock may be slow, and it tells whole seconds: an answer is never older than what it answers.
    at = min(max(one.at, ours.sent_at), to_micros(now)) if ours is not None else one.at
    of_contact = happened.contact_id is not None
    mail = one.meaning
    told = {"from": mail.sender, "subject": mail.subject, "message_id": mail.message_id, "account": account.name}
    return {
        "at": at, "recorded_at": to_micros(now), "kind": happened.kind,
        "record": "contact" if of_contact or ours is None else ours.record,
        "record_id": happened.contact_id if of_contact or ours is None else ours.record_id,
        "contact_id": happened.contact_id,
        "flow_id": ours.flow_id if ours is not None else None,
        "enrolment_id": ours.enrolment_id if ours is not None else None,
        "node_id": ours.node_id if ours is not None else None,
        "ledger_id": ours.ledger_id if ours is not None else None,
        "name": None, "value": happened.value, "machine": False, "soft": happened.soft, "out_of_office": happened.out_of_office,
        "properties": json.dumps({k: v for k, v in (told | happened.properties).items() if v}, ensure_ascii=False),
        "external_id": name,
    }


# ------------------------------------------------------------------------------------------ what is known


@dataclass(frozen=True, slots=True)
class Around:
    """What the database knows around a batch."""

    account: Account
    named: dict[str, Any]  # Message-ID -> Ours
    to_senders: dict[str, list[Any]]
    to_addresses: dict[str, list[Any]]
    contacts: dict[str, int]

    def of(self, one: Read, house: House) -> Known:
        """Return what is known around one mail."""
        mail, slack = one.meaning, one.at + SECOND
        addresses = {a for f in mail.failures for a in (f.address, f.final) if a} | ({mail.accused} - {""})
        sent = {a: matching.last_before(self.to_addresses.get(a, ()), slack) for a in addresses}
        return Known(
            own=mail.message_id in self.named,
            ours=next((self.named[i] for i in mail.about if i in self.named), None),
            last=matching.last_before(self.to_senders.get(mail.sender, ()), slack),
            contact_id=self.contacts.get(mail.sender),
            by_address={a: ours for a, ours in sent.items() if ours is not None},
            complainant_id=self.contacts.get(mail.accused),
            house=house.addresses,
            box=self.account.boxes[0],
        )


def _look_up(conn: Connection, store: Store, account: Account, read: Sequence[Read]) -> Around:
    """Look up all that a batch names, in a few statements."""
    ids = {i for one in read for i in (*one.meaning.about, one.meaning.message_id) if i}
    people = {one.meaning.sender for one in read if one.meaning.kind in {"reply", "out_of_office", "opt_out", "meeting"}} - {""}
    reports = [one for one in read if one.meaning.failures or one.meaning.accused]
    failed = {a for one in reports for f in one.meaning.failures for a in (f.address, f.final)}
    accused = {one.meaning.accused for one in reports}
    since = min((one.at for one in reports), default=0) - BOUNCE_DAYS_MAX * 86_400 * SECOND
    return Around(
        account,
        matching.by_message_ids(conn, ids),
        matching.by_contacts(conn, store, people, account.boxes),
        matching.by_recipients(conn, (failed | accused) - {""}, account.boxes, since),
        matching.contacts_of(conn, store, (people | accused) - {""}),
    )
