"""Views and constants: each is right where it stands, and none stands for itself in a circle (LANGUAGE 4)."""

from __future__ import annotations

from collections.abc import Iterator

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.plan.conditions import Condition
from seqlang.semantics.asked import ask
from seqlang.semantics.declared import Declared
from seqlang.semantics.names import Names
from seqlang.semantics.report import Reporter
from seqlang.semantics.scope import record_scope
from seqlang.syntax import tree
from seqlang.syntax.node import Node


def read_views(names: Names, zone: str, sink: list[Diagnostic]) -> tuple[tuple[str, str, Condition], ...]:
    """Return name, record and condition of every view that is right, in the order of files and places."""
    found: list[tuple[str, str, Condition]] = []
    for name, view in names.views.items():
        report = Reporter(view.source, sink)
        record = view.node.record
        if record.text not in names.records or record.text == "user":
            report.unknown(
                "SEQ206",
                record,
                f"there is no record `{record.text}`",
                record.text,
                [r for r in names.records if r != "user"],
                text=False,
            )
            continue
        circle = _circle(names, name)
        if circle:
            shown = " → ".join(f"`{v}`" for v in circle)
            report.error("SEQ233", view.node.name, f"this view is defined by itself: {shown}")
            continue
        used = set(names.used)
        condition = ask(record_scope(names, report, record.text, zone), view.node.where)
        if ("view", name) not in used:
            names.used.discard(("view", name))
        if condition is not None:
            found.append((name, record.text, condition))
    return tuple(found)


def views_in(node: Node) -> Iterator[str]:
    """Yield the names of the views that a condition asks for, wherever they stand in it."""
    match node:
        case tree.InView():
            yield node.view.value
        case tree.And() | tree.Or():
            for item in node.items:
                yield from views_in(item)
        case tree.Not() | tree.Group():
            yield from views_in(node.item)
        case tree.With():
            yield from views_in(node.where)
        case tree.Count():
            yield from views_in(node.target)
        case _:
            return


def _circle(names: Names, start: str) -> tuple[str, ...]:
    """Return the views on the way from `start` back to it, both ends included; empty where there is no such way."""
    trail: dict[str, str | None] = {start: None}
    queue = [start]
    while queue:
        at = queue.pop(0)
        view = names.views.get(at)
        for other in views_in(view.node.where) if view is not None else ():
            if other == start:
                way: list[str] = [start]
                back: str | None = at
                while back is not None:
                    way.append(back)
                    back = trail[back]
                return tuple(reversed(way))
            if other not in trail:
                trail[other] = at
                queue.append(other)
    return ()


def check_constants(names: Names, sink: list[Diagnostic]) -> None:
    """Report constants that stand for a field, for themselves, or for something that changes."""
    for name, item in names.lets.items():
        report = Reporter(item.source, sink)
        value = item.node.value
        if isinstance(value, tree.Path):
            _follow(names, report, name, item, value)
        elif isinstance(value, (tree.Choose, tree.ObjectOf)):
            report.error("SEQ224", value, "a constant is one value, the same for everybody")


def _follow(names: Names, report: Reporter, name: str, item: Declared[tree.Let], value: tree.Path) -> None:
    seen = {name}
    at: tree.Value = value
    while isinstance(at, tree.Path):
        other = at.text
        if other in seen:
            report.error("SEQ233", item.node.name, f"the constant `{name}` is defined by itself")
            return
        found = names.lets.get(other)
        if found is None:
            if at is value:
                report.unknown(
                    "SEQ216",
                    value,
                    f"there is no constant `{other}`",
                    other,
                    [n for n in names.lets if n != name],
                    text=False,
                    none="a text goes in quotes",
                )
            return
        seen.add(other)
        at = found.node.value
