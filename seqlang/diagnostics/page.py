"""The list of all codes, made of the catalogue: `python -m seqlang.diagnostics.page > docs/reference/codes.md`."""

from __future__ import annotations

import sys

from seqlang.diagnostics.catalogue import CATALOGUE

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

Every diagnostic bears a code that stays the same in all versions. `seqlang explain CODE` shows the page of a code: what it
means, a bad and a good example. Errors keep a project from being applied; the level of a warning can be set, and a comment can
allow it at one place (see [checking](../guides/ci.md)). This list is made of the catalogue: do not edit it.
"""


def page() -> str:
    """Return the list as Markdown: a line for each code, with a link to its page."""
    out = [_HEAD]
    part = ""
    for code, entry in sorted(CATALOGUE.items()):
        if _PARTS[code[3]] != part:
            part = _PARTS[code[3]]
            out.append(f"\n## {part}\n\n| code | | what is wrong |\n| --- | --- | --- |")
        out.append(f"| [{code}](codes/{code}.md) | {entry.severity} | {entry.title} |")
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
