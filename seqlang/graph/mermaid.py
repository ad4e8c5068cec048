"""A picture as Mermaid text, which many sites draw by themselves."""

from __future__ import annotations

from seqlang.graph.picture import Picture, Shape

_FRAMES = {
    "entry": ("([", "])"), "wait": ("([", "])"), "end": ("([", "])"), "branch": ("{{", "}}"), "split": ("{{", "}}"),
    "exit": ("[/", "/]"), "goal": ("[/", "/]"), "flow": ("[[", "]]"),
}  # fmt: skip


def mermaid(picture: Picture) -> str:
    """Return the picture as a Mermaid flowchart, under its title."""
    ids = {shape.key: f"n{n}" for n, shape in enumerate(picture.shapes, start=1)}
    lines = ["---", f"title: {_yaml(picture.title)}", "---", "flowchart TD"]
    lines += [f"  %% {_comment(note)}" for note in picture.notes]
    for shape in picture.shapes:
        before, after = _FRAMES.get(shape.kind, ("[", "]"))
        lines.append(f'  {ids[shape.key]}{before}"{_label(shape)}"{after}:::{shape.kind.replace("end", "done")}')
    for line in picture.lines:
        if line.start in ids and line.end in ids:
            arrow = "-.->" if line.dashed else "-->"
            label = f'|"{_text(line.label)}"|' if line.label else ""
            lines.append(f"  {ids[line.start]} {arrow}{label} {ids[line.end]}")
    return "\n".join(lines) + "\n"


def _label(shape: Shape) -> str:
    head = f"<b>{_text(shape.title)}</b>" + (f" <i>{_text(shape.tag)}</i>" if shape.tag else "")
    return "<br>".join([head, *map(_text, shape.lines), *([_text(shape.count)] if shape.count else [])])


def _text(text: str) -> str:
    """Return a text with everything that Mermaid or HTML could take for its own as a code: `#34;` is a quotation mark."""
    return "".join(c if c.isalnum() or c in " .,:=-+@/_'…" else " " if c.isspace() else f"#{ord(c)};" for c in text)


def _yaml(text: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'


def _comment(text: str) -> str:
    return " ".join(text.split()).replace("{", "(").replace("}", ")")
