"""`check --fix` over everything people get wrong: it ends, mends what it says, and leaves no file worse than it was."""

from __future__ import annotations

from functools import cache

import pytest

from seqlang.app.checking import apply_fixes
from seqlang.compiler import compile_project
from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source
from seqlang.syntax.parse import parse
from tests.semantics.reading import FIELDS, project
from tests.semantics.test_habits import AROUND, FILES, LINE, TEMPLATES

PASSES_MAX = 6


def found(text: str) -> tuple[Diagnostic, ...]:
    checked = compile_project(project(text, FIELDS + AROUND, templates=TEMPLATES))
    return tuple(d for d in checked.diagnostics if d.source.path == "a.seq")


@cache
def mended(text: str, *, unsafe: bool) -> tuple[str, int]:
    """Return a text after all fixes, pass by pass, and how many passes changed something."""
    for number in range(PASSES_MAX):
        after, count = apply_fixes(text, found(text), unsafe=unsafe)
        if not count:
            return text, number
        assert after != text
        text = after
    return text, PASSES_MAX


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "all"])
def test_fixes_come_to_an_end_and_break_nothing(file: object, *, unsafe: bool) -> None:
    text = file.read_text("utf-8").partition(LINE)[0]  # type: ignore[attr-defined]
    after, passes = mended(text, unsafe=unsafe)
    assert passes < PASSES_MAX
    assert len(parse(Source("a.seq", after)).diagnostics) <= len(parse(Source("a.seq", text)).diagnostics)
    left = [d for d in found(after) if d.fix is not None and (unsafe or d.fix.safe)]
    assert left == []


def test_a_fix_that_puts_in_what_another_leaves_out_is_none() -> None:
    text = 'classic sequence "S" [\n  run tue-fri 09:00\n  step a call on day 1 { wed-fri]'
    after, passes = mended(text, unsafe=True)
    assert passes < PASSES_MAX
    assert mended(after, unsafe=True) == (after, 0)


@pytest.mark.parametrize(
    "text",
    [
        'record x {\n  a text\n  b choice ["a", "b"\n',
        'view "x" of contact where (score > 5 and (country in ["DE", "AT"',
        '{\n  "type": "classic sequence",\n  "steps": [{"channel": "email"',
    ],
)
def test_brackets_that_are_missing_at_one_place_are_closed_one_after_the_other(text: str) -> None:
    after, passes = mended(text, unsafe=True)
    assert passes < PASSES_MAX
    assert [d.code for d in parse(Source("a.seq", after)).diagnostics if d.code in ("SEQ112", "SEQ113")] == []
