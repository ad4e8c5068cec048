"""Journeys: goals, exits, triggers, then each record's way through statements, waits, branches and splits (LANGUAGE 5.6)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from seqlang.plan.model import (
    ActNode,
    BranchNode,
    FlowPlan,
    Node,
    OnCondition,
    OnEvent,
    OnInstant,
    SplitNode,
    StepNode,
    WaitNode,
    WaitUntilNode,
)
from seqlang.schedule import add_span, local_date, local_instant, next_window
from tests.oracle.asking import Asked, holds, value_of
from tests.oracle.attempts import attempt, hold_end, is_held, settle, waited
from tests.oracle.leaving import anything_against, enter, last_stay, leave, leave_if_due, may_come
from tests.oracle.statements import act
from tests.oracle.turning import turned_at
from tests.oracle.world import Changed, Happened, OpenQuestionError, Record, Split, Stay, World, age


@dataclass(slots=True)
class Pass:
    """One pass of a tick: what changed before it."""

    changes: list[Changed]
    first: bool


def look(world: World, flow: FlowPlan, this: Pass) -> None:
    """Goals, exits, triggers, moves: one journey in one pass."""
    _remember_false(world, flow)
    for stay in world.stays_in(flow):
        leave_if_due(world, stay)
    before, told = len(world.stays), {record: world.touching(record) for record in world.of(flow.subject)}
    _take_in(world, flow, this)
    for stay in world.stays[before:]:  # who came in by an earlier event than the last of this tick
        if stay.flow is flow and any(at > stay.entered_at for at in told[stay.record]):
            leave_if_due(world, stay)
    for key, split in world.splits.items():
        if key[0] == flow.name and split.winner is None and split.settle_at is not None and split.settle_at <= world.now:
            _settle_split(flow, key[1], split)
    _move(world, flow)


def wakes(world: World, flow: FlowPlan) -> list[datetime]:
    """Return the instants at which something falls due by time alone."""
    found = [datetime.fromisoformat(t.instant) for t in flow.triggers if isinstance(t, OnInstant)]
    found += [
        split.settle_at for key, split in world.splits.items() if key[0] == flow.name and split.settle_at and not split.winner
    ]
    if flow.manners.admit is not None:
        found.append(next_window("day", world.now, flow.zone) or world.now)
    for stay in world.stays_in(flow):
        found += [stay.due_at] if stay.due_at is not None else []
        found += list(stay.until.values())
        found += [had.due_at for had in stay.had.values() if had.due_at is not None and had.done_at is None]
        if stay.contact is not None and (until := world.held_until(stay)) is not None:
            found.append(local_instant(until, datetime.min.time(), flow.zone))
    return found


# ------------------------------------------------------------------------------------ coming in


def _take_in(world: World, flow: FlowPlan, this: Pass) -> None:
    for record, from_flow, at in [request[1:] for request in world.requests if request[0] == flow.name]:
        if may_come(world, flow, record, at) and not anything_against(world, flow, record, from_flow=from_flow or None):
            enter(world, flow, record, local_date(at, flow.zone), at=at)
    world.requests = [request for request in world.requests if request[0] != flow.name]
    for number, trigger in enumerate(flow.triggers):
        if isinstance(trigger, OnEvent):
            for change in this.changes:
                if change.event is not None and change.event.name == trigger.event:
                    _on_event(world, flow, trigger, change.event)
        elif isinstance(trigger, OnCondition):
            for record in world.of(flow.subject):
                _try_to_enter(world, flow, record, trigger, number)
        elif isinstance(trigger, OnInstant) and this.first and _has_come(world, flow, datetime.fromisoformat(trigger.instant)):
            for record in world.of(flow.subject):
                if holds(trigger.condition, Asked(world, flow, record)):
                    _come_in(world, flow, record, None, at=datetime.fromisoformat(trigger.instant))
    if flow.manners.admit is not None:
        _admit(world, flow)


def _on_event(world: World, flow: FlowPlan, trigger: OnEvent, event: Happened) -> None:
    if event.at < world.since:
        return
    for record in world.subjects_of(event.record, flow.subject):
        asked = Asked(world, flow, record, event=event)
        if holds(trigger.where, asked) and holds(trigger.when, asked):
            _come_in(world, flow, record, event)


def _has_come(world: World, flow: FlowPlan, at: datetime) -> bool:
    """Tell whether an instant has come since the flow was looked at; one before the start never does."""
    last = world.looked.get(flow.name)
    return at == world.now or (last is not None and last < at <= world.now and at >= world.since)


def _try_to_enter(world: World, flow: FlowPlan, record: Record, trigger: OnCondition, number: int) -> None:
    asked = Asked(world, flow, record)
    if not holds(trigger.condition, asked):
        return
    last = last_stay(world, flow, record)
    if (last is None or number in last.false_since) and may_come(world, flow, record, world.now):
        held_over = (flow.name, record) in world.held_over
        at = world.now if held_over else turned_at(asked, trigger.condition, entering=True)
        _come_in(world, flow, record, None, at=at)


def _come_in(world: World, flow: FlowPlan, record: Record, event: Happened | None, *, at: datetime | None = None) -> None:
    at = event.at if event else at or world.now
    if not may_come(world, flow, record, at) or anything_against(world, flow, record):
        return
    if flow.manners.admit is not None:
        world.let_wait.append((flow.name, record, event, at))
    else:
        enter(world, flow, record, local_date(at, flow.zone), at=at, cause=event)


def _admit(world: World, flow: FlowPlan) -> None:
    """Let in as many as `admit at most` says, the oldest first; who came by an event waits for the next day or week."""
    assert flow.manners.admit is not None
    day = local_date(world.now, flow.zone)
    first = day if flow.manners.admit_per == "day" else day - timedelta(days=day.weekday())
    instants = {datetime.fromisoformat(t.instant) for t in flow.triggers if isinstance(t, OnInstant)}
    waiting = {record: (event, at) for name, record, event, at in reversed(world.let_wait) if name == flow.name}
    world.let_wait = [w for w in world.let_wait if w[0] != flow.name]
    for record in sorted(waiting, key=age):
        event, at = waiting[record]
        if not may_come(world, flow, record, world.now) or anything_against(world, flow, record):
            continue
        if world.admitted.get((flow.name, first), 0) >= flow.manners.admit:
            world.held_over[flow.name, record] = first
            if event is not None or at in instants:  # who came by `enter when` must still meet it then
                world.let_wait.append((flow.name, record, event, at))
            continue
        world.admitted[flow.name, first] = world.admitted.get((flow.name, first), 0) + 1
        since = world.held_over.pop((flow.name, record), None)
        if since is not None and since < first:
            if world.gaps and (first - since).days > (1 if flow.manners.admit_per == "day" else 7):
                raise OpenQuestionError
            at = local_instant(first, datetime.min.time(), flow.zone)
        enter(world, flow, record, local_date(at, flow.zone), at=at, cause=event)


def _remember_false(world: World, flow: FlowPlan) -> None:
    """Note for those who were in that the condition of `enter when` has become false: only then may they come again."""
    for number, trigger in enumerate(flow.triggers):
        if isinstance(trigger, OnCondition):
            for record in world.of(flow.subject):
                last = last_stay(world, flow, record)
                if last is not None and not last.active and not holds(trigger.condition, Asked(world, flow, record)):
                    last.false_since.add(number)


# ---------------------------------------------------------------------------------------- moving


def _move(world: World, flow: FlowPlan) -> None:
    """Let everybody go on, node by node in file order, until something has to be waited for, or to the end."""
    resting: set[int] = set()
    stays = world.stays_in(flow)
    for node in flow.nodes:
        there = [s for s in stays if s.active and s.node == node.key and s.number not in resting]
        if isinstance(node, StepNode):
            resting |= _step(world, node, there)
            continue
        for stay in there:
            if isinstance(node, WaitNode):
                assert stay.anchor_at is not None
                end = add_span(stay.anchor_at, node.span, stay.flow.zone, stay.flow.working)
                goes_on = _passed(world, stay, end, node.next)
            elif isinstance(node, WaitUntilNode):
                goes_on = _wait_until(world, stay, node)
            else:
                _pass_by(world, stay, node)
                goes_on = True
            if not goes_on:
                resting.add(stay.number)
    for stay in stays:
        if stay.active and stay.node is None and not leave_if_due(world, stay):
            leave(world, stay, "finished")


def _pass_by(world: World, stay: Stay, node: Node) -> None:
    """Go through a node at which nobody rests."""
    if isinstance(node, BranchNode):
        _branch(world, stay, node)
    elif isinstance(node, SplitNode):
        stay.node = _split(world, stay, node)
    else:
        assert isinstance(node, ActNode)
        _act(world, stay, node)
    stay.moved_at = world.now


def _step(world: World, node: StepNode, there: list[Stay]) -> set[int]:
    """Attempt a step for all whose turn it is; return who rests there."""
    resting = {s.number for s in there if s.until.get(node.key, world.now) > world.now}
    able = []
    for stay in there:
        if stay.number in resting:
            continue
        if node.key in stay.had:  # an edit has brought it to a step that it has had
            _go(world, stay, node.next, at=stay.anchor_at)
            continue
        stay.turn_at = stay.turn_at or stay.anchor_at or world.now
        able.append((stay, node, stay.turn_at))
    places = settle(world, able)
    for stay, _, due in sorted(able, key=lambda w: waited(w[0], w[2])):
        ready = stay.until.get(node.key) or stay.held_to or due
        if is_held(world, stay):
            stay.held_to = hold_end(world, stay)
        outcome = attempt(world, stay, node, due, places)
        if outcome == "over":
            _go(world, stay, node.next, at=max(ready, due))
        elif outcome == "waits":
            resting.add(stay.number)
    return resting


def _passed(world: World, stay: Stay, end: datetime, following: str | None) -> bool:
    """Go on where `end` has come, else wait for it."""
    if end > world.now:
        stay.due_at = end
        return False
    assert stay.anchor_at is not None
    _go(world, stay, following, at=max(at for at in (end, stay.anchor_at, stay.edited_at) if at is not None))
    return True


def _go(world: World, stay: Stay, following: str | None, *, at: datetime | None) -> None:
    stay.node, stay.due_at, stay.turn_at, stay.held_to, stay.edited_at = following, None, None, None, None
    stay.anchor_at = at or world.now
    stay.moved_at = world.now


def _wait_until(world: World, stay: Stay, node: WaitUntilNode) -> bool:
    asked = Asked(world, stay.flow, stay.record, stay)
    assert stay.anchor_at is not None
    if node.condition is None:
        moment = _instant(value_of(node.moment, asked), node.zone or stay.flow.zone)
        return _passed(world, stay, moment or stay.anchor_at, node.next)
    ends = [add_span(stay.anchor_at, node.at_most, stay.flow.zone, stay.flow.working)] if node.at_most else []
    latest = _instant(value_of(node.at_latest, asked), stay.flow.zone)
    ends += [latest] if latest else []
    if holds(node.condition, asked):
        here = stay.moved_at == world.now  # who comes here in this very tick does not wait
        return _passed(world, stay, min([stay.anchor_at if here else turned_at(asked, node.condition), *ends]), node.next)
    return bool(ends) and _passed(world, stay, min(ends), node.next)


def _instant(value: date | datetime | None, zone: str) -> datetime | None:
    """Return the instant that a moment means; a date is its first."""
    if value is None or isinstance(value, datetime):
        return value
    return local_instant(value, datetime.min.time(), zone)


def _branch(world: World, stay: Stay, node: BranchNode) -> None:
    asked = Asked(world, stay.flow, stay.record, stay)
    arm, following = "else", node.otherwise
    for number, (condition, first) in enumerate(node.arms, 1):
        if holds(condition, asked):
            arm, following = str(number), first
            break
    world.tell(stay, "branched", step="if", why=arm)
    stay.node = following


def _split(world: World, stay: Stay, node: SplitNode) -> str | None:
    key = (stay.flow.name, node.name)
    split = world.splits.get(key)
    if split is None:
        came = stay.anchor_at or world.now
        settle_at = add_span(came, node.winner_after, stay.flow.zone, stay.flow.working) if node.winner_after else None
        split = world.splits[key] = Split(came, settle_at)
    name = world.sides.get((*key, stay.record)) or side_of(stay.flow.name, node, stay.record)
    by_chance = next(side for side in node.sides if side.name == name)
    if (*key, stay.record) not in world.sides and split.winner and not by_chance.holdout:
        name = split.winner
    world.sides[(*key, stay.record)] = name
    split.arrived.append((stay, name))
    side = next(side for side in node.sides if side.name == name)
    world.tell(stay, "branched", step=node.name, why="holdout" if side.holdout else name)
    return side.first


def side_of(flow: str, node: SplitNode, record: Record) -> str:
    """Return the side on which a record is for ever, by the hash that the reference names."""
    key = record.key.lower() if record.type == "contact" else record.key
    digest = hashlib.md5(f"{flow}\n{node.name}\n{key}".encode()).hexdigest()  # noqa: S324 - the reference names it
    place = int(digest[:8], 16) / 2**32 * 100
    edge = 0.0
    for side in node.sides:
        edge += side.share
        if place < edge:
            return side.name
    return node.sides[-1].name


def _settle_split(flow: FlowPlan, name: str, split: Split) -> None:
    node = next(n for n in flow.nodes if isinstance(n, SplitNode) and n.name == name)
    best: tuple[float, str] | None = None
    for side in node.sides:
        if side.holdout:
            continue
        there = {stay.record: stay for stay, name in split.arrived if name == side.name}
        won = sum(1 for stay in there.values() if _won(stay, node.winner_by or "opened"))
        share = won / len(there) if there else 0.0
        if best is None or share > best[0]:
            best = (share, side.name)
    split.winner = best[1] if best else None


def _won(stay: Stay, by: str) -> bool:
    if by == "goal":
        return stay.reason == "goal"
    proofs = {"opened": {"opened", "clicked", "replied"}}.get(by, {by})
    return any(t.kind in proofs for had in stay.had.values() for t in had.told)


def _act(world: World, stay: Stay, node: ActNode) -> None:
    following = node.next
    if node.act == "exit":
        if not leave_if_due(world, stay):
            leave(world, stay, "exit")
        return
    if node.act == "move":
        act(world, stay, node)
        leave(world, stay, "moved")
        return
    world.tell(stay, "executed", step=node.word)
    act(world, stay, node)
    stay.node = following
