"""A golden file for each code: its bad example, and all that is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqlang.diagnostics.catalogue import CATALOGUE
from seqlang.diagnostics.diagnostic import Diagnostic
from tests.semantics.frames import bad_example

GOLDEN = Path(__file__).parent / "golden"


def shown(d: Diagnostic) -> list[str]:
    """Return a diagnostic with everything that belongs to it."""
    place = d.source.text[d.span.start : d.span.end].replace("\n", "\\n")
    out = [f"{d.severity}[{d.code}] at `{place}`: {d.message}"]
    if d.hint is not None:
        out.append(f"  hint: {d.hint}")
    out += [f"  related: {r.message}: `{r.source.text[r.span.start : r.span.end]}`" for r in d.related]
    if d.fix is not None:
        out.append(f"  fix{' (safe)' if d.fix.safe else ''}: {d.fix.title}")
    return out


def said(code: str) -> str:
    """Return the bad example of a code and what is said of it."""
    text, found = bad_example(code)
    lines = [line for d in found if d.code == code for line in shown(d)]
    return "\n".join([text, "-" * 40, *lines, ""])


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_of_a_bad_example_is_said_what_the_golden_file_has(code: str, *, golden_update: bool) -> None:
    text, golden = said(code), GOLDEN / f"{code}.txt"
    if golden_update:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, "utf-8")
    assert golden.is_file(), f"{golden.name} is missing: run with --golden-update"
    assert golden.read_text("utf-8") == text


def test_every_code_has_a_golden_file() -> None:
    assert {file.stem for file in GOLDEN.glob("*")} == set(CATALOGUE)
