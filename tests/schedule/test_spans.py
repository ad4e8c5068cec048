"""Spans from instants and dates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from seqlang.plan.conditions import Span
from seqlang.plan.model import CalendarPlan
from seqlang.schedule import add_span, shift_date, span_seconds

BERLIN = "Europe/Berlin"


def local(text: str, zone: str = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "count", "unit", "expected"),
    [
        ("2026-03-28T10:00", 1, "day", "2026-03-29T10:00"),  # 23 hours
        ("2026-10-24T10:00", 1, "day", "2026-10-25T10:00"),  # 25 hours
        ("2026-03-28T10:00", 24, "hour", "2026-03-29T11:00"),
        ("2026-03-28T02:30", 1, "day", "2026-03-29T03:00"),
        ("2026-03-06T10:00", 1, "working day", "2026-03-09T10:00"),
        ("2026-03-01T10:00", 2, "week", "2026-03-15T10:00"),
        ("2028-02-28T10:00", 1, "day", "2028-02-29T10:00"),
        ("2026-03-01T10:00", 0, "day", "2026-03-01T10:00"),
        ("2026-03-01T10:00", 90, "minute", "2026-03-01T11:30"),
    ],
)
def test_span_is_added_on_the_calendar_or_the_clock(at: str, count: float, unit: str, expected: str) -> None:
    assert add_span(local(at), Span.model_validate({"count": count, "unit": unit}), BERLIN) == local(expected)


def test_span_before_goes_back() -> None:
    assert add_span(local("2026-03-30T10:00"), Span(count=2, unit="day"), BERLIN, sign=-1) == local("2026-03-28T10:00")
    assert add_span(local("2026-03-30T10:00"), Span(count=2, unit="hour"), BERLIN, sign=-1) == local("2026-03-30T08:00")


def test_nothing_added_in_the_fold_stays_where_it_is() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # the second 02:30
    assert add_span(second, Span(count=0, unit="day"), BERLIN) == second


def test_working_days_of_a_calendar_count() -> None:
    calendar = CalendarPlan(name="c", holidays=("DE",))
    assert shift_date(date(2026, 4, 30), Span(count=1, unit="working day"), calendar) == date(2026, 5, 4)


def test_date_does_not_move_by_hours() -> None:
    with pytest.raises(ValueError, match="hours"):
        shift_date(date(2026, 4, 30), Span(count=1, unit="hour"))


def test_days_in_the_last_are_of_24_hours() -> None:
    assert span_seconds(Span(count=2, unit="day")) == 48 * 3600
    assert span_seconds(Span(count=1, unit="week")) == 7 * 86_400
    assert span_seconds(Span(count=90, unit="minute")) == 5400
