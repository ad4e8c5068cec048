"""Lines of the timeline for people: what a statement says stands in them, in json its first word does."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from seqlang.plan.statements import statements_of
from seqlang.simulation.lines import json_line, text_line
from seqlang.store.timeline import TimelineLine
from tests.semantics.reading import check

TEXT = """
list "L" of contact
journey "J" {
  enter when first_name = "x"
  goal "G" when first_name = "z" { set title = "won" }
  set last_name = choose { "y" when first_name = "x"; "z" otherwise }
  tag "t"
  untag "t"
  add to list "L"
  remove from list "L"
  assign round robin ["ana@example.com", "bo@example.com"]
  move to "K"
}
journey "K" { enter when first_name = "y"; exit }
"""
SAID = {
    "set:1": 'set last_name = choose { "y" when first_name = "x"; "z" otherwise }',
    "tag:1": 'tag "t"',
    "untag:1": 'untag "t"',
    "list:1": 'add to list "L"',
    "unlist:1": 'remove from list "L"',
    "round_robin:1": 'assign round robin ["ana@example.com", "bo@example.com"]',
    "goal:G/set:1": 'set title = "won"',
    "move:1": 'move to "K"',
}


def line(node: str, step: str) -> TimelineLine:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    return TimelineLine(1, at, "UTC", "J", "kim@example.com", "contact:kim@example.com", "executed", step, None, None, node=node)


def test_a_statement_is_shown_as_the_file_has_it() -> None:
    plan = check(TEXT).plan
    assert plan is not None
    statements = statements_of(plan.flows)
    assert {key: said for (flow, key), said in statements.items() if flow == "J"} == SAID
    assert '  tag "t"  ' in text_line(line("tag:1", "tag"), statements)
    assert json.loads(json_line(line("tag:1", "tag")))["step"] == "tag"


@pytest.mark.parametrize(("node", "step"), [("gone:1", "tag"), ("tag:1", "set")])
def test_a_statement_of_an_earlier_plan_is_shown_by_its_word(node: str, step: str) -> None:
    plan = check(TEXT).plan
    assert plan is not None
    assert f"  {step}  " in text_line(line(node, step), statements_of(plan.flows))
