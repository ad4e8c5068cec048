"""Spans over columns agree with `schedule.add_span`, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest
from sqlalchemy import BigInteger, Integer, create_engine, literal, select

from seqlang.clock import from_micros, to_micros
from seqlang.engine.waits_spans import DAY, date_instant, date_of, later
from seqlang.plan.conditions import Span
from seqlang.schedule import add_span, local_date

# Around the nights on which clocks change, in both hemispheres.
CASES = tuple(
    (month, day, hour, count, unit, sign)
    for (month, day), hour, (count, unit), sign in product(
        ((3, 7), (3, 29), (10, 4), (10, 25), (11, 1)),
        (0, 2, 9, 23),
        ((1, "day"), (2, "week"), (3, "working day"), (5, "hour")),
        (1, -1),
    )
)
ZONES = ("Europe/Berlin", "America/New_York", "UTC", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca")


@pytest.mark.parametrize("zone", ZONES)
def test_spans_dates_and_instants_are_those_of_the_schedule(zone: str) -> None:
    with create_engine("sqlite://").connect() as conn:
        for month, date_, hour, count, unit, sign in CASES:
            at = datetime(2026, month, date_, hour, 30, tzinfo=UTC)
            span, micros = Span(count=count, unit=unit), to_micros(at)  # type: ignore[arg-type]  # a unit as a plain text
            column = literal(micros, BigInteger)
            low, high = micros - 9 * DAY, micros + 3 * DAY
            found, day = conn.execute(
                select(later(column, span, zone, low, high, sign=sign), date_of(column, zone, low, high))
            ).one()
            assert from_micros(found) == add_span(at, span, zone, sign=sign), (at, span, sign)
            assert day == local_date(at, zone).toordinal()
            midnight = conn.execute(select(date_instant(literal(day, Integer), zone, low, high))).scalar_one()
            assert local_date(from_micros(midnight), zone).toordinal() == day
            assert local_date(from_micros(midnight - 1), zone).toordinal() == day - 1
