"""Worlds: ways in which some conditions may hold together, as what is known of each field, count and truth."""

from __future__ import annotations

from seqlang.plan.conditions import Condition, CountEvents, FieldRef, Some
from seqlang.semantics.domains import Domain, Numbers, Texts

Key = tuple[str, tuple[str, ...], str]  # record, links, field
ORDER = Texts(frozenset(["<", "=", ">"]))  # how two fields may stand to one another


class State:
    """What is known of one field. Each part is of one sort of question, e.g. dates as such and dates from today."""

    __slots__ = ("empty", "parts")

    def __init__(self) -> None:
        self.empty: bool | None = None
        self.parts: dict[str, tuple[Domain, bool]] = {}  # sort -> values, whether the field may be empty

    def copied(self) -> State:
        """Return one that can be changed apart."""
        state = State()
        state.empty, state.parts = self.empty, self.parts.copy()
        return state

    @property
    def may_be_empty(self) -> bool:
        """Whether the field may be empty."""
        if self.empty is False:
            return False
        for _, allowed in self.parts.values():  # noqa: SIM110  # asked for every literal: loops cost less than `all`
            if not allowed:
                return False
        return True

    @property
    def may_be_filled(self) -> bool:
        """Whether the field may have a value."""
        if self.empty is True:
            return False
        for values, _ in self.parts.values():  # noqa: SIM110
            if values.void:
                return False
        return True

    @property
    def possible(self) -> bool:
        """Whether it may be at all."""
        return self.may_be_empty or self.may_be_filled

    def agrees(self, other: State) -> bool:
        """Return whether a field may be as both say."""
        if self.empty is not None and other.empty is not None and self.empty != other.empty:
            return False
        if self.may_be_empty and other.may_be_empty:
            return True
        if self.empty or other.empty:
            return False
        for sort, (values, _) in self.parts.items():
            theirs = other.parts.get(sort)
            if theirs is not None and not values.meets(theirs[0]):  # type: ignore[arg-type]  # one sort, one class
                return False
        return True

    def add(self, sort: str, values: Domain, *, allowed: bool) -> bool:
        """Note that the value is among some, or the field empty where that is allowed; return whether it may still be."""
        before = self.parts.get(sort)
        if before is not None:
            values, allowed = before[0].meet(values), before[1] and allowed  # type: ignore[arg-type]  # one sort, one class
        self.parts[sort] = (values, allowed)
        return self.possible


class World:
    """One way in which conditions may hold."""

    __slots__ = ("counts", "fields", "orders", "refs", "somes", "truths", "unsure")

    def __init__(self) -> None:
        self.fields: dict[Key, State] = {}
        self.refs: dict[Key, FieldRef] = {}  # what the keys of fields stand for
        self.orders: dict[tuple[Key, Key], tuple[Texts, bool]] = {}  # of two fields -> how, whether one may be empty
        self.counts: dict[CountEvents, Numbers] = {}  # without operator and number
        self.somes: dict[Some, Numbers] = {}
        self.truths: dict[Condition, bool] = {}
        self.unsure = False  # there were too many ways to look at all of them

    def fork(self) -> World:
        """Return one that can be changed apart."""
        world = World()
        world.fields = {key: state.copied() for key, state in self.fields.items()}
        world.refs = self.refs.copy()
        world.orders, world.counts, world.somes = self.orders.copy(), self.counts.copy(), self.somes.copy()
        world.truths = self.truths.copy()
        return world

    def excludes(self, other: World) -> bool:
        """Return whether some field cannot be as both worlds have it."""
        theirs = other.fields
        for key, state in self.fields.items():
            other_state = theirs.get(key)
            if other_state is not None and not state.agrees(other_state):
                return True
        return False

    def key(self, ref: FieldRef) -> Key:
        """Return what stands for a field, whatever asks it."""
        key = key_of(ref)
        self.refs.setdefault(key, ref)
        return key

    def state(self, key: Key) -> State:
        """Return what is known of a field."""
        found = self.fields.get(key)
        if found is None:
            found = self.fields[key] = State()
        return found

    def add_empty(self, key: Key, *, sign: bool) -> bool:
        """Note whether a field is empty."""
        state = self.state(key)
        if state.empty is not None and state.empty != sign:
            return False
        state.empty = sign
        return state.possible

    def add_truth(self, condition: Condition, *, sign: bool) -> bool:
        """Note whether something without values holds."""
        return self.truths.setdefault(condition, sign) == sign

    def add_count(self, what: CountEvents | Some, numbers: Numbers) -> bool:
        """Note that there are so many of something."""
        known: dict[CountEvents | Some, Numbers] = self.counts if isinstance(what, CountEvents) else self.somes  # type: ignore[assignment]
        known[what] = known[what].meet(numbers) if what in known else numbers
        return not known[what].void

    def add_order(self, one: Key, other: Key, how: Texts, *, sign: bool) -> bool:
        """Note how two fields stand to one another; where that is denied one of them may be empty."""
        if one > other:
            flipped = {"<": ">", ">": "<", "=": "="}
            one, other, how = other, one, Texts(frozenset(flipped[str(sign)] for sign in how.items))
        if sign and not (self.add_empty(one, sign=False) and self.add_empty(other, sign=False)):
            return False
        values = how if sign else ORDER.meet(how.rest())
        before = self.orders.get((one, other))
        allowed = not sign
        if before is not None:
            values, allowed = before[0].meet(values), before[1] and allowed
        self.orders[one, other] = (values, allowed)
        return allowed or not values.void


def key_of(ref: FieldRef) -> Key:
    """Return what stands for a field, whatever asks it."""
    return ref.record, tuple([link.field for link in ref.links]) if ref.links else (), ref.field
