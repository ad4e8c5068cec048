"""Windows: open, closed, and when they open next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlang.plan.model import CalendarPlan, Opening, WindowPlan
from seqlang.schedule import is_open, next_open, openings_between, window_zone
from tests.laws import examples

BERLIN = "Europe/Berlin"
WORKDAYS = (0, 1, 2, 3, 4)
OFFICE = WindowPlan(openings=(Opening(days=WORKDAYS, start="09:00", end="17:00"),), zone=BERLIN)


def local(text: str, zone: str = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-02T09:00", True),
        ("2026-03-02T08:59", False),
        ("2026-03-02T16:59", True),
        ("2026-03-02T17:00", False),
        ("2026-03-07T12:00", False),
    ],
)
def test_window_includes_its_start_and_excludes_its_end(at: str, *, expected: bool) -> None:
    assert is_open(OFFICE, local(at), BERLIN) is expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-02T08:00", "2026-03-02T09:00"),
        ("2026-03-02T12:00", "2026-03-02T12:00"),
        ("2026-03-06T17:00", "2026-03-09T09:00"),
        ("2026-03-27T17:00", "2026-03-30T09:00"),  # over the change of clocks
    ],
)
def test_next_opening_is_now_or_the_next_start(at: str, expected: str) -> None:
    assert next_open(OFFICE, local(at), BERLIN) == local(expected)


def test_window_is_asked_in_the_zone_that_it_is_given() -> None:
    assert is_open(OFFICE, local("2026-03-02T09:00", "America/New_York"), "America/New_York")
    assert not is_open(OFFICE, local("2026-03-02T09:00", "Asia/Tokyo"), BERLIN)


def test_window_that_starts_in_the_gap_opens_after_it() -> None:
    night = WindowPlan(openings=(Opening(days=(6,), start="02:30", end="04:00"),), zone=BERLIN)
    assert next_open(night, local("2026-03-29T00:00"), BERLIN) == local("2026-03-29T03:00")


def test_window_within_the_gap_does_not_open_on_that_day() -> None:
    night = WindowPlan(openings=(Opening(days=(6,), start="02:10", end="02:50"),), zone=BERLIN)
    assert next_open(night, local("2026-03-29T00:00"), BERLIN) == local("2026-04-05T02:10")


def test_window_over_midnight_belongs_to_the_day_of_its_start() -> None:
    night = WindowPlan(openings=(Opening(days=(4,), start="22:00", end="02:00"),), zone=BERLIN)
    assert is_open(night, local("2026-03-07T01:59"), BERLIN)
    assert not is_open(night, local("2026-03-07T22:00"), BERLIN)


def test_calendar_closes_the_window_on_holidays() -> None:
    calendar = CalendarPlan(
        name="c", zone=BERLIN, holidays=("DE",), openings=(Opening(days=WORKDAYS, start="09:00", end="17:30"),)
    )
    window = WindowPlan(calendar=calendar, zone="UTC")
    assert not is_open(window, local("2026-05-01T10:00"), BERLIN)
    assert next_open(window, local("2026-04-30T17:30"), BERLIN) == local("2026-05-04T09:00")
    assert is_open(calendar, local("2026-04-30T17:29"), BERLIN)


def test_calendar_without_hours_is_open_all_day_from_monday_to_friday() -> None:
    calendar = CalendarPlan(name="c")
    assert is_open(calendar, local("2026-03-02T00:00"), BERLIN)
    assert is_open(calendar, local("2026-03-06T23:59"), BERLIN)
    assert next_open(calendar, local("2026-03-07T00:00"), BERLIN) == local("2026-03-09T00:00")


def test_window_of_a_calendar_that_never_opens_has_no_next() -> None:
    shut = CalendarPlan(name="shut", closed=(("2000-01-01", "2999-12-31"),))
    assert next_open(shut, local("2026-03-02T00:00"), BERLIN) is None


def test_zone_of_a_window_is_the_contacts_where_it_says_so() -> None:
    theirs = WindowPlan(openings=OFFICE.openings, contact_timezone=True, zone=BERLIN)
    assert window_zone(theirs, "Asia/Tokyo") == "Asia/Tokyo"
    assert window_zone(theirs, "Mars/Olympus") == BERLIN
    assert window_zone(theirs, None) == BERLIN
    assert window_zone(OFFICE, "Asia/Tokyo") == BERLIN
    assert window_zone(WindowPlan(calendar=CalendarPlan(name="c", zone="Asia/Tokyo"), zone=BERLIN), None) == "Asia/Tokyo"
    assert window_zone(CalendarPlan(name="c"), None, BERLIN) == BERLIN


def test_openings_that_meet_are_one() -> None:
    whole_week = WindowPlan(openings=(Opening(days=tuple(range(7)), start="00:00", end="24:00"),), zone=BERLIN)
    found = list(openings_between(whole_week, BERLIN, local("2026-03-28T12:00"), local("2026-03-30T12:00")))
    assert found == [(local("2026-03-28T00:00"), local("2026-03-31T00:00"))]


@settings(max_examples=examples(80))
@given(
    st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe"]),
    st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC)),
    st.lists(
        st.builds(
            Opening,
            days=st.sampled_from([(0,), (5, 6), WORKDAYS]),
            start=st.sampled_from(["00:00", "01:30", "09:00"]),
            end=st.sampled_from(["02:30", "09:00", "17:00", "24:00"]),
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_next_opening_is_open_and_nothing_before_it_is(zone: str, at: datetime, openings: list[Opening]) -> None:
    window = WindowPlan(openings=tuple(openings), zone=zone)
    opens = next_open(window, at, zone)
    assert opens is not None
    assert opens >= at
    assert is_open(window, opens, zone)
    stretches = list(openings_between(window, zone, at, opens + timedelta(days=3)))
    assert max(stretches[0][0], at) == opens
    assert all(one[1] < two[0] for one, two in pairwise(stretches))
    minute = at
    while minute < min(opens, at + timedelta(hours=6)):
        assert not is_open(window, minute, zone)
        minute += timedelta(minutes=7)
