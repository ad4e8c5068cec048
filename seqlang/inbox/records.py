"""What a mail means, as data: all that matching and recording need of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from seqlang.sdk.refusals import Blame

Kind = Literal[
    "reply",  # a person wrote
    "out_of_office",  # a machine wrote for a person who is away: a hold, no reply
    "bounce",  # a report that mail was not delivered; `failures` says of whom, and is empty where it was only late
    "complaint",  # a person called a message of ours spam (RFC 5965)
    "opt_out",  # a person wants no more of them, in so many words
    "meeting",  # a person accepted an invitation
    "automatic",  # a machine wrote for itself: a receipt, a ticket's number, a newsletter
    "unreadable",  # not even its headers can be read
]


@dataclass(frozen=True, slots=True)
class Failure:
    """One recipient whom a message did not reach."""

    address: str  # lower case; the one that was written to, where the report says it; "" where it names none
    kind: Blame
    status: str  # "5.1.1" (RFC 3463), or "" where there is none
    reason: str  # what the server said, in one line
    final: str = ""  # where it was to go in the end, if somebody forwards mail


@dataclass(frozen=True, slots=True)
class Understood:
    """What one mail means."""

    kind: Kind
    key: str  # the same however often, and from whichever mailbox, the mail is read
    message_id: str | None = None  # with its brackets
    sender: str = ""  # bare address, lower case
    subject: str = ""
    about: tuple[str, ...] = ()  # Message-IDs of what it answers or reports, with brackets, the likeliest first
    until: date | None = None  # of an out-of-office note: the day of the return that it names
    failures: tuple[Failure, ...] = ()
    copied: frozenset[str] = frozenset()  # of a report: who else had the message (Cc); a failure there is not the recipient's
    accused: str = ""  # of a complaint: who complains, where the report says it
    only_in_thread: bool = False  # counts only where `about` names a message of ours: it came through a list
    why: str = ""  # which sign decided, in plain words
