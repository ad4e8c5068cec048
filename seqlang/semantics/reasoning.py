"""Whether a condition can hold at all: conservative, so that what it calls impossible is (LANGUAGE 8).

A condition is taken apart into what it says of each field: a set of values, or that it is empty. Whatever looks at an empty
field is false (LANGUAGE 3), so a negated comparison allows the empty field as well. What has no set (events, tags, messages)
is one truth that cannot be both.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import date, datetime

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
    Literal_,
    Matches,
    Not,
    Now,
    OneOf,
    Outcome,
    PlanValue,
    Relative,
    Shifted,
    Some,
    Span,
    Today,
    Within,
)
from seqlang.semantics.domains import Domain, Numbers, Texts, compared, counted
from seqlang.vocabulary.records import FieldSpec

BRANCHES_MAX = 500
Fields = Mapping[str, Mapping[str, FieldSpec]]
Signed = tuple[Condition, bool]
SECONDS = {"minute": 60.0, "hour": 3600.0}


class _State:
    """What is known of one field. Each part is of one sort of question, e.g. dates as such and dates from today."""

    __slots__ = ("empty", "parts")

    def __init__(self) -> None:
        self.empty: bool | None = None
        self.parts: dict[str, tuple[Domain, bool]] = {}  # sort -> values, whether the field may be empty

    def copied(self) -> _State:
        state = _State()
        state.empty, state.parts = self.empty, copy(self.parts)
        return state

    def possible(self) -> bool:
        may_be_empty = self.empty is not False and all(allowed for _, allowed in self.parts.values())
        may_be_filled = self.empty is not True and not any(values.void for values, _ in self.parts.values())
        return may_be_empty or may_be_filled


class _World:
    """One way in which a condition may hold."""

    __slots__ = ("fields", "states", "truths")

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.states: dict[object, _State] = {}
        self.truths: dict[object, bool] = {}

    def fork(self) -> _World:
        world = _World(self.fields)
        world.states = {key: state.copied() for key, state in self.states.items()}
        world.truths = copy(self.truths)
        return world

    def add_values(self, key: object, sort: str, values: Domain, *, sign: bool, counted_: bool = False) -> bool:
        state = self.states.setdefault(key, _State())
        allowed = not sign and not counted_
        chosen = values if sign else values.rest()
        before = state.parts.get(sort)
        if before is not None:
            chosen, allowed = before[0].meet(chosen), before[1] and allowed  # type: ignore[arg-type]  # one sort, one class
        state.parts[sort] = (chosen, allowed)
        return state.possible()

    def add_empty(self, key: object, *, sign: bool) -> bool:
        state = self.states.setdefault(key, _State())
        if state.empty is not None and state.empty != sign:
            return False
        state.empty = sign
        return state.possible()

    def add_truth(self, key: object, *, sign: bool) -> bool:
        return self.truths.setdefault(key, sign) == sign


class _Budget:
    __slots__ = ("left",)

    def __init__(self, left: int = BRANCHES_MAX) -> None:
        self.left = left


def never_holds(condition: Condition, fields: Fields) -> bool:
    """Return whether no record can ever fulfil the condition; False where that is not certain."""
    return not _possible([(condition, True)], _World(fields), _Budget())


def always_holds(condition: Condition, fields: Fields) -> bool:
    """Return whether every record fulfils the condition; False where that is not certain."""
    return not _possible([(condition, False)], _World(fields), _Budget())


def exclude_each_other(one: Condition, other: Condition, fields: Fields) -> bool:
    """Return whether no record can fulfil both; False where that is not certain."""
    return not _possible([(one, True), (other, True)], _World(fields), _Budget())


def _possible(pending: list[Signed], world: _World, budget: _Budget) -> bool:
    """Return whether all of the pending conditions may hold together in `world`, which is used up."""
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
                if not _add(world, condition, sign):
                    return False
    if not choices:
        return True
    (items, sign), rest = choices[0], choices[1:]
    others: list[Signed] = [(All(items=i) if not s else Any_(items=i), s) for i, s in rest]
    for item in items:
        budget.left -= 1
        if budget.left < 0 or _possible([(item, sign), *others], world.fork(), budget):
            return True
    return False


def _add(world: _World, atom: Condition, sign: bool) -> bool:  # noqa: FBT001 - the sign of a literal
    """Note a literal; return whether the world is still possible."""
    match atom:
        case Empty():
            return world.add_empty(_key(atom.field), sign=sign)
        case CountEvents():
            key: object = ("events", atom.event, atom.where, atom.last, atom.since_entry)
            if atom.where is not None and never_holds(atom.where, world.fields):
                return _zero(atom.op, atom.number) == sign
            return world.add_values(key, "count", counted(atom.op, atom.number), sign=sign, counted_=True) and world.add_values(
                key, "count", counted(">=", 0), sign=True
            )
        case CountSome():
            if never_holds(atom.some.where, world.fields):
                return _zero(atom.op, atom.number) == sign
            key = ("some", atom.some)
            return world.add_values(key, "count", counted(atom.op, atom.number), sign=sign, counted_=True) and world.add_values(
                key, "count", counted(">=", 0), sign=True
            )
        case Some():
            if never_holds(atom.where, world.fields):
                return not sign
            return world.add_truth(atom, sign=sign)
        case Outcome():
            return world.add_values(("outcome", atom.step), "text", Texts(frozenset(atom.values)), sign=sign)
        case Compare() | OneOf() | Matches() | Within() | Relative() | Between():
            return _add_field(world, atom, sign)
        case _:
            return world.add_truth(atom, sign=sign)


def _zero(op: str, number: float) -> bool:
    return not counted(op, number).meet(Numbers(((0.0, True, 0.0, True),))).void


def _key(ref: FieldRef) -> object:
    return ref.record, tuple(link.field for link in ref.links), ref.field


def _add_field(world: _World, atom: Compare | OneOf | Matches | Within | Relative | Between, sign: bool) -> bool:  # noqa: FBT001
    key = _key(atom.field)
    known = _values(world, atom)
    if known is None:
        if sign and not world.add_empty(key, sign=False):
            return False
        return world.add_truth(atom, sign=sign)
    sort, values = known
    universe = _universe(world, atom.field, sort)
    if universe is not None:
        world.states.setdefault(key, _State()).parts.setdefault(sort, (universe, True))
    return world.add_values(key, sort, values, sign=sign)


def _values(world: _World, atom: Compare | OneOf | Matches | Within | Relative | Between) -> tuple[str, Domain] | None:
    """Return the values for which an atom holds and their sort, or None where they make no set."""
    match atom:
        case Compare(value=Literal_(type="text" | "boolean" as kind, value=value), op="="):
            return kind, Texts(frozenset([value if isinstance(value, bool) else str(value)]))
        case OneOf() if all(v.type == "text" for v in atom.values):
            return "text", Texts(frozenset(str(v.value) for v in atom.values))
        case OneOf() if all(v.type == "number" for v in atom.values):
            return "number", Numbers(tuple((float(v.value), True, float(v.value), True) for v in atom.values))
        case Matches():
            return _matching(world, atom)
        case Compare():
            at = _point(atom.value, atom.field)
            return None if at is None else (at[0], _on_line(at[0], atom.op, at[1]))
        case Relative():
            at = _point(atom.value, atom.field)
            return None if at is None else (at[0], _on_line(at[0], "<" if atom.side == "before" else ">", at[1]))
        case Between():
            low, high = _point(atom.low, atom.field), _point(atom.high, atom.field)
            if low is None or high is None or low[0] != high[0]:
                return None
            return low[0], compared(">=", low[1]).meet(compared("<=", high[1]))
        case Within():
            return _within(atom)
        case _:
            return None


def _universe(world: _World, ref: FieldRef, sort: str) -> Texts | None:
    """Return all values that a field may have; None: no such set."""
    if sort == "boolean":
        return Texts(frozenset([True, False]))
    choices = _choices(world, ref) if sort == "text" else None
    return Texts(frozenset(choices)) if choices is not None else None


def _choices(world: _World, ref: FieldRef) -> tuple[str, ...] | None:
    spec = world.fields.get(ref.holder, {}).get(ref.field)
    return spec.choices if spec is not None and spec.type == "choice" and not spec.engine else None


def _matching(world: _World, atom: Matches) -> tuple[str, Domain] | None:
    choices = _choices(world, atom.field)
    if choices is None:
        return None
    text = atom.text.casefold()
    found = [c for c in choices if _fits(c.casefold(), atom.how, text)]
    return "text", Texts(frozenset(found))


def _fits(value: str, how: str, text: str) -> bool:
    if how == "contains":
        return text in value
    return value.startswith(text) if how == "starts with" else value.endswith(text)


def _on_line(sort: str, op: str, value: float) -> Numbers:
    if sort in ("date", "days from today"):  # whole days: nothing lies between two
        return compared({"<": "<=", ">": ">="}.get(op, op), value - 1 if op == "<" else value + 1 if op == ">" else value)
    return compared(op, value)


def _point(value: PlanValue, ref: FieldRef) -> tuple[str, float] | None:
    """Return a value as a number of its sort, or None where that depends on more than the value (a zone, another field)."""
    match value:
        case Literal_(type="number"):
            return "number", float(value.value)
        case Literal_(type="date") if ref.type == "date":
            return "date", float(date.fromisoformat(str(value.value)).toordinal())
        case Literal_(type="instant") if ref.type == "datetime":
            return "instant", datetime.fromisoformat(str(value.value)).timestamp()
        case Today() if ref.type == "date":
            return "days from today", 0.0
        case Now() if ref.type == "datetime":
            return "seconds from now", 0.0
        case Shifted():
            origin = _point(value.origin, ref)
            length = _length(value.span, origin[0]) if origin is not None else None
            return None if origin is None or length is None else (origin[0], origin[1] + value.sign * length)
        case _:
            return None


def _length(span: Span, sort: str) -> float | None:
    """Return a duration in the units of a sort, or None where it depends on the day (clocks change, offices close)."""
    if sort in ("date", "days from today"):
        return span.count * {"day": 1.0, "week": 7.0}.get(span.unit, 0.0) or None
    return span.count * SECONDS.get(span.unit, 0.0) or None


def _within(atom: Within) -> tuple[str, Domain] | None:
    if atom.field.type == "date":
        sort, length = "days from today", _length(atom.span, "date")
    else:  # of instants a day is 24 hours here (LANGUAGE 3, *Time*)
        sort, length = (
            "seconds from now",
            atom.span.count * {**SECONDS, "day": 86400.0, "week": 604800.0}.get(atom.span.unit, 0.0) or None,
        )
    if length is None:
        return None
    return sort, Numbers(((-length, True, 0.0, True),) if atom.sign < 0 else ((0.0, True, length, True),))
