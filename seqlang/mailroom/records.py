"""What the mailroom hands around: an account to read, a mail as the server gave it, the message it is about, what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from seqlang.sdk.mailbox import MailboxSettings


@dataclass(frozen=True, slots=True)
class Account:
    """An IMAP account of the project: one server, one user, one folder; one or several mailboxes send from it."""

    name: str  # "ana@imap.example.com:993": what `inbox.account` is
    folder: str
    boxes: tuple[str, ...]  # "email:ana@example.com", as `message.mailbox` has them
    settings: MailboxSettings
    poll_seconds: float | None  # how often it is read; None: its settings do not say it


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as the server gave it."""

    uid: int
    received_at: datetime  # when the server got it; aware
    raw: bytes  # its beginning, as much as anybody reads


class Source(Protocol):
    """A folder that is open for reading; nothing in it changes by being read."""

    uidvalidity: int

    @property
    def highest(self) -> int:
        """The highest number of a mail when it was opened; 0: there is none."""
        ...

    def uids_after(self, uid: int) -> Sequence[int]:
        """Return the numbers of all mail above that one, ascending."""
        ...

    def uids_since(self, day: date) -> Sequence[int]:
        """Return the numbers of all mail that came on that day or later, ascending."""
        ...

    def fetch(self, uids: Sequence[int]) -> Sequence[Mail]:
        """Return these mails; those that are gone are left out."""
        ...

    def close(self) -> None:
        """Leave."""
        ...


@dataclass(frozen=True, slots=True)
class Ours:
    """A message of ours that a mail is about."""

    ledger_id: int
    flow_id: int
    enrolment_id: int
    node_id: int | None
    record: str  # what the flow enrols
    record_id: int
    contact_id: int | None
    recipient: str  # bare address that it went to, lower case; several are separated by ", "
    mailbox: str
    message_id: str | None
    sent_at: int  # microseconds
    to_contact: bool  # a message to a contact, or to whom a flow for accounts writes; not one to colleagues


@dataclass(frozen=True, slots=True)
class Taken:
    """What one mail was taken for."""

    uid: int
    kind: str  # as `Understood.kind`; "own", "stranger", "repeated"
    sender: str
    subject: str
    detail: str = ""  # in plain words


@dataclass(slots=True)
class Collected:
    """What reading one account did."""

    account: str
    boxes: tuple[str, ...]
    mails: list[Taken] = field(default_factory=list)
    events: int = 0
    alarms: list[str] = field(default_factory=list)  # somebody must do something
    problem: str | None = None  # why it could not be read
