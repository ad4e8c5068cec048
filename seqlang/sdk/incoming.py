"""What comes back to a mailbox that has no letters: receipts of messages that went out, and answers to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing that came back.

    A receipt names the message by `message_id`, what `Accepted.id` was. An answer names its `sender`, what `Accepted.recipient`
    was; it belongs to the last message that went there from this mailbox.
    """

    kind: Literal["delivered", "failed", "delayed", "answer"]  # delayed: not yet, or not this time; the address is not to blame
    id: str  # the other side's name for this very thing: twice told is once
    message_id: tuple[str, ...] = ()  # of a receipt: the message, in all forms in which it may be known
    sender: str = ""  # of an answer
    text: str = ""  # of an answer: its words; of a receipt: what the other side said
    at: datetime | None = None  # when it happened, where that is told; aware
