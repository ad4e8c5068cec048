"""Who gets what when, in numbers: a line for each day and owner, and when each flow is finished."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from seqlang.plan.model import LimitPlan
from seqlang.schedule import window_start
from seqlang.simulation.lines import Line, shown_at

COLUMNS = ("entered", "messages", "to-dos", "other", "skipped", "deferred", "failed", "left")


_began = lru_cache(maxsize=4096)(window_start)


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """What the forecast needs to know of a flow."""

    owner: str | None
    message_steps: frozenset[str]  # names of steps that send
    todo_steps: frozenset[str]  # names of steps that people do
    limits: tuple[LimitPlan, ...] = ()  # all that hold the flow
    counted: Mapping[str, str] = field(default_factory=dict)  # by what limits count a step: "email", "message"
    zone: str = "UTC"  # whose days limits count by: the owner's, else the flow's


Window = tuple[str, str, datetime]  # a limit's name, whose it is, and when its window began


@dataclass(slots=True)
class Forecast:
    """Counts lines as they come; asks nothing of the store."""

    flows: Mapping[str, FlowFacts]
    contacts: int = 0  # how many there are: some limits are so many times that
    days: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)  # (date, owner) -> column -> how many
    # (flow, step, what, why, the windows of the limits that may have done it) -> how often
    held: Counter[tuple[str, str, str, str, tuple[Window, ...]]] = field(default_factory=Counter)
    used: Counter[Window] = field(default_factory=Counter)  # messages in a limit's window
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
                column = self._column(facts, line)
                counts[column] += 1
                if column == "messages" and facts is not None and facts.limits:
                    self.used.update(self._windows(facts, line))
            case "skipped" | "failed" | "deferred":
                counts[line.what] += 1
                if line.what == "deferred" or line.why == "limit":
                    windows = tuple(self._windows(facts, line)) if line.why == "limit" and facts else ()
                    self.held[line.flow, line.step or "", line.what, line.why or "", windows] += 1
            case "exited":
                counts["left"] += 1
                self.finished[line.flow] = (day, self.finished.get(line.flow, ("", 0))[1] + 1)
            case _:
                pass

    @staticmethod
    def _windows(facts: FlowFacts, line: Line) -> Iterator[Window]:
        """Yield the windows of the limits that count the message of a line."""
        what, owner = facts.counted.get(line.step or ""), facts.owner or ""
        if what is None:
            return
        whose = {"domain": (line.contact or "").rpartition("@")[2].lower(), "user": owner, "mailbox": owner}
        for limit in facts.limits:
            if limit.what in {what, "message"}:
                yield limit.name, whose.get(limit.per, ""), _began(limit.window, line.at, facts.zone)

    def held_back(self) -> Counter[tuple[str, str, str, str, str]]:
        """Return how often a step was put off or gone on without: flow, step, what, why, and which limit it was."""
        found: Counter[tuple[str, str, str, str, str]] = Counter()
        for (flow, step, what, why, windows), count in self.held.items():
            allowed = {limit.name: self._allowed(limit) for limit in self.flows[flow].limits} if windows else {}
            full = [window[0] for window in windows if self.used[window] >= allowed[window[0]]]
            name = full[0] if full else ""
            found[flow, step, what, why, f"{name}, {allowed[name]}" if name else ""] += count
        return found

    def _allowed(self, limit: LimitPlan) -> int:
        return limit.count * self.contacts if limit.per == "contact" else limit.count

    @staticmethod
    def _column(facts: FlowFacts | None, line: Line) -> str:
        if facts and line.step in facts.todo_steps and line.channel != "email":
            return "to-dos"
        if facts and line.channel and line.step in facts.message_steps:
            return "messages"
        return "other"

    def cap_of(self, owner: str) -> int | None:
        """Return the tightest limit on messages of that owner in a day."""
        theirs = [limit for facts in self.flows.values() if (facts.owner or "") == owner for limit in facts.limits]
        return min((limit.count for limit in theirs if limit.per == "user" and limit.window == "day"), default=None)


def forecast_json(forecast: Forecast) -> str:
    """Return the forecast as one JSON document."""
    days = [
        {"date": day, "owner": owner or None, **{c: counts[c] for c in COLUMNS}, "cap": forecast.cap_of(owner)}
        for (day, owner), counts in sorted(forecast.days.items())
    ]
    held = [
        {"sequence": flow, "step": step or None, "what": what, "why": why, "limit": limit or None, "count": n}
        for (flow, step, what, why, limit), n in sorted(forecast.held_back().items())
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
    for (flow, step, what, why, limit), n in sorted(forecast.held_back().items()):
        word, name = "held back" if what == "deferred" else what, f"{why}: {limit}" if limit else why
        parts.append(f"{word}: {step} of {flow}, {n} {'time' if n == 1 else 'times'} ({name})")
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
