"""Time as an argument: the only place of the product that reads the machine's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    """Whatever can say what time it is."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  # here, and nowhere else


class ManualClock:
    """A clock that stands still until it is set: for tests and simulations."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant that was set last."""
        return self._at

    def set(self, at: datetime) -> None:
        """Move the clock to `at` (aware), backwards too."""
        self._at = at.astimezone(UTC)


def to_micros(at: datetime) -> int:
    """Return the instant `at` (aware) as whole microseconds since 1970-01-01T00:00Z: how the store keeps instants."""
    return (at - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the aware UTC instant that `to_micros` made `micros` of."""
    return EPOCH + timedelta(microseconds=micros)
