"""What the reasoning finds, z3 confirms; and it finds most of what z3 finds."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from random import Random  # noqa: TID251  # with a seed
from typing import cast

import pytest

from seqlang.plan.conditions import Condition
from seqlang.semantics.names import collect_names
from seqlang.semantics.reasoning import Fields, always_holds, exclude_each_other, implies, never_holds, outline, possible
from seqlang.semantics.witness import shown, witness
from tests.semantics.made_up import condition
from tests.semantics.reading import check, plan_of, project
from tests.semantics.solver import impossible

FIELDS = """
record contact {
  score number; level number; stage choice ["Lead", "Qualified", "Customer"]; newsletter boolean
  trial_ends date; renewal date
}
record deal { stage choice ["Open", "Won", "Lost"] }
event "visit" { url text }
journey "Other" { enter when score > 5 }
"""
SIZES = [50, pytest.param(400, marks=pytest.mark.slow)]
FOUND_MIN = 0.9  # of what z3 finds


def flow(asked: str) -> str:
    """Return a flow in which a condition may ask anything."""
    step = 'step hello: email { template: "hello.html", unsubscribe: yes, track: [opens, clicks] }'
    return f'{FIELDS}journey "S" {{ enter on event "visit"; {step}\nstep more: call when {asked} {{ }} }}'


@cache
def conditions(count: int) -> list[tuple[str, Condition]]:
    """Return made-up conditions, as text and as the plan has them."""
    chance = Random(7)
    made = []
    for _ in range(count):
        text = condition(chance)
        checked = check(flow(text))
        assert checked.plan is not None, (text, [d.message for d in checked.diagnostics])
        node = next(n for n in next(f for f in checked.plan.flows if f.name == "S").nodes if n.key == "more")
        assert node.when is not None  # type: ignore[union-attr]
        made.append((text, node.when))  # type: ignore[union-attr]
    return made


@cache
def fields() -> Fields:
    """Return the fields of the project."""
    return collect_names(project(flow("score > 5")), []).fields


def held_against_z3(cases: list[tuple[str, bool, bool | None]]) -> None:
    """Every finding is right, and most are found. A case: what was asked, what was found, what z3 says."""
    assert [asked for asked, found, told in cases if found and told is False] == []
    there = [(asked, found) for asked, found, told in cases if told]
    missed = [asked for asked, found in there if not found]
    assert len(there) > 1, "nothing to be found"
    assert len(missed) <= (1 - FOUND_MIN) * len(there) + 1, (len(there), missed)


@pytest.mark.parametrize("count", SIZES)
def test_what_never_holds_is_found_and_nothing_else(count: int) -> None:
    held_against_z3([(text, never_holds(c, fields()), impossible((c, True))) for text, c in conditions(count)])


@pytest.mark.parametrize("count", SIZES)
def test_what_always_holds_is_found_and_nothing_else(count: int) -> None:
    both = [(f"{a} or not {b}", (x, y)) for (a, x), (b, y) in pairwise(conditions(count))]
    wide = [(text, implies(y, x, fields()), impossible((y, True), (x, False))) for text, (x, y) in both]
    alone = [(text, always_holds(c, fields()), impossible((c, False))) for text, c in conditions(count)]
    held_against_z3(wide + alone)


@pytest.mark.parametrize("count", SIZES)
def test_what_excludes_one_another_is_found_and_nothing_else(count: int) -> None:
    pairs = pairwise(conditions(count))
    held_against_z3(
        [(f"{a}  /  {b}", exclude_each_other(x, y, fields()), impossible((x, True), (y, True))) for (a, x), (b, y) in pairs]
    )


@pytest.mark.parametrize("count", [SIZES[0]])
def test_what_is_seen_at_a_glance_the_long_look_confirms(count: int) -> None:
    known = [(one, outline(one, fields())) for _, one in conditions(count)]
    glances = 0
    for one, mine in known:
        for other, theirs in known:
            if mine is None or theirs is None or mine.excludes(theirs):
                glances += 1
                assert exclude_each_other(one, other, fields())
    assert glances > count


def condition_of(text: str) -> Condition:
    """Return one condition as the plan has it."""
    node = next(n for n in plan_of(flow(text), name="S").nodes if n.key == "more")
    when = getattr(node, "when", None)
    assert when is not None
    return cast("Condition", when)


def test_the_oracle_knows_the_table_of_the_language() -> None:
    assert impossible((condition_of("score > 5 or not (score > 5)"), False))
    assert impossible((condition_of("score > 5 or score <= 5"), False)) is False


@pytest.mark.parametrize("count", SIZES)
def test_a_witness_is_somebody_for_whom_both_hold(count: int) -> None:
    made = conditions(count)
    seen = 0
    for (_, one), (text, other) in pairwise(made):
        world = possible([(one, True), (other, True)], fields())
        if world is None or not shown(witness(world)):
            continue
        seen += 1
        held = [(c, True) for c in witness(world)]
        if impossible((one, True), (other, True)) is False:  # the reasoning does not see all that is impossible
            assert impossible((one, True), (other, True), *held) is False, (text, shown(witness(world)))
    assert seen > count / 10
