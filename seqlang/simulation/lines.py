"""A line of the timeline, as `simulate` and `log` print it (COMMANDS.md, *Trying*)."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring
from zoneinfo import ZoneInfo

from seqlang.plan.statements import Statements
from seqlang.store.timeline import TimelineLine

Line = TimelineLine
NOTHING: Statements = {}
NAME_WIDTH = 30
TEXT_WIDTH = 40


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=8192)
def shown_at(at: datetime, zone: str) -> str:
    """Return the instant with the offset of the zone: "2026-03-02T09:30:00+01:00"."""
    return at.astimezone(_zone(zone)).isoformat(timespec="seconds")


def json_line(line: Line) -> str:
    """Return the line as one JSON object; written by hand, because there may be hundreds of thousands of them."""
    return (
        f'{{"at": "{shown_at(line.at, line.zone)}", "sequence": {_quoted(line.flow)}, "contact": {_quoted(line.contact)},'
        f' "record": {encode_basestring(line.record)}, "what": {_quoted(line.what)}, "step": {_quoted(line.step)},'
        f' "channel": {_quoted(line.channel)}, "why": {_quoted(line.why)}}}'
    )


@lru_cache(maxsize=8192)
def _quoted(text: str | None) -> str:
    return "null" if text is None else encode_basestring(text)


def text_line(line: Line, statements: Statements = NOTHING) -> str:
    """Return the line for people: the local time, who, what, and in which flow. `statements`: what those of the flows say."""
    at = shown_at(line.at, line.zone)
    moment = f"{at[:10]} {at[11:16] if at[17:19] == '00' else at[11:19]}"
    who = line.contact if line.contact and line.record.startswith("contact:") else line.record
    return f"{moment}  {who:<{NAME_WIDTH}}  {told(line, statements):<{TEXT_WIDTH}}  {line.flow}"


def told(line: Line, statements: Statements = NOTHING) -> str:
    """Return what happened, in words: "hello by email", "add score 5", "bump skipped: condition", "left: replied"."""
    why = f": {line.why}" if line.why else ""
    match line.what:
        case "entered":
            return "came in"
        case "executed":
            if line.channel:
                return f"{line.step} by {line.channel}"
            said = statements.get((line.flow, line.node or ""), "")
            return said if said.split(" ", 1)[0] == line.step else f"{line.step}"
        case "exited":
            goal = f" `{line.step}`" if line.step else ""
            return f"left{why}{goal}"
        case "branched":
            return f"{line.step} -> {line.why}"
        case "held":
            return f"held until {line.why}" if line.why else "held"
        case _:
            return f"{line.step or ''} {line.what}{why}".strip()
