"""A picture as DOT, for Graphviz and whatever else reads it."""

from __future__ import annotations

from seqlang.graph.picture import Picture, Shape

_FORMS = {
    "entry": "cds", "wait": "box", "end": "box", "branch": "diamond", "split": "hexagon", "exit": "octagon", "goal": "house",
    "flow": "component",
}  # fmt: skip


def dot(picture: Picture) -> str:
    """Return the picture as a directed graph."""
    ids = {shape.key: f"n{n}" for n, shape in enumerate(picture.shapes, start=1)}
    title = "\n".join((picture.title, *picture.notes))
    lines = [
        f"digraph {_quoted(picture.title)} {{",
        f"  graph [label={_quoted(title)}, labelloc=t, labeljust=l, fontname=sans, rankdir=TB];",
        "  node [shape=box, fontname=sans, fontsize=11];",
        "  edge [fontname=sans, fontsize=10];",
    ]
    for shape in picture.shapes:
        rounded = ', style="rounded"' if shape.kind in {"wait", "end"} else ""
        lines.append(f"  {ids[shape.key]} [label={_quoted(_label(shape))}, shape={_FORMS.get(shape.kind, 'box')}{rounded}];")
    for line in picture.lines:
        if line.start in ids and line.end in ids:
            given = [*([f"label={_quoted(line.label)}"] if line.label else []), *(["style=dashed"] if line.dashed else [])]
            shown = f" [{', '.join(given)}]" if given else ""
            lines.append(f"  {ids[line.start]} -> {ids[line.end]}{shown};")
    return "\n".join([*lines, "}"]) + "\n"


def _label(shape: Shape) -> str:
    head = f"{shape.title} ({shape.tag})" if shape.tag else shape.title
    return "\n".join([head, *shape.lines, *([shape.count] if shape.count else [])])


def _quoted(text: str) -> str:
    """Return a text as DOT quotes it."""
    plain = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
