"""Conditions as they are asked in a file: read, and noted for those who look for sense in them."""

from __future__ import annotations

from seqlang.plan.conditions import Condition
from seqlang.semantics.conditions import read_condition
from seqlang.semantics.names import Asked
from seqlang.semantics.scope import Scope
from seqlang.syntax import tree


def ask(scope: Scope, node: tree.Condition) -> Condition | None:
    """Return the condition as `read_condition` does; one that is right is noted with its place."""
    condition = read_condition(scope, node)
    if condition is not None and scope.report.sink is not None:
        step = scope.step.node if scope.place == "step" and scope.step is not None else None
        scope.names.asked.append(Asked(scope.report, node, condition, step))
    return condition
