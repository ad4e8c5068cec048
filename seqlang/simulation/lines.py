"""A line of the timeline, as `simulate` and `log` print it (COMMANDS.md, *Trying*)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

NAME_WIDTH = 30
TEXT_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened to one record in one flow."""

    at: datetime  # the planned instant, aware
    zone: str  # of the flow: `at` is shown in it
    flow: str
    contact: str | None  # the address; a deal's contact; None for accounts
    record: str  # "contact:kim@example.com", "deal:Big one"
    what: str  # entered executed skipped deferred held failed branched exited
    step: str | None
    channel: str | None
    why: str | None


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=8192)
def shown_at(at: datetime, zone: str) -> str:
    """Return the instant with the offset of the zone: "2026-03-02T09:30:00+01:00"."""
    return at.astimezone(_zone(zone)).isoformat(timespec="seconds")


def json_line(line: Line) -> str:
    """Return the line as one JSON object."""
    return json.dumps({
        "at": shown_at(line.at, line.zone), "sequence": line.flow, "contact": line.contact, "record": line.record,
        "what": line.what, "step": line.step, "channel": line.channel, "why": line.why,
    }, ensure_ascii=False)


def text_line(line: Line) -> str:
    """Return the line for people: the local time, who, what, and in which flow."""
    at = shown_at(line.at, line.zone)
    moment = f"{at[:10]} {at[11:16] if at[17:19] == '00' else at[11:19]}"
    who = line.contact or line.record
    if line.contact and not line.record.startswith("contact:"):
        who = line.record
    return f"{moment}  {who:<{NAME_WIDTH}}  {told(line):<{TEXT_WIDTH}}  {line.flow}"


def told(line: Line) -> str:
    """Return what happened, in words: "hello by email", "bump skipped: condition", "left: replied"."""
    why = f": {line.why}" if line.why else ""
    match line.what:
        case "entered":
            return "came in"
        case "executed":
            return f"{line.step} by {line.channel}" if line.channel else f"{line.step}"
        case "exited":
            goal = f" `{line.step}`" if line.step else ""
            return f"left{why}{goal}"
        case "branched":
            return f"{line.step} -> {line.why}"
        case "held":
            return f"held until {line.why}" if line.why else "held"
        case _:
            return f"{line.step or ''} {line.what}{why}".strip()
