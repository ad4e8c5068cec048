"""What the project's plan allows, as far as files alone can tell: conditions, steps, days, flows of one owner (LANGUAGE 8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import NOWHERE, Source, Span
from seqlang.plan.model import SEQUENCE_KINDS
from seqlang.semantics.bodies import all_steps
from seqlang.semantics.exits import checkbox
from seqlang.semantics.left_out import may_bring_it
from seqlang.semantics.names import Names
from seqlang.semantics.project import ProjectText
from seqlang.semantics.report import Reporter
from seqlang.semantics.toml_places import find_keys, place_of
from seqlang.semantics.walks import atoms
from seqlang.syntax import tree
from seqlang.syntax.node import Node
from seqlang.vocabulary.policies import PolicySpec

CADENCE_STEPS_WARN = 15


def check_policies(text: ProjectText, names: Names, sink: list[Diagnostic]) -> None:
    """Report what the plan does not allow."""
    policy = _policy(text, sink)
    for flow in names.flows.values():
        report = Reporter(flow.source, sink)
        if policy is not None and flow.node.kind in SEQUENCE_KINDS:
            _check_conditions(report, flow.node, policy)
            _check_steps(report, flow.node, policy)
        if flow.node.kind == "cadence":
            most = policy.actions_warn if policy is not None and policy.actions_warn is not None else CADENCE_STEPS_WARN
            for step in list(all_steps(flow.node.items))[most : most + 1]:
                report.warning("SEQ607", step.name, f"this cadence has more than {most} steps")
    if policy is not None:
        _check_numbers(names, policy, sink)


def _policy(text: ProjectText, sink: list[Diagnostic]) -> PolicySpec | None:
    """Return the project's plan: a plugin's, or its own; report one that nobody knows."""
    name = text.settings.plan
    if name is None:
        return None
    own = text.settings.plans.get(name)
    if own is not None:
        return PolicySpec(name=name, flows_per_user=own.sequences_per_user)
    policy = text.words.policy(name)
    if policy is None:
        pool = [*text.settings.plans, *(p.name for p in text.words.policies)]
        Reporter(settings_source(text), sink).unknown(
            "SEQ700",
            settings_place(text, "plan"),
            f"there is no plan `{name}`",
            name,
            pool,
            text=True,
            none=may_bring_it(text.words),
        )
    return policy


def settings_source(text: ProjectText) -> Source:
    """Return `seqlang.toml`, as far as it is known."""
    return text.settings_source or Source("seqlang.toml", "")


def settings_place(text: ProjectText, *key: str | int) -> Span:
    """Return where a key of `seqlang.toml` stands."""
    source = text.settings_source
    return place_of(find_keys(source.text), key) if source is not None else NOWHERE


def _check_conditions(report: Reporter, flow: tree.Flow, policy: PolicySpec) -> None:
    most = policy.conditions_max
    if most is None:
        return
    exits: list[Node] = []
    for item in flow.items:
        match item:
            case tree.Audience():
                parts: list[Node] = []
                for part in item.items:
                    parts += (
                        [part]
                        if isinstance(part, tree.AudienceView)
                        else atoms(part.condition)
                        if isinstance(part, tree.Where)
                        else []
                    )
                _count(report, parts, most, "an audience", policy)
            case tree.Step(when=when) if when is not None:
                _count(report, list(atoms(when)), most, f"the step `{item.name.text}`", policy)
            case tree.Exit():
                exits += [a for c in item.conditions if checkbox(c) is None for a in atoms(c)]
            case _:
                pass
    _count(report, exits, most, "all exits together", policy)


def _count(report: Reporter, found: list[Node], most: int, where: str, policy: PolicySpec) -> None:
    if len(found) > most:
        report.error(
            "SEQ701", found[most], f"the plan `{policy.name}` allows {most} conditions in {where}, and these are {len(found)}"
        )


def _check_steps(report: Reporter, flow: tree.Flow, policy: PolicySpec) -> None:
    steps = list(all_steps(flow.items))
    if policy.steps_max is not None and len(steps) > policy.steps_max:
        report.error(
            "SEQ702",
            steps[policy.steps_max].name,
            f"the plan `{policy.name}` allows {policy.steps_max} steps, and these are {len(steps)}",
        )
    if policy.last_day_max is None or flow.kind != "classic":
        return
    for step in steps:
        if isinstance(step.timing, tree.OnDay) and step.timing.day.value > policy.last_day_max:
            report.error("SEQ703", step.timing, f"with the plan `{policy.name}` a sequence ends on day {policy.last_day_max}")


def _check_numbers(names: Names, policy: PolicySpec, sink: list[Diagnostic]) -> None:
    """Warn of more flows than may be active at once; some of them may be drafts, so `start` is what refuses."""
    counts: Counter[str] = Counter()
    workflows = 0
    for flow in names.flows.values():
        report = Reporter(flow.source, sink)
        if flow.node.kind in SEQUENCE_KINDS and policy.flows_per_user is not None:
            owner = _owner(flow.node.items)
            counts[owner] += 1
            if counts[owner] == policy.flows_per_user + 1:
                whose = f"`{owner}`" if owner else "one owner"
                report.warning(
                    "SEQ710",
                    flow.node.name,
                    f"the plan `{policy.name}` allows {policy.flows_per_user} active sequences of {whose}",
                )
        if flow.node.kind == "workflow" and policy.workflows_per_organisation is not None:
            workflows += 1
            if workflows == policy.workflows_per_organisation + 1:
                report.warning(
                    "SEQ710",
                    flow.node.name,
                    f"the plan `{policy.name}` allows {policy.workflows_per_organisation} active workflows",
                )


def _owner(items: Iterable[Node]) -> str:
    node = next((i for i in items if isinstance(i, tree.Owner)), None)
    return node.user.value if node is not None and isinstance(node.user, tree.Text) else ""
