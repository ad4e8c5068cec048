"""Which instants a `run` line names."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlang.plan.conditions import Span
from seqlang.plan.model import CalendarPlan, Opening, SchedulePlan
from seqlang.schedule import (
    add_span,
    every_problem,
    last_run,
    local_instant,
    next_run,
    next_run_at_or_after,
    run_date,
    run_days,
    run_wall_time,
    runs_between,
)
from tests.laws import examples

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
BERLIN = "Europe/Berlin"
MICROSECOND = timedelta(microseconds=1)


def daily(at: str, zone: str = BERLIN, *, except_weekends: bool = False, calendar: CalendarPlan | None = None) -> SchedulePlan:
    return SchedulePlan(kind="daily", zone=zone, time=at, except_weekends=except_weekends, calendar=calendar)


def every(count: int, unit: str, at: str | None = None, zone: str = BERLIN, *, except_weekends: bool = False) -> SchedulePlan:
    span = Span.model_validate({"count": count, "unit": unit})
    return SchedulePlan(kind="every", zone=zone, time=at, every=span, except_weekends=except_weekends)


def cron(text: str, zone: str = BERLIN) -> SchedulePlan:
    return SchedulePlan(kind="cron", zone=zone, cron=text)


def local(text: str, zone: str = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def shown(schedule: SchedulePlan, first: str, days: float, start: datetime = EPOCH) -> list[str]:
    begin = local(first, schedule.zone)
    runs = runs_between(schedule, start, begin, begin + timedelta(days=days))
    return [run.astimezone(ZoneInfo(schedule.zone)).isoformat(timespec="minutes")[5:] for run in runs]


def test_daily_run_follows_the_clocks() -> None:
    assert shown(daily("09:30"), "2026-03-28T00:00", 3) == ["03-28T09:30+01:00", "03-29T09:30+02:00", "03-30T09:30+02:00"]


def test_run_in_the_gap_is_the_first_instant_after_it() -> None:
    assert shown(daily("02:30"), "2026-03-28T00:00", 3) == ["03-28T02:30+01:00", "03-29T03:00+02:00", "03-30T02:30+02:00"]


def test_run_in_the_fold_comes_once() -> None:
    assert shown(daily("02:30"), "2026-10-24T00:00", 3) == ["10-24T02:30+02:00", "10-25T02:30+02:00", "10-26T02:30+01:00"]
    assert shown(cron("30 2 * * *"), "2026-10-25T00:00", 1) == ["10-25T02:30+02:00"]


def test_half_hour_clocks_move_a_run_by_what_they_skip() -> None:
    lord_howe = "Australia/Lord_Howe"
    assert shown(daily("02:10", lord_howe), "2026-10-03T00:00", 2) == ["10-03T02:10+10:30", "10-04T02:30+11:00"]
    assert shown(daily("01:45", lord_howe), "2026-04-05T00:00", 1) == ["04-05T01:45+11:00"]


def test_every_four_hours_fills_the_day_around_its_time() -> None:
    runs = shown(every(4, "hour", "10:00", "America/New_York"), "2026-03-02T00:00", 1)
    assert [run[6:11] for run in runs] == ["02:00", "06:00", "10:00", "14:00", "18:00", "22:00"]


def test_every_four_hours_keeps_its_local_times_when_the_clocks_change() -> None:
    runs = shown(every(4, "hour", "10:00", "America/New_York"), "2026-03-08T00:00", 23 / 24)
    assert runs == [
        "03-08T03:00-04:00",
        "03-08T06:00-04:00",
        "03-08T10:00-04:00",
        "03-08T14:00-04:00",
        "03-08T18:00-04:00",
        "03-08T22:00-04:00",
    ]


def test_times_skipped_together_are_one_run() -> None:
    assert shown(every(30, "minute"), "2026-03-29T01:30", 1.5 / 24) == [
        "03-29T01:30+01:00",
        "03-29T03:00+02:00",
        "03-29T03:30+02:00",
    ]


def test_every_two_days_counts_from_the_first_scheduled_time_after_the_start() -> None:
    early = local("2026-03-02T08:00")
    assert shown(every(2, "day", "10:00"), "2026-03-01T00:00", 6, early) == [
        "03-02T10:00+01:00",
        "03-04T10:00+01:00",
        "03-06T10:00+01:00",
    ]
    late = local("2026-03-02T10:01")
    assert shown(every(2, "day", "10:00"), "2026-03-01T00:00", 6, late) == ["03-03T10:00+01:00", "03-05T10:00+01:00"]


def test_every_two_weeks_started_on_a_weekend_begins_on_its_first_open_day() -> None:
    start = local("2026-03-07T08:00")  # a Saturday
    runs = shown(every(2, "week", "10:00", except_weekends=True), "2026-03-01T00:00", 30, start)
    assert runs == ["03-09T10:00+01:00", "03-23T10:00+01:00"]


def test_first_run_is_the_first_scheduled_instant_at_or_after_the_start() -> None:
    start = local("2026-03-02T09:30")
    assert next_run(daily("09:30"), EPOCH, start) == start
    assert next_run(daily("09:30"), EPOCH, start + MICROSECOND) == local("2026-03-03T09:30")
    assert last_run(daily("09:30"), start, start + MICROSECOND) is None
    assert last_run(daily("09:30"), start, start) == start


def test_weekends_are_left_out() -> None:
    days = [day for day, _ in islice(run_days(daily("09:30", except_weekends=True), EPOCH, date(2026, 3, 6)), 3)]
    assert days == [date(2026, 3, 6), date(2026, 3, 9), date(2026, 3, 10)]


def test_calendar_leaves_out_holidays_and_closed_days() -> None:
    calendar = CalendarPlan(
        name="office", zone=BERLIN, holidays=("DE-BE",), closed=(("2026-12-24", "2026-12-24"), ("2026-12-28", "2027-01-06"))
    )
    days = [day.isoformat() for day, _ in islice(run_days(daily("09:00", calendar=calendar), EPOCH, date(2026, 12, 22)), 4)]
    assert days == ["2026-12-22", "2026-12-23", "2027-01-07", "2027-01-08"]


def test_calendar_with_saturday_hours_runs_on_saturdays() -> None:
    calendar = CalendarPlan(name="shop", openings=(Opening(days=(5,), start="09:00", end="12:00"),))
    days = [day.weekday() for day, _ in islice(run_days(daily("09:00", calendar=calendar), EPOCH, date(2026, 3, 1)), 3)]
    assert days == [5, 5, 5]


def test_calendar_that_never_opens_has_no_run() -> None:
    shut = CalendarPlan(name="shut", closed=(("2000-01-01", "2999-12-31"),))
    assert next_run(daily("09:00", calendar=shut), EPOCH, EPOCH) is None
    assert last_run(daily("09:00", calendar=shut), local("2026-01-01T00:00"), EPOCH) is None
    assert list(run_days(daily("09:00", calendar=shut), EPOCH, date(2026, 1, 1))) == []


def test_leap_day_comes_every_fourth_year() -> None:
    assert next_run(cron("0 9 29 2 *"), local("2026-01-01T00:00"), EPOCH) == local("2028-02-29T09:00")
    assert last_run(cron("0 9 29 2 *"), local("2026-01-01T00:00"), EPOCH) == local("2024-02-29T09:00")


def test_start_in_the_middle_of_a_day_gives_its_first_run_from_then_on() -> None:
    day, run = next(run_days(every(4, "hour", "10:00"), local("2026-03-02T11:00"), date(2026, 3, 2)))
    assert (day, run) == (date(2026, 3, 2), local("2026-03-02T14:00"))


def test_run_moved_over_midnight_counts_on_its_own_day() -> None:
    zone = "America/Scoresbysund"  # 2026-03-28 23:00 becomes 2026-03-29 00:00
    schedule = daily("23:30", zone)
    run = next_run(schedule, local("2026-03-28T12:00", zone), EPOCH)
    assert run == local("2026-03-29T00:00", zone)
    assert run_date(schedule, run) == date(2026, 3, 28)
    assert [day for day, _ in islice(run_days(schedule, EPOCH, date(2026, 3, 27)), 3)] == [
        date(2026, 3, 27),
        date(2026, 3, 28),
        date(2026, 3, 29),
    ]


def test_day_after_a_moved_run_is_counted_from_its_own_time() -> None:
    schedule = daily("02:30")
    moved = local("2026-03-29T03:00")
    assert run_wall_time(schedule, moved) == datetime(2026, 3, 29, 2, 30)
    assert add_span(moved, Span(count=1, unit="day"), BERLIN, schedule=schedule) == local("2026-03-30T02:30")
    assert add_span(moved, Span(count=1, unit="day"), BERLIN) == local("2026-03-30T03:00")


def test_wall_time_of_an_unmoved_instant_is_what_the_clock_shows() -> None:
    assert run_wall_time(daily("03:00"), local("2026-03-29T03:00")) == datetime(2026, 3, 29, 3, 0)


@pytest.mark.parametrize(("count", "unit"), [(1, "day"), (3, "week"), (4, "hour"), (24, "hour"), (30, "minute"), (1, "minute")])
def test_interval_that_divides_the_day_is_allowed(count: int, unit: str) -> None:
    assert every_problem(Span.model_validate({"count": count, "unit": unit})) is None


@pytest.mark.parametrize(
    ("count", "unit"),
    [(5, "hour"), (48, "hour"), (7, "minute"), (0, "day"), (1.5, "day"), (0, "hour"), (2, "working day"), (0.5, "minute")],
)
def test_interval_that_does_not_divide_the_day_is_refused(count: float, unit: str) -> None:
    assert "divide 24 hours" in (every_problem(Span.model_validate({"count": count, "unit": unit})) or "")


# ------------------------------------------------------------------------------------- laws

ZONES = st.sampled_from(["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Scoresbysund"])
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))
TIMES = st.times().map(lambda t: f"{t.hour:02}:{t.minute:02}") | st.sampled_from(["00:00", "00:30", "02:00", "02:30", "23:30"])
CALENDARS = st.none() | st.builds(
    CalendarPlan,
    name=st.just("c"),
    holidays=st.sampled_from([(), ("DE-BE",), ("AT", "US")]),
    closed=st.sampled_from([(), (("2026-03-01", "2026-04-15"),)]),
    openings=st.sampled_from([(), (Opening(days=(0, 2, 5), start="09:00", end="12:00"),)]),
)


@st.composite
def schedules(draw: st.DrawFn) -> SchedulePlan:
    kind = draw(st.sampled_from(["daily", "every", "every", "cron"]))
    zone, weekends, calendar = draw(ZONES), draw(st.booleans()), draw(CALENDARS)
    if kind == "cron":
        text = draw(
            st.sampled_from(
                ["0 9 * * 1-5", "30 2 * * *", "*/20 1-3 * * *", "0 0 1 * *", "15 8 1,15 * 5", "0 9 L * *", "0 7 * 3,10 0"]
            )
        )
        return SchedulePlan(kind="cron", zone=zone, cron=text, except_weekends=weekends, calendar=calendar)
    span = None
    if kind == "every":
        units = [
            (1, "day"),
            (2, "day"),
            (5, "day"),
            (1, "week"),
            (2, "week"),
            (4, "hour"),
            (1, "hour"),
            (30, "minute"),
            (24, "hour"),
        ]
        count, unit = draw(st.sampled_from(units))
        span = Span.model_validate({"count": count, "unit": unit})
    return SchedulePlan.model_validate(
        {"kind": kind, "zone": zone, "time": draw(TIMES), "every": span, "except_weekends": weekends, "calendar": calendar}
    )


@given(schedules(), INSTANTS, INSTANTS)
def test_next_run_is_the_earliest_later_one(schedule: SchedulePlan, after: datetime, start: datetime) -> None:
    run = next_run(schedule, after, start)
    if run is None:
        return
    assert run > after
    assert run >= start
    before = last_run(schedule, run - MICROSECOND, start)
    assert before is None or before <= after
    assert next_run_at_or_after(schedule, run, start) == run
    assert last_run(schedule, run, start) == run


@given(schedules(), INSTANTS, INSTANTS)
def test_last_run_is_undone_by_next_run(schedule: SchedulePlan, at: datetime, start: datetime) -> None:
    run = last_run(schedule, at, start)
    if run is None:
        following = next_run(schedule, start - MICROSECOND, start)
        assert following is None or following > at or at < start
        return
    assert start <= run <= at
    following = next_run(schedule, run, start)
    assert following is None or following > at


@settings(max_examples=examples(60))
@given(schedules(), INSTANTS)
def test_runs_increase_and_their_dates_never_go_back(schedule: SchedulePlan, start: datetime) -> None:
    runs = list(islice(runs_between(schedule, start, start, start + timedelta(days=40)), 300))
    assert all(one < two for one, two in pairwise(runs))
    dates = [run_date(schedule, run, start) for run in runs]
    assert all(one <= two for one, two in pairwise(dates))
    assert all(not (schedule.except_weekends and day.weekday() > 4) for day in dates)


@settings(max_examples=examples(60))
@given(schedules(), INSTANTS)
def test_run_days_are_the_dates_of_the_runs_with_the_first_of_each(schedule: SchedulePlan, start: datetime) -> None:
    end = start + timedelta(days=30)
    firsts: dict[date, datetime] = {}
    for run in runs_between(schedule, start, start, end):
        firsts.setdefault(run_date(schedule, run, start), run)
    days = run_days(schedule, start, (start - timedelta(days=2)).date())
    assert list(islice(days, len(firsts))) == list(firsts.items())


@settings(max_examples=examples(60))
@given(schedules(), INSTANTS, st.integers(1, 20))
def test_days_after_a_run_have_passed_at_the_run_of_that_day(schedule: SchedulePlan, start: datetime, count: int) -> None:
    run = next_run(schedule, start, start)
    if run is None:
        return
    wall = run_wall_time(schedule, run, start)
    due = add_span(run, Span(count=count, unit="day"), schedule.zone, schedule=schedule)
    assert due == local_instant(wall.date() + timedelta(days=count), wall.time(), schedule.zone)


@settings(max_examples=examples(60))
@given(
    st.sampled_from(
        ["0 9 * * 1-5", "5 4 1,15 * *", "0 9 1 * 5", "*/7 6 * * *", "0 9 * * 1#1", "0 9 * * L5", "0 9 L * *", "1 2 29 2 *"]
    ),
    INSTANTS,
)
def test_cron_runs_are_those_of_croniter(text: str, after: datetime) -> None:
    """Where no clock changes, an expression means what croniter says."""
    after = after.replace(microsecond=0)
    assert next_run(cron(text, "UTC"), after, EPOCH) == croniter(text, after).get_next(datetime)
