"""Source text to syntax tree, and all that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source, Span
from seqlang.syntax import tree
from seqlang.syntax.lines import end_statements
from seqlang.syntax.reader import Reader
from seqlang.syntax.scan import Token, scan


@dataclass(frozen=True, slots=True)
class Parsed:
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
    tokens, _ = end_statements(scanned.tokens, len(source.text))
    reader = Reader(source, tokens, scanned.diagnostics, "module")
    module = reader.read()
    assert module is None or isinstance(module, tree.Module)
    comments = tuple(_comment(token) for token in scanned.comments)
    module = replace(module or tree.Module(()), span=Span(0, len(source.text)), comments=comments)
    return Parsed(module, tuple(sorted(reader.found, key=lambda d: d.span.start)))


def parse_condition(source: Source) -> tuple[tree.Condition | None, tuple[Diagnostic, ...]]:
    """Read a text that is one condition, as `list --where` takes it; line ends mean nothing in it."""
    scanned = scan(source)
    for token in scanned.tokens:
        token.fresh = False
    tokens, _ = end_statements(scanned.tokens, len(source.text))
    reader = Reader(source, tokens, scanned.diagnostics, "condition_alone")
    condition: tree.Condition | None = reader.read()
    return condition, tuple(sorted(reader.found, key=lambda d: d.span.start))


def _comment(token: Token) -> tree.Comment:
    return tree.Comment(token.text, token.fresh, span=Span(token.start, token.end))
