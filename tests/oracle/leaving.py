"""Going out and coming in: exits, goals, what happens on the way out, and who may come in."""

from __future__ import annotations

from datetime import date, datetime

from seqlang.plan.conditions import AccountReplied
from seqlang.plan.model import ExitCheck, ExitRule, FlowPlan, GoalRule
from seqlang.schedule import add_span
from tests.oracle.asking import Asked, holds
from tests.oracle.statements import run_block
from tests.oracle.world import Changed, Happened, Record, Stay, World


def leave(world: World, stay: Stay, reason: str, *, goal: str | None = None, first: str | None = None) -> None:
    """End a stay; leaving with `finished` keeps open to-dos and drafts, any other exit cancels them."""
    stay.active = False
    stay.exited_at = world.now
    stay.reason = reason
    world.tell(stay, "exited", step=goal, why=reason)
    if reason != "finished":
        for had in stay.had.values():
            if (had.todo or had.draft) and had.done_at is None:
                had.cancelled = True
    world.changes.append(Changed("exited", stay.record, stay.flow.name, by=stay.flow.name))
    world.touch(stay.record)
    run_block(world, stay, first)


def leave_if_due(world: World, stay: Stay, *, at_end: bool = False) -> bool:
    """Look at goals, then exits, in file order; leave by the first that holds. Tell whether the stay has ended."""
    if not stay.active:
        return True
    asked = Asked(world, stay.flow, stay.record, stay)
    for goal in stay.flow.goals:
        if holds(goal.condition, asked):
            leave(world, stay, "goal", goal=goal.name, first=goal.first)
            return True
    for rule in stay.flow.exits:
        for check in rule.checks:
            if check_holds(check, asked, finished=at_end or is_finished(world, stay)):
                leave(world, stay, reason_of(check), first=rule.first)
                return True
    if stay.flow.kind == "cadence" and check_holds(ExitCheck(kind="replied"), asked, finished=False):
        leave(world, stay, "replied")  # a reply always ends a cadence
        return True
    return False


def reason_of(check: ExitCheck) -> str:
    """Return the word of the timeline for an exit."""
    return {"account replied": "replied"}.get(check.kind, check.kind)


def check_holds(check: ExitCheck, asked: Asked, *, finished: bool) -> bool:
    """Tell whether one reason to leave holds."""
    stay = asked.stay
    told = {t.kind for had in stay.had.values() for t in had.told} if stay else set()
    match check.kind:
        case "finished":
            return finished
        case "replied" | "bounced":
            return check.kind in told
        case "unsubscribed":
            contact = asked.world.contact_of(asked.record)
            return contact is not None and contact.unsubscribed
        case "account replied":
            return holds(AccountReplied(), asked)
        case _:
            return holds(check.condition, asked)


def is_finished(world: World, stay: Stay) -> bool:
    """Tell whether every step is over; one bound to an empty field does not count."""
    if stay.flow.kind in {"journey", "workflow"}:
        return False
    from tests.oracle.days import has_day

    return all(is_over(stay, step.key) or not has_day(world, stay, step) for step in stay.flow.steps)


def is_over(stay: Stay, step: str) -> bool:
    """Tell whether a step is over: planned, made, skipped or failed; in an outbound sequence also reported or released."""
    had = stay.had.get(step)
    if had is None:
        return step in stay.never
    if stay.flow.kind == "outbound" and (had.todo or had.draft):
        return had.done_at is not None
    return True


def anything_against(world: World, flow: FlowPlan, record: Record, *, from_flow: str | None = None) -> bool:
    """Tell whether nobody like this record may come in: a goal or an exit holds, or exclusive flows exclude it."""
    stay = Stay(flow, record, world.contact_of(record), world.now, date(2000, 1, 1), 0)
    asked = Asked(world, flow, record, stay)
    rules: list[GoalRule | ExitRule] = [*flow.goals, *flow.exits]
    for rule in rules:
        if isinstance(rule, GoalRule):
            if holds(rule.condition, asked):
                return True
        elif any(check_holds(check, asked, finished=False) for check in rule.checks):
            return True
    if not flow.manners.exclusive:
        return False
    contact = world.contact_of(record)
    return any(
        stay.active and stay.contact is contact and stay.flow.manners.exclusive and stay.flow.name not in {flow.name, from_flow}
        for stay in world.stays
        if contact is not None
    )


def may_come(world: World, flow: FlowPlan, record: Record, at: datetime) -> bool:
    """Tell whether the record was not in before, or `enter again` of a journey lets it in at that instant."""
    last = last_stay(world, flow, record)
    if last is None:
        return True
    if last.active or flow.again_after is None or last.exited_at is None:
        return False
    return at >= add_span(last.exited_at, flow.again_after, flow.zone, flow.working)


def last_stay(world: World, flow: FlowPlan, record: Record) -> Stay | None:
    """Return the latest stay of a record in a flow."""
    found = [stay for stay in world.stays if stay.record is record and stay.flow.name == flow.name]
    return found[-1] if found else None


def enter(
    world: World, flow: FlowPlan, record: Record, on: date, *, at: datetime | None = None, cause: Happened | None = None
) -> Stay:
    """Begin a stay."""
    entered_at = at or world.now
    stay = Stay(
        flow,
        record,
        world.contact_of(record),
        entered_at,
        on,
        len(world.stays),
        node=flow.first,
        anchor_at=entered_at,
        moved_at=world.now,
        cause=cause,
    )
    world.stays.append(stay)
    world.tell(stay, "entered")
    world.touch(record)
    world.changes.append(Changed("entered", record, flow.name, by=flow.name))
    return stay
