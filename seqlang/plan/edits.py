"""An edit of a journey: where those who stand at a node of the old plan stand in the new one, and what can still come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from seqlang.plan.model import BranchNode, FlowPlan, Node, SplitNode, StepNode, WaitNode, WaitUntilNode

Resting = StepNode | WaitNode | WaitUntilNode  # where somebody can stand from one tick to the next
# What is no part of what a node means.
KEYS = frozenset({"key", "next", "arms", "otherwise", "sides"})


@dataclass(frozen=True, slots=True)
class Stand:
    """Where those who stand at one node of the old plan find themselves."""

    key: str  # of the old plan
    to: str | None  # of the new plan; None: nothing of what followed is left
    # stays: as before; again: the wait begins anew, from when they came; goes on: the node is gone, what followed it comes
    how: Literal["stays", "again", "goes on"]


def stands(old: FlowPlan, new: FlowPlan) -> tuple[Stand, ...]:
    """Return for each step and wait of the old plan where one stands in the new plan.

    Steps are known by name (`moved` counts); waits by what stands before and behind them, so that one that is added elsewhere
    does not take another's place.
    """
    partners = _partners(old, new)
    return tuple(_stand(node, old, new, partners) for node in old.nodes if isinstance(node, Resting))


def reachable(plan: FlowPlan, key: str | None) -> frozenset[str]:
    """Return the names of the steps that can come from a node on, its own included."""
    nodes = {n.key: n for n in plan.nodes}
    reached: set[str] = set()
    ahead = [key]
    while ahead:
        here = ahead.pop()
        if here is not None and here in nodes and here not in reached:
            reached.add(here)
            ahead += following(nodes[here])
    return frozenset(k for k in reached if isinstance(nodes[k], StepNode))


def following(node: Node) -> list[str | None]:
    """Return the keys of the nodes that may come next; None: the end."""
    match node:
        case BranchNode():
            return [*(to for _, to in node.arms), node.otherwise]
        case SplitNode():
            return [side.first for side in node.sides]
        case _:
            return [node.next]


def _stand(node: Resting, old: FlowPlan, new: FlowPlan, partners: Mapping[str, str]) -> Stand:
    to = partners.get(node.key)
    if to is None:
        return Stand(node.key, _what_follows(node, old, partners), "goes on")
    same = isinstance(node, StepNode) or _meaning(node) == _meaning(new.node(to))
    return Stand(node.key, to, "stays" if same else "again")


def _what_follows(node: Node, old: FlowPlan, partners: Mapping[str, str]) -> str | None:
    """Return the first node behind one that is gone which the new plan still has; at a fork that is gone, what lies behind it."""
    nodes = {n.key: n for n in old.nodes}
    ahead, seen = following(node), {node.key}
    while ahead:
        key = ahead.pop(-1)  # the last way of a fork is the shortest: `else`, or what comes behind
        if key is None or key in seen:
            continue
        seen.add(key)
        if key in partners:
            return partners[key]
        ahead += following(nodes[key])
    return None


def _partners(old: FlowPlan, new: FlowPlan) -> dict[str, str]:
    """Return the nodes of the new plan that stand for those of the old one, by key."""
    moved, names = dict(new.moved), {s.key for s in new.steps}
    before, after = list(_tokens(old, moved)), list(_tokens(new, {}))
    found = {s.key: moved.get(s.key, s.key) for s in old.steps if moved.get(s.key, s.key) in names}
    taken = set(found.values())
    matcher = SequenceMatcher(None, [t for _, t in before], [t for _, t in after], autojunk=False)
    for kind, i, i_end, j, j_end in matcher.get_opcodes():
        if kind == "equal":
            pairs = [(before[i + n][0], after[j + n][0]) for n in range(i_end - i)]
        else:
            pairs = list(_same_kinds([b[0] for b in before[i:i_end]], [a[0] for a in after[j:j_end]]))
        for one, other in pairs:
            if one.key not in found and other.key not in taken and not isinstance(one, StepNode):
                found[one.key] = other.key
                taken.add(other.key)
    return found


def _tokens(plan: FlowPlan, moved: Mapping[str, str]) -> Iterator[tuple[Node, str]]:
    for node in plan.nodes:
        yield node, f"step {moved.get(node.key, node.key)}" if isinstance(node, StepNode) else _meaning(node)


def _same_kinds(before: list[Node], after: list[Node]) -> Iterator[tuple[Node, Node]]:
    """Pair what was edited in place: nodes of one kind, in their order."""
    left = list(after)
    for node in before:
        partner = next((a for a in left if a.is_ == node.is_), None)
        if partner is not None:
            yield node, partner
            del left[: left.index(partner) + 1]


def _meaning(node: Node) -> str:
    return repr(sorted((k, v) for k, v in node.model_dump().items() if k not in KEYS))
