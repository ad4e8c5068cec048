"""Circles of enrolments: A enrols in B enrols in A is an error; with a move in the circle somebody leaves, so it only warns."""

from __future__ import annotations

from collections.abc import Iterator

from seqlang.diagnostics.diagnostic import Diagnostic, Related
from seqlang.diagnostics.source import Source
from seqlang.frozen import Record
from seqlang.semantics.names import Names
from seqlang.semantics.report import Reporter
from seqlang.semantics.walks import statements, texts_of
from seqlang.syntax import tree


class _Edge(Record):
    start: str
    end: str
    move: bool
    node: tree.Enrol
    source: Source


def check_circles(names: Names, sink: list[Diagnostic]) -> None:
    """Report each circle once, at its first statement in file order."""
    edges = list(_edges(names))
    told: set[frozenset[str]] = set()
    for strict in (True, False):
        chosen = [e for e in edges if not e.move] if strict else edges
        for edge in chosen:
            way = _way_back(chosen, edge)
            members = frozenset(e.start for e in way)
            if not way or any(members >= other for other in told):
                continue
            told.add(members)
            report = Reporter(edge.source, sink)
            shown = " → ".join(f"`{name}`" for name in (*(e.start for e in way), way[0].start))
            related = tuple(Related(f"`{e.start}` goes on to `{e.end}`", e.source, e.node.span) for e in way[1:])
            if strict:
                report.error(
                    "SEQ526",
                    edge.node,
                    f"these flows enrol in a circle: {shown}",
                    hint="leave one of the enrolments out",
                    related=related,
                )
            else:
                report.warning("SEQ611", edge.node, f"these flows lead to one another in a circle: {shown}", related=related)


def _edges(names: Names) -> Iterator[_Edge]:
    for name, flow in names.flows.items():
        for node in statements(flow.node.items):
            if isinstance(node, tree.Enrol) and node.how != "remove":
                for text in texts_of(node.flow):
                    if text.value in names.flows:
                        yield _Edge(name, text.value, node.how == "move", node, flow.source)


def _way_back(edges: list[_Edge], first: _Edge) -> tuple[_Edge, ...]:
    """Return the shortest way that begins with `first` and ends where it begins; empty where there is none."""
    queue: list[tuple[_Edge, ...]] = [(first,)]
    seen = {first.end}
    while queue:
        way = queue.pop(0)
        if way[-1].end == first.start:
            return way
        for edge in edges:
            if edge.start == way[-1].end and (edge.end not in seen or edge.end == first.start):
                seen.add(edge.end)
                queue.append((*way, edge))
    return ()
