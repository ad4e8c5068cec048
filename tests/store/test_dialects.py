"""What differs between the databases means the same on both."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import Column, Integer, func, insert, literal, select

from seqlang.clock import from_micros, to_micros
from seqlang.plan.conditions import Span
from seqlang.plan.model import CalendarPlan, Opening
from seqlang.store import Store

AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("key", ["kim@acme.example", "ünder@straße.de", "Big deal", ""])
def test_share_of_a_split_is_the_first_eight_digits_of_md5(store: Store, key: str) -> None:
    with store.read() as conn:
        share = conn.execute(select(store.sql.share("Flöw", 'the "offer"', literal(key)))).scalar_one()
    digest = hashlib.md5(f'Flöw\nthe "offer"\n{key}'.encode(), usedforsecurity=False).hexdigest()
    assert share == int(digest[:8], 16) / 2**32


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        ("2026-03-01T23:00:00+00:00", "Europe/Berlin", "2026-03-02"),
        ("2026-03-01T22:59:59.999999+00:00", "Europe/Berlin", "2026-03-01"),
        ("2026-03-02T04:59:59+00:00", "America/New_York", "2026-03-01"),
        ("1969-12-31T23:59:59+00:00", "UTC", "1969-12-31"),
    ],
)
def test_local_date_of_an_instant(store: Store, at: str, zone: str, day: str) -> None:
    micros = literal(to_micros(datetime.fromisoformat(at)))
    with store.read() as conn:
        assert conn.execute(select(store.sql.local_day(micros, zone))).scalar_one() == datetime.fromisoformat(day).toordinal()


@pytest.mark.parametrize(
    ("at", "days", "zone", "then"),
    [
        ("2026-03-28T01:30:00+00:00", 1, "Europe/Berlin", "2026-03-29T01:00:00+00:00"),  # 02:30 is skipped: the end of the gap
        ("2026-03-28T08:00:00+00:00", 1, "Europe/Berlin", "2026-03-29T07:00:00+00:00"),
        ("2026-10-24T00:30:00+00:00", 1, "Europe/Berlin", "2026-10-25T00:30:00+00:00"),  # 02:30 comes twice: the first
        ("2026-10-26T01:30:00+00:00", -1, "Europe/Berlin", "2026-10-25T00:30:00+00:00"),
        ("2026-04-03T14:45:00.000001+00:00", 1, "Australia/Lord_Howe", "2026-04-04T14:45:00.000001+00:00"),
        ("2026-10-02T15:40:00+00:00", 1, "Australia/Lord_Howe", "2026-10-03T15:30:00+00:00"),  # half an hour is skipped
        ("2011-12-29T20:00:00+00:00", 1, "Pacific/Apia", "2011-12-30T10:00:00+00:00"),  # a whole day is skipped
        ("2026-03-02T08:30:00+00:00", 0, "Europe/Berlin", "2026-03-02T08:30:00+00:00"),
    ],
)
def test_day_on_is_the_same_local_time(store: Store, at: str, days: int, zone: str, then: str) -> None:
    moved = store.sql.shift_days(literal(to_micros(datetime.fromisoformat(at))), literal(days, Integer()), zone)
    with store.read() as conn:
        assert from_micros(conn.execute(select(moved)).scalar_one()) == datetime.fromisoformat(then)


def test_hours_are_exact(store: Store) -> None:
    moved = store.sql.shift_instant(literal(to_micros(AT)), Span(count=1.5, unit="hour"), -1, "UTC")
    with store.read() as conn:
        assert from_micros(conn.execute(select(moved)).scalar_one()) == datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "there"), [(1, "2026-03-03"), (5, "2026-03-11"), (-1, "2026-02-27"), (-4, "2026-02-24"), (0, "2026-03-02")]
)
def test_working_days_are_those_of_the_calendar(store: Store, count: int, there: str) -> None:
    calendar = CalendarPlan(
        name="c", openings=(Opening(days=(0, 1, 2, 3, 4), start="09:00", end="17:00"),), closed=(("2026-03-05", "2026-03-06"),)
    )
    moved = store.sql.shift_working(literal(AT.date().toordinal()), count, calendar, AT.date())
    with store.read() as conn:
        assert conn.execute(select(moved)).scalar_one() == datetime.fromisoformat(there).toordinal()


@pytest.mark.parametrize("text", ["Straße", "ΟΔΟΣ", "İstanbul", "ﬁne", "KELVIN", "ŉ", "", "plain"])
def test_folding_is_that_of_unicode(store: Store, text: str) -> None:
    with store.read() as conn:
        assert conn.execute(select(store.sql.fold(literal(text)))).scalar_one() == text.casefold()


def test_texts_are_ordered_by_code_point(store: Store) -> None:
    words = ["b", "B", "a", "ä", "Z", "_", "é", "10", "9"]
    with store.begin() as conn:
        table = store.records("contact")
        conn.execute(insert(table), [{"id": n, "f_title": w} for n, w in enumerate(words, 1)])
        assert conn.execute(select(table.c.f_title).order_by(table.c.f_title)).scalars().all() == sorted(words)
        assert conn.execute(select(func.count()).where(table.c.f_title > "Z")).scalar_one() == sum(w > "Z" for w in words)


def test_temporary_table_is_empty_each_time_and_gone_with_its_connection(store: Store) -> None:
    with store.begin() as conn:
        for _ in range(2):
            made = store.sql.scratch(conn, "scratch_ids", Column("id", Integer, primary_key=True))
            conn.execute(insert(made), [{"id": 1}, {"id": 2}])
            store.sql.analyze(conn, made)
            assert conn.execute(select(func.count()).select_from(made)).scalar_one() == 2


def test_numbers_reserved_for_rows_are_never_given_twice(store: Store) -> None:
    table = store.records("contact")
    with store.begin() as conn:
        first = list(store.sql.next_ids(conn, table, 3))
        store.sql.write_rows(conn, table, ("id", "f_email"), [(i, "x") for i in first])
        second = list(store.sql.next_ids(conn, table, 2))
        assert len({*first, *second}) == 5
