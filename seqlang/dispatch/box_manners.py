"""How a mailbox behaves: how many connections, in which hours it sends, how a new one warms up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from seqlang.plan.model import WindowPlan
from seqlang.plan.warmups import most_on, warmup_of
from seqlang.schedule import next_open
from seqlang.schedule.hours import read_hours
from seqlang.schedule.zones import zone_exists
from seqlang.sdk.mailbox import MailboxSettings

CONNECTIONS_MAX = 32
BLOCKED = -1  # room of a mailbox that is not wanted somewhere: no other one steps in for it


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox of the project, or the nameless one of a channel that needs none."""

    name: str  # "email:ana@example.com"
    settings: MailboxSettings

    @property
    def connections(self) -> int:
        """How many connections at a time."""
        given = self.settings.get("connections", 1)
        return max(1, min(int(given), CONNECTIONS_MAX)) if isinstance(given, int | float) else 1


def zone_of(box: Box, zone: str) -> str:
    """Return the zone of the mailbox's days and hours, else that of the project. ValueError: it names none."""
    named = box.settings.get("timezone")
    if not named:
        return zone
    if not isinstance(named, str) or not zone_exists(named):
        raise ValueError(f"the mailbox `{box.settings.name}`: `{named}` is no timezone")
    return named


def opening_of(box: Box, now: datetime, zone: str) -> datetime | None:
    """Return when the mailbox sends again; None where it does now. ValueError: its `window` says nothing."""
    told = box.settings.get("window")
    if not told:
        return None
    try:
        window = _window(str(told), zone)
    except ValueError as error:
        raise ValueError(f"the mailbox `{box.settings.name}`: {error}") from None
    opens = next_open(window, now, zone)
    return None if opens is None or opens <= now else opens


@lru_cache(maxsize=256)
def _window(text: str, zone: str) -> WindowPlan:
    return WindowPlan(openings=read_hours(text), zone=zone)


def daily_most(box: Box, per_day: int | None, today: date) -> int | None:
    """Return how many messages a day; a mailbox that warms up has fewer. ValueError: `warmup_start` is no date."""
    try:
        warmup = warmup_of(box.settings.get)
    except ValueError as error:
        raise ValueError(f"the mailbox `{box.settings.name}`: {error}") from None
    return per_day if warmup is None else most_on(warmup, today)
