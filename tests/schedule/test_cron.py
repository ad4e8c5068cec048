"""What is wrong with a cron expression, in plain words."""

from __future__ import annotations

import pytest

from seqlang.schedule import cron_problem
from seqlang.schedule.cron import read_cron


@pytest.mark.parametrize(
    "text", ["0 9 * * 1-5", "*/15 8-18 * * mon-fri", "0 9 1 jan,mar *", "0 9 L * *", "0 9 * * thu#1", "0 9 29 2 *"]
)
def test_usual_expression_has_no_problem(text: str) -> None:
    assert cron_problem(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 9 * *", "five fields"),
        ("0 0 9 * * 1", "has 6"),
        ("@daily", "five fields"),
        ("", "has 0"),
        ("61 9 * * *", "`61` cannot stand for the minute"),
        ("0 25 * * *", "`25` cannot stand for the hour"),
        ("0 9 * * 1-5#2", "weekday"),
        ("0 9 31 2 *", "never comes"),
        ("r 9 * * *", "`r` cannot stand for the minute"),
        ("h 9 * * *", "`h` cannot stand for the minute"),
        ("0 9 * foo *", "`foo` cannot stand for the month"),
    ],
)
def test_broken_expression_is_named_with_its_field(text: str, said: str) -> None:
    assert said in (cron_problem(text) or "")


def test_broken_expression_is_not_read() -> None:
    with pytest.raises(ValueError, match="five fields"):
        read_cron("0 9 * *")
