"""Conditions that never or always hold, and steps that can therefore never run (LANGUAGE 8)."""

from __future__ import annotations

from collections.abc import Iterator

from seqlang.plan.conditions import All, Any_, Compare, Condition, CountEvents, CountSome, Literal_, Not, Some
from seqlang.semantics.names import Asked, Names
from seqlang.semantics.reasoning import Fields, always_holds, never_holds
from seqlang.syntax import tree
from seqlang.syntax.node import Node


def check_sense(names: Names) -> None:
    """Warn of every smallest part of a condition that says nothing."""
    for asked in names.asked:
        if (
            _look(asked, asked.node, asked.condition, names.fields)
            and asked.step is not None
            and never_holds(asked.condition, names.fields)
        ):
            asked.report.warning(
                "SEQ604", asked.step.name, f"the step `{asked.step.name.text}` never runs: its condition never holds"
            )


def _look(asked: Asked, node: Node, condition: Condition, fields: Fields) -> bool:
    """Report the smallest parts of a condition that never or always hold; return whether there are any."""
    if isinstance(node, tree.Not) and isinstance(node.item, tree.Not):
        asked.report.warning("SEQ615", node, "`not` stands twice, and so says nothing", hint="leave one out, or both")
        return True
    if sum([_look(asked, n, c, fields) for n, c in _parts(node, condition)]):  # all of them are looked at
        return True
    if isinstance(condition, Compare) and isinstance(condition.value, Literal_) and condition.value.value == "":
        asked.report.warning("SEQ601", node, "this never holds: an empty text is an empty field", hint="write `is empty`")
        return True
    if not isinstance(condition, (All, Any_, CountEvents, CountSome)):
        return False
    if never_holds(condition, fields):
        asked.report.warning("SEQ601", node, "this condition can never hold", hint=_never_hint(condition))
        return True
    if not (isinstance(condition, All) and not condition.items) and always_holds(condition, fields):
        asked.report.warning(
            "SEQ602", node, "this condition always holds", hint="leave it out, or look at what it should exclude"
        )
        return True
    return False


def _never_hint(condition: Condition) -> str | None:
    if isinstance(condition, All):
        fields = [i.field.field for i in condition.items if hasattr(i, "field")]
        twice = next((f for f in fields if fields.count(f) > 1), None)
        if twice is not None:
            return f"no `{twice}` fulfils all of it"
    return None


def _parts(node: Node, condition: Condition) -> Iterator[tuple[Node, Condition]]:
    """Yield the parts of a condition beside their places in the file."""
    match node, condition:
        case tree.Group(), _:
            yield from _parts(node.item, condition)
        case ((tree.And() | tree.Or()), (All() | Any_())):
            yield from zip(node.items, condition.items, strict=False)
        case tree.Not(), Not():
            yield node.item, condition.item
        case tree.With(), Some():
            yield node.where, condition.where
        case tree.Count(target=tree.With() as inner), CountSome():
            yield inner.where, condition.some.where
        case ((tree.Happened(where=where) | tree.Count(target=tree.Happened(where=where))), CountEvents()):
            if where is not None and condition.where is not None:
                yield where, condition.where
        case _:
            return
