"""What a condition asks about: two that ask about different things neither exclude nor imply one another."""

from __future__ import annotations

from seqlang.plan.conditions import (
    All,
    Any_,
    Compare,
    Condition,
    CountEvents,
    CountSome,
    Fact,
    FieldRef,
    InFlow,
    Not,
    Outcome,
    Relative,
    Some,
)
from seqlang.semantics.worlds import key_of

Things = frozenset[object]


def things(condition: Condition) -> Things:
    """Return what stands for each field, event, linked record and fact that a condition asks about."""
    match condition:
        case All() | Any_():
            return frozenset().union(*(things(item) for item in condition.items))
        case Not():
            return things(condition.item)
        case CountEvents():
            return frozenset({("event", condition.event)})
        case Some():
            return frozenset({("record", condition.record)})
        case CountSome():
            return frozenset({("record", condition.some.record)})
        case Fact():
            return frozenset({"fact"})
        case Outcome():
            return frozenset({("outcome", condition.step)})
        case InFlow():
            return frozenset({("flow", condition.flow)})
        case _:
            field = getattr(condition, "field", None)
            if not isinstance(field, FieldRef):
                return frozenset({condition})
            found = {key_of(field)}
            if isinstance(condition, (Compare, Relative)) and isinstance(condition.value, FieldRef):
                found.add(key_of(condition.value))
            return frozenset(found)
