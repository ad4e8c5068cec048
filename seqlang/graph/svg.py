"""A picture as SVG: one file, no script, letters of the reader's system, colours for light and dark."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from seqlang.frozen import Record
from seqlang.graph.layout import Box, Link, Placed, Point, place
from seqlang.graph.lettering import shorten, width, wrap
from seqlang.graph.picture import Line, Picture, Shape

TITLE, TEXT, HEAD = 14.0, 12.0, 20.0  # sizes of letters, pixels
MARGIN, PAD_X, PAD_Y = 24.0, 14.0, 10.0
TEXT_WIDTH_MAX, LABEL_WIDTH_MAX, WIDTH_MIN = 260.0, 220.0, 96.0
LINE, TITLE_LINE = 16.0, 18.0
LINES_MAX, TITLE_LINES_MAX = 4, 3  # of one text in a shape
ROUND = {"wait": 18.0, "end": 18.0, "entry": 4.0}

STYLE = """
svg { background: var(--paper) }
svg { --paper: #ffffff; --ink: #1c2330; --soft: #55607a; --line: #7b879f;
  --entry: #e8f1ff; --entry-line: #3a6fc4; --message: #e6f6ec; --message-line: #2c8a53; --todo: #fff3dc; --todo-line: #b0771a;
  --call_out: #eee9fb; --call_out-line: #6f55b5; --wait: #f1f3f7; --wait-line: #8a94a8; --branch: #fdf0f4; --branch-line: #b4476f;
  --split: #fdf0f4; --split-line: #b4476f; --act: #f4f6ea; --act-line: #74832e; --flow: #e2f4f6; --flow-line: #24808c;
  --exit: #fdeceb; --exit-line: #bb4038; --goal: #e6f6ec; --goal-line: #2c8a53; --end: #f1f3f7; --end-line: #8a94a8 }
@media (prefers-color-scheme: dark) { svg { --paper: #14181f; --ink: #eef1f7; --soft: #aab4c8; --line: #8793aa;
  --entry: #1b2b45; --entry-line: #6d9be6; --message: #17322374; --message-line: #56bb80; --todo: #38290f; --todo-line: #dba548;
  --call_out: #2a2344; --call_out-line: #a48fe3; --wait: #232934; --wait-line: #8290a8; --branch: #3a1c29; --branch-line: #e080a3;
  --split: #3a1c29; --split-line: #e080a3; --act: #292e14; --act-line: #b2c364; --flow: #12323666; --flow-line: #59bac6;
  --exit: #3b1b19; --exit-line: #ec827a; --goal: #17322374; --goal-line: #56bb80; --end: #232934; --end-line: #8290a8 } }
text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", Helvetica, Arial, sans-serif;
  font-size: 12px; fill: var(--ink) }
.head { font-size: 20px; font-weight: 600 } .title { font-size: 14px; font-weight: 600 }
.note, .tag, .label { fill: var(--soft) } .count { font-weight: 600; fill: var(--soft) }
.way { fill: none; stroke: var(--line); stroke-width: 1.5 } .dashed { stroke-dasharray: 5 4 }
.arrow { fill: var(--line) }
"""


class _Card(Record):
    """A shape with its texts laid out."""

    shape: Shape
    box: Box
    heads: tuple[str, ...]  # the title
    lines: tuple[str, ...]
    counted: tuple[str, ...]


def svg(picture: Picture) -> str:
    """Return the picture as one SVG document; whatever stands in names and texts is shown as it is."""
    cards = [_card(shape) for shape in picture.shapes]
    index = {shape.key: n for n, shape in enumerate(picture.shapes)}
    lines = [line for line in picture.lines if line.start in index and line.end in index]
    labels = [shorten(line.label, TEXT, LABEL_WIDTH_MAX) for line in lines]
    links = [
        Link(index[line.start], index[line.end], Box(width(label, TEXT) + 8, LINE + 2) if label else None)
        for line, label in zip(lines, labels, strict=True)
    ]
    placed = place([card.box for card in cards], links)
    head, head_width, head_height = _head(picture)
    wide = max(placed.width, head_width) + 2 * MARGIN
    high = placed.height + head_height + 2 * MARGIN
    name = _text(picture.title)
    size = f"{_n(wide)} {_n(high)}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" {_size(wide, high)} role="img" aria-labelledby="t d">',
        f'<title id="t">{name}</title>',
        f'<desc id="d">{_text("; ".join(_spoken(shape) for shape in picture.shapes))}</desc>',
        f"<style>{STYLE}</style>",
        *head,
        f'<g transform="translate({_n(MARGIN)} {_n(MARGIN + head_height)})">',
        *_ways(lines, placed),
        *(_drawn(card, corner) for card, corner in zip(cards, placed.boxes, strict=True)),
        *_labels(labels, placed),
        "</g>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _card(shape: Shape) -> _Card:
    tag = width(shape.tag, TEXT) + 12 if shape.tag else 0.0
    heads = wrap(shape.title, TITLE, TEXT_WIDTH_MAX * 0.94 - tag, TITLE_LINES_MAX) or ("",)
    lines = [line for text in shape.lines for line in wrap(text, TEXT, TEXT_WIDTH_MAX, LINES_MAX)]
    counted = wrap(shape.count, TEXT, TEXT_WIDTH_MAX * 0.9, 2) if shape.count else ()
    titles = [width(head, TITLE * 1.06) + tag for head in heads]
    widths = [*titles, *(width(line, TEXT) for line in lines), *(width(c, TEXT * 1.08) for c in counted)]
    below = (len(lines) + len(counted)) * LINE + (4 if lines or counted else 0)
    height = 2 * PAD_Y + TITLE + (len(heads) - 1) * TITLE_LINE + below
    return _Card(shape, Box(max(max(widths) + 2 * PAD_X, WIDTH_MIN), height), heads, tuple(lines), counted)


def _head(picture: Picture) -> tuple[list[str], float, float]:
    """Return the title and notes, and how much room they take."""
    most = 640.0
    title = shorten(picture.title, HEAD, most)
    notes = [line for note in picture.notes for line in wrap(note, TEXT, most, 3)]
    parts = [f'<text class="head" x="{_n(MARGIN)}" y="{_n(MARGIN + HEAD - 3)}">{_text(title)}</text>']
    y = MARGIN + HEAD + 4
    for note in notes:
        y += LINE
        parts.append(f'<text class="note" x="{_n(MARGIN)}" y="{_n(y)}">{_text(note)}</text>')
    wide = max([width(title, HEAD * 1.06), *(width(note, TEXT) for note in notes)])
    return parts, wide, y - MARGIN + 20


def _drawn(card: _Card, corner: Point) -> str:
    shape, (x, y), box = card.shape, corner, card.box
    fill = f'fill="var(--{shape.kind})" stroke="var(--{shape.kind}-line)" stroke-width="1.5"'
    if shape.kind in {"branch", "split"}:
        cut = 9.0
        points = [(cut, 0), (box.width - cut, 0), (box.width, cut), (box.width, box.height - cut), (box.width - cut, box.height),
                  (cut, box.height), (0, box.height - cut), (0, cut)]
        outline = f'<polygon points="{" ".join(f"{_n(x + a)},{_n(y + b)}" for a, b in points)}" {fill}/>'
    else:
        outline = f'<rect x="{_n(x)}" y="{_n(y)}" {_size(box.width, box.height)} rx="{_n(ROUND.get(shape.kind, 7.0))}" {fill}/>'
    at = y + PAD_Y + TITLE - 2
    parts = [outline]
    if shape.tag:
        right = _n(x + box.width - PAD_X)
        parts.append(f'<text class="tag" x="{right}" y="{_n(at)}" text-anchor="end">{_text(shape.tag)}</text>')
    for number, head in enumerate(card.heads):
        at += TITLE_LINE if number else 0
        parts.append(f'<text class="title" x="{_n(x + PAD_X)}" y="{_n(at)}">{_text(head)}</text>')
    at += 4
    for line in card.lines:
        at += LINE
        parts.append(f'<text x="{_n(x + PAD_X)}" y="{_n(at)}">{_text(line)}</text>')
    for line in card.counted:
        at += LINE
        parts.append(f'<text class="count" x="{_n(x + PAD_X)}" y="{_n(at)}">{_text(line)}</text>')
    return f'<g class="shape {shape.kind}">{"".join(parts)}</g>'


def _ways(lines: Sequence[Line], placed: Placed) -> list[str]:
    parts = []
    for line, way in zip(lines, placed.ways, strict=True):
        if len(way) < 2:
            continue
        dashed = " dashed" if line.dashed else ""
        parts.append(f'<path class="way{dashed}" d="{_path(way)}"/>')
        parts.append(_arrow(way[-1], way))
    return parts


def _path(way: Sequence[Point]) -> str:
    """Return a path: straight within a row, a bend between two."""
    drawn = [f"M{_n(way[0][0])} {_n(way[0][1])}"]
    for (x, y), (to_x, to_y) in pairwise(way):
        if abs(x - to_x) < 0.05:
            if abs(y - to_y) > 0.05:
                drawn.append(f"V{_n(to_y)}")
        else:
            half = (y + to_y) / 2
            drawn.append(f"C{_n(x)} {_n(half)} {_n(to_x)} {_n(half)} {_n(to_x)} {_n(to_y)}")
    return "".join(drawn)


def _arrow(tip: Point, way: Sequence[Point]) -> str:
    """Return the head of an arrow: every line ends upright."""
    down = tip[1] >= way[0][1]
    back = -8 if down else 8
    x, y = tip
    return f'<path class="arrow" d="M{_n(x)} {_n(y)}l-4.5 {back}h9z"/>'


def _labels(labels: Sequence[str], placed: Placed) -> list[str]:
    parts = []
    for label, corner in zip(labels, placed.labels, strict=True):
        if corner is not None:
            x, y = corner
            wide = width(label, TEXT) + 8
            box = f'<rect x="{_n(x)}" y="{_n(y)}" {_size(wide, LINE + 2)} fill="var(--paper)"/>'
            at = f'x="{_n(x + wide / 2)}" y="{_n(y + 13)}"'
            parts.append(f'<g class="words">{box}<text class="label" {at} text-anchor="middle">{_text(label)}</text></g>')
    return parts


def _spoken(shape: Shape) -> str:
    return " ".join(part for part in (shape.tag, shape.title, *shape.lines, shape.count) if part)


def _text(text: str) -> str:
    """Return a text that stands in XML: escaped, without the signs that XML cannot hold."""
    clean = re.sub(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _size(wide: float, high: float) -> str:
    return f'width="{_n(wide)}" height="{_n(high)}"'


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
