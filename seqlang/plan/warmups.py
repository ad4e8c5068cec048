"""How a new mailbox warms up: few messages on its first day, more on each further one, up to its full number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from seqlang.plan.model import LimitPlan, WarmupPlan

FIRST_DAY, MORE_EACH_DAY = 20, 10  # messages, where the mailbox says nothing else
WARM_AFTER_DAYS = 30  # where no `per_day` says what it warms up to


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


def allowed_on(limit: LimitPlan, day: date) -> int | None:
    """Return how much the limit allows in its window, if that is a day on that day; None: any number."""
    count = limit.count
    for warmup in limit.warmups:
        most = most_on(warmup, day)
        if most is None:
            return None
        count += most
    return count


def _whole(given: object) -> int | None:
    return max(0, int(given)) if isinstance(given, int | float) and not isinstance(given, bool) else None
