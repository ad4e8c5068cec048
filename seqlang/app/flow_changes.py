"""What an edit of one flow changes, for how many who are under way, and when it must be refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqlang.plan.model import SEQUENCE_KINDS, FlowPlan, StepNode

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.store.plans import FlowRow

UNDER_WAY = ("active", "stopped")
ANOTHER_NAME = "give the new one another name"
CLONE_IT = "clone it, change the clone, and archive the old one"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs."""

    kind: str  # record, event, list, view, or the flow's kind
    name: str
    what: str  # "new", "changed", "gone"
    details: tuple[str, ...] = ()


def compare_flow(conn: Connection, row: FlowRow, new: FlowPlan) -> tuple[Change, list[str]]:
    """Return the change of a flow that the database knows, and why it must not be applied."""
    from seqlang.store.plans import get_plan

    old = get_plan(conn, row.plan_next_hash or row.plan_hash)
    people = _People(conn, row.id)
    details = _details(old, new, people)
    if row.state not in UNDER_WAY:
        return Change(new.kind, new.name, "changed", tuple(details)), []
    refusals = []
    if old.kind != new.kind:
        refusals.append(f"`{new.name}` is a {old.kind} and under way: it cannot become a {new.kind}; {ANOTHER_NAME}")
    elif old.subject != new.subject:
        refusals.append(f"`{new.name}` enrols {old.subject}s and is under way: it cannot enrol {new.subject}s; {ANOTHER_NAME}")
    elif old.kind == "outbound":
        refusals.append(f"`{new.name}` is an outbound sequence and was started: it cannot be edited; {CLONE_IT}")
    else:
        refusals.extend(_dangers(old, new, people))
    if old.kind == "cadence" and people.inside:
        details.append(f"{people.inside} under way keep the contents with which they came in")
    return Change(new.kind, new.name, "changed", tuple(details)), refusals


class _People:
    """How many are under way in a flow, and where they stand."""

    def __init__(self, conn: Connection, flow_id: int) -> None:
        from sqlalchemy import distinct, func, select

        from seqlang.store import tables

        stay, line, node = tables.enrolment, tables.ledger, tables.node
        mine = (stay.c.flow_id == flow_id) & stay.c.active
        self.inside = conn.execute(select(func.count()).select_from(stay).where(mine)).scalar_one()
        had = (
            select(node.c.key, func.count(distinct(line.c.enrolment_id)))
            .select_from(line.join(stay, stay.c.id == line.c.enrolment_id).join(node, node.c.id == line.c.node_id))
            .where(mine, line.c.occurrence.is_not(None))
            .group_by(node.c.key)
        )
        self.had: dict[str, int] = {r[0]: r[1] for r in conn.execute(had)}
        at = (
            select(node.c.key, func.count())
            .select_from(stay.join(node, node.c.id == stay.c.node_id))
            .where(mine)
            .group_by(node.c.key)
        )
        self.at: dict[str, int] = {r[0]: r[1] for r in conn.execute(at)}


def _details(old: FlowPlan, new: FlowPlan, people: _People) -> list[str]:
    moved = dict(new.moved)
    before = {moved.get(s.key, s.key): s for s in old.steps}
    after = {s.key: s for s in new.steps}
    found = [
        f"step {former} is called {name}: who has had it does not get it again"
        for former, name in new.moved
        if any(s.key == former for s in old.steps)
    ]
    found += [f"new step {name}: {_who(people.inside)} may get it" for name in after if name not in before]
    for name, step in before.items():
        if name not in after:
            found.append(f"step {name} is gone: {_who(people.inside - people.had.get(step.key, 0))} will not get it")
        elif _differs(step, after[name]):
            left = people.inside - people.had.get(step.key, 0)
            found.append(f"step {name} changes: {_who(left)} get it as it is now")
    found += [f"{what} changes" for what in _settings(old, new)]
    return found


def _who(count: int) -> str:
    return "nobody under way" if count <= 0 else "one who is under way" if count == 1 else f"{count} who are under way"


def _differs(old: StepNode, new: StepNode) -> bool:
    return old.model_copy(update={"key": "", "next": None}) != new.model_copy(update={"key": "", "next": None})


def _settings(old: FlowPlan, new: FlowPlan) -> list[str]:
    words = {
        "schedule": "the schedule",
        "audience": "the audience",
        "exits": "an exit",
        "goals": "a goal",
        "triggers": "a trigger",
        "owner": "the owner",
        "zone": "the zone",
        "manners": "pace and manners",
        "limits": "a limit",
        "again_after": "`enter again`",
        "working": "the calendar of working days",
    }
    found = [text for field, text in words.items() if getattr(old, field) != getattr(new, field)]
    rest = [n for n in new.nodes if not isinstance(n, StepNode)]
    if rest != [n for n in old.nodes if not isinstance(n, StepNode)]:
        found.append("a wait, branch or statement")
    return found


def _dangers(old: FlowPlan, new: FlowPlan, people: _People) -> list[str]:
    """Return what would send twice or strand somebody."""
    found = []
    moved = dict(new.moved)
    gone = [s for s in old.steps if moved.get(s.key, s.key) not in {n.key for n in new.steps}]
    added = [s for s in new.steps if s.key not in {moved.get(o.key, o.key) for o in old.steps}]
    if old.kind in SEQUENCE_KINDS:
        for step in gone:
            twin = next((a for a in added if a.channel == step.channel and a.options == step.options), None)
            if twin is not None and people.had.get(step.key):
                found.append(
                    f"`{new.name}`: step `{step.key}` seems to be called `{twin.key}` now, and {people.had[step.key]} "
                    f"who had it would get it again; write `moved {step.key} to {twin.key}` in the flow"
                )
        return found
    there = {n.key for n in new.nodes} | {former for former, _ in new.moved}
    for key, count in people.at.items():
        if key not in there:
            found.append(
                f"`{new.name}`: {_who(count)} stand at `{key}`, which is gone; keep it until they have passed, "
                "or declare a rename with `moved OLD to NEW`"
            )
    return found
