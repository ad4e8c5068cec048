"""Statements of a plan in the words of the file: what the timeline shows of them to people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from seqlang.plan.model import ActNode, FlowPlan
from seqlang.plan.wording import value

_WORDS = {
    "assign": "assign", "round robin": "assign round robin", "tag": "tag", "untag": "untag", "list": "add to list",
    "unlist": "remove from list", "enroll": "enroll in", "remove": "remove from", "move": "move to",
}  # fmt: skip

Statements = Mapping[tuple[str, str], str]  # flow, key of the node -> the statement


def statements_of(flows: Iterable[FlowPlan]) -> Statements:
    """Return what each statement of some flows says: `add score 5`."""
    return {
        (flow.name, node.key): said(node)
        for flow in flows
        for node in flow.nodes
        if isinstance(node, ActNode)
    }


def said(node: ActNode) -> str:
    """Return the statement as a file would write it."""
    given = value(node.value) if node.value is not None else ""
    field = node.field.field if node.field is not None else ""
    match node.act:
        case "set":
            return f"set {field} = {given}"
        case "add":
            return f"add {field} {given}"
        case "exit":
            return "exit"
        case _:
            return f"{_WORDS[node.act]} {given}"
