"""What an edit of one flow changes, for how many who are under way, and when it must be refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqlang.app.flow_people import Ahead, People, place
from seqlang.plan.edits import Stand
from seqlang.plan.model import FlowPlan, StepNode

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
    people = People(conn, row.id)
    ahead = Ahead(old, new, people)
    details = _details(ahead)
    if row.state not in UNDER_WAY:
        return Change(new.kind, new.name, "changed", tuple(details)), []
    refusals = []
    if old.kind != new.kind:
        refusals.append(f"`{new.name}` is a {old.kind} and under way: it cannot become a {new.kind}; {ANOTHER_NAME}")
    elif old.subject != new.subject:
        refusals.append(f"`{new.name}` enrols {old.subject}s and is under way: it cannot enrol {new.subject}s; {ANOTHER_NAME}")
    elif old.kind == "outbound":
        if _own(old) != _own(new):
            refusals.append(f"`{new.name}` is an outbound sequence and was started: it cannot be edited; {CLONE_IT}")
    else:
        refusals.extend(_dangers(ahead))
    if old.kind == "cadence" and people.inside:
        details.append(f"{people.inside} under way keep the contents with which they came in")
    return Change(new.kind, new.name, "changed", tuple(details)), refusals


def _own(plan: FlowPlan) -> FlowPlan:
    """Return a flow without what the project's plan and its `[pace]` say of all flows: that is no edit of this one."""
    manners = plan.manners.model_copy(update={"domain_per_day": None, "all_flows_messages_per_week": None, "quiet": None})
    return plan.model_copy(update={"limits": (), "manners": manners})


def _details(ahead: Ahead) -> list[str]:
    old, new = ahead.old, ahead.new
    moved = dict(new.moved)
    before = {moved.get(s.key, s.key): s for s in old.steps}
    after = {s.key: s for s in new.steps}
    found = [
        f"step {former} is called {name}: who has had it does not get it again"
        for former, name in new.moved
        if any(s.key == former for s in old.steps)
    ]
    found += [f"new step {name}: {_who(ahead.added(name))} may get it" for name in after if name not in before]
    for name, step in before.items():
        if name not in after:
            found.append(f"step {name} is gone: {_who(ahead.left(step.key))} will not get it")
        elif _differs(step, after[name]):
            left = ahead.left(step.key)
            found.append(f"step {name} changes: {_who(left)} {'get' if left > 1 else 'gets'} it as it is now")
    fresh, gone = [name for name in after if name not in before], [name for name in before if name not in after]
    if len(fresh) == len(gone) == 1:
        found.append(f"if {fresh[0]} is {gone[0]} under another name, say so in the flow: moved {gone[0]} to {fresh[0]}")
    found += [_elsewhere(ahead, stand, count) for stand, count in ahead.elsewhere()]
    found += [f"{what} changes" for what in _settings(old, new)]
    return found


def _elsewhere(ahead: Ahead, stand: Stand, count: int) -> str:
    here, verb = place(ahead.old, stand.key), "stand" if count > 1 else "stands"
    if stand.how == "again":
        return f"{here} changes: {_who(count)} {verb} there, for the new time, counted from when they came"
    to = "comes to the end" if stand.to is None else f"goes on with {place(ahead.new, stand.to)}"
    to = to if count == 1 else to.replace("comes", "come").replace("goes", "go")
    return f"{here} is gone: {_who(count)} {verb} there and {to}"


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


def _dangers(ahead: Ahead) -> list[str]:
    """Return what would send twice or strand somebody."""
    old, new = ahead.old, ahead.new
    moved = dict(new.moved)
    gone = [s for s in old.steps if moved.get(s.key, s.key) not in {n.key for n in new.steps}]
    added = [s for s in new.steps if s.key not in {moved.get(o.key, o.key) for o in old.steps}]
    found = []
    for step in gone if old.kind != "cadence" else ():
        twin = next((a for a in added if _says_the_same(step, a)), None)
        again = ahead.again(step.key, twin.key) if twin is not None else 0
        if twin is not None and again:
            found.append(
                f"`{new.name}`: step `{step.key}` seems to be called `{twin.key}` now, and {again} who had it would get it "
                f"again; write `moved {step.key} to {twin.key}` in the flow"
            )
    for stand, count in ahead.elsewhere():
        if ahead.stranded(stand):
            found.append(
                f"`{new.name}`: {_who(count)} {'stand' if count > 1 else 'stands'} at {place(old, stand.key)}, which is gone "
                "with all that followed it; keep it until they have passed, or declare a rename with `moved OLD to NEW`"
            )
    return found


def _says_the_same(one: StepNode, other: StepNode) -> bool:
    if one.channel != other.channel:
        return False
    template = one.option("template")
    return one.options == other.options or (template is not None and template == other.option("template"))
