"""More messages to one person in a week than the project allows: of one flow, and of flows together (LANGUAGE 5.8, *Pace*)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from seqlang.diagnostics.diagnostic import Diagnostic, Related
from seqlang.frozen import Record
from seqlang.plan.conditions import Condition, Span
from seqlang.plan.model import AfterEntry, AfterPrevious, OnDay, StepNode, WaitNode, WaitUntilNode
from seqlang.semantics.checked import Body, CheckedFlow, CheckedIf, CheckedNode, CheckedSplit
from seqlang.semantics.flow_sense import step_nodes
from seqlang.semantics.names import Names
from seqlang.semantics.overlaps import apart
from seqlang.semantics.reach import never_run
from seqlang.semantics.reasoning import Fields, Signed, possible
from seqlang.semantics.report import Reporter, joined
from seqlang.semantics.usual_runs import usual_dates, usual_runs
from seqlang.semantics.witness import shown, witness

WEEK = 7.0
DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "working day": 1.0}
RUNS_MAX = 400
PATHS_MAX = 40  # of one journey
FLOWS_MAX = 50  # held against one another
FAR = 1000.0  # days: an instant of which nobody knows how far it is


class _Message(Record):
    """One message to the contact, and when it may go."""

    step: StepNode
    day: float  # since the entry


class _Load(Record):
    """The busiest week of one flow."""

    flow: CheckedFlow
    messages: tuple[_Message, ...]
    where: Condition  # of whom it takes
    conditions: tuple[Condition, ...]  # of the steps in that week


def check_pace(flows: Iterable[CheckedFlow], names: Names, allowed: int | None, sink: list[Diagnostic]) -> None:
    """Warn of flows that send more than `allowed` messages a week to somebody; None: there is no such rule."""
    if allowed is None:
        return
    told = tuple(sink)
    loads = [load for flow in list(flows)[:FLOWS_MAX] if (load := _load(flow, names.fields, never_run(flow, told))) is not None]
    for load in loads:
        if len(load.messages) > allowed:
            _tell_alone(load, allowed, sink)
    _together([load for load in loads if len(load.messages) <= allowed], names.fields, allowed, sink)


def _tell_alone(load: _Load, allowed: int, sink: list[Diagnostic]) -> None:
    places = {info.name: info.node.name for info in load.flow.steps}
    over = load.messages[allowed].step.key
    others = tuple(
        Related("in the same week", load.flow.source, places[m.step.key].span) for m in load.messages if m.step.key != over
    )
    Reporter(load.flow.source, sink).warning(
        "SEQ622",
        places[over],
        f"`{over}` is message {allowed + 1} to one contact in a week, and the project allows {allowed}",
        hint="what is over waits for its turn: give the steps more time",
        related=others,
    )


def _together(loads: Sequence[_Load], fields: Fields, allowed: int, sink: list[Diagnostic]) -> None:
    """Find flows that may hold the same person at once and send too much together: the busiest first."""
    chosen: list[_Load] = []
    for load in sorted(loads, key=lambda one: -len(one.messages)):
        if any(apart(load.flow, other.flow) or load.flow.record != other.flow.record for other in chosen):
            continue
        both: list[Signed] = [(c, True) for one in (*chosen, load) for c in (one.where, *one.conditions)]
        world = possible(both, fields)
        if world is None or world.unsure:
            continue
        chosen.append(load)
        total = sum(len(one.messages) for one in chosen)
        if total <= allowed:
            continue
        last = max(chosen, key=lambda one: (one.flow.source.path, one.flow.node.span.start))
        named = sorted(f"`{one.flow.name}`" for one in chosen)
        somebody = shown(witness(world))
        Reporter(last.flow.source, sink).warning(
            "SEQ623",
            last.flow.node.name,
            f"{joined(named)} send up to {total} messages to one contact in a week, and the project allows {allowed}",
            hint=(f"to somebody with {somebody}; " if somebody else "") + "what is over waits for its turn",
            related=tuple(
                Related(f"{len(one.messages)} a week", one.flow.source, one.flow.node.name.span)
                for one in chosen
                if one is not last
            ),
        )
        return


# ---------------------------------------------------------------------------------- of one flow


def _load(flow: CheckedFlow, fields: Fields, dead: frozenset[str]) -> _Load | None:
    """Return the busiest week of a flow that takes people by itself; None where it sends nothing, or its own pace is narrow.

    `dead`: steps that never run.
    """
    where = _taken(flow)
    if where is None:
        return None
    best: _Load | None = None
    for every, decided in _paths(flow):
        path = [m for m in every if m.step.key not in dead]
        for n, first in enumerate(path):
            week = [m for m in path[n:] if m.day - first.day < WEEK]
            load = _possible(flow, where, week, decided, fields)
            if load is not None and (best is None or len(load.messages) > len(best.messages)):
                best = load
    if best is None or (flow.manners.messages is not None and flow.manners.messages < len(best.messages)):
        return None
    return best


def _taken(flow: CheckedFlow) -> Condition | None:
    """Return whom a flow takes by itself; None: somebody or something brings them."""
    if flow.audience is not None:
        return flow.audience.where
    for trigger in flow.triggers:
        if trigger.is_ == "condition":
            condition: Condition = trigger.condition
            return condition
    return None


def _possible(
    flow: CheckedFlow, where: Condition, week: Sequence[_Message], decided: tuple[Signed, ...], fields: Fields
) -> _Load | None:
    """Return the messages of a week whose conditions hold together."""
    taken: list[_Message] = []
    conditions: tuple[Condition, ...] = tuple(c for c, sign in decided if sign)
    for message in week:
        when = message.step.when
        more = conditions if when is None else (*conditions, when)
        if possible([(where, True), *decided, *((c, True) for c in more)], fields) is not None:
            taken.append(message)
            conditions = more
    return _Load(flow, tuple(taken), where, conditions) if taken else None


def _counts(step: StepNode) -> bool:
    return step.effect == "message" and step.address is not None


def _paths(flow: CheckedFlow) -> Iterator[tuple[list[_Message], tuple[Signed, ...]]]:
    """Yield the messages that somebody gets for whom the conditions of steps hold, with their days."""
    match flow.kind:
        case "classic" | "cadence" if flow.schedule is not None:
            yield from _on_days(flow)
        case "smart" | "outbound" if flow.schedule is not None:
            yield _at_runs(flow), ()
        case "journey":
            for n, (messages, _, decided) in enumerate(_walk(flow.body, 0.0, ())):
                if n >= PATHS_MAX:
                    return
                yield messages, decided
        case _:
            return


def _on_days(flow: CheckedFlow) -> Iterator[tuple[list[_Message], tuple[Signed, ...]]]:
    """Days that count are those with a run, so the weekday of the entry matters."""
    assert flow.schedule is not None
    timed = [(s.timing.day, s) for s in step_nodes(flow.body) if _counts(s) and isinstance(s.timing, OnDay)]
    last = max((day for day, _ in timed), default=0)
    dates = usual_dates(flow.schedule, min(last, RUNS_MAX) + 7)
    for entry in range(7):
        if entry + last <= len(dates):
            found = [_Message(s, float((dates[entry + day - 1] - dates[entry]).days)) for day, s in timed]
            yield sorted(found, key=lambda m: m.day), ()


def _at_runs(flow: CheckedFlow) -> list[_Message]:
    """One step a run: smart, the first whose time has come; outbound, the next one, each to-do done at once."""
    assert flow.schedule is not None
    runs = usual_runs(flow.schedule, RUNS_MAX)
    waiting = list(step_nodes(flow.body))
    found: list[_Message] = []
    since = runs[0] if runs else None
    for run in runs:
        if not waiting or since is None:
            break
        ready = [s for s in waiting if run - since >= timedelta(days=_after(s))]
        if not ready or (flow.kind == "outbound" and ready[0] is not waiting[0]):
            continue
        waiting.remove(ready[0])
        if flow.kind == "outbound":
            since = run
        if _counts(ready[0]):
            found.append(_Message(ready[0], (run - runs[0]) / timedelta(days=1)))
    return found


def _after(step: StepNode) -> float:
    if isinstance(step.timing, (AfterEntry, AfterPrevious)):
        return _days(step.timing.span)
    return 0.0 if step.timing is None else FAR


def _days(span: Span) -> float:
    return span.count * DAYS[span.unit]


def _walk(body: Body, day: float, decided: tuple[Signed, ...]) -> Iterator[tuple[list[_Message], float, tuple[Signed, ...]]]:
    """Yield each way through a body: its messages, the day at its end, and what the branches ask."""
    if not body:
        yield [], day, decided
        return
    first, rest = body[0], body[1:]
    for here, later, known in _step(first, day, decided):
        for messages, end, all_known in _walk(rest, later, known):
            yield [*here, *messages], end, all_known


def _step(
    statement: CheckedNode | CheckedIf | CheckedSplit, day: float, decided: tuple[Signed, ...]
) -> Iterator[tuple[list[_Message], float, tuple[Signed, ...]]]:
    match statement:
        case CheckedNode(node=StepNode() as step):
            yield ([_Message(step, day)] if _counts(step) else []), day, decided
        case CheckedNode(node=WaitNode() as wait):
            yield [], day + _days(wait.span), decided
        case CheckedNode(node=WaitUntilNode() as wait):
            yield [], day + (FAR if wait.moment is not None else 0.0), decided
        case CheckedNode():
            yield [], day, decided
        case CheckedIf():
            known = decided
            for condition, arm in statement.arms:
                yield from _walk(arm, day, (*known, (condition, True)))
                known = (*known, (condition, False))
            yield from _walk(statement.otherwise, day, known)
        case CheckedSplit():
            for side in statement.sides:
                yield from _walk(side.body, day, decided)
