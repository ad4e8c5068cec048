"""Plays a project over a span of time: the oracle's `simulate`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from seqlang.limits import PASSES_PER_TICK_MAX
from seqlang.plan.model import FlowPlan, OnFlow, ProjectPlan
from seqlang.schedule import next_run, next_run_at_or_after
from seqlang.simulation.scenario import NewRecord, Scenario
from seqlang.vocabulary.records import SUBSCRIPTION_MARKETED
from seqlang.vocabulary.settings import UserSettings
from tests.oracle import intake, journeys, sequences, workflows
from tests.oracle.world import Changed, Had, Line, Record, Stay, World, fresh_contact

HOUR = timedelta(hours=1)


def play(
    project: ProjectPlan, scenario: Scenario, users: Sequence[UserSettings] = (), *, hourly: bool = True
) -> list[Line]:
    """Return the timeline of a scenario, ordered by time, sequence, contact and the order in which it happened.

    `hourly`: some journey has a condition that turns by time, so that full hours are looked at, too.
    """
    flows = tuple(f for f in project.flows if not scenario.flows or f.name in scenario.flows)
    world = World(project, scenario.since, flows, scenario.since)
    world.users = {u.email.lower(): _user(u, number) for number, u in enumerate(users)}
    world.records = [_record(project, new, number) for number, new in enumerate(scenario.records)]
    hourly = hourly and any(flow.kind == "journey" for flow in flows)
    waiting = sorted(scenario.happenings, key=lambda told: told.at)
    at: datetime | None = scenario.since
    while at is not None and at < scenario.until:
        world.now = at
        while waiting and waiting[0].at <= at:
            early, changes = waiting[0].at < scenario.since, len(world.changes)
            intake.take(world, waiting.pop(0))
            if early:  # what happened before the start starts nothing
                del world.changes[changes:]
        _tick(world)
        later = [told.at for told in waiting[:1]]
        later += [r.exists_at for r in world.records if r.exists_at is not None]
        for flow in flows:
            later += _instants(world, flow)
        if _asks_overdue(flows):
            later += [had.due_at for _, had in _open_todos(world) if had.due_at is not None]
        if hourly:
            later.append((at + HOUR).replace(minute=0, second=0, microsecond=0))
        at = min((instant for instant in later if instant > at), default=None)
    return sorted(world.lines, key=lambda line: (line.at, line.flow, line.contact or "", line.record))


def _user(settings: UserSettings, number: int) -> Record:
    words = ("email", "first_name", "last_name", "timezone", "role", "active", "manager")
    return Record("user", settings.email, {word: getattr(settings, word) for word in words}, number)


def _record(project: ProjectPlan, new: NewRecord, number: int) -> Record:
    spec = project.catalogue.data.record(new.record)
    values = dict(new.values)
    if spec is not None:
        for field in spec.fields:
            if field.default is not None:
                values.setdefault(field.name, field.default)
    if new.record == "contact":
        values = fresh_contact(values)
        values.setdefault("subscriptions", (SUBSCRIPTION_MARKETED,))
    if new.created_at is not None:
        values["created_at"] = new.created_at
    key = str(values.get(spec.key if spec else "name") or "")
    return Record(new.record, key, values, number, new.created_at, set(new.tags), set(new.lists))


def _instants(world: World, flow: FlowPlan) -> list[datetime]:
    """Return the instants at which a flow has something to do."""
    if flow.schedule is None:
        return journeys.wakes(world, flow)
    run = next_run(flow.schedule, world.now, world.since)
    found = [run] if run is not None else []
    return found + [until for stay in world.stays_in(flow) for until in stay.until.values()]


def _asks_overdue(flows: Sequence[FlowPlan]) -> bool:
    return any(isinstance(t, OnFlow) and t.what == "overdue" for flow in flows for t in flow.triggers)


def _open_todos(world: World) -> list[tuple[Stay, Had]]:
    return [(s, had) for s in world.stays for had in s.had.values() if had.todo and had.done_at is None and not had.cancelled]


def _tick(world: World) -> None:
    due = [stay.record for stay, had in _open_todos(world) if had.due_at == world.now]
    world.changes += [Changed("overdue", record) for record in due]
    created = [r for r in world.records if r.exists_at == world.now and world.now >= world.since]
    world.changes += [Changed("created", record) for record in created]
    for flow in sorted((f for f in world.flows if f.schedule is not None), key=lambda f: f.name):
        assert flow.schedule is not None
        if next_run_at_or_after(flow.schedule, world.now, world.since) == world.now:
            sequences.run(world, flow)
        else:
            sequences.openings(world, flow)
    for number in range(PASSES_PER_TICK_MAX):
        changes, world.changes = world.changes, []
        this = journeys.Pass(changes, first=number == 0)
        for flow in sorted((f for f in world.flows if f.kind == "journey"), key=lambda f: f.name):
            journeys.look(world, flow, this)
        for flow in sorted((f for f in world.flows if f.kind == "workflow"), key=lambda f: f.name):
            workflows.look(world, flow, changes)
        if not world.changes:
            return
    changes, world.changes = world.changes, []
    for flow in (f for f in world.flows if f.kind == "workflow"):
        workflows.fail(world, flow, changes)


def as_json(line: Line, zone: str) -> dict[str, Any]:
    """Return a line as `simulate --format json` prints it."""
    from zoneinfo import ZoneInfo

    at = line.at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
    return {
        "at": at,
        "sequence": line.flow,
        "contact": line.contact,
        "record": line.record,
        "what": line.what,
        "step": line.step,
        "channel": line.channel,
        "why": line.why,
    }
