"""A `choose` as the right side of a comparison: the comparison with each case's value, where that case is the one that holds."""

from __future__ import annotations

from collections.abc import Callable

from seqlang.frozen import replace
from seqlang.plan.conditions import All, Any_, Condition, Not
from seqlang.semantics.report import Reporter
from seqlang.syntax import tree
from seqlang.syntax.node import Node

Read = Callable[[tree.Condition], Condition | None]

_SIDES: dict[type[Node], tuple[str, ...]] = {
    tree.Compare: ("right",),
    tree.Matches: ("right",),
    tree.Relative: ("moment",),
    tree.Between: ("low", "high"),
    tree.OneOf: ("values",),
    tree.Count: ("number",),
}


def chosen_side(node: Node) -> tuple[str, tree.Choose] | None:
    """Return which side of a comparison is a `choose`, and that `choose`; a constant is never one."""
    for side in _SIDES.get(type(node), ()):
        value = getattr(node, side)
        if isinstance(value, tree.Choose):
            return side, value
    return None


def compare_chosen(report: Reporter, node: tree.Condition, side: str, choose: tree.Choose, read: Read) -> Condition | None:
    """Return the comparison case by case; where no case holds the value is empty, and nothing compares with it."""
    if isinstance(node, tree.Compare) and node.op == "!=":
        return _negated(compare_chosen(report, replace(node, op="="), side, choose, read))
    if isinstance(node, tree.OneOf) and node.negated:
        return _negated(compare_chosen(report, replace(node, negated=False), side, choose, read))
    wrong = not check_cases(report, choose)
    ways: list[Condition] = []
    before: tuple[Condition, ...] = ()
    for case in choose.cases:
        when = read(case.when) if case.when is not None else None
        inner = read(replace(node, **{side: case.value}))
        if inner is None or (case.when is not None and when is None):
            wrong = True
        elif when is None:
            ways.append(All(items=(*before, inner)))
        else:
            ways.append(All(items=(*before, when, inner)))
            before = (*before, Not(item=when))
    return None if wrong else Any_(items=tuple(ways))


def check_cases(report: Reporter, choose: tree.Choose) -> bool:
    """Return whether there are cases and `otherwise` is the last; report where not."""
    if not choose.cases:
        report.error("SEQ412", choose, "this `choose` has no cases")
    early = [case for case in choose.cases[:-1] if case.when is None]
    for case in early:
        report.error("SEQ412", case, "nothing after `otherwise` is ever chosen", hint="write `otherwise` last")
    return bool(choose.cases) and not early


def _negated(condition: Condition | None) -> Condition | None:
    return None if condition is None else Not(item=condition)
