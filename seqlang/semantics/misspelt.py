"""Declarations whose own name is misspelt: told once, where they stand, and not at each of their uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seqlang.diagnostics.diagnostic import Diagnostic, Edit, Fix, Related
from seqlang.diagnostics.source import Source
from seqlang.frozen import replace
from seqlang.semantics.project import ProjectText
from seqlang.semantics.report import bare, quoted
from seqlang.semantics.walks import statements
from seqlang.syntax import tree
from seqlang.syntax.nearest import distance
from seqlang.vocabulary.records import BUILT_IN

_CODES = frozenset({"SEQ211", "SEQ220", "SEQ221", "SEQ222", "SEQ230", "SEQ231", "SEQ232", "SEQ235", "SEQ440", "SEQ543"})
_TITLE = re.compile(r"write `(.+)`")
RELATED_MAX = 3
GROUPS_MAX = 20  # names looked for in the whole project
SLIPS_MAX = 2  # letters by which the two names differ

_BUILT_IN = frozenset(field.name for record in BUILT_IN for field in record.fields)  # words that are hardly slips

Place = tuple[Source, tree.Name | tree.Text]


def tell_at_declarations(text: ProjectText, found: list[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics with one at the declaration where nothing uses a name and several places want one nearly alike."""
    groups: dict[tuple[str, str], list[Diagnostic]] = {}
    for d in found:
        hit = _TITLE.fullmatch(d.fix.title) if d.fix is not None and d.code in _CODES else None
        if hit is not None and d.fix is not None:
            edit = d.fix.edits[0]
            wanted = d.source.text[edit.span.start : edit.span.end].strip('"`')
            groups.setdefault((wanted, hit.group(1)), []).append(d)
    if not groups:
        return found
    left = found
    for (wanted, near), uses in list(groups.items())[:GROUPS_MAX]:
        place = _slip(text, wanted, near)
        if place is not None:
            told = _told(place, wanted, near, uses)
            left = [told if d is uses[0] else d for d in left if d is uses[0] or not _wants(d, wanted)]
    return left


def _wants(d: Diagnostic, name: str) -> bool:
    return d.code in _CODES and d.source.text[d.span.start : d.span.end].strip('"`').rpartition(".")[2] == name


def _slip(text: ProjectText, wanted: str, near: str) -> Place | None:
    """Return the declaration of `near`, if that word stands nowhere else and `wanted` is written more than once."""
    if distance(wanted, near) > SLIPS_MAX or _times(text, near, 2) != 1:
        return None
    if wanted not in _BUILT_IN and _times(text, wanted, 2) < 2:
        return None
    for module in text.modules:
        for name in _declared(module.module):
            if (name.value if isinstance(name, tree.Text) else name.text) == near:
                return module.source, name
    return None


def _times(text: ProjectText, word: str, most: int) -> int:
    """Return how often a word stands in the files of the project; `most` is enough."""
    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    count = 0
    for module in text.modules:
        for _ in pattern.finditer(module.source.text):
            count += 1
            if count >= most:
                return count
    return count


def _told(place: Place, wanted: str, near: str, uses: list[Diagnostic]) -> Diagnostic:
    source, name = place
    written = quoted(wanted) if isinstance(name, tree.Text) else bare(wanted)
    return replace(
        uses[0],
        message=f"`{near}` is written `{wanted}` wherever it is used",
        source=source,
        span=name.span,
        hint=f"did you mean `{wanted}`?",
        fix=Fix(f"write `{wanted}`", (Edit(name.span, written),)),
        related=tuple(Related(f"`{wanted}` is used here", d.source, d.span) for d in uses[:RELATED_MAX]),
    )


def _declared(module: tree.Module) -> Iterator[tree.Name | tree.Text]:
    """Yield the names that a file declares."""
    for node in module.declarations:
        yield node.name
        match node:
            case tree.Record():
                yield from (field.name for field in node.fields)
            case tree.Event():
                yield from (field.name for field in node.properties)
            case tree.Flow():
                yield from (item.name for item in statements(node.items) if isinstance(item, tree.Step))
            case tree.Test():
                yield from (item.name for item in node.items if isinstance(item, tree.TestRecord))
            case _:
                pass
