"""How a new mailbox warms up: few messages on its first day, more on each further one, up to its full number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from seqlang.vocabulary.records import Frozen

FIRST_DAY, MORE_EACH_DAY = 20, 10  # messages, where the mailbox says nothing else
WARM_AFTER_DAYS = 30  # where no `per_day` says what it warms up to


class WarmupPlan(Frozen):
    """How many messages a day a new mailbox sends: `first` on the day `start`, `more` on each further one, up to `most`."""

    start: str  # ISO date
    first: int
    more: int
    most: int | None = None  # None: any number, after some weeks


def warmup_of(get: Callable[[str], object]) -> WarmupPlan | None:
    """Return how a mailbox warms up, by its settings; None: it does not. ValueError: `warmup_start` is no date."""
    told = get("warmup_start")
    if not told:
        return None
    try:
        start = told if isinstance(told, date) else date.fromisoformat(str(told))
    except ValueError:
        raise ValueError(f"`{told}` is no date: write `2026-03-02`") from None
    first, more, most = (_whole(get(name)) for name in ("warmup_first", "warmup_more", "per_day"))
    return WarmupPlan(
        start=start.isoformat(),
        first=FIRST_DAY if first is None else first,
        more=MORE_EACH_DAY if more is None else more,
        most=most,
    )


def most_on(warmup: WarmupPlan, day: date) -> int | None:
    """Return how many messages the mailbox may send on that day; None: any number."""
    days = (day - date.fromisoformat(warmup.start)).days
    if days < 0:
        return 0
    if warmup.most is None and days >= WARM_AFTER_DAYS:
        return None
    warm = warmup.first + days * warmup.more
    return warm if warmup.most is None else min(warm, warmup.most)


def _whole(given: object) -> int | None:
    return max(0, int(given)) if isinstance(given, int | float) and not isinstance(given, bool) else None
