"""What a mail makes happen: the events of one mail, once it is known what it means and what it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from seqlang.inbox import Failure, Understood
from seqlang.mailroom.records import Ours

MEETING = "Meeting"  # a value of `last_activity_type`
Verdict = Literal["own", "stranger", "repeated"]


@dataclass(frozen=True, slots=True)
class Happened:
    """One event that a mail tells of."""

    kind: str  # replied bounced unsubscribed activity
    ours: Ours | None  # the message it is about
    contact_id: int | None
    value: str | None = None
    soft: bool = False
    out_of_office: bool = False
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decided:
    """What one mail makes happen."""

    kind: str
    detail: str = ""
    events: tuple[Happened, ...] = ()
    stops: tuple[tuple[str, str], ...] = ()  # mailboxes that must not go on, each with the reason


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows around one mail."""

    own: bool  # its Message-ID is one of ours
    ours: Ours | None  # what its headers name
    last: Ours | None  # the last message to its sender from this mailbox
    contact_id: int | None  # whose address the sender's is
    by_address: dict[str, Ours]  # of a report: the last message to each address that it names
    complainant_id: int | None
    house: frozenset[str]  # our own addresses
    box: str  # the mailbox that was read


def decide(mail: Understood, known: Known) -> Decided:
    """Return what a mail makes happen. Only what comes from outside counts: neither our own messages nor our colleagues'."""
    if known.own:
        return Decided("own", "a message of ours")
    if mail.kind == "bounce":
        return _bounce(mail, known)
    if mail.kind == "complaint":
        return _complaint(mail, known)
    if mail.kind in {"automatic", "unreadable"}:
        return Decided(mail.kind, mail.why)
    ours = known.ours or (None if mail.only_in_thread else known.last)
    if mail.sender in known.house and (ours is None or mail.sender not in ours.recipient.split(", ")):
        return Decided("own", "from a colleague")
    if ours is not None and not ours.to_contact:
        return Decided("own", "an answer to a message to colleagues")
    return _answer(mail, known, ours)


def _answer(mail: Understood, known: Known, ours: Ours | None) -> Decided:
    contact_id = ours.contact_id if ours is not None else known.contact_id
    if mail.kind == "opt_out":
        if contact_id is None:
            return Decided("stranger", "no contact of ours")
        gone = Happened("unsubscribed", ours, contact_id)
        replied = (Happened("replied", ours, contact_id),) if known.ours is not None else ()
        return Decided("opt_out", mail.why, (*replied, gone))
    if mail.kind == "meeting":
        if contact_id is None:
            return Decided("stranger", "no contact of ours")
        return Decided("meeting", mail.why, (Happened("activity", None, contact_id, MEETING),))
    if ours is None:
        return Decided("stranger", "it belongs to no message that went out from this mailbox")
    if mail.kind == "out_of_office":
        until = mail.until.isoformat() if mail.until is not None else None
        away = Happened("replied", ours, ours.contact_id, until, out_of_office=True, properties={"sign": mail.why})
        return Decided("out_of_office", f"until {until}" if until else "", (away,))
    return Decided("reply", "", (Happened("replied", ours, ours.contact_id),))


def _complaint(mail: Understood, known: Known) -> Decided:
    ours = known.ours or known.by_address.get(mail.accused)
    contact_id = ours.contact_id if ours is not None else known.complainant_id
    if contact_id is None:
        return Decided("stranger", "a complaint about no message of ours")
    gone = Happened("unsubscribed", ours, contact_id, properties={"complaint": True})
    return Decided("complaint", mail.accused, (gone,))


def _bounce(mail: Understood, known: Known) -> Decided:
    events: list[Happened] = []
    stops: dict[str, str] = {}
    details: list[str] = []
    for failure in mail.failures:
        ours = _of(mail, failure, known)
        if ours is None:
            continue
        said = f"{failure.kind}: {failure.address or ours.recipient}: {failure.reason}"
        details.append(said)
        if failure.kind == "policy":
            stops.setdefault(ours.mailbox or known.box, f"{failure.address or ours.recipient}: {failure.reason}")
        if ours.to_contact:
            told = {"bounce": failure.kind, "status": failure.status, "reason": failure.reason}
            address = _address(failure, ours)
            events.append(Happened("bounced", ours, ours.contact_id, address, soft=failure.kind != "hard", properties=told))
    if not mail.failures:
        return Decided("automatic", mail.why)
    if not details:
        return Decided("stranger", "a report on no message of ours")
    return Decided("bounce", "; ".join(details), tuple(events), tuple(stops.items()))


def _of(mail: Understood, failure: Failure, known: Known) -> Ours | None:
    """Return the message that did not arrive; one whose copy did not reach somebody else has arrived."""
    named = {failure.address, failure.final} - {""}
    if known.ours is None:
        return next((known.by_address[a] for a in (failure.address, failure.final) if a in known.by_address), None)
    recipients = set(known.ours.recipient.split(", "))
    if named & recipients:
        return known.ours
    other = any({f.address, f.final} & recipients for f in mail.failures)
    return None if other or named & (mail.copied | known.house) else known.ours


def _address(failure: Failure, ours: Ours) -> str | None:
    """Return the address that is closed by a hard bounce: the one that was written to, wherever mail is passed on to."""
    recipients = ours.recipient.split(", ")
    return next((a for a in (failure.address, failure.final) if a in recipients), recipients[0] or failure.address) or None
