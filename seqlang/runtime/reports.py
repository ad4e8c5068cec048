"""What a tick did, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Something that failed in a tick and was set aside, so that it stops nothing else."""

    flow: str | None  # the flow's name; None: taking in events
    record_id: int | None  # the one record that was set aside; None: the whole run of the flow
    reason: str  # in plain words


@dataclass(frozen=True, slots=True)
class TickReport:
    """What one tick did."""

    at: datetime
    stale: bool = False  # a tick before the last one does nothing, and this says so
    counts: Mapping[str, int] = field(default_factory=dict)  # lines of the timeline by `what`
    flows: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # the same for each flow that has any, by name
    quarantined: tuple[Quarantined, ...] = ()
    stopped: tuple[tuple[str, str], ...] = ()  # flows that stand still from now on, each with its owner, who was deactivated
    events: int = 0  # how many were taken in
    runs: int = 0  # runs of sequences that were done, openings of windows too
