"""What nobody comes to is told, with the reason; what somebody may come to is not."""

from __future__ import annotations

import pytest

from tests.semantics.reading import FIELDS, check, classic

CODES = ("SEQ604", "SEQ613", "SEQ618", "SEQ619", "SEQ620", "SEQ621")


def told(text: str) -> list[str]:
    """Return the findings as "code `the text at which they stand`"."""
    checked = check(FIELDS + 'event "e" { }\n' + text)
    assert checked.plan is not None, [f"{d.code} {d.message}" for d in checked.diagnostics]
    return [f"{d.code} {d.source.text[d.span.start : d.span.end]}" for d in checked.diagnostics if d.code in CODES]


def journey(body: str) -> list[str]:
    return told(f'journey "J" {{ enter on event "e"\n{body}\n}}')


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ('if score > 10 { tag "a" } else if score > 20 { tag "b" }', "SEQ618 score > 20"),
        ('if score > 10 { tag "a" } else if score <= 10 { tag "b" } else if score > 5 { tag "c" }', "SEQ618 score > 5"),
        ('if stage = "Lead" { if stage = "Customer" { tag "a" } }', 'SEQ618 stage = "Customer"'),
        ('if stage in ["Lead", "Qualified"] { exit } else if stage != "Customer" { exit } else if stage = "Lead" { exit }',
         'SEQ618 stage = "Lead"'),
        ('if score > 10 { tag "a" } else if not (score > 10) { tag "b" } else { tag "c" }', 'SEQ618 tag "c"'),
        ('if score is empty { tag "a" } else if score is not empty { tag "b" } else { tag "c" }', 'SEQ618 tag "c"'),
        ('if score > 5 { split "s" { 50% "a" { if score < 3 { tag "x" } }; 50% "b" { tag "y" } } }', "SEQ618 score < 3"),
    ],
)  # fmt: skip
def test_a_branch_that_nobody_takes_is_told(body: str, place: str) -> None:
    assert journey(body) == [place]


@pytest.mark.parametrize(
    "body",
    [
        'if score > 20 { tag "a" } else if score > 10 { tag "b" } else { tag "c" }',
        'if score > 10 { tag "a" } else if score <= 10 { tag "b" } else { tag "c" }',  # an empty score
        'if score > 10 { add score -20; if score < 3 { tag "a" } }',  # it was changed
        'if score > 10 { wait 2 days; if score < 3 { tag "a" } }',  # it may have been changed
        'if score > 10 { tag "a" }; if score > 20 { tag "b" }',
        'if clicked { tag "a" } else if opened { tag "b" }',
    ],
)
def test_a_branch_that_somebody_may_take_is_not(body: str) -> None:
    assert journey(f'step h: email {{ template: "x", unsubscribe: yes, track: [opens, clicks] }}\n{body}') == []


def test_an_opening_before_a_click_takes_it_along() -> None:
    body = 'step h: email { template: "x", unsubscribe: yes, track: [opens, clicks] }\n'
    assert journey(body + 'if opened { tag "a" } else if clicked { tag "b" }') == ["SEQ618 clicked"]


def test_the_reason_names_the_conditions_that_count() -> None:
    body = 'if phone is empty { tag "a" } else if score > 10 { tag "b" } else if score > 20 { tag "c" }'
    checked = check(f'{FIELDS}event "e" {{ }}\njourney "J" {{ enter on event "e"\n{body} }}')
    (found,) = (d for d in checked.diagnostics if d.code == "SEQ618")
    assert found.hint == "here `score > 10` does not hold"
    assert [found.source.text[r.span.start : r.span.end] for r in found.related] == ["score > 10"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("step b: call on day 3 when replied { }", "SEQ604 b"),
        ("step b: call on day 3 when replied(hello) and score > 5 { }", "SEQ604 b"),
        ("step b: call on day 3 when unsubscribed { }", "SEQ604 b"),
        ("step b: call on day 3 when score > 30 { }\nexit when score > 20", "SEQ604 b"),
        ("step b: call on day 3 when score > 30 or replied { }\nexit when score > 20", "SEQ604 b"),
        ('step b: call on day 3 when stage = "Customer" { }\nexit when stage not in ["Lead", "Qualified"] and stage is not empty',
         "SEQ604 b"),
    ],
)  # fmt: skip
def test_a_step_behind_an_exit_is_told(body: str, place: str) -> None:
    assert told(classic(body)) == [place]


@pytest.mark.parametrize(
    "body",
    [
        "step b: call on day 3 when opened { }",
        "step b: call on day 3 when not replied { }",
        "step b: call on day 3 when score > 10 { }\nexit when score > 20",
        "step b: call on day 3 when replied or score > 5 { }",
        'step b: call on day 3 when event "e" { }\nexit when event "e" since entry',  # before the entry
    ],
)
def test_a_step_that_may_run_is_not(body: str) -> None:
    assert told(classic(body)) == []


def test_in_a_goal_events_count_since_entry() -> None:
    body = 'goal "G" when event "e"\nstep b: call when {} {{ }}'
    assert journey(body.replace("{}", 'event "e"').replace("{{", "{").replace("}}", "}")) == []
    assert journey(body.replace("{}", 'event "e" since entry').replace("{{", "{").replace("}}", "}")) == ["SEQ604 b"]


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ('audience { where stage = "Customer" }\nexit when stage = "Customer"', ["SEQ619"]),
        ('audience { where stage = "Customer" or score > 30 }\nexit when stage = "Customer"\nexit when score > 20', ["SEQ619"]),
        ('audience { where stage = "Customer"; where stage = "Lead" }', ["SEQ619"]),
        ('audience { where stage = "Lead" }\nexit when stage = "Customer"', []),
        ('audience { where score > 5 }\nexit when stage = "Customer"', []),
    ],
)
def test_an_audience_that_nobody_comes_by_is_told(head: str, found: list[str]) -> None:
    assert [d[:6] for d in told(classic(head=head))] == found


def test_an_entry_into_a_journey_for_whom_a_goal_holds_is_told() -> None:
    found = told('journey "J" { enter when score > 50\nenter on event "e"\ngoal "G" when score > 20\ntag "a" }')
    assert found == ["SEQ619 enter when score > 50"]


@pytest.mark.parametrize(
    ("exits", "found"),
    [
        ("exit when score > 10\nexit when score > 20", ["SEQ620 score > 20"]),
        ("exit when score > 20\nexit when score > 10", []),
        ("exit when replied\nexit when replied and score > 20", ["SEQ620 replied and score > 20"]),
        ('goal "G" when score > 10\nexit when score > 20', ["SEQ620 score > 20"]),
        ("exit when opened(h)\nexit when clicked(h)", ["SEQ620 clicked(h)"]),
    ],
)
def test_an_exit_behind_another_is_told(exits: str, found: list[str]) -> None:
    assert journey(f'{exits}\nstep h: email {{ template: "x", unsubscribe: yes, track: [opens, clicks] }}') == found


def test_a_side_without_a_number_of_its_own_is_told() -> None:
    body = 'split "s" { 99.9999999999% "a" { tag "a" }; 0.0000000001% "b" { tag "b" } }'
    assert journey(body) == ["SEQ621 0.0000000001"]


def test_an_overlap_names_somebody_who_is_in_both() -> None:
    one = classic(head='audience { where score > 20 and stage = "Lead" }')
    other = one.replace('"S"', '"T"').replace("score > 20", "score < 30")
    (found,) = (d for d in check(FIELDS + one + other).diagnostics if d.code == "SEQ613")
    assert found.hint is not None
    assert found.hint.startswith('somebody with `score = 21` and `stage = "Lead"` is in both; write `exclusive` in both')
