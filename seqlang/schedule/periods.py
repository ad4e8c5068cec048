"""The windows of limits: days, weeks (from Monday) and calendar months of a zone (LANGUAGE 5.8, *Limits*)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Literal

from seqlang.clock import EPOCH
from seqlang.schedule.zones import local_date, local_instant

Period = Literal["day", "week", "month", "ever"]
MONTHS = 12


def window_start(period: Period, at: datetime, zone: str) -> datetime:
    """Return the instant (UTC) at which the period that holds `at` began; the epoch for `ever`."""
    if period == "ever":
        return EPOCH
    return local_instant(_first_date(period, local_date(at, zone)), time(), zone)


def next_window(period: Period, at: datetime, zone: str) -> datetime | None:
    """Return the instant (UTC) at which the next period begins; None for `ever`."""
    first = _first_date(period, local_date(at, zone))
    if period == "ever":
        return None
    if period == "month":
        after = date(first.year + first.month // MONTHS, first.month % MONTHS + 1, 1)
    else:
        after = first + timedelta(days=7 if period == "week" else 1)
    return local_instant(after, time(), zone)


def window_name(period: Period, at: datetime, zone: str) -> str:
    """Return the period's name: "day:2026-03-02", "week:2026-03-02" (its Monday), "month:2026-03", "ever"."""
    if period == "ever":
        return "ever"
    first = _first_date(period, local_date(at, zone)).isoformat()
    return f"{period}:{first[:7] if period == 'month' else first}"


def _first_date(period: Period, day: date) -> date:
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day
