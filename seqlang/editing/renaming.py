"""A name gets another one, everywhere; a step's new name is declared, so that nobody gets it a second time."""

from __future__ import annotations

from seqlang.diagnostics.diagnostic import Edit
from seqlang.diagnostics.source import Span
from seqlang.editing.analysis import Analysis
from seqlang.editing.occurrences import at, everywhere
from seqlang.editing.symbols import Occurrence, Symbol
from seqlang.frozen import Record
from seqlang.semantics.report import bare, quoted
from seqlang.syntax import tree

RENAMED = frozenset({
    "flow", "view", "list", "calendar", "event", "constant", "field", "property", "step", "goal", "split", "side", "who", "tag",
})  # fmt: skip


class Renaming(Record):
    """The edits of a rename."""

    edits: dict[str, tuple[Edit, ...]]  # path of a file or template -> edits


class Refused(Record):
    """Why something cannot be renamed."""

    why: str  # a sentence


def renamed_at(analysis: Analysis, path: str, offset: int) -> Occurrence | Refused:
    """Return the name at an offset that can be renamed, or why there is none."""
    found = at(analysis, path, offset)
    if found is None:
        return Refused("there is no name here")
    symbol = found.symbol
    if symbol.kind not in RENAMED:
        return Refused(f"a {symbol.kind} cannot be renamed here")
    if symbol.kind == "field":
        field = analysis.names.fields.get(symbol.holder, {}).get(symbol.name)
        if field is None or field.built_in:
            return Refused(f"`{symbol.name}` is built in")
    if symbol.kind not in {"tag", "side", "who"} and not any(o.declares for o in everywhere(analysis, symbol)):
        return Refused(f"`{symbol.name}` is not declared in this project")
    return found


def rename(analysis: Analysis, path: str, offset: int, new: str) -> Renaming | Refused:
    """Return the edits that give the name at an offset a new name, in all files and templates."""
    found = renamed_at(analysis, path, offset)
    if isinstance(found, Refused):
        return found
    symbol, new = found.symbol, new.strip().strip('`"')
    if not new or "\n" in new or "`" in new:
        return Refused("a name is not empty, and has neither line ends nor backticks")
    if new != symbol.name and _taken(analysis, symbol, new):
        return Refused(f"there is already a {symbol.kind} `{new}`")
    if symbol.kind == "field" and not new.isidentifier() and any(o.form == "placeholder" for o in everywhere(analysis, symbol)):
        return Refused(f"templates use `{symbol.name}`, and `{new}` cannot stand in a placeholder")
    edits: dict[str, list[Edit]] = {}
    for one in everywhere(analysis, symbol):
        edits.setdefault(one.path, []).append(_edit(analysis, one, new))
    if symbol.kind == "step":
        _declare_move(analysis, symbol, new, edits)
    return Renaming({p: tuple(sorted(some, key=lambda e: e.span.start)) for p, some in edits.items()})


def _edit(analysis: Analysis, one: Occurrence, new: str) -> Edit:
    if one.form == "quoted":
        return Edit(one.span, quoted(new)[1:-1])
    if one.form == "placeholder":
        return Edit(one.span, new)
    source = analysis.source(one.path)
    span = one.span
    if source is not None and source.text[span.start - 1 : span.start] == "`":
        span = Span(span.start - 1, span.end + 1)
    return Edit(span, bare(new))


def _taken(analysis: Analysis, symbol: Symbol, new: str) -> bool:
    names = analysis.names
    pools: dict[str, object] = {
        "flow": names.flows, "view": names.views, "list": names.lists, "calendar": names.calendars, "event": names.events,
        "constant": names.lets, "field": names.fields.get(symbol.holder, {}), "step": analysis.steps(symbol.holder),
    }  # fmt: skip
    return new in pools.get(symbol.kind, ())  # type: ignore[operator]


def _declare_move(analysis: Analysis, symbol: Symbol, new: str, edits: dict[str, list[Edit]]) -> None:
    """Add `moved old to new` to the flow; a name that moved before goes on, and a move back is taken out."""
    flow = analysis.names.flows.get(symbol.holder)
    if flow is None or new == symbol.name:
        return
    some = edits.setdefault(flow.source.path, [])
    text = flow.source.text
    for moved in (item for item in flow.node.items if isinstance(item, tree.Moved)):
        if moved.new.text == symbol.name:
            if moved.old.text == new:  # back to its old name: nothing has moved
                start = text.rfind("\n", 0, moved.span.start) + 1
                end = text.find("\n", moved.span.end)
                some[:] = [e for e in some if not start <= e.span.start <= moved.span.end]
                some.append(Edit(Span(start, end + 1 if end >= 0 else len(text)), ""))
            return
    first = next((i for i in flow.node.items if isinstance(i, tree.Step)), None)
    before = next((i for i in flow.node.items if not isinstance(i, tree.Moved)), first)
    if before is None:
        return
    start = text.rfind("\n", 0, before.span.start) + 1
    indent = text[start : before.span.start]
    line = f"moved {bare(symbol.name)} to {bare(new)}"
    if indent.strip():  # the flow stands in one line
        some.append(Edit(Span(before.span.start, before.span.start), f"{line}; "))
    else:
        some.append(Edit(Span(start, start), f"{indent}{line}\n"))
