"""The reference of all codes, made of the catalogue: `python -m seqlang.diagnostics.page > docs/reference/codes.md`."""

from __future__ import annotations

import sys

from seqlang.diagnostics.catalogue import CATALOGUE
from seqlang.diagnostics.explain import explain

_PARTS = {
    "1": "Syntax",
    "2": "Names",
    "3": "Types and times",
    "4": "Channels, options and templates",
    "5": "Kinds, schedules and rules",
    "6": "Sense",
    "7": "Plans",
    "8": "Settings of a project",
}
_HEAD = """# Codes

Every diagnostic bears a code that stays the same in all versions. `seqlang explain CODE` tells what stands here. Errors
keep a project from being applied. This page is made of the catalogue: do not edit it.
"""


def _example(word: str, text: str) -> str:
    return f"{word}:\n\n```text\n{text}\n```\n"


def page() -> str:
    """Return the page as Markdown: a heading for each code."""
    out = [_HEAD]
    part = ""
    for code in sorted(CATALOGUE):
        found = explain(code)
        assert found is not None  # it comes from the catalogue
        if _PARTS[code[3]] != part:
            part = _PARTS[code[3]]
            out.append(f"## {part}\n")
        out.append(f"### {code}: {found.title}\n")
        out.append(
            (f"An {found.severity}." if found.severity == "error" else f"A {found.severity}.")
            + (f" {found.meaning}" if found.meaning else "")
            + "\n"
        )
        if found.bad is not None and found.good is not None:
            out += [_example("Bad", found.bad), _example("Good", found.good)]
    return "\n".join(out)


if __name__ == "__main__":
    sys.stdout.write(page())
