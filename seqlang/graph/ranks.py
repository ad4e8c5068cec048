"""Which shape stands in which row, and where in it: rows by the longest way, order by the middle of the neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from seqlang.frozen import Record

Edge = tuple[int, int]
SWEEPS = 12


class Ranked(Record):
    """A graph in rows. Vertices beyond `size` are made up: long edges go through one in each row between their ends."""

    rows: tuple[tuple[int, ...], ...]  # vertices from left to right
    ways: tuple[tuple[int, ...], ...]  # for each edge the vertices that it goes through, downwards
    turned: tuple[bool, ...]  # for each edge whether it points upwards: it would close a circle
    size: int  # vertices of the graph itself

    @property
    def steps(self) -> list[Edge]:
        """The edges between neighbouring rows."""
        return [step for way in self.ways for step in pairwise(way)]


def rank(size: int, edges: Sequence[Edge]) -> Ranked:
    """Put `size` vertices into rows. Edges from a vertex to itself are not allowed."""
    turned = _turned(size, edges)
    down = [(b, a) if back else (a, b) for (a, b), back in zip(edges, turned, strict=True)]
    level = _levels(size, down)
    rows: list[list[int]] = [[] for _ in range(max(level, default=-1) + 1)]
    for vertex in _visited(size, down):
        rows[level[vertex]].append(vertex)
    ways: list[tuple[int, ...]] = []
    made = size
    for start, end in down:
        between = range(level[start] + 1, level[end])
        way = [start, *range(made, made + len(between)), end]
        for row, vertex in zip(between, way[1:-1], strict=True):
            rows[row].append(vertex)
        made += len(between)
        ways.append(tuple(way))
    ranked = Ranked(tuple(map(tuple, rows)), tuple(ways), tuple(turned), size)
    return _ordered(ranked, made)


def _turned(size: int, edges: Sequence[Edge]) -> list[bool]:
    """Return for each edge whether it leads back to where the walk comes from."""
    out: list[list[int]] = [[] for _ in range(size)]
    for index, (start, _) in enumerate(edges):
        out[start].append(index)
    state = [0] * size  # 0 new, 1 on the way, 2 done
    turned = [False] * len(edges)
    for root in range(size):
        stack: list[tuple[int, int]] = [(root, 0)] if not state[root] else []
        while stack:
            vertex, at = stack.pop()
            state[vertex] = 1
            if at == len(out[vertex]):
                state[vertex] = 2
                continue
            stack.append((vertex, at + 1))
            target = edges[out[vertex][at]][1]
            if state[target] == 1:
                turned[out[vertex][at]] = True
            elif not state[target]:
                stack.append((target, 0))
    return turned


def _levels(size: int, down: Sequence[Edge]) -> list[int]:
    """Return the row of each vertex: the longest way from above; what begins late stands right above what follows."""
    level = [0] * size
    for _ in range(size):
        moved = False
        for start, end in down:
            if level[end] <= level[start]:
                level[end] = level[start] + 1
                moved = True
        if not moved:
            break
    fed = {end for _, end in down}
    for vertex in range(size):
        below = [level[end] for start, end in down if start == vertex]
        if vertex not in fed and below:
            level[vertex] = min(below) - 1
    return level


def _visited(size: int, down: Sequence[Edge]) -> list[int]:
    """Return the vertices in the order of a walk, so that rows begin in the order of the file."""
    out: list[list[int]] = [[] for _ in range(size)]
    for start, end in down:
        out[start].append(end)
    fed = {end for _, end in down}
    seen: dict[int, None] = {}
    for root in [v for v in range(size) if v not in fed] or [0]:
        stack = [root]
        while stack:
            vertex = stack.pop()
            if vertex not in seen:
                seen[vertex] = None
                stack += reversed(out[vertex])
    return [*seen, *(v for v in range(size) if v not in seen)]


def _ordered(ranked: Ranked, made: int) -> Ranked:
    """Order each row by the middle of its neighbours, downwards and upwards in turn; keep what crosses least."""
    above: list[list[int]] = [[] for _ in range(made)]
    below: list[list[int]] = [[] for _ in range(made)]
    for start, end in ranked.steps:
        above[end].append(start)
        below[start].append(end)
    rows = [list(row) for row in ranked.rows]
    best, least = [row[:] for row in rows], crossings(rows, below)
    for sweep in range(SWEEPS):
        if not least:
            break
        downwards = sweep % 2 == 0
        near = above if downwards else below
        for index in range(1, len(rows)) if downwards else range(len(rows) - 2, -1, -1):
            fixed = {v: n for n, v in enumerate(rows[index - 1 if downwards else index + 1])}
            here = {v: n for n, v in enumerate(rows[index])}
            rows[index].sort(key=lambda v, f=fixed, h=here, n=near: (_middle(f, n[v], h[v]), h[v]))  # type: ignore[misc]
        crossing = crossings(rows, below)
        if crossing < least:
            best, least = [row[:] for row in rows], crossing
    return Ranked(tuple(map(tuple, best)), ranked.ways, ranked.turned, ranked.size)


def _middle(places: dict[int, int], near: list[int], otherwise: int) -> float:
    return sum(places[v] for v in near) / len(near) if near else float(otherwise)


def crossings(rows: Sequence[Sequence[int]], below: Sequence[Sequence[int]]) -> int:
    """Return how often steps between neighbouring rows cross."""
    total = 0
    for upper, lower in pairwise(rows):
        place = {v: n for n, v in enumerate(lower)}
        ends = [place[w] for v in upper for w in sorted(below[v], key=place.__getitem__)]
        total += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return total
