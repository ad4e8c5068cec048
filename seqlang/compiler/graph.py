"""A body becomes a graph: every statement a node with a stable key and the key of what comes next."""

from __future__ import annotations

from collections import Counter

from seqlang.plan.model import ActNode, BranchNode, Node, SidePlan, SplitNode, StepNode, WaitNode, WaitUntilNode
from seqlang.semantics.checked import Body, CheckedIf, CheckedNode, CheckedSplit, CheckedStatement


class Graph:
    """The nodes of one flow, in file order."""

    __slots__ = ("nodes",)

    def __init__(self) -> None:
        self.nodes: list[Node] = []

    def add(self, body: Body, path: str, then: str | None) -> str | None:
        """Add the nodes of a body; return the key of its first, or `then` where it is empty.

        `path` begins the keys of statements ("exit:1/"), which count within their block, each kind for itself: an edit
        elsewhere does not rename them. Steps and splits bear their own names.
        """
        counts: Counter[str] = Counter()
        keys = [_key(statement, path, counts) for statement in body]
        for index, statement in enumerate(body):
            after = keys[index + 1] if index + 1 < len(keys) else then
            self._one(statement, keys[index], after)
        return keys[0] if keys else then

    def _one(self, statement: CheckedStatement, key: str, after: str | None) -> None:
        match statement:
            case CheckedNode():
                self.nodes.append(statement.node.model_copy(update={"key": key, "next": after}))
            case CheckedIf():
                place = len(self.nodes)
                arms = tuple(
                    (when, self.add(body, f"{key}.{n}/", after)) for n, (when, body) in enumerate(statement.arms, start=1)
                )
                otherwise = self.add(statement.otherwise, f"{key}.else/", after)
                self.nodes.insert(place, BranchNode(key=key, arms=arms, otherwise=otherwise))
            case CheckedSplit():
                place = len(self.nodes)
                sides = tuple(
                    SidePlan(name=s.name, share=s.share, holdout=s.holdout, first=self.add(s.body, f"{key}/{s.name}/", after))
                    for s in statement.sides
                )
                self.nodes.insert(
                    place,
                    SplitNode(
                        key=key,
                        name=statement.name,
                        sides=sides,
                        winner_after=statement.winner_after,
                        winner_by=statement.winner_by,
                    ),
                )


def _key(statement: CheckedStatement, path: str, counts: Counter[str]) -> str:
    match statement:
        case CheckedNode(node=StepNode()):
            return statement.node.key
        case CheckedNode(node=WaitNode()):
            word = "wait"
        case CheckedNode(node=WaitUntilNode()):
            word = "until"
        case CheckedNode(node=ActNode(act=act)):
            word = act.replace(" ", "_")
        case CheckedIf():
            word = "if"
        case CheckedSplit():
            return f"split:{statement.name}"
        case _:
            word = "node"
    counts[word] += 1
    return f"{path}{word}:{counts[word]}"
