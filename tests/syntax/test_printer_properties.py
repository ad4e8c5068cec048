"""Laws of the printer: what it writes means what it was given, and formatting twice is formatting once."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqlang.diagnostics.source import Source
from seqlang.syntax import tree
from seqlang.syntax.parse import parse, parse_condition
from seqlang.syntax.printer import format_source, print_module
from seqlang.syntax.scan import scan
from seqlang.syntax.unparse_values import condition as write_condition
from tests.syntax.trees import conditions, modules

CALM = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@CALM
@given(conditions())
def test_a_condition_that_is_written_means_the_same_when_it_is_read(condition: tree.Condition) -> None:
    written = write_condition(condition)
    read, found = parse_condition(Source("c", written))
    assert not found, written
    assert read == condition, written


@CALM
@given(modules())
def test_a_module_that_is_written_means_the_same_when_it_is_read(module: tree.Module) -> None:
    written = print_module(module)
    parsed = parse(Source("m.seq", written))
    assert not parsed.diagnostics, written
    assert parsed.module == module, written
    assert format_source(Source("m.seq", written)).text == written


@CALM
@given(modules(), st.randoms(use_true_random=False))
def test_layout_does_not_depend_on_white_space_and_keeps_every_comment(module: tree.Module, chance: Any) -> None:
    written = print_module(module)
    spoilt, comments = disarrange(written, chance)
    result = format_source(Source("m.seq", spoilt))
    assert not result.diagnostics, spoilt
    kept = [token.text for token in scan(Source("m.seq", result.text)).comments]
    assert kept == comments
    assert parse(Source("m.seq", result.text)).module == module
    assert format_source(Source("m.seq", result.text)).text == result.text, spoilt


def disarrange(text: str, chance: Any) -> tuple[str, list[str]]:
    """Return a text with other gaps and line ends, with comments wherever a line can end, and the comments."""
    out: list[str] = []
    comments: list[str] = []
    place = 0
    brackets: list[str] = []
    for token in scan(Source("m.seq", text)).tokens:
        gap = text[place : token.start]
        free = bool(brackets) and brackets[-1] in "(["  # line ends mean nothing here
        goes_on = token.text in ("and", "or", "when", "else") and token.kind == "WORD" and "." not in out[-1:]
        if "\n" in gap or (chance.random() < 0.1 and (free or goes_on)):
            for _ in range(chance.choice([1, 1, 1, 2, 4])):
                if chance.random() < 0.3:
                    comments.append(f'# {len(comments)} `x` "y" {{')
                    out.append(chance.choice(["", " ", "   "]) + comments[-1] + chance.choice(["", "  "]))
                out.append("\n")
            out.append(" " * chance.randrange(9))
        elif gap:
            out.append(" " * chance.randrange(1, 4))
        out.append(text[token.start : token.end])
        place = token.end
        if token.kind in ("(", "[", "{"):
            brackets.append(token.kind)
        elif token.kind in (")", "]", "}"):
            brackets.pop()
    return "".join(out), comments
