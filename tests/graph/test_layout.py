"""Nothing stands over anything else, whatever the graph."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from seqlang.graph.layout import Box, Link, Placed, Point, place
from seqlang.graph.ranks import rank

Rect = tuple[float, float, float, float]
SLACK = 0.01


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Box], list[Link]]:
    size = draw(st.integers(1, 14))
    boxes = [Box(draw(st.integers(40, 300)), draw(st.integers(20, 120))) for _ in range(size)]
    ends = draw(st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=20))
    return boxes, [Link(a, b, Box(draw(st.integers(10, 200)), 18) if draw(st.booleans()) else None) for a, b in ends]


def rects(boxes: list[Box], links: list[Link], placed: Placed) -> list[Rect]:
    found = [(x, y, x + b.width, y + b.height) for (x, y), b in zip(placed.boxes, boxes, strict=True)]
    for link, corner in zip(links, placed.labels, strict=True):
        if link.label is not None and corner is not None:
            found.append((corner[0], corner[1], corner[0] + link.label.width, corner[1] + link.label.height))
    return found


def overlap(one: Rect, other: Rect) -> bool:
    return (
        one[0] < other[2] - SLACK and other[0] < one[2] - SLACK and one[1] < other[3] - SLACK and other[1] < one[3] - SLACK
    )


@settings(max_examples=50)
@given(graphs())
def test_boxes_and_labels_never_overlap_and_stay_within(graph: tuple[list[Box], list[Link]]) -> None:
    boxes, links = graph
    placed = place(boxes, links)
    found = rects(boxes, links, placed)
    assert not any(overlap(a, b) for i, a in enumerate(found) for b in found[i + 1 :])
    for left, top, right, bottom in found:
        assert left >= -SLACK
        assert top >= -SLACK
        assert right <= placed.width + SLACK
        assert bottom <= placed.height + SLACK


def straight(way: tuple[Point, ...]) -> list[Rect]:
    """Return the upright parts of a way."""
    return [(a[0], min(a[1], b[1]), b[0], max(a[1], b[1])) for a, b in pairwise(way) if abs(a[0] - b[0]) < SLACK]


@settings(max_examples=40)
@given(graphs())
def test_lines_begin_and_end_at_their_shapes_and_pass_beside_the_others(graph: tuple[list[Box], list[Link]]) -> None:
    boxes, links = graph
    placed = place(boxes, links)
    shapes = rects(boxes, [], Placed(0, 0, placed.boxes, (), ()))
    for link, way in zip(links, placed.ways, strict=True):
        if link.start == link.end:
            assert way == ()
            continue
        for end, point in ((link.start, way[0]), (link.end, way[-1])):
            left, top, right, bottom = shapes[end]
            assert left - SLACK <= point[0] <= right + SLACK
            assert min(abs(point[1] - top), abs(point[1] - bottom)) < SLACK
        for n, shape in enumerate(shapes):
            if n not in {link.start, link.end}:
                assert not any(overlap((s[0] - 1, s[1], s[2] + 1, s[3]), shape) for s in straight(way))


def test_a_circle_is_drawn_with_one_line_upwards() -> None:
    ranked = rank(3, [(0, 1), (1, 2), (2, 0)])
    assert ranked.turned == (False, False, True)
    assert [len(row) for row in ranked.rows] == [1, 2, 1]  # the long way back goes past the middle
