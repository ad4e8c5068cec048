"""What a code means at length, with a bad and a good example: data beside this module, read when somebody asks."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from seqlang.diagnostics.catalogue import CATALOGUE
from seqlang.diagnostics.diagnostic import Severity

_FILES = ("syntax_examples.toml", "examples.toml")


@dataclass(frozen=True, slots=True)
class Explanation:
    """All there is to say of one code."""

    code: str
    severity: Severity
    title: str  # lower case, no full stop
    meaning: str | None  # sentences
    bad: str | None  # an example that brings it; None where no short text does
    good: str | None  # the same, mended


@cache
def _examples() -> dict[str, dict[str, str]]:
    """Return what the data files say of each code."""
    found: dict[str, dict[str, str]] = {}
    for file in _FILES:
        found |= tomllib.loads((Path(__file__).parent / file).read_text("utf-8"))
    return found


def explain(code: str) -> Explanation | None:
    """Return what a code means (`seq101` will do); None where the catalogue does not list it."""
    entry = CATALOGUE.get(code.upper())
    if entry is None:
        return None
    found = _examples().get(entry.code, {})
    bad, good = found.get("bad"), found.get("good")
    return Explanation(
        entry.code, entry.severity, entry.title, found.get("meaning"), bad and bad.strip("\n"), good and good.strip("\n")
    )
