"""The picture of a project: how its flows feed one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields as fields_of
from typing import Any

from seqlang.frozen import Frozen
from seqlang.graph.flow import target_flow
from seqlang.graph.picture import FlowCount, Line, Picture, Shape
from seqlang.graph.texts import entry_count, kind_words
from seqlang.plan import conditions as c
from seqlang.plan import model as m

Entry = tuple[str, str]  # what a flow looks at, or changes: ("list", "Expo"), ("tag", "hot"), ("field", "contact.score")


def project_picture(plan: m.ProjectPlan, counts: Mapping[str, FlowCount] | None = None) -> Picture:
    """Return the picture of all flows of a project: who enrols, moves or triggers whom, and through which lists, tags, fields."""
    counts = counts or {}
    shapes = [
        Shape(f"flow {f.name}", "flow", f.name, lines=(kind_words(f), *_made_of(f)), count=entry_count(counts.get(f.name)))
        for f in plan.flows
    ]
    known = {flow.name for flow in plan.flows}
    lines: dict[Line, None] = {}
    for flow in plan.flows:
        for node in flow.nodes:
            other = target_flow(node) if isinstance(node, m.ActNode) else None
            if isinstance(node, m.ActNode) and other in known:
                label = {"enroll": "enroll in", "move": "move to"}.get(node.act, "remove from")
                lines[Line(f"flow {flow.name}", f"flow {other}", label, dashed=node.act == "remove")] = None
        for trigger in flow.triggers:
            if isinstance(trigger, m.OnFlow) and trigger.what in {"entered", "exited"} and trigger.name in known:
                lines[Line(f"flow {trigger.name}", f"flow {flow.name}", f"on {trigger.what}")] = None
    for line in _influences(plan):
        lines[line] = None
    return Picture(plan.name, (f"{len(plan.flows)} flow{'' if len(plan.flows) == 1 else 's'}",), tuple(shapes), tuple(lines))


def _made_of(flow: m.FlowPlan) -> tuple[str, ...]:
    steps = len(flow.steps)
    return (f"{steps} step{'' if steps == 1 else 's'}",)


def _influences(plan: m.ProjectPlan) -> Iterator[Line]:
    """Yield a dashed line where a flow changes what another one looks at when contacts come in."""
    wanted = {flow.name: _looked_at(flow) for flow in plan.flows}
    for flow in plan.flows:
        changed = dict.fromkeys(entry for node in flow.nodes if isinstance(node, m.ActNode) for entry in _changed(node))
        for other in plan.flows:
            if other.name != flow.name:
                for kind, name in changed:
                    if (kind, name) in wanted[other.name]:
                        yield Line(f"flow {flow.name}", f"flow {other.name}", f"{kind} {name}", dashed=True)
    for flow in plan.flows:
        for kind, name in wanted[flow.name]:
            if kind == "flow" and name != flow.name and any(other.name == name for other in plan.flows):
                yield Line(f"flow {name}", f"flow {flow.name}", "looked at", dashed=True)


def _changed(node: m.ActNode) -> Iterator[Entry]:
    given = str(node.value.value) if isinstance(node.value, c.Literal_) else None
    if node.field is not None:
        yield ("field", f"{node.field.record}.{node.field.field}")
    elif node.act in {"assign", "round robin"}:
        yield ("field", "contact.owner")
    elif given is not None and node.act in {"list", "unlist"}:
        yield ("list", given)
    elif given is not None and node.act in {"tag", "untag"}:
        yield ("tag", given)


def _looked_at(flow: m.FlowPlan) -> dict[Entry, None]:
    """Return what decides on coming into a flow."""
    found: dict[Entry, None] = {}
    for trigger in flow.triggers:
        if isinstance(trigger, m.OnRecord):
            found |= {("field", f"{flow.for_record}.{name}"): None for name in trigger.fields}
    for atom in _atoms((flow.audience, flow.triggers)):
        match atom:
            case c.InList():
                found["list", atom.list] = None
            case c.Tagged():
                found["tag", atom.tag] = None
            case c.InFlow():
                found["flow", atom.flow] = None
            case c.FieldRef():
                found["field", f"{atom.holder}.{atom.field}"] = None
    return found


def _atoms(part: Any) -> Iterator[Frozen]:
    """Yield every record within a part of a plan."""
    if isinstance(part, tuple):
        for item in part:
            yield from _atoms(item)
    elif isinstance(part, Frozen):
        yield part
        for one in fields_of(part):
            yield from _atoms(getattr(part, one.name))
