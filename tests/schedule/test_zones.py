"""What a clock on the wall shows, at daylight saving both ways."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlang.schedule import local_date, local_instant, wall_time, zone_exists
from seqlang.schedule.zones import gap_before

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Cairo",
    "America/Scoresbysund",
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        ("Europe/Berlin", "2026-03-28", "02:30", "2026-03-28T01:30"),
        ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:00"),  # skipped: 03:00 CEST
        ("Europe/Berlin", "2026-03-29", "02:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-03-29", "02:59:59", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-03-29", "03:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30"),  # twice: the first
        ("America/New_York", "2026-03-08", "02:15", "2026-03-08T07:00"),
        ("America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30"),
        ("Australia/Lord_Howe", "2026-10-04", "02:10", "2026-10-03T15:30"),  # half an hour: 02:30
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45"),
        ("Africa/Cairo", "2026-04-24", "00:20", "2026-04-23T22:00"),  # midnight itself is skipped
        ("Pacific/Apia", "2011-12-30", "09:00", "2011-12-30T10:00"),  # a whole day is
    ],
)
def test_wall_time_on_a_day_of_change_is_the_first_that_fits(zone: str, day: str, at: str, expected: str) -> None:
    assert local_instant(date.fromisoformat(day), time.fromisoformat(at), zone) == utc(expected)


@given(st.sampled_from(ZONES), st.datetimes(datetime(2020, 1, 1), datetime(2032, 1, 1)))
def test_any_wall_time_is_shown_at_its_instant_unless_skipped(zone: str, wall: datetime) -> None:
    instant = local_instant(wall.date(), wall.time(), zone)
    shown = wall_time(instant, zone)
    gap = gap_before(instant, zone)
    assert shown == wall or (gap is not None and gap[0] <= wall < gap[1] and shown == gap[1])


@given(st.sampled_from(ZONES), st.datetimes(datetime(2020, 1, 1), datetime(2032, 1, 1)), st.integers(0, 5000))
def test_later_wall_times_are_never_earlier_instants(zone: str, wall: datetime, minutes: int) -> None:
    later = wall + timedelta(minutes=minutes)
    assert local_instant(wall.date(), wall.time(), zone) <= local_instant(later.date(), later.time(), zone)


def test_date_is_that_of_the_zone() -> None:
    at = utc("2026-03-01T23:30")
    assert local_date(at, "Europe/Berlin") == date(2026, 3, 2)
    assert local_date(at, "America/New_York") == date(2026, 3, 1)


@pytest.mark.parametrize("name", ["", "Europe", "Mars/Olympus", "europe/berlin ", "../etc/passwd", "/etc/localtime", "localtime"])
def test_unknown_zone_does_not_exist(name: str) -> None:
    assert not zone_exists(name)


@pytest.mark.parametrize("name", [*ZONES, "US/Eastern"])
def test_known_zone_exists(name: str) -> None:
    assert zone_exists(name)
