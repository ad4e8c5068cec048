"""What a condition looks at: which changes may turn it, and whether time alone does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqlang.frozen import Frozen
from seqlang.plan import conditions as c

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Wakes:
    """All that can turn a condition, apart from time."""

    fields: frozenset[tuple[str, str]]  # (record, field); links that a path follows are among them
    records: frozenset[str]  # whose coming and going counts: those of `some` and `count`
    events: frozenset[str]  # names of `event`
    facts: frozenset[str]  # replied opened clicked bounced sent done overdue outcome unsubscribed
    lists: frozenset[str]
    tags: frozenset[str]
    flows: frozenset[str]  # `in sequence`, `was in sequence`
    account_replied: bool  # replies of other contacts


def wakes(condition: c.Condition) -> Wakes:
    """Return what has to happen for the condition to turn: a change of a field, an event and so on."""
    parts = tuple(_parts(condition))
    facts: set[str] = {p.fact for p in parts if isinstance(p, c.Fact)}
    if "opened" in facts:
        facts |= {"clicked", "replied"}  # either proves the opening
    facts |= {"outcome" for p in parts if isinstance(p, c.Outcome)}
    facts |= {"unsubscribed" for p in parts if isinstance(p, c.Unsubscribed)}
    return Wakes(
        fields=fields_of(condition),
        records=frozenset(p.record for p in parts if isinstance(p, c.Some)),
        events=frozenset(p.event for p in parts if isinstance(p, c.CountEvents)),
        facts=frozenset(facts),
        lists=frozenset(p.list for p in parts if isinstance(p, c.InList)),
        tags=frozenset(p.tag for p in parts if isinstance(p, c.Tagged)),
        flows=frozenset(p.flow for p in parts if isinstance(p, c.InFlow)),
        account_replied=any(isinstance(p, c.AccountReplied) for p in parts),
    )


def fields_of(condition: c.Condition) -> frozenset[tuple[str, str]]:
    """Return every (record, field) that the condition reads, links that its paths follow included; properties of events not."""
    found: set[tuple[str, str]] = set()
    for part in _parts(condition):
        if isinstance(part, c.FieldRef) and not part.record.startswith("event:"):
            found |= _path(part.record, part.links)
            found.add((part.holder, part.field))
        elif isinstance(part, c.Some):
            found |= _path(part.subject, part.links)
            found.add((part.record, part.link))
    return frozenset(found)


def turns_by_time(condition: c.Condition) -> bool:
    """Tell whether the condition may turn while nothing happens: it looks at today, now, the last days, or an overdue to-do."""
    return any(
        isinstance(p, c.Within | c.Today | c.Now)
        or (isinstance(p, c.CountEvents | c.Fact) and p.last is not None)
        or (isinstance(p, c.Fact) and p.fact == "overdue")
        for p in _parts(condition)
    )


def may_hold_of_nothing(condition: c.Condition) -> bool:
    """Tell whether an empty field may make the condition hold: it says `not`, or `is empty`, somewhere."""
    return any(isinstance(p, c.Not | c.Empty) for p in _parts(condition))


def _path(record: str, links: tuple[c.LinkStep, ...]) -> set[tuple[str, str]]:
    holders = (record, *(step.record for step in links))
    return {(holder, step.field) for holder, step in zip(holders, links, strict=False)}


def _parts(model: Frozen) -> Iterator[Frozen]:
    """Go through the condition and all its parts; without recursion, so that depth is no matter."""
    waiting: list[object] = [model]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Frozen):
            yield part
            waiting += [getattr(part, name) for name in type(part).__dataclass_fields__]
        elif isinstance(part, tuple):
            waiting += part
