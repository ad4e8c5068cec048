"""What has to be there before a flow may start: a mailbox for each of its channels, and room in the project's plan."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from seqlang.errors import RefusedError
from seqlang.plan.conditions import Literal_, Template
from seqlang.plan.model import SEQUENCE_KINDS, FlowPlan, ProjectPlan, StepNode
from seqlang.vocabulary.policies import PolicySpec
from seqlang.vocabulary.settings import ProjectSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from seqlang.store import Store
    from seqlang.store.plans import FlowRow


def check_owner(conn: Connection, store: Store, plan: FlowPlan) -> None:
    """Raise RefusedError where the flow's owner was deactivated: the next tick would stop it."""
    from sqlalchemy import select

    users = store.records("user")
    gone = select(users.c.id).where(users.c.email_key == (plan.owner or "").lower(), store.column("user", "active").is_(False))
    if conn.execute(gone).first() is not None:
        raise RefusedError(f"`{plan.name}` cannot start: its owner {plan.owner} is deactivated", hint="give it another owner")


def check_mailboxes(settings: ProjectSettings, plan: FlowPlan) -> None:
    """Raise RefusedError where a step has no mailbox to send from: neither its owner's nor the organisation's default."""
    from seqlang.dispatch.boxes import find_box
    from seqlang.host import load

    words = load(settings).words
    for step in plan.steps:
        spec = words.channel(step.channel)
        if spec is None:
            raise RefusedError(f"`{plan.name}`: no installed plugin brings the channel `{step.channel}`")
        if find_box(spec, settings, plan.kind, plan.owner, _sender(step)) is None:
            owner = f"of {plan.owner} or " if plan.kind in SEQUENCE_KINDS and plan.owner else ""
            raise RefusedError(
                f"`{plan.name}` cannot start: step `{step.key}` has no mailbox to send from",
                hint=f"add the one {owner}of the organisation to seqlang.toml: [channels.{spec.mailbox_of or spec.word}.default]",
            )


def untold(settings: ProjectSettings, plan: FlowPlan) -> list[str]:
    """Return what the flow asks for and nothing serves: a warning, for the messages go all the same."""
    if settings.web.url is not None:
        return []
    found = []
    tracked = [step.key for step in plan.steps if dict(step.options).get("track") is not None]
    if tracked:
        steps = ", ".join(f"`{key}`" for key in tracked)
        found.append(f"{steps}: `track` does nothing until `[web]` of seqlang.toml has a `url`, and `seqlang serve` runs")
    return [*found, *_unread(settings, plan)]


def _unread(settings: ProjectSettings, plan: FlowPlan) -> list[str]:
    """Return which links to unsubscribe write to a mailbox that nothing reads."""
    offering = [step for step in plan.steps if _offers_to_unsubscribe(step)]
    if not offering:
        return []
    from seqlang.dispatch.boxes import all_boxes, find_boxes
    from seqlang.host import load

    words = load(settings).words
    steps: dict[str, list[str]] = {}  # mailbox -> steps
    for step in offering:
        spec = words.channel(step.channel)
        if spec is None:
            continue
        boxes = find_boxes(spec, settings, plan.kind, plan.owner, _sender(step))
        if step.option("reply_to") is not None and any(box.settings.get("imap") for box in all_boxes(spec, settings)):
            continue  # answers go to another address: it may be the one that is read
        for box in boxes:
            if not box.settings.get("imap"):
                steps.setdefault(box.name, []).append(step.key)
    return [
        f"{', '.join(f'`{key}`' for key in keys)}: `unsubscribe` writes to a mailbox that nothing reads, until {name} has `imap` "
        "in seqlang.toml, or `[web]` a `url`, and `seqlang serve` runs"
        for name, keys in steps.items()
    ]


def _offers_to_unsubscribe(step: StepNode) -> bool:
    offered = step.option("unsubscribe")
    return offered is not None and not (isinstance(offered, Literal_) and offered.value is False)


def _sender(step: StepNode) -> str | None:
    """Return the address that `from` names, where it is a plain one."""
    value = dict(step.options).get("from")
    if isinstance(value, Literal_):
        return str(value.value)
    return value.source if isinstance(value, Template) and "{{" not in value.source else None


def check_allowances(conn: Connection, settings: ProjectSettings, plan: FlowPlan) -> None:
    """Raise RefusedError where the project's plan allows no more active flows of that kind."""
    policy = _policy(settings)
    if policy is None:
        return
    from seqlang.store.plans import all_flows

    active = [f for f in all_flows(conn, state="active") if f.name != plan.name]
    if plan.kind in SEQUENCE_KINDS and policy.flows_per_user is not None:
        owner = (plan.owner or "").lower()
        own = sum(f.kind in SEQUENCE_KINDS and (f.owner or "") == owner for f in active)
        if own >= policy.flows_per_user:
            whose = plan.owner or "nobody"
            raise RefusedError(
                f"the plan `{policy.name}` allows {policy.flows_per_user} active sequences of one owner, and {whose} has {own}",
                hint="stop or archive one of them",
            )
    if plan.kind == "workflow" and policy.workflows_per_organisation is not None:
        there = sum(f.kind == "workflow" for f in active)
        if there >= policy.workflows_per_organisation:
            raise RefusedError(
                f"the plan `{policy.name}` allows {policy.workflows_per_organisation} active workflows, and there are {there}",
                hint="stop or archive one of them",
            )


def too_many(settings: ProjectSettings, project: ProjectPlan, known: Iterable[FlowRow]) -> list[str]:
    """Return whose active sequences would become more than the project's plan allows: flows that get another owner."""
    policy = _policy(settings)
    if policy is None or policy.flows_per_user is None:
        return []
    owners = {flow.name: (flow.owner or "").lower() for flow in project.flows}
    active = [f for f in known if f.state == "active" and f.kind in SEQUENCE_KINDS and f.name in owners]
    before, after = Counter(f.owner or "" for f in active), Counter(owners[f.name] for f in active)
    return [
        f"the plan `{policy.name}` allows {policy.flows_per_user} active sequences of one owner, and {owner or 'nobody'} "
        f"would have {count}; stop or archive one of them"
        for owner, count in sorted(after.items())
        if count > max(before[owner], policy.flows_per_user)
    ]


def _policy(settings: ProjectSettings) -> PolicySpec | None:
    if settings.plan is None:
        return None
    own = settings.plans.get(settings.plan)
    if own is not None:
        return PolicySpec(name=settings.plan, flows_per_user=own.sequences_per_user)
    from seqlang.host import load

    return load(settings).words.policy(settings.plan)
