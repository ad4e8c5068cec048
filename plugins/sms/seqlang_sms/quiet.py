"""Hours in which no text goes out, by the clock on the recipient's wall."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_HOURS = re.compile(r"\s*([0-2]?\d):([0-5]\d)\s*-\s*([0-2]?\d):([0-5]\d)\s*")


@dataclass(frozen=True, slots=True)
class Quiet:
    """From one time of day to another, over midnight where the second is the earlier one; the end is not quiet any more."""

    begins: time
    ends: time

    def until(self, at: datetime, zone: ZoneInfo) -> timedelta | None:
        """Return how long the quiet hours still last at that instant; None where it is loud."""
        here = at.astimezone(zone)
        now = here.time().replace(tzinfo=None)
        over_midnight = self.begins > self.ends
        inside = now >= self.begins or now < self.ends if over_midnight else self.begins <= now < self.ends
        if not inside:
            return None
        day = here.date() + timedelta(days=int(over_midnight and now >= self.begins))
        return datetime.combine(day, self.ends, zone) - at


def quiet_of(text: str) -> Quiet | None:
    """Read `21:00-08:00`; None where nothing is said. ValueError where it is no span of hours."""
    if not text.strip():
        return None
    found = _HOURS.fullmatch(text)
    if found is None or int(found[1]) > 23 or int(found[3]) > 23:
        raise ValueError(f'`{text}` are no quiet hours: write "21:00-08:00"')
    begins, ends = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    return Quiet(begins, ends) if begins != ends else None
