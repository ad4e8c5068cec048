"""From when it counts that a condition holds: of several events that one tick takes in, the first as of which it held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import datetime

from seqlang.plan import conditions as c
from seqlang.plan.model import FlowPlan
from tests.oracle.asking import Asked, holds
from tests.oracle.leaving import anything_against
from tests.oracle.world import Had, OpenQuestionError

OF_EVENT = "event:"  # how a reference to a property of an event begins
KEPT_APART = {"last_contacted_mode", "last_activity_type", "account", "contact", "owner"}  # links, and what the program keeps up

def turned_at(asked: Asked, condition: c.Condition, *, entering: bool = False) -> datetime:
    """Return the instant from which durations count where a condition holds now: of the first event as of which it held.

    OpenQuestionError where that cannot be told: of several events that one tick takes in, where the condition asks more than
    events, facts and fields of the record itself, or where something else may have kept somebody out.
    """
    world, before = asked.world, asked.world.looked.get(asked.flow.name)
    if not world.gaps or before is None or before == world.now or asked.flow.name in world.edited:
        return world.now
    if before != world.looked.get(""):  # it was stopped meanwhile
        raise OpenQuestionError
    hour = world.now.replace(minute=0, second=0, microsecond=0)
    by_time = hour > before and not holds(condition, replace(asked, at=before))
    found = world.touching(asked.record)
    if by_time and not found:
        return hour
    if len(found) == 1 and not by_time:
        return found.pop()
    apart = entering and (asked.flow.manners.exclusive or asked.flow.again_after is not None)
    if not found or by_time or apart or not _asks_itself(asked, condition):
        raise OpenQuestionError
    if entering and not all(_asks_itself(asked, rule) for rule in _against(asked.flow)):
        raise OpenQuestionError
    return next((at for at in sorted(found) if _held(asked, condition, at, entering=entering)), max(found))


def _against(flow: FlowPlan) -> list[c.Condition]:
    """Return what lets nobody in: goals and exits."""
    checks = [check.condition for rule in flow.exits for check in rule.checks]
    return [goal.condition for goal in flow.goals] + [condition for condition in checks if condition is not None]


def _asks_itself(asked: Asked, condition: c.Condition) -> bool:
    """Tell whether a condition asks events, facts and plain fields of the record itself, and not the time."""
    return all(_of_itself(part, asked.record.type) for part in _parts(condition))


def _of_itself(part: object, subject: str) -> bool:
    match part:
        case c.Some() | c.InList() | c.Tagged() | c.InFlow() | c.AccountReplied() | c.Within() | c.Today() | c.Now():
            return False
        case c.CountEvents():
            return part.last is None
        case c.Fact():
            return part.last is None and part.fact != "overdue"
        case c.Unsubscribed():
            return subject == "contact"
        case c.FieldRef() if not part.record.startswith(OF_EVENT):
            return part.holder == subject and not part.links and part.field not in KEPT_APART
    return True


def _parts(part: object) -> Iterator[object]:
    """Go through a condition and all that it is made of."""
    if isinstance(part, tuple):
        for one in part:
            yield from _parts(one)
    elif is_dataclass(part):
        yield part
        for field in fields(part):
            yield from _parts(getattr(part, field.name))


def _held(asked: Asked, condition: c.Condition, at: datetime, *, entering: bool) -> bool:
    """Tell whether a condition held at an instant of this tick, with the values and of what had happened by then."""
    world, stay = asked.world, asked.stay
    parts = list(_parts(condition))
    reads = {part.field for part in parts if isinstance(part, c.FieldRef) and not part.record.startswith(OF_EVENT)}
    later = {(record, name) for when, record, name, _ in world.written if when > at and name in reads and record is asked.record}
    unknown = later - {(record, name) for when, record, name, _ in world.written if when <= at}
    of_nothing = any(isinstance(part, c.Not | c.Empty) for part in parts)
    if unknown and of_nothing:  # what a field was before its first change of the tick is not kept
        return False
    undone = [(record, name, former) for when, record, name, former in reversed(world.written) if when > at]
    unsubscribed = {record for record, name, _ in undone if name is None}
    kept = [(record, dict(record.values)) for record in {record for record, _, _ in undone}]
    events = world.events
    had = stay.had if stay else {}
    try:
        for record, name, former in undone:
            if name is not None:
                record.values[name] = None if (record, name) in unknown else former
        for record in unsubscribed:
            record.unsubscribed = False
        world.events = [event for event in events if event.at <= at]
        if stay is not None:
            stay.had = {key: one for key, known in had.items() if (one := _known_of(known, at)) is not None}
        against = entering and anything_against(world, asked.flow, asked.record)
        return holds(condition, asked) and not against
    finally:
        for record, values in kept:
            record.values = values
        for record in unsubscribed:
            record.unsubscribed = True
        world.events = events
        if stay is not None:
            stay.had = had


def _known_of(had: Had, at: datetime) -> Had | None:
    """Return what was known of a step at an instant."""
    if had.at > at:
        return None
    told = [one for one in had.told if one.at <= at]
    if had.done_at is None or had.done_at <= at:
        return replace(had, told=told)
    return replace(had, told=told, done_at=None, outcome=None, message=had.message and had.todo)
