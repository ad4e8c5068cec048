"""Workflows: one trigger, then its actions on the spot (LANGUAGE 5.5)."""

from __future__ import annotations

from typing import Any

from seqlang.plan.model import ActNode, FlowPlan, OnEvent, OnFlow, OnRecord, StepNode
from seqlang.schedule import local_date
from seqlang.simulation.scenario import Value
from tests.oracle.asking import Asked, holds, value_of
from tests.oracle.attempts import attempt, settle
from tests.oracle.leaving import enter, leave
from tests.oracle.statements import act, write
from tests.oracle.world import Changed, Happened, Record, Stay, World


def look(world: World, flow: FlowPlan, changes: list[Changed]) -> None:
    """Run one workflow for what changed before this pass; go on with the runs that were put off."""
    for stay in world.stays_in(flow):
        if stay.node is not None and min(stay.until.values(), default=world.now) <= world.now:
            _go_on(world, stay)
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
            run = Stay(flow, record, world.contact_of(record), world.now, local_date(world.now, flow.zone), 0)
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
    for record, event in able:
        record.values = dict(before[record])
        _run(world, flow, record, event)
        for field, value in record.values.items():
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


def _run(world: World, flow: FlowPlan, record: Record, event: Happened | None) -> None:
    stay = enter(world, flow, record, local_date(world.now, flow.zone), cause=event)
    stay.node, stay.wait_end = flow.first, world.now
    _go_on(world, stay, apart=True)


def _go_on(world: World, stay: Stay, *, apart: bool = False) -> None:
    """Do one action after the other; a step that is put off holds back what follows. `apart`: a run of several in one pass."""
    while stay.node is not None and stay.active:
        node = stay.flow.node(stay.node)
        if isinstance(node, StepNode):
            if stay.until.get(node.key, world.now) > world.now:
                return
            due = stay.wait_end or world.now
            if attempt(world, stay, node, due, settle(world, [(stay, node, due)])) == "waits":
                return
            stay.wait_end = world.now
        elif isinstance(node, ActNode):
            if node.act == "exit":
                break
            if node.act == "move":
                act(world, stay, node)
                leave(world, stay, "moved")
                return
            world.tell(stay, "executed", step=node.word)
            changes = len(world.changes)
            act(world, stay, node)
            if apart and node.act in {"set", "add", "assign"}:
                del world.changes[changes:]  # written once for all runs of the pass
        else:
            raise NotImplementedError(type(node).__name__)
        stay.node = node.next
    if stay.active:
        leave(world, stay, "finished")
