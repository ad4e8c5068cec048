"""Plays a project over a span of time: the oracle's `simulate`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from seqlang.limits import PASSES_PER_TICK_MAX
from seqlang.plan.model import FlowPlan, OnFlow, ProjectPlan
from seqlang.schedule import last_run, local_date, next_run, run_date
from seqlang.simulation.scenario import Happening, NewRecord, Scenario
from seqlang.vocabulary.records import SUBSCRIPTION_MARKETED
from seqlang.vocabulary.settings import UserSettings
from tests.oracle import edits, intake, journeys, lifecycle, sequences, workflows
from tests.oracle.world import Changed, Had, Line, Record, Stay, World, fresh_contact

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Life:
    """What a simulation does not have: ticks that come when they come, events that arrive late, edits on the way."""

    ticks: tuple[datetime, ...]
    lag: timedelta = timedelta()  # by how much later events arrive
    edits: tuple[tuple[datetime, ProjectPlan], ...] = ()
    deeds: tuple[lifecycle.Deed, ...] = ()

    def arrives(self, told: Happening, since: datetime) -> datetime:
        """Return when an event is known: at the first tick from then on it is taken in."""
        return told.at if told.at < since else told.at + self.lag


def play(
    project: ProjectPlan,
    scenario: Scenario,
    users: Sequence[UserSettings] = (),
    *,
    hourly: bool = True,
    life: Life | None = None,
) -> list[Line]:
    """Return the timeline of a scenario, ordered by time, sequence, contact and the order in which it happened.

    `hourly`: some journey has a condition that turns by time, so that full hours are looked at, too.
    """
    flows = tuple(f for f in project.flows if not scenario.flows or f.name in scenario.flows)
    world = World(project, scenario.since, flows, scenario.since, gaps=life is not None)
    world.users = {u.email.lower(): _user(u, number) for number, u in enumerate(users)}
    world.records = [_record(project, new, number) for number, new in enumerate(scenario.records)]
    if life is not None:
        _live(world, scenario, life)
    else:
        hourly = hourly and any(flow.kind == "journey" for flow in flows)
        waiting = sorted(scenario.happenings, key=lambda told: told.at)
        at: datetime | None = scenario.since
        while at is not None and at < scenario.until:
            _tick(world, at, _up_to(waiting, at))
            at = _next(world, waiting, hourly=hourly)
    return sorted(world.lines, key=lambda line: (line.at, line.flow, line.contact or "", line.record, line.stay))


def _up_to(waiting: list[Happening], at: datetime) -> list[Happening]:
    """Take from what has not happened yet what happens up to an instant."""
    found = [told for told in waiting if told.at <= at]
    del waiting[: len(found)]
    return found


def _live(world: World, scenario: Scenario, life: Life) -> None:
    """Tick when a tick comes."""
    waiting = sorted(scenario.happenings, key=lambda told: told.at)
    by_hand: list[tuple[datetime, ProjectPlan | lifecycle.Deed]] = [*life.edits, *((deed.at, deed) for deed in life.deeds)]
    by_hand.sort(key=lambda done: done[0])
    for at in life.ticks:
        while by_hand and by_hand[0][0] <= at:
            _, done = by_hand.pop(0)
            if isinstance(done, lifecycle.Deed):
                lifecycle.do(world, done)
            else:
                world.edits |= {new.name: new for new in done.flows if new != world.flow(new.name)}
        arrived = [told for told in waiting if life.arrives(told, scenario.since) <= at]
        waiting = [told for told in waiting if told not in arrived]
        _tick(world, at, arrived)


def _next(world: World, waiting: Sequence[Happening], *, hourly: bool) -> datetime | None:
    """Return the next instant at which something falls due or happens."""
    at = world.now
    later = [told.at for told in waiting[:1]]
    later += [r.exists_at for r in world.records if r.exists_at is not None]
    for flow in world.flows:
        later += _instants(world, flow)
    if _asks_overdue(world.flows):
        later += [had.due_at for _, had in _open_todos(world) if had.due_at is not None]
    if hourly:
        later.append((at + HOUR).replace(minute=0, second=0, microsecond=0))
    return min((instant for instant in later if instant > at), default=None)


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


def _tick(world: World, at: datetime, told: Sequence[Happening]) -> None:
    world.now = world.tick_at = at
    world.edited = set()
    for what in told:
        early, changes = what.at < world.since, len(world.changes)
        intake.take(world, what)
        if early:  # what happened before the start starts nothing
            del world.changes[changes:]
    created = [r for r in world.records if r.exists_at is not None and at >= world.since and _is_new(world, r.exists_at)]
    world.changes += [Changed("created", record) for record in created]
    for record in created:
        assert record.exists_at is not None
        world.touched.setdefault(record, set()).add(record.exists_at)
    for planned, name, opening in sorted(_units(world)):
        flow = world.flow(name)
        assert flow is not None
        world.now = planned
        if opening:
            sequences.openings(world, flow)
        else:
            sequences.run(world, edits.take_up(world, flow))
    world.now = at
    for flow in [f for f in world.active() if f.schedule is None]:
        edits.take_up(world, flow)
    _passes(world)
    world.touched, world.written = {}, []
    world.looked |= dict.fromkeys(["", *(f.name for f in world.active())], at)


def _is_new(world: World, at: datetime, flow: str = "") -> bool:
    """Tell whether an instant has come since the tick before; since the last that looked at a flow."""
    last = world.looked.get(flow)
    return at <= world.clock and (at == world.clock or (last is not None and at > last))


def _units(world: World) -> Iterator[tuple[datetime, str, bool]]:
    """Yield the runs and the openings of windows that this tick does: planned instant, flow, whether it is an opening.

    Of missed runs the last is made up for, on its own date; on a later one they are left to the next run. A window that
    opened on an earlier date opens now.
    """
    at = world.clock
    for flow in world.active():
        schedule = world.edits.get(flow.name, flow).schedule
        if schedule is None:
            continue
        run = last_run(schedule, at, world.since)
        new = run is not None and _is_new(world, run, flow.name)
        if run is not None and new and run_date(schedule, run, world.since) == local_date(at, schedule.zone):
            yield run, flow.name, False
        opened = {opens for opens in sequences.opening_instants(world, flow) if opens <= at}
        planned = {opens if local_date(opens, flow.zone) == local_date(at, flow.zone) else at for opens in opened}
        yield from ((opens, flow.name, True) for opens in planned if opens != run or not _is_new(world, opens, flow.name))


def _passes(world: World) -> None:
    for number in range(PASSES_PER_TICK_MAX):
        changes, world.changes = world.changes, []
        for flow in world.flows:
            if flow.schedule is None and world.states.get(flow.name) == "stopped":
                world.unheard.setdefault(flow.name, []).extend(changes)
        for flow in sorted((f for f in world.active() if f.kind == "journey"), key=lambda f: f.name):
            heard = world.unheard.pop(flow.name, []) + changes
            journeys.look(world, flow, journeys.Pass(heard, first=number == 0))
        for flow in sorted((f for f in world.active() if f.kind == "workflow"), key=lambda f: f.name):
            heard = world.unheard.pop(flow.name, []) + changes
            overdue = [Changed("overdue", record) for record in _overdue(world, flow)] if number == 0 else []
            workflows.look(world, flow, heard + overdue)
        if not any(_is_heard(world, change) for change in world.changes):
            world.changes = []
            return
    changes, world.changes = world.changes, []
    for flow in (f for f in world.active() if f.kind == "workflow"):
        workflows.fail(world, flow, changes)


def _overdue(world: World, flow: FlowPlan) -> list[Record]:
    """Return the records of to-dos that are open and have become overdue since a workflow was looked at."""
    return [s.record for s, had in _open_todos(world) if had.due_at is not None and _is_new(world, had.due_at, flow.name)]


def _is_heard(world: World, change: Changed) -> bool:
    """Tell whether a change is a new pass: what statements change is; who came and went only where a flow asks for it."""
    if change.what not in {"entered", "exited"}:
        return True
    asked = f'"flow":"{change.field}"'
    told = (t for flow in world.flows for t in flow.triggers if isinstance(t, OnFlow))
    return any(t.what == change.what and t.name == change.field for t in told) or any(
        asked in flow.model_dump_json() for flow in world.flows
    )


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
