"""What became of a message: one of five records; there is no other way to answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Accepted:
    """The other side has taken the message and answers for it."""

    id: str | None = None  # the provider's name for it; of an e-mail its Message-ID
    detail: str = ""  # what the other side said, for people to read
    recipient: str | None = None  # where it went, as the other side writes it in what comes back: "+491701234567"


@dataclass(frozen=True, slots=True)
class Rejected:
    """The message will never go; asking again would give the same answer."""

    reason: str  # for people to read
    address_is_bad: bool = False  # there is no such address: it gets nothing any more; False: our message or we are refused


@dataclass(frozen=True, slots=True)
class Retry:
    """The message did not go, and may go later: greylisting, a busy server, a rate."""

    reason: str
    after: timedelta | None = None  # when the other side said so; None: the usual schedule


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The mailbox cannot be used now (wrong password, no server): this message did not go, and no other would.

    The mailbox stops for everybody until `after` has passed; the message loses no attempt. With `blocked` it stops, with an
    alarm, until a person opens it, and no other mailbox steps in: we are not wanted there, and going on makes it worse.
    """

    reason: str  # in plain words, with what to do
    after: timedelta | None = None
    blocked: bool = False  # our address, server or content is refused (a list, SPF, DKIM, DMARC, a filter)


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody knows whether the message went; it is never sent again by itself, and a person decides."""

    reason: str


Outcome = Accepted | Rejected | Retry | Unavailable | Unclear
