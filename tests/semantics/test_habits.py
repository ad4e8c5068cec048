"""What people write who come from documents, other tools and other languages: each program with all that is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqlang.compiler import compile_project
from seqlang.vocabulary.settings import ProjectSettings
from tests.semantics.reading import FIELDS, project

FOLDER = Path(__file__).parent / "habits"
FILES = sorted(FOLDER.glob("*.txt"))
LINE = "-" * 40 + "\n"
TEMPLATES = {
    "hello.html": "<title>Hi</title>Hello {{ contact.first_name | default('you') }}",
    "bump.html": "<title>Hi</title>Hello",
}
AROUND = """
view "Fresh leads" of contact where stage = "Lead" and created_at in the last 30 days
event "go"
event "login"
"""


def told(text: str) -> str:
    """Return a program and what is said of it; what nothing uses in such a small file is left out."""
    checked = compile_project(
        project(text, FIELDS + AROUND, templates=TEMPLATES, settings=ProjectSettings(timezone="Europe/Berlin"))
    )
    out = [text, LINE]
    for d in checked.diagnostics:
        if d.code == "SEQ603":
            continue
        place = d.source.text[d.span.start : d.span.end].replace("\n", "\\n")
        out.append(f"{d.source.position(d.span.start)[0]}: {d.code} at `{place}`: {d.message}\n")
        if d.hint is not None:
            out.append(f"    hint: {d.hint}\n")
        if d.fix is not None:
            out.append(f"    fix{' (safe)' if d.fix.safe else ''}: {d.fix.title}\n")
    return "".join(out)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_habit_is_told_what_the_golden_file_says(file: Path, *, golden_update: bool) -> None:
    kept = file.read_text("utf-8")
    said = told(kept.partition(LINE)[0])
    if golden_update:
        file.write_text(said, "utf-8")
        return
    assert said == kept


def test_there_are_many_habits() -> None:
    assert len(FILES) > 100
