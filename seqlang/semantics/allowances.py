"""Warnings that a comment allows at one place, with a reason: `# allow SEQ608: this list asked for it`.

The comment stands at the end of the line, behind the `}` of a statement, or on a line of its own before it. It is about the
head of that statement, however the formatter lays it out. One that allows nothing is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seqlang.diagnostics.catalogue import CATALOGUE, YIELDING, yields
from seqlang.diagnostics.diagnostic import Diagnostic, Edit, Fix
from seqlang.diagnostics.source import Source, Span
from seqlang.frozen import Record
from seqlang.semantics.project import ModuleText, ProjectText
from seqlang.semantics.report import Reporter, nearest
from seqlang.semantics.walks import statements
from seqlang.syntax import tree
from seqlang.syntax.node import Node

MARK = "allow"
_COMMENT = re.compile(r"#\s*allow\s+([A-Za-z]+\d+(?:\s*,\s*[A-Za-z]+\d+)*)\s*(:?)\s*(.*)")
_CODE = re.compile(r"[A-Za-z]+\d+")
OWN = "SEQ"  # what the codes of this catalogue begin with; those of plugins begin otherwise


class _Allowance(Record):
    source: Source
    code: str
    span: Span  # of the code
    lines: frozenset[int]  # on which warnings are allowed


def allow(text: ProjectText, found: list[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics without the warnings that comments allow, and with what is wrong with those comments."""
    sink: list[Diagnostic] = []
    allowed = [a for module in text.modules if MARK in module.source.text for a in _read(module, sink)]
    if not allowed:
        return [*found, *sink]
    left = list(found)
    needless: list[_Allowance] = []
    for one in allowed:
        kept = [d for d in left if not _covers(one, d)]
        if len(kept) == len(left) and text.settings.rules.get(one.code) != "off":
            needless.append(one)
        left = kept
    everything = not any(d.severity == "error" for d in left) and not any(m.diagnostics for m in text.modules)
    for one in needless if everything else ():  # a flow with errors is not looked at for warnings
        Reporter(one.source, sink).warning(
            "SEQ617", one.span, f"there is no {one.code} here to allow", hint="leave the comment out"
        )
    return [*left, *sink]


def _covers(allowance: _Allowance, d: Diagnostic) -> bool:
    return (
        d.code == allowance.code
        and (d.severity == "warning" or d.code in YIELDING)
        and d.source.path == allowance.source.path
        and d.source.position(d.span.start)[0] in allowance.lines
    )


def _read(module: ModuleText, sink: list[Diagnostic]) -> list[_Allowance]:
    found: list[_Allowance] = []
    report = Reporter(module.source, sink)
    for comment in module.module.comments:
        hit = _COMMENT.match(comment.text)
        if hit is None:
            continue
        if not hit[2] or not hit[3].strip():
            message = "a comment that allows a warning says why"
            report.warning("SEQ616", comment, message, hint=f"write `# allow {hit[1]}: REASON`")
            continue
        lines = _lines(module, comment)
        for code in _CODE.finditer(hit[1]):
            start = comment.span.start + hit.start(1) + code.start()
            span = Span(start, start + len(code[0]))
            if _may_be_allowed(report, span, code[0]):
                found.append(_Allowance(module.source, code[0], span, lines))
    return found


def _may_be_allowed(report: Reporter, span: Span, code: str) -> bool:
    entry = CATALOGUE.get(code)
    if entry is None and code.startswith(OWN):
        near = nearest(code, [c for c in CATALOGUE if yields(c)])
        fix = Fix(f"write `{near}`", (Edit(span, near),)) if near is not None else None
        hint = f"did you mean `{near}`?" if near is not None else None
        report.warning("SEQ616", span, f"there is no code `{code}`", hint=hint, fix=fix)
        return False
    if entry is not None and not yields(code):
        report.warning("SEQ616", span, f"{code} is an error, and only warnings can be allowed")
        return False
    return True


def _lines(module: ModuleText, comment: tree.Comment) -> frozenset[int]:
    """Return the lines that a comment is about: its own and the head of the statement that ends there, or the next head."""
    source = module.source
    line, _ = source.position(comment.span.start)
    if not comment.own_line:
        ended = [n for n in _statements(module) if n.span.end <= comment.span.start and source.position(n.span.end)[0] == line]
        last = max(ended, key=lambda n: (n.span.end, -n.span.start), default=None)
        return frozenset({line}) if last is None else _head(source, last) | {line}
    line = _next(source, line)
    begun = [n for n in _statements(module) if source.position(n.span.start)[0] == line]
    first = min(begun, key=lambda n: n.span.start, default=None)
    return frozenset({line}) if first is None else _head(source, first)


def _next(source: Source, line: int) -> int:
    """Return the next line with something else than comments."""
    lines = source.text.split("\n")
    while line < len(lines):
        line += 1
        shown = lines[line - 1].strip()
        if shown and not shown.startswith("#"):
            return line
    return line


def _head(source: Source, node: Node) -> frozenset[int]:
    """Return the lines of a statement up to where its block opens; without a block, all of them."""
    brace = source.text.find("{", node.span.start, node.span.end)
    end = brace if brace >= 0 else max(node.span.start, node.span.end - 1)
    return frozenset(range(source.position(node.span.start)[0], source.position(end)[0] + 1))


def _statements(module: ModuleText) -> Iterator[Node]:
    for node in module.module.declarations:
        yield node
        for item in statements(node.items) if isinstance(node, tree.Flow) else ():
            yield item
            if isinstance(item, tree.Audience):
                yield from item.items
