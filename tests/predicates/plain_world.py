"""What the plain evaluator knows: records, events, effects, enrolments, and whom a condition is asked of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tests.predicates.plain_time import day_of

Row = dict[str, Any]  # field -> Python value; links are ids


@dataclass(frozen=True)
class Happened:
    """One event. `id` is the order of arrival."""

    id: int
    at: datetime
    kind: str
    record: str = "contact"
    record_id: int = 0
    contact_id: int | None = None
    enrolment_id: int | None = None
    step: str | None = None
    name: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    machine: bool = False
    soft: bool = False
    out_of_office: bool = False


@dataclass(frozen=True)
class Done:
    """One effect in the timeline."""

    at: datetime
    enrolment_id: int
    step: str
    effect: str  # message draft todo call_out
    state: str | None = "accepted"
    due_at: datetime | None = None


@dataclass(frozen=True)
class Stay:
    """One enrolment."""

    id: int
    flow: str
    record: str  # what the flow enrols
    record_id: int
    contact_id: int | None
    entered_at: datetime
    active: bool = True
    cause_event_id: int | None = None


@dataclass
class World:
    """All that there is."""

    records: dict[str, dict[int, Row]]  # type -> id -> row
    happened: list[Happened] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    tags: set[tuple[str, int, str]] = field(default_factory=set)
    lists: dict[str, tuple[str, set[int]]] = field(default_factory=dict)  # name -> of what, who
    unsubscribed: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Asked:
    """Of whom, when."""

    world: World
    record: str
    id: int
    stay: Stay | None
    at: datetime
    zone: str
    properties: Row | None = None  # of the event, inside `event "x" with (…)`

    @property
    def row(self) -> Row:
        return self.world.records[self.record][self.id] if self.properties is None else self.properties

    @property
    def today(self) -> date:
        return day_of(self.at, self.zone)

    @property
    def contact_id(self) -> int | None:
        if self.record == "contact":
            return self.id
        found: int | None = self.world.records[self.record][self.id].get("contact")
        return found
