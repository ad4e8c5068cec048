"""What a simulation is given: records with the instants from which they exist, and what happens on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

Value = str | int | float | bool | date | datetime | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record and the instant from which it exists."""

    record: str  # contact, account, deal, or a declared one
    values: Mapping[str, Value]  # fields that were given; a link by the key of the record it leads to; None: empty
    created_at: datetime | None = None  # None: it has always existed
    tags: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    place: str = ""  # where it was read, for messages: "contacts.csv:7"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens on the way, in the words of events.csv."""

    at: datetime
    record: str | None  # None: by the form of the key
    key: str
    kind: str
    sequence: str | None = None
    step: str | None = None
    value: str | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A span of time and what is in it."""

    since: datetime  # included
    until: datetime  # excluded
    records: tuple[NewRecord, ...]
    happenings: tuple[Happening, ...] = ()  # in the order of the file; sorted by instant they keep it
    flows: tuple[str, ...] = ()  # none: all
