"""Opening hours as settings write them."""

from __future__ import annotations

import pytest

from seqlang.plan.model import Opening
from seqlang.schedule.hours import read_hours


@pytest.mark.parametrize(
    ("text", "openings"),
    [
        ("mon-fri 08:00-18:00", (Opening(days=(0, 1, 2, 3, 4), start="08:00", end="18:00"),)),
        ("Sat 9:00-24:00", (Opening(days=(5,), start="09:00", end="24:00"),)),
        ("sun-tue 22:00-02:00", (Opening(days=(0, 1, 6), start="22:00", end="02:00"),)),
        (
            " mon 08:00-12:00 , mon 13:00-17:00",
            (Opening(days=(0,), start="08:00", end="12:00"), Opening(days=(0,), start="13:00", end="17:00")),
        ),
    ],
)
def test_hours_are_read(text: str, openings: tuple[Opening, ...]) -> None:
    assert read_hours(text) == openings


@pytest.mark.parametrize("text", ["", "always", "mon", "08:00-18:00", "mo-fr 08:00-18:00", "mon 25:00-26:00", "mon 08:00-08:00",
                                  "mon 08:60-09:00", "mon-fri 08:00-18:00,", "mon 24:30-25:00"])
def test_what_says_no_hours_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="`"):
        read_hours(text)
