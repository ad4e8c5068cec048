"""What is told: one event, in the words of `events.csv`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

HAPPENINGS = (  # what a row of events.csv may say
    "opened",
    "clicked",
    "replied",
    "bounced",
    "unsubscribed",
    "completed",
    "event",
    "activity",
    "changed",
    "enrolled",
    "unenrolled",
)
KINDS = (*HAPPENINGS, "listed", "unlisted")


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened, in the words of `events.csv`."""

    at: datetime  # when it happened; aware
    record: str | None  # contact, account, deal; None: by the form of the key, as `subject_of` reads it
    key: str  # "kim@example.com", an account's domain, a deal's name
    kind: str  # one of KINDS
    sequence: str | None = None  # the flow's name
    step: str | None = None  # None: the latest message of that sequence
    value: str | None = None  # what it means depends on the kind
    external_id: str | None = None  # the teller's own name for it: twice told is once
