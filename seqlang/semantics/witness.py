"""Somebody for whom some conditions hold, told by a few conditions that say it: `score = 21` and `tagged "VIP"`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import ceil, floor, inf
from typing import Literal

from seqlang.plan.conditions import (
    Compare,
    Condition,
    CountEvents,
    CountSome,
    Empty,
    Literal_,
    Matches,
    Now,
    Shifted,
    Some,
    Span,
    Today,
)
from seqlang.plan.wording import words
from seqlang.semantics.domains import Domain, Numbers, Texts
from seqlang.semantics.worlds import Key, State, World

SHOWN_MAX = 4


def witness(world: World) -> tuple[Condition, ...]:
    """Return what is true of somebody in that world; nothing where it is not sure that there is anybody."""
    if world.unsure:
        return ()
    tied = {key for pair in world.orders for key in pair}  # fields that depend on others
    tied |= {world.key(c.field) for c in world.truths if isinstance(c, Matches)}
    found = [c for key, state in reversed(world.fields.items()) for c in _of_field(world, key, state, tied=key in tied)]
    found += [c for c, sign in world.truths.items() if sign]
    found += [c for what, numbers in world.counts.items() for c in _of_events(what, numbers)]
    found += [c for some, numbers in world.somes.items() for c in _of_records(some, numbers)]
    return tuple(found)


def shown(conditions: tuple[Condition, ...]) -> str | None:
    """Return the conditions as a file would write them, or None where they are too many to be read at a glance."""
    if not 0 < len(conditions) <= SHOWN_MAX:
        return None
    return " and ".join(f"`{words(c)}`" for c in conditions)


def _of_field(world: World, key: Key, state: State, *, tied: bool) -> Iterator[Condition]:
    ref = world.refs.get(key)
    if ref is None:
        return
    if state.empty or not state.may_be_filled:
        yield Empty(field=ref)
    elif not tied and len(state.parts) == 1 and not state.may_be_empty:
        sort, (values, _) = next(iter(state.parts.items()))
        value = _value(sort, values)
        if value is not None:
            yield Compare(field=ref, op="=", value=value)
    elif state.may_be_empty and not tied and state.parts:
        yield Empty(field=ref)


def _value(sort: str, values: Domain) -> Literal_ | Now | Today | Shifted | None:
    if isinstance(values, Texts):
        if values.others or not values.items:
            return None
        value = min(values.items, key=str)
        return Literal_(type="boolean" if isinstance(value, bool) else "text", value=value)
    number = _number(values)
    if number is None:
        return None
    if sort == "number":
        return Literal_(type="number", value=int(number) if number == int(number) else number)
    if sort == "date" and 1 <= number <= date.max.toordinal():
        return Literal_(type="date", value=date.fromordinal(int(number)).isoformat())
    if sort == "days from today":
        return (
            Shifted(origin=Today(), sign=1 if number > 0 else -1, span=Span(count=abs(number), unit="day")) if number else Today()
        )
    if sort == "seconds from now":
        span = Span(count=abs(number) / 3600, unit="hour")
        return Shifted(origin=Now(), sign=1 if number > 0 else -1, span=span) if number else Now()
    return None


def _number(values: Numbers) -> float | None:
    """Return a number among some, a whole one if there is one."""
    if any(low < 0 < high or (low == 0 and low_in) or (high == 0 and high_in) for low, low_in, high, high_in in values.parts):
        return 0.0
    for low, low_in, high, high_in in values.parts:
        if low == -inf:
            return float(floor(high)) if high_in or high != floor(high) else high - 1
        first = float(ceil(low)) if low_in or low != ceil(low) else low + 1
        if first < high or (first == high and high_in):
            return first
        return low if low_in else high if high_in else (low + high) / 2
    return None


def _of_events(what: CountEvents, numbers: Numbers) -> Iterator[Condition]:
    op, least = _least(numbers)
    if op is not None:
        yield CountEvents(event=what.event, where=what.where, last=what.last, since_entry=what.since_entry, op=op, number=least)


def _of_records(some: Some, numbers: Numbers) -> Iterator[Condition]:
    op, least = _least(numbers)
    if op is not None:
        yield some if (op, least) == (">=", 1) else CountSome(some=some, op=op, number=least)


def _least(numbers: Numbers) -> tuple[Literal["=", ">="] | None, float]:
    """Return what must be said of a count: that there is none, or how many there are at least; nothing where both may be."""
    least, most = numbers.parts[0][0], numbers.parts[-1][2]
    if least > 0:
        return ">=", least
    return ("=", 0.0) if most == 0 else (None, 0.0)
