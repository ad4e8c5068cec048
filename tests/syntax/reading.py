"""Short ways to read a piece of a program, for tests."""

from __future__ import annotations

from typing import Any

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source
from seqlang.syntax import tree
from seqlang.syntax.parse import Parsed, parse, parse_condition
from seqlang.syntax.printer import format_source


def read(text: str) -> Parsed:
    """Return what was read from a file of that text."""
    return parse(Source("a.seq", text))


def read_well(text: str) -> tree.Module:
    """Return the module that a text means; it has no mistakes."""
    parsed = read(text)
    assert [(d.code, d.message) for d in parsed.diagnostics] == [], text
    return parsed.module


def condition(text: str) -> Any:
    """Return the condition that a text means; it has no mistakes."""
    found, wrong = parse_condition(Source("c", text))
    assert [(d.code, d.message) for d in wrong] == [], text
    return found


def item(text: str) -> Any:
    """Return the setting or statement that a text means, alone in a journey."""
    (flow,) = read_well(f'journey "j" {{\n{text}\n}}').declarations
    assert isinstance(flow, tree.Flow)
    (only,) = flow.items
    return only


def line_of_test(text: str) -> Any:
    """Return the line that a text means, alone in a test."""
    (test,) = read_well(f'test "t" {{\n{text}\n}}').declarations
    assert isinstance(test, tree.Test)
    (only,) = test.items
    return only


def value(text: str) -> Any:
    """Return the value that a text means, as an option's."""
    return item(f"step a: b {{ x: {text} }}").options[0].value


def places(text: str) -> list[tuple[int, str]]:
    """Return line and code of all that is wrong with a file."""
    parsed = read(text)
    return [(line_of(d), d.code) for d in parsed.diagnostics]


def line_of(found: Diagnostic) -> int:
    """Return the line on which a diagnostic stands."""
    return found.source.position(found.span.start)[0]


def only(text: str) -> Diagnostic:
    """Return the one thing that is wrong with a file."""
    (found,) = read(text).diagnostics
    return found


def mended(text: str) -> str:
    """Return a file after the fixes of all that is wrong with it."""
    edits = [edit for d in read(text).diagnostics if d.fix is not None for edit in d.fix.edits]
    for edit in sorted(edits, key=lambda e: e.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def laid_out(text: str) -> str:
    """Return the canonical layout of a text; it is stable."""
    result = format_source(Source("a.seq", text))
    assert result.diagnostics == (), text
    assert format_source(Source("a.seq", result.text)).text == result.text
    return result.text
