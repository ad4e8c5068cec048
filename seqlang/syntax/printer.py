"""Source text to its canonical layout, and tree to canonical text; what is written means what was read, or nothing is written."""

from __future__ import annotations

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source
from seqlang.errors import SeqlangError
from seqlang.frozen import Record
from seqlang.syntax import tree
from seqlang.syntax.layout import Layout
from seqlang.syntax.lines import end_statements
from seqlang.syntax.outline import Outliner, comma_blocks
from seqlang.syntax.parse import Parsed, parse
from seqlang.syntax.scan import scan

ROUNDS_MAX = 8  # until a layout stays as it is; two are enough for nearly all


class LayoutError(SeqlangError):
    """The formatter would have changed the meaning of this file: nothing was written."""


class Formatted(Record):
    """A file in its canonical layout."""

    text: str  # as it was, where it has mistakes
    diagnostics: tuple[Diagnostic, ...]  # of the syntax; where there are any, nothing is changed
    changed: bool


def format_source(source: Source) -> Formatted:
    """Return the canonical layout of a file. Raises `LayoutError` where it would not mean the same (which is our mistake)."""
    parsed = parse(source)
    if parsed.diagnostics:
        return Formatted(source.text, parsed.diagnostics, changed=False)
    text = format_module(source, parsed)
    return Formatted(text, (), text != source.text)


def format_module(source: Source, parsed: Parsed) -> str:
    """Return the canonical layout of a file that was read without a mistake. Raises `LayoutError` as `format_source` does."""
    now, read = source, parsed
    for _ in range(ROUNDS_MAX):
        text = _lay_out(now, read.module)
        if text == now.text:
            return text
        now = Source(source.path, text)
        read = parse(now)
        if read.diagnostics or read.module != parsed.module or _comments(read.module) != _comments(parsed.module):
            raise LayoutError(f"formatting `{source.path}` would have changed its meaning", hint="please report this file")
    raise LayoutError(f"formatting `{source.path}` comes to no end", hint="please report this file")


def print_module(module: tree.Module) -> str:
    """Return a tree as canonical text; comments and what could not be read are not part of it."""
    from seqlang.syntax.unparse import unparse  # only trees that were made, not read, need it

    source = Source("made.seq", unparse(module))
    parsed = parse(source)
    if parsed.diagnostics or parsed.module != module:
        raise LayoutError("this tree cannot be written as text")
    return format_module(source, parsed)


def _lay_out(source: Source, module: tree.Module) -> str:
    scanned = scan(source)
    tokens = end_statements(scanned.tokens, len(source.text)).tokens
    return Layout().text(Outliner(source, tokens, scanned.comments, comma_blocks(module)).outline())


def _comments(module: tree.Module) -> list[str]:
    return [comment.text for comment in module.comments]
