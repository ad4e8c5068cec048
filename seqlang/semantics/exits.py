"""The ways out of a flow: exits and goals, with the blocks that happen on the way (LANGUAGE 5.1, 5.6)."""

from __future__ import annotations

from typing import Literal

from seqlang.plan.model import ExitCheck
from seqlang.semantics.asked import ask
from seqlang.semantics.bodies import BodyReader
from seqlang.semantics.checked import CheckedExit, CheckedGoal
from seqlang.semantics.scope import Scope
from seqlang.syntax import tree

Box = Literal["finished", "replied", "unsubscribed", "bounced", "account replied"]


def checkbox(node: tree.Condition) -> Box | None:
    """Return the checkbox of an exit that a condition is, or None where it is a condition."""
    match node:
        case tree.Finished():
            return "finished"
        case tree.Unsubscribed():
            return "unsubscribed"
        case tree.AccountReplied():
            return "account replied"
        case tree.StepFact(fact="replied", step=None, within=None):
            return "replied"
        case tree.StepFact(fact="bounced", step=None, within=None):
            return "bounced"
        case _:
            return None


def read_exit(scope: Scope, reader: BodyReader, node: tree.Exit) -> CheckedExit | None:
    """Return one `exit when`, or None after reporting what is wrong with it."""
    inner = scope.at("exit")
    checks: list[ExitCheck] = []
    wrong = False
    for item in node.conditions:
        box = checkbox(item)
        if box is not None:
            checks.append(ExitCheck(kind=box))
            continue
        condition = ask(inner, item)
        if condition is None:
            wrong = True
        else:
            checks.append(ExitCheck(kind="condition", condition=condition))
    body = reader.block(node.body, "an exit")
    return None if wrong or body is None else CheckedExit(node, tuple(checks), body)


def read_goal(scope: Scope, reader: BodyReader, node: tree.Goal) -> CheckedGoal | None:
    """Return one `goal`, or None after reporting what is wrong with it."""
    condition = ask(scope.at("goal", since_entry=True), node.when)
    body = reader.block(node.body, "a goal")
    return None if condition is None or body is None else CheckedGoal(node, condition, body)
