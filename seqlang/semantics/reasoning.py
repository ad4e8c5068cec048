"""Whether conditions can hold at all, and together: conservative, so that what it calls impossible is (LANGUAGE 8).

A condition is taken apart into what it says of each field: a set of values, or that it is empty. Whatever looks at an empty
field is false (LANGUAGE 3), so a negated comparison allows the empty field as well. Counts are whole numbers, of which a narrower
question finds no more than a wider one. What has no set (tags, messages, texts that contain others) is a truth, of which some
follow from others. What is called possible may be impossible all the same; `docs/reference/checks.md` says what is not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from seqlang.plan.conditions import (
    AccountReplied,
    All,
    Any_,
    Between,
    Compare,
    Condition,
    CountEvents,
    CountSome,
    Empty,
    Fact,
    FieldRef,
    InFlow,
    InList,
    Matches,
    Not,
    OneOf,
    Outcome,
    Relative,
    Some,
    Tagged,
    Unsubscribed,
    Within,
)
from seqlang.semantics.domains import Numbers, Texts, compared
from seqlang.semantics.following import contradict, follow
from seqlang.semantics.points import OnField, values_of
from seqlang.semantics.worlds import World
from seqlang.vocabulary.records import FieldSpec

BRANCHES_MAX = 500
DEPTH_MAX = 4  # of questions within questions about linked records
Fields = Mapping[str, Mapping[str, FieldSpec]]
Signed = tuple[Condition, bool]
Choice = tuple[tuple[Condition, ...], bool]  # some of these hold (True), or some of them do not (False)
_FROM_ZERO = compared(">=", 0)
_SOME = compared(">=", 1)
_ORDERS = {"=": "=", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "before": "<", "after": ">"}


def never_holds(condition: Condition, fields: Fields) -> bool:
    """Return whether no record can ever fulfil the condition; False where that is not certain."""
    return not _may_hold(condition) and possible([(condition, True)], fields) is None


def always_holds(condition: Condition, fields: Fields) -> bool:
    """Return whether every record fulfils the condition; False where that is not certain."""
    return not _may_fail(condition) and possible([(condition, False)], fields) is None


def exclude_each_other(one: Condition, other: Condition, fields: Fields) -> bool:
    """Return whether no record can fulfil both; False where that is not certain."""
    return possible([(one, True), (other, True)], fields) is None


def implies(one: Condition, other: Condition, fields: Fields) -> bool:
    """Return whether whoever fulfils the first fulfils the second; False where that is not certain."""
    return possible([(one, True), (other, False)], fields) is None


def possible(signed: Iterable[Signed], fields: Fields) -> World | None:
    """Return a way in which some conditions hold (and others, those with False, do not); None where there is certainly none."""
    return _Search(fields, DEPTH_MAX).find(list(signed), World())


def _may_hold(condition: Condition) -> bool:
    """Return whether some record certainly fulfils a condition, as far as that is seen without a search."""
    if isinstance(condition, Any_):
        return any(_may_hold(item) for item in condition.items)
    return type(condition) in _TRUTHS


def _may_fail(condition: Condition) -> bool:
    """Return whether some record certainly does not fulfil a condition, as far as that is seen without a search."""
    if isinstance(condition, All):
        return any(_may_fail(item) for item in condition.items)
    return type(condition) in _TRUTHS or type(condition) in _OF_ONE_FIELD


class Standing:
    """Conditions that hold together, worked out once, for questions of what may hold beside them."""

    __slots__ = ("_choices", "_fields", "_world")

    def __init__(self, signed: Iterable[Signed], fields: Fields) -> None:
        self._fields = fields
        self._world = World()
        choices = _Search(fields, DEPTH_MAX).literals(list(signed), self._world)
        self._choices = None if choices is None else _as_conditions(choices)  # None: they cannot hold at all

    def excludes(self, condition: Condition) -> bool:
        """Return whether nobody who fulfils a condition fulfils all of them; False where that is not certain."""
        if self._choices is None:
            return True
        search = _Search(self._fields, DEPTH_MAX)
        return search.find([*self._choices, (condition, True)], self._world.fork()) is None


def outline(condition: Condition, fields: Fields) -> World | None:
    """Return what holds wherever a condition does, without its alternatives; None where it can hold nowhere.

    Two conditions whose outlines exclude each other (`World.excludes`) do so: a quick look, before `possible` takes a long one.
    """
    world = World()
    return world if _Search(fields, DEPTH_MAX).literals([(condition, True)], world) is not None else None


class _Search:
    """One search for a world."""

    def __init__(self, fields: Fields, depth: int) -> None:
        self.fields = fields
        self.depth = depth
        self.left = BRANCHES_MAX

    def find(self, pending: list[Signed], world: World) -> World | None:
        """Return a world in which all of the pending conditions hold; `world` is used up."""
        choices = self.literals(pending, world)
        if choices is None:
            return None
        if not choices:
            return None if contradict(world, self._narrower) else world
        (items, sign), rest = choices[0], choices[1:]
        others = _as_conditions(rest)
        for item in items:
            self.left -= 1
            if self.left < 0:
                world.unsure = True
                return world
            found = self.find([(item, sign), *others], world.fork())
            if found is not None:
                return found
        return None

    def literals(self, pending: list[Signed], world: World) -> list[Choice] | None:
        """Note all that holds whatever is chosen, and return the choices; None where that cannot be."""
        choices: list[Choice] = []
        while pending:
            condition, sign = pending.pop()
            add = _ADDED.get(type(condition))
            if add is not None:
                if not add(self, world, condition, sign=sign):
                    return None
            elif isinstance(condition, Not):
                pending.append((condition.item, not sign))
            elif isinstance(condition, (All, Any_)):
                if isinstance(condition, All) == sign:
                    pending += [(item, sign) for item in condition.items]
                else:
                    choices.append((condition.items, sign))
            elif not world.add_truth(condition, sign=sign):
                return None
        return choices

    def _never(self, condition: Condition) -> bool:
        return self.depth > 0 and _Search(self.fields, self.depth - 1).find([(condition, True)], World()) is None

    def _narrower(self, one: Condition | None, other: Condition | None) -> bool:
        """Return whether whatever fulfils the first fulfils the second."""
        if other is None or one == other:
            return True
        if self.depth <= 0:
            return False
        signed: list[Signed] = [(other, False)] if one is None else [(one, True), (other, False)]
        return _Search(self.fields, self.depth - 1).find(signed, World()) is None

    # Each of these notes a literal, and returns whether the world is still possible.

    def add_empty(self, world: World, atom: Empty, *, sign: bool) -> bool:
        """That a field is empty."""
        return world.add_empty(world.key(atom.field), sign=sign)

    def add_events(self, world: World, atom: CountEvents, *, sign: bool) -> bool:
        """That something happened so many times."""
        what = CountEvents(event=atom.event, where=atom.where, last=atom.last, since_entry=atom.since_entry)
        none = atom.where is not None and self._never(atom.where)
        return self._add_count(world, what, _whole(compared(atom.op, atom.number)), sign=sign, none=none)

    def add_records(self, world: World, atom: CountSome, *, sign: bool) -> bool:
        """That there are so many linked records."""
        numbers = _whole(compared(atom.op, atom.number))
        return self._add_count(world, atom.some, numbers, sign=sign, none=self._never(atom.some.where))

    def add_some(self, world: World, atom: Some, *, sign: bool) -> bool:
        """That there is a linked record."""
        return self._add_count(world, atom, _SOME, sign=sign, none=self._never(atom.where))

    def add_outcome(self, world: World, atom: Outcome, *, sign: bool) -> bool:
        """What a to-do ended with."""
        values = _texts(atom.values)
        return world.state(("outcome", (), atom.step)).add("text", values if sign else values.rest(), allowed=not sign)

    def _add_count(self, world: World, what: CountEvents | Some, numbers: Numbers, *, sign: bool, none: bool) -> bool:
        if none:  # nothing can be counted
            numbers = numbers.meet(Numbers(((0.0, True, 0.0, True),)))
            return numbers.void != sign
        chosen = numbers if sign else numbers.rest()
        return world.add_count(what, chosen.meet(_FROM_ZERO) if sign else _whole(chosen))

    def add_field(self, world: World, atom: OnField, *, sign: bool) -> bool:
        """What a field is."""
        key = world.key(atom.field)
        if isinstance(atom, (Compare, Relative)) and isinstance(atom.value, FieldRef) and atom.value.type == atom.field.type:
            op = _ORDERS[atom.op if isinstance(atom, Compare) else atom.side]
            return world.add_order(key, world.key(atom.value), Texts(frozenset(op)), sign=sign)
        known = values_of(atom, self._choices)
        if known is None:
            if sign and not world.add_empty(key, sign=False):
                return False
            return world.add_truth(atom, sign=sign)
        sort, values = known
        state = world.state(key)
        if sort in ("text", "boolean") and sort not in state.parts:
            universe = self._universe(atom.field, sort)
            if universe is not None:
                state.parts[sort] = (universe, True)
        return state.add(sort, values if sign else values.rest(), allowed=not sign)

    def _universe(self, ref: FieldRef, sort: str) -> Texts | None:
        """Return all values that a field may have; None: no such set."""
        if sort == "boolean":
            return _TRUE_OR_FALSE
        choices = self._choices(ref)
        return _texts(choices) if choices is not None else None

    def _choices(self, ref: FieldRef) -> tuple[str, ...] | None:
        spec = self.fields.get(ref.holder, {}).get(ref.field)
        return spec.choices if spec is not None and spec.type == "choice" and not spec.engine else None


_ADDED: dict[type, Callable[..., bool]] = {  # how a literal is noted; the others are truths
    Empty: _Search.add_empty, CountEvents: _Search.add_events, CountSome: _Search.add_records, Some: _Search.add_some,
    Outcome: _Search.add_outcome,
    **dict.fromkeys((Compare, OneOf, Matches, Within, Relative, Between), _Search.add_field),
}  # fmt: skip
# By itself each of these holds of somebody and does not hold of somebody else …
_TRUTHS: frozenset[Any] = frozenset({Fact, Unsubscribed, AccountReplied, InList, Tagged, InFlow})
# … and none of these holds of everybody: a field may be empty, or not.
_OF_ONE_FIELD: frozenset[Any] = frozenset({Compare, OneOf, Matches, Within, Relative, Between, Empty, Outcome})
_TRUE_OR_FALSE = Texts(frozenset([True, False]))


def _as_conditions(choices: Iterable[Choice]) -> list[Signed]:
    return [(Any_(items=items) if sign else All(items=items), sign) for items, sign in choices]


@lru_cache(maxsize=256)  # the values of each `choice` of a project are asked for again and again
def _texts(values: tuple[str, ...]) -> Texts:
    return Texts(frozenset(values))


def _whole(numbers: Numbers) -> Numbers:
    """Return the whole numbers from 0 among some, as closed intervals."""
    from math import ceil, floor, inf

    parts = []
    for low, low_in, high, high_in in numbers.meet(_FROM_ZERO).parts:
        first = floor(low) + 1 if low == floor(low) and not low_in else ceil(low)
        last = high if high == inf else ceil(high) - 1 if high == floor(high) and not high_in else floor(high)
        if first <= last:
            parts.append((float(first), True, float(last), last != inf))
    return Numbers(tuple(parts))


__all__ = ["Fields", "Standing", "always_holds", "exclude_each_other", "follow", "implies", "never_holds", "outline", "possible"]
