"""Which steps, branches and skips of a project no test reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from seqlang.plan.model import ActNode, BranchNode, FlowPlan, SplitNode, StepNode


@dataclass(frozen=True, slots=True)
class Trace:
    """Something that happened at a node, in any test."""

    flow: str
    node: str  # its key
    what: str
    why: str | None


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of one flow the tests reach."""

    flow: str
    reached: int
    all: int
    missing: tuple[str, ...]  # in words, in the order of the file


def cover(plans: Iterable[FlowPlan], traces: frozenset[Trace]) -> list[Covered]:
    """Return the coverage of every flow."""
    found = []
    for plan in plans:
        own = {(t.node, t.what, t.why if t.what in ("branched", "skipped") else None) for t in traces if t.flow == plan.name}
        points = list(_points(plan))
        missing = [words for node, what, why, words in points if (node, what, why) not in own]
        found.append(Covered(plan.name, len(points) - len(missing), len(points), tuple(missing)))
    return found


def _points(plan: FlowPlan) -> Iterator[tuple[str, str, str | None, str]]:
    """Yield all that a test can reach: node, what, why, and how a person calls it."""
    branches = [n for n in plan.nodes if isinstance(n, BranchNode)]
    for node in plan.nodes:
        match node:
            case StepNode():
                yield node.key, "executed", None, f"step `{node.key}` is never reached"
                if node.when is not None:
                    yield node.key, "skipped", "condition", f"step `{node.key}` is never skipped by its condition"
            case ActNode() if node.act not in ("exit", "move"):
                yield node.key, "executed", None, f"`{node.word}` ({node.key}) is never reached"
            case BranchNode():
                number = branches.index(node) + 1
                name = "`if`" if len(branches) == 1 else f"`if` number {number}"
                for arm in range(1, len(node.arms) + 1):
                    yield node.key, "branched", str(arm), f"{name} never takes branch {arm}"
                yield node.key, "branched", "else", f"{name} never takes `else`"
            case SplitNode():
                for side in node.sides:
                    yield node.key, "branched", side.name, f"split `{node.name}` never takes `{side.name}`"
            case _:
                pass
