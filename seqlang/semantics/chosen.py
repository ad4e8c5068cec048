"""A `choose` as the right side of a comparison: the comparison with each case's value, where that case is the one that holds."""

from __future__ import annotations

from collections.abc import Callable

from seqlang.frozen import replace
from seqlang.plan.conditions import All, Any_, Condition, Not
from seqlang.semantics.scope import Scope
from seqlang.syntax import tree
from seqlang.syntax.node import Node

Read = Callable[[Scope, tree.Condition], Condition | None]

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


def compare_chosen(scope: Scope, node: tree.Condition, side: str, choose: tree.Choose, read: Read) -> Condition | None:
    """Return the comparison case by case; where no case holds the value is empty, and nothing compares with it."""
    if isinstance(node, tree.Compare) and node.op == "!=":
        return _negated(compare_chosen(scope, replace(node, op="="), side, choose, read))
    if isinstance(node, tree.OneOf) and node.negated:
        return _negated(compare_chosen(scope, replace(node, negated=False), side, choose, read))
    if not choose.cases:
        scope.report.error("SEQ412", choose, "this `choose` has no cases")
        return None
    ways: list[Condition] = []
    before: tuple[Condition, ...] = ()
    wrong = False
    for index, case in enumerate(choose.cases):
        when = read(scope, case.when) if case.when is not None else All(items=())
        inner = read(scope, replace(node, **{side: case.value}))
        if case.when is None and index < len(choose.cases) - 1:
            scope.report.error("SEQ412", case, "nothing behind `otherwise` is ever chosen", hint="write `otherwise` last")
            wrong = True
        if when is None or inner is None:
            wrong = True
            continue
        ways.append(All(items=(*before, when, inner) if case.when is not None else (*before, inner)))
        before = (*before, Not(item=when))
    return None if wrong else Any_(items=tuple(ways))


def _negated(condition: Condition | None) -> Condition | None:
    return None if condition is None else Not(item=condition)
