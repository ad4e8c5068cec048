"""`fmt`: the one canonical layout of a file, proved by parsing it again."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from seqlang.app.checking import Target, write_text
from seqlang.app.project import read_source, source_paths
from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source
from seqlang.frozen import Record


class Formatted(Record):
    """One file, before and after."""

    path: str  # from where the reader stands
    place: Path
    before: str
    after: str | None  # None: it cannot be read, so it stays as it is
    diagnostics: tuple[Diagnostic, ...] = ()  # why not

    @property
    def changed(self) -> bool:
        """Whether the layout differs."""
        return self.after is not None and self.after != self.before

    def difference(self) -> str:
        """Return a unified diff."""
        after = self.after if self.after is not None else self.before
        return "".join(
            difflib.unified_diff(
                self.before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{self.path}", f"b/{self.path}"
            )
        )


def format_source(source: Source) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """Return the canonical text, or None and the mistakes that stand in the way."""
    from seqlang.syntax.printer import format_source as lay_out

    found = lay_out(source)
    return None if found.diagnostics else found.text, found.diagnostics


def format_targets(items: Sequence[Target], prefixes: Sequence[str]) -> list[Formatted]:
    """Return every file that was asked for, before and after; nothing is written."""
    found = []
    for target, prefix in zip(items, prefixes, strict=True):
        for path in source_paths(target.folder):
            place = target.folder / path
            if target.paths and not any(place == p or place.is_relative_to(p) for p in target.paths):
                continue
            source = read_source(target.folder, path)
            after, why = format_source(source)
            found.append(Formatted(prefix + path, place, source.text, after, why))
        for place in target.paths:  # a file that is named is formatted wherever it lies
            if place.is_file() and not any(f.place == place for f in found):
                source = read_source(place.parent, place.name)
                after, why = format_source(source)
                found.append(Formatted(place.name, place, source.text, after, why))
    return found


def write_formatted(item: Formatted) -> None:
    """Write the file in its canonical layout."""
    if item.after is not None and item.changed:
        write_text(item.place, item.after)
