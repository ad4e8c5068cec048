"""Where the keys of a TOML text stand: the standard library reads their values and forgets their places."""

from __future__ import annotations

import re
from functools import lru_cache

from seqlang.diagnostics.source import NOWHERE, Span

Key = tuple[str | int, ...]  # ("users", 0, "email"), ("pace", "quiet")

_PART = r"""(?:[\w-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
# Compiled by `re` when a mistake is looked for, not before.
_LINE = rf"(?m)^[ \t]*(?:(\[\[?)\s*({_DOTTED})\s*\]\]?|({_DOTTED})[ \t]*=)"
_INLINE = rf"[{{,]\s*({_DOTTED})\s*="


def mend_plans(text: str) -> str:
    """Return the text with `[plan.NAME]` as `[plans.NAME]`, line for line.

    `plan = "NAME"` beside `[plan.NAME]` is what authors write, and no TOML: a key is a value or a table, not both.
    """
    if "plan" not in text:
        return text
    return re.sub(r"^([ \t]*\[\[?\s*)plan(\s*\.)", r"\1plans\2", text, flags=re.MULTILINE)


@lru_cache(maxsize=4)
def find_keys(text: str) -> dict[Key, Span]:
    """Return the places of all keys and tables of a text, `plan.NAME` as `plans.NAME`."""
    found: dict[Key, Span] = {}
    counts: dict[Key, int] = {}
    table: Key = ()
    for match in re.finditer(_LINE, text):
        if match[1] is not None:
            table = _parts(match[2])
            if table[0] == "plan" and len(table) > 1:
                table = ("plans", *table[1:])
            if match[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            found.setdefault(table, Span(match.start(2), match.end(2)))
            continue
        key = (*table, *_parts(match[3]))
        found.setdefault(key, Span(match.start(3), match.end(3)))
        end = text.find("\n", match.end())
        for inner in re.compile(_INLINE).finditer(text, match.end(), len(text) if end < 0 else end):
            found.setdefault((*key, *_parts(inner[1])), Span(inner.start(1), inner.end(1)))
    return found


def place_of(places: dict[Key, Span], key: Key) -> Span:
    """Return where a key stands, else the nearest table around it."""
    while key:
        if key in places:
            return places[key]
        key = key[:-1]
    return NOWHERE


def line_span(text: str, line: int) -> Span:
    """Return the place of a line, counted from 1, without the white space around it."""
    lines = text.split("\n")
    index = min(max(line, 1), len(lines)) - 1
    start = sum(len(part) + 1 for part in lines[:index])
    indent = len(lines[index]) - len(lines[index].lstrip())
    return Span(start + indent, start + max(len(lines[index].rstrip()), indent))


def _parts(dotted: str) -> Key:
    return tuple(part[1:-1] if part[0] in "\"'" else part for part in re.findall(_PART, dotted))
