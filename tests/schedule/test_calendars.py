"""Open days and working days."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlang.plan.model import CalendarPlan, Opening
from seqlang.schedule import holiday_code_problem, is_open_day, open_weekdays, shift_working_days

GERMAN = CalendarPlan(
    name="office", holidays=("DE-BE", "AT"), closed=(("2026-12-24", "2026-12-24"), ("2026-12-31", "2027-01-06"))
)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-03-02", True),
        ("2026-03-07", False),  # Saturday
        ("2026-05-01", False),  # both countries
        ("2026-10-26", False),  # Austria
        ("2027-03-08", False),  # Berlin
        ("2026-12-24", False),
        ("2026-12-30", True),
        ("2027-01-04", False),
        ("2027-01-07", True),
    ],
)
def test_day_is_open_unless_weekend_holiday_or_closed(day: str, *, expected: bool) -> None:
    assert is_open_day(GERMAN, date.fromisoformat(day)) is expected


def test_without_a_calendar_monday_to_friday_is_open() -> None:
    assert [is_open_day(None, date(2026, 3, d)) for d in range(2, 9)] == [True] * 5 + [False] * 2


def test_weekdays_of_a_calendar_are_those_of_its_openings() -> None:
    shop = CalendarPlan(
        name="shop", openings=(Opening(days=(1, 5), start="10:00", end="18:00"), Opening(days=(6,), start="10:00", end="12:00"))
    )
    assert open_weekdays(shop) == {1, 5, 6}
    assert open_weekdays(GERMAN) == set(range(5))


def test_working_days_skip_weekend_and_holidays() -> None:
    assert shift_working_days(date(2026, 3, 6), 1) == date(2026, 3, 9)
    assert shift_working_days(date(2026, 3, 7), 1) == date(2026, 3, 9)
    assert shift_working_days(date(2026, 3, 9), -1) == date(2026, 3, 6)
    assert shift_working_days(date(2026, 12, 23), 1, GERMAN) == date(2026, 12, 28)


def test_working_days_of_a_calendar_that_never_opens_end() -> None:
    assert shift_working_days(date(2026, 3, 6), 1, CalendarPlan(name="shut", closed=(("2000-01-01", "2999-12-31"),))) > date(
        2030, 1, 1
    )


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 60))
def test_working_days_there_and_back_end_on_a_working_day(day: date, count: int) -> None:
    there = shift_working_days(day, count)
    assert is_open_day(None, there)
    back = shift_working_days(there, -count)
    assert back == day or not is_open_day(None, day)


@pytest.mark.parametrize("code", ["DE", "DE-BE", "AT", "US-CA", "GB-SCT"])
def test_known_holiday_code_has_no_problem(code: str) -> None:
    assert holiday_code_problem(code) is None


@pytest.mark.parametrize(
    ("code", "said"),
    [("XX", "country `XX`"), ("de", "did you mean `DE`"), ("DE-XX", "no part `XX`"), ("DE-", "lacks the part"), ("", "country")],
)
def test_unknown_holiday_code_is_explained(code: str, said: str) -> None:
    assert said in (holiday_code_problem(code) or "")


def test_unknown_holiday_code_in_a_plan_closes_nothing() -> None:
    assert is_open_day(CalendarPlan(name="old", holidays=("XX",)), date(2026, 3, 2))
