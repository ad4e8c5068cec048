"""`clone`: a copy of a flow below the original in its file."""

from __future__ import annotations

from seqlang.app.checking import write_text
from seqlang.app.project import read_source, source_paths
from seqlang.app.record_rows import suggestion
from seqlang.app.workspace import Workspace
from seqlang.diagnostics.source import Source
from seqlang.errors import NotFoundError, RefusedError


def clone_flow(workspace: Workspace, name: str, new: str) -> tuple[str, int]:
    """Write the copy and return the path and the line where it begins.

    RefusedError where the name is taken or the file has mistakes.
    """
    from seqlang.semantics.report import quoted
    from seqlang.syntax import tree
    from seqlang.syntax.parse import parse

    if not new.strip():
        raise RefusedError("a flow needs a name")
    found: tuple[Source, tree.Flow, bool] | None = None
    names: list[str] = []
    for path in source_paths(workspace.folder):
        source = read_source(workspace.folder, path)
        parsed = parse(source)
        for flow in parsed.module.declarations:
            if isinstance(flow, tree.Flow):
                names.append(flow.name.value)
                if flow.name.value == name and found is None:
                    found = source, flow, any(d.severity == "error" for d in parsed.diagnostics)
    if found is None:
        raise NotFoundError(f"there is no flow `{name}` in the project's files{suggestion(name, names)}")
    if new in names:
        raise RefusedError(f"there is a flow `{new}` already")
    source, flow, broken = found
    if broken:
        raise RefusedError(f"`{source.path}` has mistakes of syntax", hint="`seqlang check` lists them")
    text, start, end = source.text, flow.span.start, flow.span.end
    copy = text[start : flow.name.span.start] + quoted(new) + text[flow.name.span.end : end]
    line_end = text.find("\n", end)
    behind = text[end : line_end if line_end >= 0 else len(text)].strip()
    place = (line_end if line_end >= 0 else len(text)) if not behind or behind.startswith("#") else end
    head = text[:place]
    tail = text[place:].lstrip("\n")
    written = f"{head}\n\n{copy}\n" + (f"\n{tail}" if tail else "")
    write_text(workspace.folder / source.path, written)
    return source.path, head.count("\n") + 3
