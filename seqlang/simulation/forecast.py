"""Who gets what when, in numbers: a line for each day and owner, and when each flow is finished."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from seqlang.simulation.lines import Line, shown_at

COLUMNS = ("entered", "messages", "to-dos", "other", "skipped", "deferred", "failed", "left")


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """What the forecast needs to know of a flow."""

    owner: str | None
    message_steps: frozenset[str]  # names of steps that send
    todo_steps: frozenset[str]  # names of steps that people do
    caps: tuple[tuple[str, int], ...] = ()  # limits per user and day: what they count, how many


@dataclass(slots=True)
class Forecast:
    """Counts lines as they come; asks nothing of the store."""

    flows: Mapping[str, FlowFacts]
    days: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)  # (date, owner) -> column -> how many
    held: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # (flow, step, why) -> how many waits
    finished: dict[str, tuple[str, int]] = field(default_factory=dict)  # flow -> last day on which somebody left, how many left
    entered: Counter[str] = field(default_factory=Counter)

    def count(self, line: Line) -> None:
        """Take one line into account."""
        facts = self.flows.get(line.flow)
        day = shown_at(line.at, line.zone)[:10]
        place = (day, (facts.owner if facts else None) or "")
        counts = self.days.get(place)
        if counts is None:
            counts = self.days[place] = Counter()
        match line.what:
            case "entered":
                counts["entered"] += 1
                self.entered[line.flow] += 1
            case "executed":
                counts[self._column(facts, line)] += 1
            case "skipped" | "failed":
                counts[line.what] += 1
            case "deferred":
                counts["deferred"] += 1
                self.held[line.flow, line.step or "", line.why or ""] += 1
            case "exited":
                counts["left"] += 1
                self.finished[line.flow] = (day, self.finished.get(line.flow, ("", 0))[1] + 1)
            case _:
                pass

    @staticmethod
    def _column(facts: FlowFacts | None, line: Line) -> str:
        if facts and line.step in facts.todo_steps and line.channel != "email":
            return "to-dos"
        if facts and line.channel and line.step in facts.message_steps:
            return "messages"
        return "other"

    def cap_of(self, owner: str) -> int | None:
        """Return the tightest limit on messages of that owner in a day."""
        caps = [n for facts in self.flows.values() if (facts.owner or "") == owner for _, n in facts.caps]
        return min(caps, default=None)


def forecast_json(forecast: Forecast) -> str:
    """Return the forecast as one JSON document."""
    days = [
        {"date": day, "owner": owner or None, **{c: counts[c] for c in COLUMNS}, "cap": forecast.cap_of(owner)}
        for (day, owner), counts in sorted(forecast.days.items())
    ]
    held = [
        {"sequence": flow, "step": step or None, "why": why, "count": n} for (flow, step, why), n in sorted(forecast.held.items())
    ]
    flows = [
        {
            "sequence": flow,
            "entered": forecast.entered[flow],
            "left": forecast.finished.get(flow, ("", 0))[1],
            "last": forecast.finished[flow][0] if flow in forecast.finished else None,
        }
        for flow in sorted(forecast.flows)
    ]
    return json.dumps({"days": days, "held_back": held, "flows": flows}, ensure_ascii=False, indent=2)


def forecast_text(forecast: Forecast) -> str:
    """Return the forecast for people."""
    if not forecast.days:
        return "nothing happens in this span"
    used = [c for c in COLUMNS if any(counts[c] for counts in forecast.days.values())]
    head = ["day", "owner", *used]
    capped = any(forecast.cap_of(owner) is not None for _, owner in forecast.days)
    if capped:
        head.append("cap")
    rows: list[list[str | int]] = []
    for (day, owner), counts in sorted(forecast.days.items()):
        row: list[str | int] = [day, owner, *(counts[c] for c in used)]
        if capped:
            row.append(forecast.cap_of(owner) or "")
        rows.append(row)
    parts = [_grid(head, rows)]
    for (flow, step, why), n in sorted(forecast.held.items()):
        parts.append(f"held back: {step} of {flow}, {n} {'time' if n == 1 else 'times'} ({why})")
    for flow in sorted(forecast.flows):
        day, left = forecast.finished.get(flow, ("", 0))
        came = forecast.entered[flow]
        last = f", the last on {day}" if day else ""
        parts.append(f"{flow}: {came} came in, {left} left{last}")
    return "\n".join(parts)


def _grid(head: list[str], rows: list[list[str | int]]) -> str:
    shown = [[str(c) for c in row] for row in rows]
    widths = [max(len(h), *(len(r[i]) for r in shown)) for i, h in enumerate(head)]

    def line(cells: list[str]) -> str:
        return "  ".join(c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))).rstrip()

    return "\n".join([line(head), *(line(r) for r in shown)])
