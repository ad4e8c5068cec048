"""Flows with runs: exits, admissions, then each contact's steps, by the rule of its kind (LANGUAGE 5.1 to 5.4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from seqlang.plan.model import AfterEntry, AfterPrevious, AfterStep, AroundMoment, AudiencePlan, FlowPlan, StepNode
from seqlang.schedule import add_span, next_run, next_run_at_or_after
from tests.oracle.asking import Asked, holds
from tests.oracle.attempts import NEVER, Places, attempt, pass_over, settle, waited
from tests.oracle.days import day_of, due_at, schedule_of, today
from tests.oracle.leaving import anything_against, enter, is_finished, is_over, leave_if_due
from tests.oracle.world import Record, Stay, World, age


def run(world: World, flow: FlowPlan) -> None:
    """Carry out the run of a flow that is due now."""
    for stay in world.stays_in(flow):
        leave_if_due(world, stay)
    admit(world, flow)
    stays = world.stays_in(flow)
    wanted = [(stay, step, due) for stay in stays for step, due in due_now(world, stay)]
    places = settle(world, wanted)
    if flow.kind == "outbound":
        _do_turns(world, flow, stays, places)
    else:
        _do(world, flow, wanted, places)
    if flow.kind == "cadence":
        for stay in stays:
            _skip_followers(world, stay)
    for stay in stays:
        if stay.active and is_finished(world, stay):
            leave_if_due(world, stay)


def openings(world: World, flow: FlowPlan) -> None:
    """Do what waited for a window that opens now, between two runs."""
    wanted = [
        (stay, step, due_at(world, stay, step) or world.now)
        for stay in world.stays_in(flow)
        for step in stay.flow.steps
        if step.key in stay.opens and step.key in stay.until and stay.until[step.key] <= world.now
    ]
    _do(world, flow, wanted, settle(world, wanted))
    for stay in dict.fromkeys(stay for stay, _, _ in wanted):
        if stay.active and is_finished(world, stay):
            leave_if_due(world, stay)


def opening_instants(world: World, flow: FlowPlan) -> set[datetime]:
    """Return the instants of the windows for which steps of the flow wait."""
    return {stay.until[key] for stay in world.stays_in(flow) for key in stay.opens if key in stay.until}


# --------------------------------------------------------------------------------- admissions


def admit(world: World, flow: FlowPlan) -> None:
    """Take in who was asked for by hand or by another flow, then who is in the audience."""
    asked = [request for request in world.requests if request[0] == flow.name]
    world.requests = [request for request in world.requests if request[0] != flow.name]
    for _, record, from_flow, _ in sorted(asked, key=lambda request: age(request[1])):
        if not world.was_in(flow, record) and not anything_against(world, flow, record, from_flow=from_flow or None):
            come_in(world, flow, record)
    if flow.audience is not None:
        for record in chosen(world, flow, flow.audience):
            come_in(world, flow, record)


def chosen(world: World, flow: FlowPlan, audience: AudiencePlan) -> list[Record]:
    """Return who comes in from the audience: unique values first, then as many as are admitted, oldest created first."""
    able = [
        record
        for record in world.of("contact")
        if not world.was_in(flow, record)
        and holds(audience.where, Asked(world, flow, record))
        and not anything_against(world, flow, record)
    ]
    if audience.unique_by:
        taken = {same_value(stay.record, audience.unique_by) for stay in world.stays_in(flow, active=False)} - {None}
        first = []
        for record in able:
            value = same_value(record, audience.unique_by)
            if value is None or value not in taken:
                first.append(record)
                taken.add(value)
        able = first
    if audience.admit is None:
        return able
    day = today(world, flow)
    first_day = day if audience.admit_per == "day" else day - timedelta(days=day.weekday())
    left = audience.admit - world.admitted.get((flow.name, first_day), 0)
    able = able[: max(0, left)]
    world.admitted[flow.name, first_day] = audience.admit - left + len(able)
    return able


def same_value(record: Record, field: str) -> str | None:
    """Return what `unique by` compares: the value, case ignored; None where it is empty."""
    value = record.values.get(field)
    return None if value in (None, "") else str(value).casefold()


def come_in(world: World, flow: FlowPlan, record: Record) -> None:
    """Begin a stay; a step bound to a date that has passed is skipped at once."""
    stay = enter(world, flow, record, today(world, flow))
    for step in flow.steps:
        if isinstance(step.timing, AroundMoment):
            day = day_of(world, stay, step)
            if day is not None and day < stay.entry_on:
                pass_over(world, stay, step, "skipped", "late")


# --------------------------------------------------------------------------------------- steps


def due_now(world: World, stay: Stay) -> Iterator[tuple[StepNode, datetime]]:
    """Yield the steps that would be attempted in this run, in file order, each with the instant at which it was due."""
    kind = stay.flow.kind
    if kind == "smart":
        yield from _smart(world, stay)
    elif kind == "outbound":
        yield from _outbound(world, stay)
    else:
        for step, due in _of_the_day(world, stay):
            if stay.until.get(step.key, world.now) <= world.now:
                yield step, due


def _do(world: World, flow: FlowPlan, wanted: list[tuple[Stay, StepNode, datetime]], places: Places) -> None:
    """Attempt what is due, step by step in file order; of one step whoever has waited longest goes first."""
    order = {step.key: n for stay, _, _ in wanted for n, step in enumerate(stay.flow.steps)}
    for stay, step, due in sorted(wanted, key=lambda w: (order[w[1].key], *waited(w[0], w[2]))):
        if stay.active:
            attempt(world, stay, step, due, places)


def _do_turns(world: World, flow: FlowPlan, stays: list[Stay], places: Places) -> None:
    """One step a run; one that is skipped does not count, and the next one's turn can come in the same run."""
    done: set[int] = set()
    for step in flow.steps:
        turns = [(stay, turn) for stay in stays if stay.active and stay.number not in done for turn in _outbound(world, stay)]
        here = [(stay, due) for stay, (next_step, due) in turns if next_step.key == step.key]
        for stay, due in sorted(here, key=lambda w: waited(w[0], w[1])):
            if attempt(world, stay, step, due, places) != "over" or stay.had[step.key].what == "executed":
                done.add(stay.number)


def _of_the_day(world: World, stay: Stay) -> list[tuple[StepNode, datetime]]:
    """Return the steps of the earliest day that is not over: nobody gets steps of two days in one run."""
    dated = []
    for step in stay.flow.steps:
        if is_over(stay, step.key):
            continue
        day, due = day_of(world, stay, step), due_at(world, stay, step)
        if day is not None and due is not None and due <= world.now:
            dated.append((day, step, due))
    first = min((day for day, _, _ in dated), default=None)
    return [(step, due) for day, step, due in dated if day == first]


def _skip_followers(world: World, stay: Stay) -> None:
    """Skip what follows a step that was skipped or failed, in the same run."""
    for step in stay.flow.steps:
        if isinstance(step.timing, AfterStep) and not is_over(stay, step.key) and stay.active:
            before = stay.had.get(step.timing.step)
            if before is not None and before.what in {"skipped", "failed"}:
                pass_over(world, stay, step, "skipped", "condition")


def _smart(world: World, stay: Stay) -> Iterator[tuple[StepNode, datetime]]:
    """Yield the first step that was not had, whose time has passed and whose condition holds."""
    if any(until > world.now for until in stay.until.values()):
        return
    for step in stay.flow.steps:
        if step.key in stay.had:
            continue
        due = stay.entered_at
        if isinstance(step.timing, AfterEntry):
            due = add_span(stay.entered_at, step.timing.span, stay.flow.zone, stay.flow.working, schedule=schedule_of(stay.flow))
        elif isinstance(step.timing, AroundMoment):
            dated = due_at(world, stay, step)
            if dated is None:
                continue
            due = dated
        if due <= world.now and holds(step.when, Asked(world, stay.flow, stay.record, stay)):
            yield step, stay.put_off_at or world.now
            return


def _next_turn(world: World, stay: Stay) -> tuple[StepNode, datetime] | None:
    """Return the outbound step whose turn is next and the run at which it comes; None while the one before it is not done."""
    schedule, anchor, floor = schedule_of(stay.flow), stay.entered_at, stay.entered_at
    for step in stay.flow.steps:
        had = stay.had.get(step.key)
        if had is None:
            at = anchor
            if isinstance(step.timing, AroundMoment):  # while it has no date its turn is passed
                dated = due_at(world, stay, step)
                if dated is None:
                    continue
                at = max(anchor, dated)
            elif isinstance(step.timing, AfterPrevious):
                at = add_span(anchor, step.timing.span, stay.flow.zone, stay.flow.working, schedule=schedule)
            run = next_run_at_or_after(schedule, max(at, floor), world.since)
            return None if run is None else (step, run)
        if had.what != "executed":
            floor = max(floor, had.at)
            continue
        done = had.done_at if had.todo or had.draft or had.done_at else had.at
        if done is None:
            return None
        anchor = done
        floor = max(floor, done) if had.done_at else next_run(schedule, had.at, world.since) or NEVER
    return None


def _outbound(world: World, stay: Stay) -> Iterator[tuple[StepNode, datetime]]:
    turn = _next_turn(world, stay)
    if turn and turn[1] <= world.now and stay.until.get(turn[0].key, world.now) <= world.now:
        yield turn
