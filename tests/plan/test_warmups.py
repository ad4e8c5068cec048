"""How a new mailbox warms up."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from seqlang.plan.warmups import WarmupPlan, most_on, warmup_of

START = date(2026, 3, 2)


def told(settings: dict[str, Any]) -> WarmupPlan | None:
    return warmup_of(settings.get)


@pytest.mark.parametrize(
    ("settings", "day", "most"),
    [
        ({}, date(2026, 3, 1), 0),  # the day before
        ({}, START, 20),
        ({}, date(2026, 3, 4), 40),
        ({}, date(2026, 3, 31), 310),
        ({}, date(2026, 4, 1), None),  # thirty days on
        ({"warmup_first": 5, "warmup_more": 1}, date(2026, 3, 12), 15),
        ({"per_day": 35}, date(2026, 3, 3), 30),
        ({"per_day": 35}, date(2026, 3, 4), 35),
        ({"per_day": 35}, date(2027, 3, 4), 35),
    ],
)
def test_number_grows_from_day_to_day(settings: dict[str, Any], day: date, most: int | None) -> None:
    warmup = told({"warmup_start": "2026-03-02", **settings})
    assert warmup is not None
    assert most_on(warmup, day) == most


def test_dates_of_toml_count_and_others_are_told() -> None:
    assert told({"warmup_start": START}) == WarmupPlan(start="2026-03-02", first=20, more=10)
    assert told({}) is None
    with pytest.raises(ValueError, match="`soon` is no date: write `2026-03-02`"):
        told({"warmup_start": "soon"})
