"""A checked flow to its plan."""

from __future__ import annotations

from seqlang.compiler.graph import Graph
from seqlang.plan.model import SEQUENCE_KINDS, ExitRule, FlowPlan, GoalRule, LimitPlan
from seqlang.semantics.checked import CheckedFlow


def plan_flow(flow: CheckedFlow, limits: tuple[LimitPlan, ...]) -> FlowPlan:
    """Return the plan of one flow: its body, then the blocks of its goals and exits, as one graph."""
    graph = Graph()
    first = graph.add(flow.body, "", None)
    goals = tuple(
        GoalRule(
            name=goal.node.name.value, condition=goal.condition, first=graph.add(goal.body, f"goal:{goal.node.name.value}/", None)
        )
        for goal in flow.goals
    )
    exits = tuple(
        ExitRule(key=f"exit:{n}", checks=rule.checks, first=graph.add(rule.body, f"exit:{n}/", None))
        for n, rule in enumerate(flow.exits, start=1)
    )
    return FlowPlan(
        name=flow.name,
        kind=flow.kind,
        for_record=flow.record,
        subject=flow.subject,
        owner=flow.owner,
        zone=flow.zone,
        schedule=flow.schedule,
        audience=flow.audience,
        triggers=flow.triggers,
        again_after=flow.again_after,
        goals=goals,
        exits=exits,
        manners=flow.manners,
        limits=limits,
        working=flow.working,
        nodes=tuple(graph.nodes),
        first=None if flow.kind in SEQUENCE_KINDS else first,
        moved=flow.moved,
    )
