"""Whether conditions can hold at all, and together: conservative, so that what it calls impossible is (LANGUAGE 8).

A condition is taken apart into what it says of each field: a set of values, or that it is empty. Whatever looks at an empty
field is false (LANGUAGE 3), so a negated comparison allows the empty field as well. Counts are whole numbers, of which a narrower
question finds no more than a wider one. What has no set (tags, messages, texts that contain others) is a truth, of which some
follow from others. What is called possible may be impossible all the same; `docs/reference/checks.md` says what is not seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from seqlang.plan.conditions import (
    All,
    Any_,
    Between,
    Compare,
    Condition,
    CountEvents,
    CountSome,
    Empty,
    FieldRef,
    Matches,
    Not,
    OneOf,
    Outcome,
    Relative,
    Some,
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
_FROM_ZERO = compared(">=", 0)
_SOME = compared(">=", 1)
_ORDERS = {"=": "=", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "before": "<", "after": ">"}


def never_holds(condition: Condition, fields: Fields) -> bool:
    """Return whether no record can ever fulfil the condition; False where that is not certain."""
    return possible([(condition, True)], fields) is None


def always_holds(condition: Condition, fields: Fields) -> bool:
    """Return whether every record fulfils the condition; False where that is not certain."""
    return possible([(condition, False)], fields) is None


def exclude_each_other(one: Condition, other: Condition, fields: Fields) -> bool:
    """Return whether no record can fulfil both; False where that is not certain."""
    return possible([(one, True), (other, True)], fields) is None


def implies(one: Condition, other: Condition, fields: Fields) -> bool:
    """Return whether whoever fulfils the first fulfils the second; False where that is not certain."""
    return possible([(one, True), (other, False)], fields) is None


def possible(signed: Iterable[Signed], fields: Fields) -> World | None:
    """Return a way in which some conditions hold (and others, those with False, do not); None where there is certainly none."""
    return _Search(fields, DEPTH_MAX).find(list(signed), World())


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
        others: list[Signed] = [(All(items=i) if not s else Any_(items=i), s) for i, s in rest]
        for item in items:
            self.left -= 1
            if self.left < 0:
                world.unsure = True
                return world
            found = self.find([(item, sign), *others], world.fork())
            if found is not None:
                return found
        return None

    def literals(self, pending: list[Signed], world: World) -> list[tuple[tuple[Condition, ...], bool]] | None:
        """Note all that holds whatever is chosen, and return the choices; None where that cannot be."""
        choices: list[tuple[tuple[Condition, ...], bool]] = []
        while pending:
            condition, sign = pending.pop()
            match condition:
                case Not():
                    pending.append((condition.item, not sign))
                case All() | Any_():
                    if isinstance(condition, All) == sign:
                        pending += [(item, sign) for item in condition.items]
                    else:
                        choices.append((condition.items, sign))
                case _:
                    if not self._add(world, condition, sign=sign):
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

    def _add(self, world: World, atom: Condition, *, sign: bool) -> bool:
        """Note a literal; return whether the world is still possible."""
        match atom:
            case Empty():
                return world.add_empty(world.key(atom.field), sign=sign)
            case CountEvents():
                what = CountEvents(event=atom.event, where=atom.where, last=atom.last, since_entry=atom.since_entry)
                none = atom.where is not None and self._never(atom.where)
                return self._add_count(world, what, _whole(compared(atom.op, atom.number)), sign=sign, none=none)
            case CountSome():
                numbers = _whole(compared(atom.op, atom.number))
                return self._add_count(world, atom.some, numbers, sign=sign, none=self._never(atom.some.where))
            case Some():
                return self._add_count(world, atom, _SOME, sign=sign, none=self._never(atom.where))
            case Outcome():
                key = ("outcome", (), atom.step)
                return world.state(key).add("text", _texts(atom.values) if sign else _texts(atom.values).rest(), allowed=not sign)
            case Compare() | OneOf() | Matches() | Within() | Relative() | Between():
                return self._add_field(world, atom, sign=sign)
            case _:
                return world.add_truth(atom, sign=sign)

    def _add_count(self, world: World, what: CountEvents | Some, numbers: Numbers, *, sign: bool, none: bool) -> bool:
        if none:  # nothing can be counted
            numbers = numbers.meet(Numbers(((0.0, True, 0.0, True),)))
            return numbers.void != sign
        chosen = numbers if sign else numbers.rest()
        return world.add_count(what, chosen.meet(_FROM_ZERO) if sign else _whole(chosen))

    def _add_field(self, world: World, atom: OnField, *, sign: bool) -> bool:
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
        universe = self._universe(atom.field, sort)
        if universe is not None:
            world.state(key).parts.setdefault(sort, (universe, True))
        return world.state(key).add(sort, values if sign else values.rest(), allowed=not sign)

    def _universe(self, ref: FieldRef, sort: str) -> Texts | None:
        """Return all values that a field may have; None: no such set."""
        if sort == "boolean":
            return Texts(frozenset([True, False]))
        choices = self._choices(ref) if sort == "text" else None
        return Texts(frozenset(choices)) if choices is not None else None

    def _choices(self, ref: FieldRef) -> tuple[str, ...] | None:
        spec = self.fields.get(ref.holder, {}).get(ref.field)
        return spec.choices if spec is not None and spec.type == "choice" and not spec.engine else None


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


__all__ = ["Fields", "always_holds", "exclude_each_other", "follow", "implies", "never_holds", "outline", "possible"]
