"""Edits that take effect: whoever is under way is carried on by the new plan, a cadence's people by the one they came in with."""

from __future__ import annotations

from dataclasses import replace

from seqlang.plan.model import FlowPlan, Node, StepNode
from tests.oracle.days import day_of
from tests.oracle.world import OpenQuestionError, Stay, World


def take_up(world: World, flow: FlowPlan) -> FlowPlan:
    """Let an edit of a flow that was applied take effect, if there is one; return the plan from now on."""
    new = world.edits.pop(flow.name, None)
    if new is None:
        return flow
    world.flows = tuple(new if f.name == flow.name else f for f in world.flows)
    world.edited.add(flow.name)
    moved = {old: name for old, name in new.moved if _has(flow, old) and _has(new, name)}
    partners = _partners(flow, new, moved) if flow.kind == "journey" else {}
    if flow.kind != "cadence":  # what was told of a step is told of it under its new name
        told = [(line.flow == flow.name and moved.get(line.step or "")) or line.step for line in world.lines]
        world.lines = [replace(line, step=step) for line, step in zip(world.lines, told, strict=True)]
    world.turns = {(name, partners.get(key, key) if name == flow.name else key): n for (name, key), n in world.turns.items()}
    for stay in [s for s in world.stays if s.flow.name == flow.name]:
        if flow.kind == "cadence":
            _pin(stay, new)
            continue
        _rename(stay, moved)
        stay.flow = new
        if flow.kind == "classic" and stay.active:
            stay.never |= _too_late(world, stay, flow, moved)
        elif stay.active and stay.node is not None:
            _stand(world, stay, flow, partners)
    return new


def _has(flow: FlowPlan, step: str) -> bool:
    return any(s.key == step for s in flow.steps)


def _pin(stay: Stay, new: FlowPlan) -> None:
    """Keep the steps with which somebody came into a cadence; the settings are the flow's."""
    kept = [n for n in stay.flow.nodes if isinstance(n, StepNode)]
    blocks = [n for n in new.nodes if not isinstance(n, StepNode)]
    stay.flow = replace(new, nodes=(*kept, *blocks), first=stay.flow.first)


def _rename(stay: Stay, moved: dict[str, str]) -> None:
    stay.had = {moved.get(key, key): had for key, had in stay.had.items()}
    stay.until = {moved.get(key, key): until for key, until in stay.until.items() if _has(stay.flow, key)}
    stay.opens = {moved.get(key, key) for key in stay.opens}
    stay.never = {moved.get(key, key) for key in stay.never}


def _too_late(world: World, stay: Stay, old: FlowPlan, moved: dict[str, str]) -> set[str]:
    """Return the added steps that do not come any more: a step of a later day was had."""
    before = {moved.get(s.key, s.key) for s in old.steps}
    had = [day_of(world, stay, s) for s in stay.flow.steps if s.key in stay.had]
    found = set()
    for step in stay.flow.steps:
        day = day_of(world, stay, step)
        if step.key not in before and day is not None and any(other is not None and other > day for other in had):
            found.add(step.key)
    return found


# ---------------------------------------------------------------------------------- journeys


def _partners(old: FlowPlan, new: FlowPlan, moved: dict[str, str]) -> dict[str, str]:
    """Return what nodes of the new plan stand for those of the old: steps by name, all others by their place among themselves."""
    found = {s.key: moved.get(s.key, s.key) for s in old.steps if _has(new, moved.get(s.key, s.key))}
    before, after = _others(old), _others(new)
    if [n.is_ for n in before] != [n.is_ for n in after]:
        raise OpenQuestionError
    return found | {one.key: other.key for one, other in zip(before, after, strict=True)}


def _others(flow: FlowPlan) -> list[Node]:
    return [n for n in flow.nodes if not isinstance(n, StepNode)]


def _stand(world: World, stay: Stay, old: FlowPlan, partners: dict[str, str]) -> None:
    """Find the place in the new plan; who stood at a step that is gone goes on with what followed it, at the edit."""
    key = stay.node
    while key is not None and key not in partners:
        node = old.node(key)
        assert isinstance(node, StepNode)
        key = node.next
    if key != stay.node and stay.node not in partners:
        stay.anchor_at, stay.moved_at, stay.turn_at, stay.due_at = world.now, world.now, None, None
    assert stay.node is not None
    was = old.node(stay.node)
    stay.node = None if key is None else partners[key]
    if stay.node is not None and not isinstance(was, StepNode):
        now = stay.flow.node(stay.node)
        if _meaning(was) != _meaning(now):
            stay.edited_at = world.now


def _meaning(node: Node) -> dict[str, object]:
    return {name: value for name, value in node.model_dump().items() if name not in {"key", "next"}}
