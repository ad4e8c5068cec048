"""Walks over trees: statements of a flow in file order, and the atoms of a condition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seqlang.syntax import tree
from seqlang.syntax.node import Node


def statements(items: Iterable[Node]) -> Iterator[Node]:
    """Yield the statements of a body in file order, those inside of branches, splits, exits and goals too."""
    for item in items:
        yield item
        match item:
            case tree.If():
                for branch in item.branches:
                    yield from statements(branch.body)
                yield from statements(item.otherwise or ())
            case tree.Split():
                for side in item.sides:
                    yield from statements(side.body)
            case tree.Exit() | tree.Goal():
                yield from statements(item.body)
            case _:
                pass


def atoms(node: Node) -> Iterator[Node]:
    """Yield the comparisons and questions of a condition, those inside of `with ( … )` instead of the `with` itself."""
    match node:
        case tree.And() | tree.Or():
            for item in node.items:
                yield from atoms(item)
        case tree.Not() | tree.Group():
            yield from atoms(node.item)
        case tree.With():
            yield from atoms(node.where)
        case tree.Count(target=tree.With() as inner):
            yield from atoms(inner)
        case tree.Broken():
            return
        case _:
            yield node


def texts_of(value: Node) -> Iterator[tree.Text]:
    """Yield the texts that a value may be: itself, or those of the cases of a `choose`."""
    if isinstance(value, tree.Text):
        yield value
    elif isinstance(value, tree.Choose):
        for case in value.cases:
            yield from texts_of(case.value)
