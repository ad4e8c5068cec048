"""Source text to syntax tree, and all that is wrong with it."""

from __future__ import annotations

from typing import Any

from seqlang.diagnostics.catalogue import problem
from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source, Span
from seqlang.frozen import Record, replace
from seqlang.limits import NESTING_MAX
from seqlang.syntax import tree
from seqlang.syntax.lines import Lines, end_statements
from seqlang.syntax.node import Node
from seqlang.syntax.reader import Lost, Reader
from seqlang.syntax.scan import Scan, scan


class Parsed(Record):
    """One file that was read."""

    module: tree.Module  # what could be read; see `Module.broken` for the rest
    diagnostics: tuple[Diagnostic, ...]  # in the order of the text

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.diagnostics


def parse(source: Source) -> Parsed:
    """Read a file. Whatever stands in it, nothing is raised."""
    scanned = scan(source)
    found = scanned.diagnostics
    reader = Reader(source, _lines(source, scanned, found).tokens, found, "module")
    module: tree.Module = reader.read() or tree.Module(())
    if reader.lost:
        module = _without(module, {lost.start for lost in reader.lost})
    comments = tuple(tree.Comment(token.text, token.fresh, span=Span(token.start, token.end)) for token in scanned.comments)
    module = replace(module, span=Span(0, len(source.text)), comments=comments, broken=tuple(map(_broken, reader.lost)))
    return Parsed(module, _in_order(found))


def parse_condition(source: Source) -> tuple[tree.Condition | None, tuple[Diagnostic, ...]]:
    """Read a text that is one condition, as `list --where` takes it; line ends mean nothing in it. None where it is wrong."""
    scanned = scan(source)
    for token in scanned.tokens:
        token.fresh = False
    found = scanned.diagnostics
    reader = Reader(source, _lines(source, scanned, found).tokens, found, "condition_alone")
    condition: tree.Condition | None = reader.read()
    return (None if found else condition), _in_order(found)


def _lines(source: Source, scanned: Scan, found: list[Diagnostic]) -> Lines:
    """Part the statements; where brackets do not match, say so and mend them."""
    lines = end_statements(scanned.tokens, len(source.text))
    if not lines.matching:
        from seqlang.syntax.brackets import mend  # few files need it

        lost_end = any(d.code == "SEQ103" and source.text.startswith('"""', d.span.start) for d in found)
        tokens, more = mend(source, scanned.tokens, silent=lost_end or lines.too_deep is not None)
        cut_off = {source.position(d.span.start)[0] for d in found if d.code == "SEQ103"}  # the text took brackets along
        found += _not_taken_along(more, cut_off)
        lines = end_statements(tokens, len(source.text))
    if lines.too_deep is not None:
        span = Span(lines.too_deep.start, lines.too_deep.end)
        hint = f"at most {NESTING_MAX} brackets may be one inside the other"
        found.append(problem("SEQ115", source, span, "brackets are nested too deep", hint=hint))
    return lines


def _not_taken_along(more: list[Diagnostic], cut_off: set[int]) -> list[Diagnostic]:
    """Return what is wrong with brackets without what comes of texts that are not closed: those took brackets along."""
    left = [d for d in more if not cut_off.intersection(_lines_of(d))]
    for row in sorted(cut_off):
        later = next((d for d in left if d.source.position(d.span.start)[0] > row and _other_half(d, row)), None)
        left = [d for d in left if d is not later]
    return left


def _other_half(d: Diagnostic, row: int) -> bool:
    """Return whether the counterpart of a bracket stands on some line."""
    place = d.related[0].span if d.related else d.span
    other = {"(": ")", "[": "]", "{": "}", ")": "(", "]": "[", "}": "{"}.get(d.source.text[place.start : place.start + 1])
    return other is not None and other in d.source.text.split("\n")[row - 1]


def _lines_of(d: Diagnostic) -> set[int]:
    """Return the lines on which a mistake stands, and what belongs to it."""
    return {d.source.position(span.start)[0] for span in (d.span, *(r.span for r in d.related))}


def _in_order(found: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(sorted(found, key=lambda one: (one.span.start, one.span.end, one.code)))


def _broken(lost: Lost) -> tree.Broken:
    return tree.Broken(lost.names, span=Span(lost.start, lost.end))


def _without(node: Any, starts: set[int]) -> Any:
    """Return a tree without the statements that begin at some offsets."""
    changes: dict[str, Any] = {}
    for key in type(node).record_parts:
        value = getattr(node, key)
        if isinstance(value, Node):
            left: Any = _without(value, starts)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            kept = [item for item in value if item.span.start not in starts or not isinstance(item, _STATEMENTS)]
            left = tuple(_without(item, starts) for item in kept)
        else:
            continue
        if left is not value:
            changes[key] = left
    return replace(node, **changes) if changes else node


_STATEMENTS = (
    *tree.Statement.__args__, *tree.Setting.__args__, *tree.Declaration.__args__, tree.Option, tree.Field, tree.Side,
    tree.ChooseCase,
    tree.TestFlow, tree.TestStart, tree.TestRecord, tree.TestLine, tree.AudienceView, tree.Where, tree.UniqueBy,
    tree.CalendarTimezone,
    tree.CalendarOpen, tree.CalendarHolidays, tree.CalendarClosed,
)  # fmt: skip
