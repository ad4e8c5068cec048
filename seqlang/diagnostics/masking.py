"""Lines of a source as they may be shown: what a diagnostic says of a secret is read by more people than the file."""

from __future__ import annotations

import re
from collections.abc import Iterable

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source, Span

HIDDEN = "•"
AT_THE_PLACE = frozenset({"SEQ448"})  # the place is the secret
BEHIND_THE_PLACE = frozenset({"SEQ805", "SEQ806"})  # the place is its key: what is in quotes behind it
_QUOTED = re.compile(r"[\"'].*[\"']|[\"'].*")
_SHOWN = re.compile(r"[^\s\"']")


class Masks:
    """The secrets that the diagnostics of a report are about."""

    def __init__(self, found: Iterable[Diagnostic]) -> None:
        self._hidden: dict[str, list[Span]] = {}
        for d in found:
            if d.code in AT_THE_PLACE:
                self._hidden.setdefault(d.source.path, []).append(d.span)
            elif d.code in BEHIND_THE_PLACE:
                self._hidden.setdefault(d.source.path, []).extend(_behind(d))

    def line(self, source: Source, number: int) -> str:
        """Return that line (from 1), each sign of a secret exchanged for another, so that columns stay; "": there is none."""
        place = source.line(number)
        shown = source.text[place.start : place.end]
        for span in self._hidden.get(source.path, ()):
            start, end = max(span.start - place.start, 0), span.end - place.start
            if start < len(shown) and end > start:
                shown = shown[:start] + _SHOWN.sub(HIDDEN, shown[start:end]) + shown[end:]
        return shown


def _behind(d: Diagnostic) -> list[Span]:
    end = d.source.text.find("\n", d.span.end)
    hit = _QUOTED.search(d.source.text, d.span.end, end if end >= 0 else len(d.source.text))
    return [Span(*hit.span())] if hit is not None else []
