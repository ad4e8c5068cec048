"""What a code means at length, with a bad and a good example: a Markdown page each, read when somebody asks.

The pages are those of the documentation, too. Before its heading a page may name the frame in which its examples are tested.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from seqlang.diagnostics.catalogue import CATALOGUE
from seqlang.diagnostics.diagnostic import Severity

PAGES = Path(__file__).parent / "pages"
_EXAMPLE = r"^{}:\n\n```\w*\n(.*?)^```$"
_FRAME = re.compile(r"^---\nframe: (.+)\n---\n")


@dataclass(frozen=True, slots=True)
class Explanation:
    """All there is to say of one code."""

    code: str
    severity: Severity
    title: str  # lower case, no full stop
    meaning: str  # sentences
    bad: str | None  # an example that brings it; None where no short text does
    good: str | None  # the same, mended
    frame: str | None  # what stands around the examples in the tests; None: nothing, they are whole files
    markdown: str  # the whole page, without what stands before its heading


@cache
def explain(code: str) -> Explanation | None:
    """Return what a code means (`seq101` will do); None where the catalogue does not list it."""
    entry = CATALOGUE.get(code.upper())
    if entry is None:
        return None
    text = (PAGES / f"{entry.code}.md").read_text("utf-8")
    head = _FRAME.match(text)
    page = text[head.end() :] if head is not None else text
    meaning = page.split("\n\n")[1].rstrip("\n")
    said = meaning.split(". ", 1)[1]  # behind "An error."
    return Explanation(
        entry.code, entry.severity, entry.title, said, _example(page, "Bad"), _example(page, "Good"), head and head[1], page
    )


def _example(page: str, word: str) -> str | None:
    found = re.search(_EXAMPLE.format(word), page, re.DOTALL | re.MULTILINE)
    return found[1].removesuffix("\n") if found is not None else None
