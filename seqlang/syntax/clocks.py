"""Times of day that no clock shows."""

from __future__ import annotations

import re

from seqlang.diagnostics.catalogue import problem
from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source, Span
from seqlang.syntax.tokens import Token


def check_clock(source: Source, token: Token, before: Token | None, found: list[Diagnostic]) -> None:
    """Report a time of day that no clock shows; `24:00` is right where something ends: behind a `-`."""
    clock = token.text.partition("T")[2] if token.kind == "INSTANT" else token.text if token.kind == "TIME" else ""
    if not clock or clock[0] < "2" and clock[3] < "6" and (token.kind == "TIME" or _offset_holds(clock)):  # noqa: RUF021
        return
    hour, minute = int(clock[:2]), int(clock[3:5])
    if clock == "24:00" and before is not None and before.kind == "-":
        return
    if hour > 23 or minute > 59 or not _offset_holds(clock):
        span = Span(token.start, token.end)
        hint = "hours go from 00 to 23, minutes from 00 to 59"
        found.append(problem("SEQ125", source, span, f"there is no time `{token.text}`", hint=hint))
        token.text = token.text[: -len(clock)] + "00:00"


def _offset_holds(clock: str) -> bool:
    """Say whether the seconds and the offset of an instant's clock can be."""
    hit = re.fullmatch(r"\d\d:\d\d(?::(\d\d)(?:\.\d+)?)?(?:Z|[+-](\d\d):(\d\d))?", clock)
    if hit is None:
        return False
    seconds, hours, minutes = (int(part or 0) for part in hit.groups())
    return seconds < 60 and hours < 15 and minutes < 60
