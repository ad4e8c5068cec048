"""Tables in plain text, and the words of durations and instants on the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from seqlang.app.instants import read_instant
from seqlang.app.ticking import read_interval
from seqlang.cli.tables import table
from seqlang.errors import UsageError


def test_columns_are_as_wide_as_their_cells_and_numbers_stand_right() -> None:
    shown = table(("name", "count"), [("Zoë", 5), ("日本", 12345), (None, None)])
    assert shown.split("\n") == ["name  count", "Zoë       5", "日本  12345", ""]


def test_a_cell_of_several_lines_stays_in_its_row() -> None:
    assert table(("a",), [("one\ntwo",)]).split("\n") == ["a", "one two"]


@pytest.mark.parametrize(
    ("text", "seconds"), [("30 seconds", 30), ("1 minute", 60), ("2h", 7200), ("0.5 seconds", 0.5), ("90", 90)]
)
def test_intervals_are_read_in_several_forms(text: str, seconds: float) -> None:
    assert read_interval(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "0 seconds", "-1 minute", "1 fortnight"])
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read_interval(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-02", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("2026-03-02T09:30", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("2026-03-02 09:30:15", datetime(2026, 3, 2, 8, 30, 15, tzinfo=UTC)),
        ("2026-03-02T09:30+05:00", datetime(2026, 3, 2, 4, 30, tzinfo=UTC)),
        ("2026-03-02T09:30Z", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("2026-03-29T02:30", datetime(2026, 3, 29, 1, tzinfo=UTC)),  # skipped by the clocks: the end of the gap
        ("2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # twice: the first
    ],
)
def test_an_instant_without_an_offset_is_of_the_zone(text: str, at: datetime) -> None:
    assert read_instant(text, "Europe/Berlin", "--at") == at


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "2026-3-2", "2026-03-02T25:00", ""])
def test_what_is_no_instant_is_refused_with_the_option_named(text: str) -> None:
    with pytest.raises(UsageError, match="--at"):
        read_instant(text, "Europe/Berlin", "--at")
