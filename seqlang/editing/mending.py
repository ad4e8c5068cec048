"""What an editor offers to mend at a place: the fixes of diagnostics, and files that are missing."""

from __future__ import annotations

import re

from seqlang.diagnostics.diagnostic import Diagnostic, Edit
from seqlang.diagnostics.source import Span
from seqlang.editing.analysis import Analysis
from seqlang.frozen import Record

_TEMPLATE = re.compile(r"there is no template `(.+)`")
DECLARED = frozenset({"SEQ211", "SEQ220", "SEQ221"})  # whose hint is a declaration of its own
NEW_TEMPLATE = "<p>Hello {{ contact.first_name | default('there') }},</p>\n"


class Mend(Record):
    """One offer."""

    title: str
    of: Diagnostic
    edits: tuple[Edit, ...] = ()  # of the diagnostic's own file
    creates: tuple[str, str] | None = None  # path of a new file and its text
    safe: bool = False


def mends(analysis: Analysis, path: str, span: Span) -> tuple[Mend, ...]:
    """Return the offers for all diagnostics of a file that touch a span, the safe ones first."""
    found: list[Mend] = []
    for one in analysis.diagnostics:
        if one.source.path != path or one.span.end < span.start or one.span.start > span.end:
            continue
        if one.fix is not None:
            found.append(Mend(one.fix.title, one, one.fix.edits, safe=one.fix.safe))
        missing = _TEMPLATE.fullmatch(one.message)
        if missing is not None and ".." not in missing[1].split("/") and not missing[1].startswith("/"):
            found.append(Mend(f"create `templates/{missing[1]}`", one, creates=(f"templates/{missing[1]}", NEW_TEMPLATE)))
        found += _declarations(one)
    return tuple(sorted(found, key=lambda mend: not mend.safe))


def _declarations(one: Diagnostic) -> list[Mend]:
    """Offer to declare what is used and not declared, as the hint says: an event, a list, a field of a record."""
    named = re.fullmatch(r"declare it: `((?:event|list|record) .+)`", one.hint or "")
    if named is None or one.code not in DECLARED:
        return []
    return [Mend(f"declare `{named[1]}`", one, (Edit(Span(0, 0), named[1] + "\n"),))]
