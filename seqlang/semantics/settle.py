"""The last word on diagnostics: what only follows from a mistake of syntax is left out, the rest stands in file order."""

from __future__ import annotations

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Span
from seqlang.semantics.project import ProjectText
from seqlang.syntax import tree

# Something is missing or unknown: not told where a part of the same flow could not be read, for it may be there.
MISSING = (
    "SEQ230",
    "SEQ403",
    "SEQ406",
    "SEQ506",
    "SEQ508",
    "SEQ510",
    "SEQ519",
    "SEQ530",
    "SEQ540",
    "SEQ543",
    "SEQ604",
    "SEQ605",
    "SEQ606",
)
# A name of the project is unknown or unused: not told where a declaration of any file could not be read.
UNKNOWN = (
    "SEQ206",
    "SEQ211",
    "SEQ214",
    "SEQ216",
    "SEQ220",
    "SEQ221",
    "SEQ222",
    "SEQ231",
    "SEQ232",
    "SEQ235",
    "SEQ303",
    "SEQ440",
    "SEQ603",
)


def settle(text: ProjectText, found: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return all diagnostics of the project: those of the parser, those of the checks without cascades, each once."""
    order = {module.source.path: n for n, module in enumerate(text.modules, start=1)}
    syntax = [d for module in text.modules for d in module.diagnostics]
    broken_outside = _broken_outside(text)
    broken_in = {m.source.path: [b.span for b in m.module.broken] for m in text.modules}
    flows = {
        m.source.path: [d.span for d in m.module.declarations if isinstance(d, (tree.Flow, tree.Test))] for m in text.modules
    }
    kept: list[Diagnostic] = []
    for d in found:
        if d.code in UNKNOWN and broken_outside:
            continue
        if d.code in MISSING and _beside(d, flows.get(d.source.path, []), broken_in.get(d.source.path, [])):
            continue
        kept.append(d)
    unique = {(d.code, d.source.path, d.span, d.message): d for d in (*text.diagnostics, *syntax, *kept)}
    last = len(order) + 1
    return tuple(
        sorted(
            unique.values(),
            key=lambda d: (
                order.get(d.source.path, 0 if d.source.path.endswith(".toml") else last),
                d.source.path,
                d.span.start,
                d.span.end,
                d.code,
            ),
        )
    )


def _beside(d: Diagnostic, flows: list[Span], broken: list[Span]) -> bool:
    """Return whether a part of the flow in which the diagnostic stands could not be read."""
    around = next((f for f in flows if f.start <= d.span.start < f.end), None)
    return around is not None and any(around.start <= b.start < around.end for b in broken)


def _broken_outside(text: ProjectText) -> bool:
    """Return whether something outside of flows and tests could not be read: it may have declared anything."""
    for module in text.modules:
        inside = [d.span for d in module.module.declarations if isinstance(d, (tree.Flow, tree.Test))]
        if any(not any(i.start <= b.span.start < i.end for i in inside) for b in module.module.broken):
            return True
    return False
