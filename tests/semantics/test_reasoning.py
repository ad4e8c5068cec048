"""What is called impossible is impossible, and only that (LANGUAGE 3: the two-valued meaning with empty fields)."""

from __future__ import annotations

import pytest

from tests.semantics.reading import check, where


def sense(condition: str) -> list[str]:
    checked = where(condition, before=BEFORE)
    assert checked.plan is not None, [f"{d.code} {d.message}" for d in checked.diagnostics]
    return [f"{d.code} {d.source.text[d.span.start : d.span.end]}" for d in checked.diagnostics if d.code in ("SEQ601", "SEQ602")]


BEFORE = """
record contact {
  score number
  stage choice ["Lead", "Qualified", "Customer"]
  trial_ends date
  newsletter boolean
}
event "e" { }
"""


@pytest.mark.parametrize(
    "condition",
    [
        "score > 50 and score < 10",
        "score > 10 and score <= 10",
        "score = 3 and score != 3",
        "score between 10 and 20 and score > 20",
        'stage = "Lead" and stage = "Customer"',
        'stage in ["Lead", "Customer"] and stage = "Qualified"',
        'stage not in ["Lead", "Qualified", "Customer"] and stage is not empty',
        'stage contains "xyz" and score > 3',
        "score is empty and score > 3",
        "newsletter and newsletter = no",
        "trial_ends before 2026-03-01 and trial_ends after 2026-04-01",
        "trial_ends after 2026-03-01 and trial_ends before 2026-03-02",
        "trial_ends in the last 3 days and trial_ends in the next 3 days and trial_ends != today",
        "trial_ends before today and trial_ends in the next 3 days",
        "created_at in the last 3 days and created_at after now",
        'event "e" and not event "e"',
        'count(event "e") >= 3 and count(event "e") < 2',
        'count(event "e") > 2 and count(event "e") < 3',
        'tagged "VIP" and not tagged "VIP"',
        'deal with (stage = "Won" and stage = "Lost")',
        "not (score > 5 or score is empty) and score > 7",
    ],
)  # fmt: skip
def test_what_can_never_hold_is_told(condition: str) -> None:
    assert [s[:6] for s in sense(condition)] == ["SEQ601"]


@pytest.mark.parametrize(
    "condition",
    [
        "score > 5 or not (score > 5)",
        "score is empty or score is not empty",
        "score > 5 or score <= 5 or score is empty",
        'stage != "Lead" or stage = "Lead"',
        "newsletter or newsletter = no or newsletter is empty",
        'count(event "e") >= 0',
    ],
)
def test_what_always_holds_is_told(condition: str) -> None:
    assert [s[:6] for s in sense(condition)] == ["SEQ602"]


@pytest.mark.parametrize(
    "condition",
    [
        "score > 10 and score < 50",
        "not (score > 5) and not (score <= 5)",  # an empty score
        "score > 5 or score <= 5",  # false for an empty score
        'stage != "Lead" and stage != "Customer"',
        'stage not in ["Lead", "Qualified", "Customer"]',  # an empty stage
        'deal.stage = "Won" and deal.stage = "Lost"',  # two deals
        'deal with (stage = "Won") and not deal with (stage = "Won" and amount > 5)',
        "trial_ends in the last 3 days and trial_ends in the next 3 days",  # today
        "trial_ends before 2026-03-01 and trial_ends in the next 3 days",
        "trial_ends after 2026-03-01 and trial_ends before 2026-03-03",
        'event "e" and not (count(event "e") >= 3)',
        'count(event "e") > 2 and count(event "e") < 4',
        'event "e" and not (event "e" in the last 2 days)',
        'first_name contains "a" and first_name contains "b"',
        'first_name = "Ana" and last_name = "Ana"',
        "newsletter or newsletter = no",
        "score >= 10 and score <= 10",
        'tagged "VIP" and not tagged "vip"',
    ],
)
def test_what_may_hold_brings_no_alarm(condition: str) -> None:
    assert sense(condition) == []


def test_only_the_smallest_part_is_named() -> None:
    assert sense('tagged "a" and (score > 5 or (score > 50 and score < 10))') == ["SEQ601 (score > 50 and score < 10)"]


def test_a_deep_condition_is_read_in_a_moment() -> None:
    parts = " and ".join(f'(score != {n} or tagged "{n}" or stage = "Lead")' for n in range(40))
    assert sense(parts) == []


def test_an_empty_text_in_a_comparison_is_told() -> None:
    assert sense('first_name = ""') == ['SEQ601 first_name = ""']


def test_a_step_whose_condition_never_holds_is_told_too() -> None:
    checked = check(BEFORE + """
classic sequence "S" {
  run daily at 09:00
  step a: call on day 1 when score > 50 and score < 10 { }
}
""")  # fmt: skip
    assert [d.code for d in checked.diagnostics] == ["SEQ604", "SEQ601"]
