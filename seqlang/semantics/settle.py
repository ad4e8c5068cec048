"""The last word on diagnostics: what only follows from a mistake of syntax is left out, the rest stands in file order."""

from __future__ import annotations

from bisect import bisect_right

from seqlang.diagnostics.catalogue import YIELDING
from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source, Span
from seqlang.frozen import Record, replace
from seqlang.semantics.allowances import allow
from seqlang.semantics.misspelt import tell_at_declarations
from seqlang.semantics.project import ModuleText, ProjectText
from seqlang.syntax import tree

# Something is missing: not told where a part of the same flow could not be read, for it may be there.
MISSING = frozenset({
    "SEQ230", "SEQ316", "SEQ403", "SEQ406", "SEQ407", "SEQ506", "SEQ507", "SEQ508", "SEQ510",
    "SEQ514", "SEQ519", "SEQ530", "SEQ540", "SEQ543", "SEQ545",
})  # fmt: skip
# A name of the project is unknown: not told where a declaration of any file could not be read.
UNKNOWN = frozenset({
    "SEQ206", "SEQ211", "SEQ214", "SEQ216", "SEQ220", "SEQ221", "SEQ222", "SEQ231", "SEQ232",
    "SEQ235", "SEQ301", "SEQ302", "SEQ303", "SEQ308", "SEQ440", "SEQ603",
})  # fmt: skip
# A test asks a flow for something that it does not have: not told where a part of any flow could not be read.
ASKED_BY_TESTS = frozenset({"SEQ230", "SEQ231", "SEQ316", "SEQ541", "SEQ545"})
# A value does not fit a field: not told where the type of the field itself is wrong.
OF_TYPES = frozenset({"SEQ301", "SEQ302", "SEQ303", "SEQ308"})
WRONG_TYPES = frozenset({"SEQ206", "SEQ207"})
# A declaration that is hardly meant as it stands: what is missing elsewhere comes of it.
LIKE_BROKEN = frozenset({"SEQ225"})


class _Doubts(Record):
    """Where one file says something else than was meant: what could not be read, and what was mended by a guess."""

    lines: frozenset[int]
    inside: tuple[Span, ...]  # flows and tests with a doubt
    outside: bool  # a declaration, or the head of a flow or test, is in doubt
    flows: bool  # a flow is in doubt


def settle(text: ProjectText, found: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return all diagnostics of the project: those of the parser, those of the checks without cascades, each once."""
    order = {module.source.path: n for n, module in enumerate(text.modules, start=1)}
    syntax = [d for module in text.modules for d in module.diagnostics]
    kept = tell_at_declarations(text, found) if found else found
    if syntax or any(module.module.broken for module in text.modules) or any(d.code in LIKE_BROKEN for d in found):
        kept = _without_cascades(text, kept)
    kept = _without_unknown_types(text, kept)
    kept = _levelled(text, allow(text, kept))
    settings = _levelled(text, list(text.diagnostics))
    unique = {(d.code, d.source.path, d.span, d.message): d for d in (*settings, *syntax, *kept)}
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


def _without_unknown_types(text: ProjectText, found: list[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics without those of values of fields whose own type could not be read."""
    wrong = [d for d in found if d.code in WRONG_TYPES]
    if not wrong:
        return found
    fields = [
        (module.source.path, field)
        for module in text.modules
        for node in module.module.declarations
        if isinstance(node, tree.Record)
        for field in node.fields
    ]
    names = {
        f"`{field.name.text}`"
        for path, field in fields
        if any(d.source.path == path and field.span.start <= d.span.start < field.span.end for d in wrong)
    }
    return [d for d in found if d.code not in OF_TYPES or not any(name in d.message for name in names)]


def _levelled(text: ProjectText, found: list[Diagnostic]) -> list[Diagnostic]:
    """Return the warnings, and the errors that yield, as the project wants them: as errors, as warnings, or not at all."""
    rules = text.settings.rules
    if not rules:
        return found
    levels = [(d, rules.get(d.code, d.severity) if d.severity == "warning" or d.code in YIELDING else "error") for d in found]
    return [d if level == d.severity else replace(d, severity=level) for d, level in levels if level != "off"]


def _without_cascades(text: ProjectText, found: list[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics that would stand, too, if what is in doubt had been written as it was meant."""
    hardly: dict[str, list[Span]] = {d.source.path: [] for d in found if d.code in LIKE_BROKEN}
    for d in found:
        if d.code in LIKE_BROKEN:
            hardly[d.source.path].append(d.span)
    doubts = {m.source.path: _doubts(m, hardly.get(m.source.path, [])) for m in text.modules}
    outside = any(d.outside for d in doubts.values())
    flows = outside or any(d.flows for d in doubts.values())
    tests = {m.source.path: [n.span for n in m.module.declarations if isinstance(n, tree.Test)] for m in text.modules}
    kept: list[Diagnostic] = []
    for d in found:
        own = doubts.get(d.source.path, _NONE)
        if d.code in LIKE_BROKEN:
            kept.append(d)
            continue
        if d.source.position(d.span.start)[0] in own.lines:
            continue
        if (outside and (d.code in UNKNOWN or (d.code == "SEQ230" and "nor a field" in d.message))) or (
            flows and d.code == "SEQ603"
        ):
            continue
        around = any(s.start <= d.span.start < s.end for s in own.inside)
        if around and (d.code in MISSING or d.code.startswith("SEQ6")):
            continue
        if flows and d.code in ASKED_BY_TESTS and any(s.start <= d.span.start < s.end for s in tests.get(d.source.path, ())):
            continue
        kept.append(d)
    return kept


_NONE = _Doubts(frozenset(), (), outside=False, flows=False)


def _doubts(module: ModuleText, hardly: list[Span]) -> _Doubts:
    """Return what is in doubt in a file. A safe fix says for certain what was meant: its place is none."""
    source = module.source
    unsure = [d.span for d in module.diagnostics if d.fix is None or not d.fix.safe]
    places = sorted([*(s.start for s in unsure), *(b.span.start for b in module.module.broken)])
    if not places and not hardly:
        return _NONE
    lines = {source.position(s.start)[0] for s in unsure}
    for broken in module.module.broken:
        lines.update(range(source.position(broken.span.start)[0], source.position(broken.span.end)[0] + 1))
    blocks = [d for d in module.module.declarations if isinstance(d, (tree.Flow, tree.Test))]
    inside = [b for b in blocks if _between(places, b.span)]
    heads = sum(_count(places, Span(b.span.start, _head_end(source, b))) for b in blocks)
    within = sum(_count(places, b.span) for b in blocks)
    return _Doubts(
        frozenset(lines),
        tuple(b.span for b in inside),
        outside=bool(hardly) or within < len(places) or heads > 0,
        flows=any(isinstance(b, tree.Flow) for b in inside),
    )


def _head_end(source: Source, block: tree.Flow | tree.Test) -> int:
    brace = source.text.find("{", block.name.span.end, block.span.end)
    return brace if brace >= 0 else block.span.end


def _count(places: list[int], span: Span) -> int:
    return bisect_right(places, span.end - 1) - bisect_right(places, span.start - 1)


def _between(places: list[int], span: Span) -> bool:
    return _count(places, span) > 0
