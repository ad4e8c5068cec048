"""Workflows: one trigger, then its actions on the spot (LANGUAGE 5.5)."""

from __future__ import annotations

from typing import Any

from seqlang.plan.model import ActNode, FlowPlan, OnEvent, OnFlow, OnRecord, StepNode
from seqlang.schedule import local_date
from seqlang.simulation.scenario import Value
from tests.oracle.asking import Asked, holds, value_of
from tests.oracle.attempts import attempt, settle, waited
from tests.oracle.leaving import enter, leave
from tests.oracle.statements import act, write
from tests.oracle.world import Changed, Happened, Record, Stay, World


def look(world: World, flow: FlowPlan, changes: list[Changed]) -> None:
    """Run one workflow for what changed before this pass; go on with the runs that were put off."""
    waiting = [s for s in world.stays_in(flow) if s.node is not None and min(s.until.values(), default=world.now) <= world.now]
    _go_on(world, flow, [(stay, stay.record.values) for stay in waiting])
    trigger = flow.triggers[0]
    if isinstance(trigger, OnEvent):
        events = [c.event for c in changes if c.event is not None and c.event.name == trigger.event]
        _run_all(world, flow, [(r, e) for e in events for r in world.subjects_of(e.record, flow.subject)], trigger)
        return
    assert isinstance(trigger, OnRecord | OnFlow)
    about = [change.record for change in changes if change.by != flow.name and _starts(trigger, change, world, flow)]
    _run_all(world, flow, [(record, None) for record in dict.fromkeys(about)], trigger)


def fail(world: World, flow: FlowPlan, changes: list[Changed]) -> None:
    """Say of the runs that would have followed the last pass of a tick that they have failed."""
    trigger = flow.triggers[0]
    if isinstance(trigger, OnEvent):
        return
    assert isinstance(trigger, OnRecord | OnFlow)
    about = [change.record for change in changes if change.by != flow.name and _starts(trigger, change, world, flow)]
    for record in dict.fromkeys(about):
        if holds(trigger.when, Asked(world, flow, record)):
            run = Stay(flow, record, world.contact_of(record), world.now, local_date(world.now, flow.zone), len(world.stays))
            world.tell(run, "failed", why="loop")


def _starts(trigger: OnRecord | OnFlow, change: Changed, world: World, flow: FlowPlan) -> bool:
    if change.record.type != flow.subject:
        return False
    if isinstance(trigger, OnFlow):
        return change.what == trigger.what and trigger.name in {None, change.field}
    if trigger.what == "created":
        return change.what == "created"
    if change.what != "updated":
        return False
    if trigger.what == "updated":
        return True
    if change.field not in trigger.fields:
        return False
    wanted = value_of(trigger.to, Asked(world, flow, change.record)) if trigger.to is not None else None
    return trigger.to is None or change.value == wanted


def _run_all(
    world: World, flow: FlowPlan, about: list[tuple[Record, Happened | None]], trigger: OnEvent | OnRecord | OnFlow
) -> None:
    """Runs of one pass all see the values as this workflow's turn begins, plus their own statements; `add`s are summed."""
    able = []
    for record, event in about:
        asked = Asked(world, flow, record, event=event)
        if (not isinstance(trigger, OnEvent) or holds(trigger.where, asked)) and holds(trigger.when, asked):
            able.append((record, event))
    before: dict[Record, dict[str, Value]] = {record: dict(record.values) for record, _ in able}
    after: dict[Record, dict[str, Value]] = {record: dict(record.values) for record, _ in able}
    runs = [(_begin(world, flow, record, event), dict(before[record])) for record, event in able]
    _go_on(world, flow, runs, apart=True)
    for stay, values in runs:
        record = stay.record
        for field, value in values.items():
            if value == before[record].get(field):
                continue
            old: Any = before[record].get(field)
            now: Any = after[record].get(field)
            adds = any(isinstance(n, ActNode) and n.act == "add" and n.field and n.field.field == field for n in flow.nodes)
            after[record][field] = (now or 0) + (as_number(value) - (old or 0)) if adds else value
    for record, _ in able:
        final, record.values = after[record], dict(before[record])
        for field, value in final.items():
            write(world, record, field, value, flow.name)


def as_number(value: Any) -> float:
    """Return the value of a number field."""
    return float(value or 0)


def _begin(world: World, flow: FlowPlan, record: Record, event: Happened | None) -> Stay:
    stay = enter(world, flow, record, local_date(world.now, flow.zone), cause=event)
    stay.node, stay.wait_end = flow.first, world.now
    return stay


def _go_on(world: World, flow: FlowPlan, runs: list[tuple[Stay, dict[str, Value]]], *, apart: bool = False) -> None:
    """Do one action after the other, each for all runs that have come to it; a step that is put off holds back what follows.

    Each run sees values of its own. `apart`: what they write is written once for all of them, when the pass is over.
    """
    resting: set[int] = set()
    for node in flow.nodes:
        here = [(stay, values) for stay, values in runs if stay.active and stay.node == node.key and stay.number not in resting]
        if isinstance(node, StepNode):
            resting |= _step(world, node, here)
            continue
        assert isinstance(node, ActNode) or not here
        for stay, values in here:
            assert isinstance(node, ActNode)
            stay.record.values = values
            _act(world, stay, node, apart=apart)
    for stay, _ in runs:
        if stay.active and stay.number not in resting:
            leave(world, stay, "finished")


def _step(world: World, node: StepNode, here: list[tuple[Stay, dict[str, Value]]]) -> set[int]:
    resting = {stay.number for stay, _ in here if stay.until.get(node.key, world.now) > world.now}
    able = [(stay, values, stay.wait_end or world.now) for stay, values in here if stay.number not in resting]
    places = settle(world, [(stay, node, due) for stay, _, due in able])
    for stay, values, due in sorted(able, key=lambda w: waited(w[0], w[2])):
        stay.record.values = values
        if attempt(world, stay, node, due, places) == "waits":
            resting.add(stay.number)
        elif stay.active:
            stay.wait_end, stay.node = world.now, node.next
    return resting


def _act(world: World, stay: Stay, node: ActNode, *, apart: bool) -> None:
    stay.node = node.next
    if node.act == "exit":
        stay.node = None
        return
    if node.act == "move":
        act(world, stay, node)
        leave(world, stay, "moved")
        return
    world.tell(stay, "executed", step=node.word)
    changes = len(world.changes)
    act(world, stay, node)
    if apart and node.act in {"set", "add", "assign"}:
        del world.changes[changes:]  # written once for all runs of the pass
