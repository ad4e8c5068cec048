"""Places for the shapes of a picture: rows from top to bottom, nothing over anything else, labels with a place of their own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from seqlang.frozen import Record
from seqlang.graph.ranks import Ranked, rank

GAP_X, GAP_Y, PART_GAP = 28.0, 34.0, 56.0  # pixels between shapes, rows, parts that no line joins
CHANNEL = 14.0  # how wide a row keeps the way free for an edge that passes it
ROUNDS = 24
Point = tuple[float, float]


class Box(Record):
    """How large a shape is."""

    width: float
    height: float


class Link(Record):
    """A line to be routed; a label has a box of its own."""

    start: int
    end: int
    label: Box | None = None


class Placed(Record):
    """Where everything stands."""

    width: float
    height: float
    boxes: tuple[Point, ...]  # left upper corners
    labels: tuple[Point | None, ...]  # left upper corners of the labels, for each link
    ways: tuple[tuple[Point, ...], ...]  # for each link points in pairs: straight from the first to the second, then a bend


def place(boxes: Sequence[Box], links: Sequence[Link]) -> Placed:
    """Return places for boxes and links: parts that are joined together, the first on the left, the others beside it."""
    parts = _parts(len(boxes), links)
    done = [(part, _place_part([boxes[v] for v in part], [_within(part, links[e]) for e in own])) for part, own in parts]
    corners = _pack([(p.width, p.height) for _, p in done])
    at: list[Point] = [(0.0, 0.0)] * len(boxes)
    labels: list[Point | None] = [None] * len(links)
    ways: list[tuple[Point, ...]] = [()] * len(links)
    for (part, placed), (_, own), (x, y) in zip(done, parts, corners, strict=True):
        for vertex, corner in zip(part, placed.boxes, strict=True):
            at[vertex] = (corner[0] + x, corner[1] + y)
        for link, label, way in zip(own, placed.labels, placed.ways, strict=True):
            labels[link] = None if label is None else (label[0] + x, label[1] + y)
            ways[link] = tuple((px + x, py + y) for px, py in way)
    wide = max((x + p.width for (_, p), (x, _) in zip(done, corners, strict=True)), default=0.0)
    high = max((y + p.height for (_, p), (_, y) in zip(done, corners, strict=True)), default=0.0)
    return Placed(wide, high, tuple(at), tuple(labels), tuple(ways))


def _parts(size: int, links: Sequence[Link]) -> list[tuple[list[int], list[int]]]:
    """Return the vertices and links of each part, in the order of their first vertex."""
    leader = list(range(size))

    def lead(vertex: int) -> int:
        while leader[vertex] != vertex:
            vertex = leader[vertex]
        return vertex

    for link in links:
        one, other = sorted((lead(link.start), lead(link.end)))
        leader[other] = one
    found: dict[int, tuple[list[int], list[int]]] = {}
    for vertex in range(size):
        found.setdefault(lead(vertex), ([], []))[0].append(vertex)
    for index, link in enumerate(links):
        found[lead(link.start)][1].append(index)
    return list(found.values())


def _within(part: list[int], link: Link) -> Link:
    return Link(part.index(link.start), part.index(link.end), link.label)


def _pack(sizes: Sequence[tuple[float, float]]) -> list[Point]:
    """Return the corners of parts: the first, then columns beside it that are not much higher than it."""
    if not sizes:
        return []
    most = max(420.0, *(height for _, height in sizes))
    corners: list[Point] = [(0.0, 0.0)]
    x, y, wide = sizes[0][0] + PART_GAP, 0.0, 0.0
    for width, height in sizes[1:]:
        if y and y + height > most:
            x, y, wide = x + wide + PART_GAP, 0.0, 0.0
        corners.append((x, y))
        y += height + PART_GAP / 2
        wide = max(wide, width)
    return corners


def _place_part(boxes: Sequence[Box], links: Sequence[Link]) -> Placed:
    """Lay out one part; a label is a vertex of its own in the middle of its link."""
    sizes = list(boxes)
    edges: list[tuple[int, int]] = []
    halves: list[tuple[int, ...]] = []  # the edges of each link
    for link in links:
        if link.start == link.end:
            halves.append(())
        elif link.label is None:
            halves.append((len(edges),))
            edges.append((link.start, link.end))
        else:
            halves.append((len(edges), len(edges) + 1))
            edges += [(link.start, len(sizes)), (len(sizes), link.end)]
            sizes.append(link.label)
    ranked = rank(len(sizes), edges)
    made = max((v for row in ranked.rows for v in row), default=-1) + 1
    sizes += [Box(CHANNEL, 0.0)] * (made - len(sizes))
    centres = _columns(ranked, sizes)
    tops, heights = _rows(ranked, sizes)
    row_of = {v: n for n, row in enumerate(ranked.rows) for v in row}
    corners = [
        (centres[v] - size.width / 2, tops[row_of[v]] + _drop(v, len(boxes), size, heights[row_of[v]]))
        for v, size in enumerate(sizes)
    ]
    ways = []
    for own in halves:
        points: list[Point] = []
        for edge in own:
            way = _route(ranked, edge, sizes, centres, corners, [tops[row_of[v]] + heights[row_of[v]] for v in ranked.ways[edge]])
            points += reversed(way) if ranked.turned[edge] else way
        ways.append(tuple(points))
    labels: list[Point | None] = []
    next_label = len(boxes)
    for link in links:
        has = link.label is not None and link.start != link.end
        labels.append(corners[next_label] if has else None)
        next_label += has
    wide = max((c + sizes[v].width / 2 for v, c in enumerate(centres)), default=0.0)
    high = tops[-1] + heights[-1] if tops else 0.0
    return Placed(wide, high, tuple(corners[: len(boxes)]), tuple(labels), tuple(ways))


def _drop(vertex: int, shapes: int, size: Box, height: float) -> float:
    """Shapes stand at the top of their row, labels in its middle."""
    return (height - size.height) / 2 if vertex >= shapes else 0.0


def _rows(ranked: Ranked, sizes: Sequence[Box]) -> tuple[list[float], list[float]]:
    heights = [max(sizes[v].height for v in row) for row in ranked.rows]
    tops: list[float] = []
    y = 0.0
    for row, height in zip(ranked.rows, heights, strict=True):
        tops.append(y)
        y += height + (GAP_Y if any(v < ranked.size for v in row) else GAP_Y / 2)
    return tops, heights


def _route(
    ranked: Ranked, edge: int, sizes: Sequence[Box], centres: Sequence[float], corners: Sequence[Point], floors: Sequence[float]
) -> list[Point]:
    """Return the points of an edge, downwards: straight through each row, a bend between rows."""
    way = ranked.ways[edge]
    points: list[Point] = []
    for index, (vertex, floor) in enumerate(zip(way, floors, strict=True)):
        x, top = centres[vertex], corners[vertex][1]
        if index == 0:
            points += [(x, top + sizes[vertex].height), (x, floor)]
        elif index == len(way) - 1:
            row_top = min(corners[v][1] for row in ranked.rows if vertex in row for v in row)
            points += [(x, row_top), (x, top)]
        else:
            row_top = min(corners[v][1] for row in ranked.rows if vertex in row for v in row)
            points += [(x, row_top), (x, floor)]
    return points


def _columns(ranked: Ranked, sizes: Sequence[Box]) -> list[float]:
    """Return the centre of each vertex: as near to its neighbours as the order and the gaps of its row allow."""
    near: tuple[list[list[int]], list[list[int]]] = ([[] for _ in sizes], [[] for _ in sizes])
    for start, end in ranked.steps:
        near[0][end].append(start)
        near[1][start].append(end)
    centres = [0.0] * len(sizes)
    for row in ranked.rows:
        x = 0.0
        for vertex in row:
            centres[vertex] = x + sizes[vertex].width / 2
            x += sizes[vertex].width + GAP_X
    last = len(ranked.rows) - 1
    for turn in range(ROUNDS):
        order = range(1, last + 1) if turn % 2 == 0 else range(last - 1, -1, -1)
        for index in order:
            both = turn >= ROUNDS - 4
            row = ranked.rows[index]
            wish = [_wish(v, centres, near[0][v] + near[1][v] if both else near[turn % 2][v]) for v in row]
            weight = [1.0 if v < ranked.size else 4.0 for v in row]
            for vertex, centre in zip(row, _spread(row, wish, weight, sizes), strict=True):
                centres[vertex] = centre
    left = min((centres[v] - sizes[v].width / 2 for v in range(len(sizes))), default=0.0)
    return [centre - left for centre in centres]


def _wish(vertex: int, centres: Sequence[float], near: Sequence[int]) -> float:
    return sum(centres[v] for v in near) / len(near) if near else centres[vertex]


def _spread(row: Sequence[int], wish: Sequence[float], weight: Sequence[float], sizes: Sequence[Box]) -> list[float]:
    """Return the centres nearest to what is wished that keep order and gaps (least squares); what clashes moves together."""
    offsets = [0.0]
    for before, after in pairwise(row):
        offsets.append(offsets[-1] + (sizes[before].width + sizes[after].width) / 2 + GAP_X)
    groups: list[tuple[float, float, int]] = []  # where the group's origin wants to be, its weight, how many are in it
    for wished, own, offset in zip(wish, weight, offsets, strict=True):
        origin, heavy, count = wished - offset, own, 1
        while groups and groups[-1][0] > origin:
            other, more, others = groups.pop()
            origin = (origin * heavy + other * more) / (heavy + more)
            heavy, count = heavy + more, count + others
        groups.append((origin, heavy, count))
    origins = [origin for origin, _, count in groups for _ in range(count)]
    return [origin + offset for origin, offset in zip(origins, offsets, strict=True)]
