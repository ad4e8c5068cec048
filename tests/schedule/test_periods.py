"""The windows of limits."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlang.clock import EPOCH
from seqlang.schedule import next_window, window_name, window_start
from seqlang.schedule.periods import Period

BERLIN = "Europe/Berlin"


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)


@pytest.mark.parametrize(
    ("period", "start", "following", "name"),
    [
        ("day", "2026-03-29T00:00", "2026-03-30T00:00", "day:2026-03-29"),
        ("week", "2026-03-23T00:00", "2026-03-30T00:00", "week:2026-03-23"),
        ("month", "2026-03-01T00:00", "2026-04-01T00:00", "month:2026-03"),
    ],
)
def test_period_begins_at_local_midnight(period: Period, start: str, following: str, name: str) -> None:
    at = local("2026-03-29T12:00")
    assert window_start(period, at, BERLIN) == local(start)
    assert next_window(period, at, BERLIN) == local(following)
    assert window_name(period, at, BERLIN) == name


def test_month_after_december_is_january() -> None:
    assert next_window("month", local("2026-12-31T23:59"), BERLIN) == local("2027-01-01T00:00")


def test_limit_for_good_has_no_next_window() -> None:
    at = local("2026-03-29T12:00")
    assert (window_start("ever", at, BERLIN), next_window("ever", at, BERLIN), window_name("ever", at, BERLIN)) == (
        EPOCH,
        None,
        "ever",
    )


@given(
    st.sampled_from(["day", "week", "month"]), st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))
)
def test_every_instant_lies_in_its_period(period: Period, at: datetime) -> None:
    following = next_window(period, at, "America/New_York")
    assert following is not None
    assert window_start(period, at, "America/New_York") <= at < following
    assert window_start(period, following, "America/New_York") == following
    assert window_name(period, at, "America/New_York") != window_name(period, following, "America/New_York")
