"""When a contact who came in at a given moment would get each step, as far as a file alone can tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from seqlang.frozen import Record
from seqlang.plan.conditions import Span
from seqlang.plan.model import AfterEntry, AfterPrevious, AfterStep, OnDay, SchedulePlan, StepNode, WaitNode
from seqlang.schedule.runs import next_run, next_run_at_or_after, run_days, run_wall_time
from seqlang.schedule.spans import add_span, shift_date
from seqlang.schedule.zones import local_instant, wall_time
from seqlang.semantics.checked import Body, CheckedFlow, CheckedIf, CheckedNode, CheckedSplit

DAYS_MAX = 400  # `on day 401` is not looked for


class Expected(Record):
    """When a step is expected."""

    at: datetime  # wall time of the flow, without a zone
    sure: bool  # False: at the earliest

    def words(self, today: date) -> str:
        """Return it for people: "Tue 3 March", with the year where it is another one."""
        day = f"{self.at:%a} {self.at.day} {self.at:%B}"
        return day if self.at.year == today.year else f"{day} {self.at.year}"


def expected(flow: CheckedFlow, now: datetime) -> dict[str, Expected]:
    """Return for each step when somebody gets it who enters at `now` (aware); steps of which nothing can be said are left out."""
    if flow.schedule is None:
        return dict(_on_the_way(flow, flow.body, now, {}))
    entry = next_run_at_or_after(flow.schedule, now, now)
    if entry is None:
        return {}
    steps = [s.node for s in flow.body if isinstance(s, CheckedNode) and isinstance(s.node, StepNode)]
    return dict(_in_runs(flow, flow.schedule, steps, entry))


def _in_runs(flow: CheckedFlow, run: SchedulePlan, steps: list[StepNode], entry: datetime) -> Iterator[tuple[str, Expected]]:
    """Steps of a sequence or cadence whose contact comes in at the run `entry`."""
    days = _days(run, entry, max((s.timing.day for s in steps if isinstance(s.timing, OnDay)), default=1))
    known: dict[str, datetime] = {}
    before = entry
    for index, step in enumerate(steps):
        match step.timing:
            case OnDay(day=day) if day <= len(days):
                at: datetime | None = days[day - 1]
            case AfterEntry(span=span):
                at = next_run_at_or_after(run, _later(flow, entry, span), entry)
            case AfterPrevious(span=span):
                at = next_run_at_or_after(run, _later(flow, before, span), entry)
            case AfterStep(step=other, span=span) if other in known:
                at = _calendar(flow, run, known[other], span)
            case None:
                at = before if flow.kind != "outbound" or not index else next_run(run, before, entry)
            case _:
                at = None
        if at is None:
            continue
        known[step.key] = before = at
        yield step.key, Expected(run_wall_time(run, at), sure=flow.kind in {"classic", "cadence"})


def _days(run: SchedulePlan, entry: datetime, most: int) -> list[datetime]:
    """Return the first run of each day that counts, from the day of the entry on."""
    found: list[datetime] = []
    for _, first in run_days(run, entry, run_wall_time(run, entry).date()):
        found.append(first)
        if len(found) >= min(most, DAYS_MAX):
            break
    return found


def _later(flow: CheckedFlow, at: datetime, span: Span) -> datetime:
    return add_span(at, span, flow.zone, flow.working, schedule=flow.schedule)


def _calendar(flow: CheckedFlow, run: SchedulePlan, at: datetime, span: Span) -> datetime | None:
    """Return the first run on or after the day that lies a span after another step."""
    if span.unit in {"minute", "hour"}:
        return next_run_at_or_after(run, _later(flow, at, span), at)
    day = shift_date(run_wall_time(run, at).date(), span, flow.working)
    return next_run_at_or_after(run, local_instant(day, datetime.min.time(), flow.zone), at)


def _on_the_way(flow: CheckedFlow, body: Body, at: datetime, found: dict[str, Expected]) -> dict[str, Expected]:
    """Steps of a journey, each as early as its waits allow; behind a condition nobody knows."""
    for statement in body:
        match statement:
            case CheckedNode(node=StepNode() as step):
                found[step.key] = Expected(wall_time(at, flow.zone), sure=False)
            case CheckedNode(node=WaitNode() as wait):
                at = add_span(at, wait.span, flow.zone, flow.working)
            case CheckedIf():
                for _, inner in statement.arms:
                    _on_the_way(flow, inner, at, found)
                _on_the_way(flow, statement.otherwise, at, found)
            case CheckedSplit():
                for side in statement.sides:
                    _on_the_way(flow, side.body, at, found)
            case _:
                continue
    return found
