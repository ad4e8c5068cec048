"""Conditions that never or always hold, and steps that can therefore never run (LANGUAGE 8)."""

from __future__ import annotations

from seqlang.plan.conditions import All, Any_, Compare, Condition, CountEvents, CountSome, Literal_, Not, Some
from seqlang.semantics.names import Asked, Names
from seqlang.semantics.reasoning import Fields, always_holds, never_holds, possible
from seqlang.syntax import tree
from seqlang.syntax.node import Node

PARTS_MAX = 12  # looked at for the reason
SHOWN_MAX = 60  # characters of each part
_OF_SEVERAL_PARTS = frozenset({All, Any_, CountEvents, CountSome})


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
    if type(node) is tree.Not and type(node.item) is tree.Not:
        asked.report.warning("SEQ615", node, "two `not` in a row say nothing", hint="leave one out, or both")
        return True
    parts = _parts(node, condition)
    if parts and sum([_look(asked, n, c, fields) for n, c in parts]):  # all of them are looked at
        return True
    if type(condition) is Compare and type(condition.value) is Literal_ and condition.value.value == "":
        asked.report.warning("SEQ601", node, "this never holds: an empty text is an empty field", hint="write `is empty`")
        return True
    if type(condition) not in _OF_SEVERAL_PARTS:
        return False
    if never_holds(condition, fields):
        asked.report.warning("SEQ601", node, "this condition can never hold", hint=_reason(asked, node, condition, fields))
        return True
    if not (isinstance(condition, All) and not condition.items) and always_holds(condition, fields):
        hint = _reason(asked, node, condition, fields) or "leave it out, or look at what it should exclude"
        asked.report.warning("SEQ602", node, "this condition always holds", hint=hint)
        return True
    return False


def _reason(asked: Asked, node: Node, condition: Condition, fields: Fields) -> str | None:
    """Return which parts exclude each other, or leave nobody out: as few as there need be; None where it is one thing."""
    parts = _parts(node, condition)[:PARTS_MAX]
    never = isinstance(condition, All)
    if not isinstance(condition, (All, Any_)) or len(parts) < 2:
        return None

    def alike(some: list[tuple[Node, Condition]]) -> bool:
        return possible([(part, never) for _, part in some], fields) is None

    for one in list(parts):
        without = [part for part in parts if part is not one]
        if len(without) > 1 and alike(without):
            parts = without
    if not alike(parts):
        return None
    text = asked.report.source.text
    shown = [f"`{' '.join(text[n.span.start : n.span.end].split())[:SHOWN_MAX]}`" for n, _ in parts]
    listed = f"{', '.join(shown[:-1])} {'and' if never else 'or'} {shown[-1]}"
    return f"{listed} exclude each other" if never else f"everybody fulfils {listed}"


def _parts(node: Node, condition: Condition) -> list[tuple[Node, Condition]]:
    """Return the parts of a condition beside their places in the file."""
    match condition:
        case _ if isinstance(node, tree.Group):
            return _parts(node.item, condition)
        case All() | Any_() if isinstance(node, (tree.And, tree.Or)):
            return list(zip(node.items, condition.items, strict=False))
        case Not() if isinstance(node, tree.Not):
            return [(node.item, condition.item)]
        case Some() if isinstance(node, tree.With):
            return [(node.where, condition.where)]
        case CountSome() if isinstance(node, tree.Count) and isinstance(node.target, tree.With):
            return [(node.target.where, condition.some.where)]
        case CountEvents():
            happened = node.target if isinstance(node, tree.Count) else node
            where = happened.where if isinstance(happened, tree.Happened) else None
            return [(where, condition.where)] if where is not None and condition.where is not None else []
        case _:
            return []
