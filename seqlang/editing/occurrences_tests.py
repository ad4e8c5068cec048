"""The names in a `test` block: its flows, its records, the steps of its flows."""

from __future__ import annotations

from typing import Any

from seqlang.editing.symbols import Where
from seqlang.syntax import tree


def visit_test(walker: Any, node: tree.Test) -> None:
    """Note the names of a test; `walker` is the walk of its file."""
    walker.note("test", node.name, whole=node)
    test = node.name.value
    flows = [item.name.value for item in node.items if isinstance(item, tree.TestFlow)]
    kinds = {item.name.text: item.record.text for item in node.items if isinstance(item, tree.TestRecord)}
    for item in node.items:
        match item:
            case tree.TestFlow():
                walker.note("flow", item.name)
            case tree.TestRecord():
                _record(walker, item, test, set(kinds))
            case tree.TestLine(body=body):
                walker.note("who", body.who, test)
                if body.step is not None:
                    walker.note("step", body.step, _holder(walker, flows, body.step.text))
                record = kinds.get(body.who.text, "contact")
                where = Where(record, flows[0] if flows else "", test)
                if isinstance(body, tree.TestEvent):
                    _event(walker, body, where)
                else:
                    _expect(walker, body, where)


def _holder(walker: Any, flows: list[str], step: str) -> str:
    """Return the first flow of the test that has the step."""
    return next((flow for flow in flows if step in walker.analysis.steps(flow)), flows[0] if flows else "")


def _record(walker: Any, node: tree.TestRecord, test: str, people: set[str]) -> None:
    walker.note("record", node.record)
    walker.note("who", node.name, test, whole=node)
    fields = walker.names.fields.get(node.record.text, {})
    for option in node.options:
        if option.name.text in fields:
            walker.note("field", option.name, node.record.text)
        if isinstance(option.value, tree.Path) and option.value.text in people:
            walker.note("who", option.value.names[0], test)


def _event(walker: Any, node: tree.TestEvent, where: Where) -> None:
    kind = {"did": "event", "is in list": "list", "takes": "side"}.get(node.verb)
    if kind is not None:
        walker.note(kind, node.text, where.flow if kind == "side" else "")
    walker.note("split", node.split, where.flow)
    walker.visit(node.field, where)


def _expect(walker: Any, node: tree.TestExpect, where: Where) -> None:
    walker.note("side", node.side, where.flow)
    walker.note("split", node.split, where.flow)
    walker.visit(node.where, where)
