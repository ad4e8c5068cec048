"""Limits that starve a step: with so many contacts and so many messages a day it is reached later than its day (LANGUAGE 8).

Only what is certain counts: steps with a condition take no place, and nobody else takes one from the owner's limit.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from heapq import heappop, heappush

from seqlang.diagnostics.diagnostic import Diagnostic, Related
from seqlang.plan.model import LimitPlan, OnDay, StepNode
from seqlang.semantics.checked import CheckedFlow
from seqlang.semantics.flow_sense import step_nodes
from seqlang.semantics.limits import flow_limits
from seqlang.semantics.project import ProjectText
from seqlang.semantics.reach import never_run
from seqlang.semantics.report import Reporter
from seqlang.semantics.usual_runs import usual_dates
from seqlang.syntax import tree

DAYS_MAX = 1000  # with a run, looked ahead


def check_starving(text: ProjectText, flows: Iterable[CheckedFlow], sink: list[Diagnostic]) -> None:
    """Warn of the first step of each flow that is starved, where `[expect]` says how many contacts come."""
    contacts = text.settings.expect.contacts
    if not contacts:
        return
    for flow in flows:
        if flow.kind != "classic" or flow.audience is None or flow.schedule is None or flow.audience.admit_per == "week":
            continue
        for limit in flow_limits(text.settings, text.words, flow.kind, flow.owner):
            waits = (flow.manners.over_limit or limit.over) == "defer"
            steady = limit.window == "day" and limit.per != "domain" and not limit.warmups
            if waits and steady and _tell(text, flow, limit, contacts, sink):
                break


def _tell(text: ProjectText, flow: CheckedFlow, limit: LimitPlan, contacts: int, sink: list[Diagnostic]) -> bool:
    dead = never_run(flow, sink)
    steps = [s for s in step_nodes(flow.body) if isinstance(s.timing, OnDay) and s.key not in dead]
    steps.sort(key=_day)
    reached = _reached(flow, steps, limit, contacts)
    starved = next(
        (n for n, step in enumerate(steps) if _limited(step, limit) and reached.get(n, DAYS_MAX) > _day(step) - 1), None
    )
    if starved is None:
        return False
    step, run = steps[starved], reached.get(starved)
    place = next(info.node.name for info in flow.steps if info.name == step.key)
    when = "never" if run is None else f"on {_shown(text, flow, run)}"
    related = tuple(
        Related("this many come in a day", flow.source, node.span) for node in flow.node.items if isinstance(node, tree.Admit)
    )
    Reporter(flow.source, sink).warning(
        "SEQ624",
        place,
        f"with {contacts:,} contacts and {limit.count:,} a day, `{step.key}` is reached {when}",
        hint=f"it is due on day {_day(step)}: let fewer in a day (`admit at most …`), or give the limit `{limit.name}` more room",
        related=related,
    )
    return True


def _reached(flow: CheckedFlow, steps: list[StepNode], limit: LimitPlan, contacts: int) -> dict[int, int]:
    """Return the run (from 0) in which the first contact gets each step: whoever has waited longest goes first."""
    assert flow.audience is not None
    admitted = flow.audience.admit
    reached: dict[int, int] = {}
    queue: list[tuple[int, int, int, int]] = []  # due, entry, step, contacts
    left = contacts
    for run in range(DAYS_MAX):
        if left:
            came = left if admitted is None else min(admitted, left)
            left -= came
            heappush(queue, (run, run, 0, came))
        room = limit.count
        later: list[tuple[int, int, int, int]] = []
        while queue and queue[0][0] <= run:
            due, entry, number, count = heappop(queue)
            step = steps[number]
            takes = _limited(step, limit) and step.when is None
            went = min(count, room) if takes else count
            if went and (not _limited(step, limit) or room):
                reached.setdefault(number, run)
            room -= went if takes else 0
            if went < count:
                later.append((due, entry, number, count - went))
            if went and number + 1 < len(steps):
                own = entry + _day(steps[number + 1]) - 1
                same = _day(steps[number + 1]) == _day(step)
                heappush(queue, (own if same else max(own, run + 1), entry, number + 1, went))
        for one in later:
            heappush(queue, one)
        if len(reached) == len(steps) or (not queue and not left):
            break
    return reached


def _limited(step: StepNode, limit: LimitPlan) -> bool:
    return step.limit is not None and limit.what in (step.limit, "message")


def _day(step: StepNode) -> int:
    return step.timing.day if isinstance(step.timing, OnDay) else 0


def _shown(text: ProjectText, flow: CheckedFlow, run: int) -> str:
    """Return the date of a run, where the project says when it starts, else its number."""
    start = text.settings.expect.start
    if start is None or flow.schedule is None:
        return f"day {run + 1}"
    dates = usual_dates(flow.schedule, run + 1, date.fromisoformat(start))
    return f"{dates[run].day} {dates[run]:%B}" if len(dates) > run else f"day {run + 1}"
