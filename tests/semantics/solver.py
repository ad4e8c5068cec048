"""An oracle for the reasoning about conditions: plan conditions in the words of z3, from LANGUAGE 3 alone.

A world has a contact with fields that may be empty, up to `DEALS` deals and up to `EVENTS` events (made-up conditions count no
further than that), and two instants that move freely: today and now.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import reduce
from typing import Any

import z3

from seqlang.plan import conditions as c

DEALS = 4
EVENTS = 5
DAY = 86400
LENGTH = {"minute": 60, "hour": 3600, "day": DAY, "week": 7 * DAY}
STAGES = ("Lead", "Qualified", "Customer")
DEAL_STAGES = ("Open", "Won", "Lost")


class Row:
    """A record: for each field its value and whether it has one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.values: dict[str, tuple[Any, Any]] = {}
        self.there = z3.Bool(f"{name}.there")

    def field(self, ref: c.FieldRef) -> tuple[Any, Any]:
        """Return the value and whether it is filled."""
        if ref.field not in self.values:
            at = f"{self.name}.{ref.field}"
            sorts = {"number": z3.Real, "date": z3.Int, "datetime": z3.Real, "boolean": z3.Bool}
            self.values[ref.field] = (sorts.get(ref.type, z3.String)(at), z3.Bool(f"{at}.filled"))
        return self.values[ref.field]


class World:
    """All that conditions may ask."""

    def __init__(self) -> None:
        self.today = z3.Int("today")
        self.now = z3.Real("now")
        self.contact = Row("contact")
        self.deals = [Row(f"deal{n}") for n in range(DEALS)]
        self.events = [Row(f"event{n}") for n in range(EVENTS)]
        self.facts: dict[c.Fact, Any] = {}
        self.truths: dict[str, Any] = {}
        self.more: list[Any] = []  # what holds in any world

    def truth(self, name: str) -> Any:
        """Return something that is true or not, independent of all else."""
        return self.truths.setdefault(name, z3.Bool(name))

    def rules(self) -> list[Any]:
        """Return what holds in any world."""
        found = list(self.more)
        for rows, stages in (([self.contact], STAGES), (self.deals, DEAL_STAGES)):
            found += [z3.Or([row.values["stage"][0] == s for s in stages]) for row in rows if "stage" in row.values]
        for one, first in self.facts.items():
            for other, second in self.facts.items():
                if proves(one, other):
                    found.append(z3.Implies(first, second))
        flows = {name.split(" ", 1)[1] for name in self.truths if name.startswith(("in ", "was "))}
        found += [z3.Implies(self.truth(f"in {flow}"), self.truth(f"was {flow}")) for flow in flows]
        for event in self.events:
            found.append(z3.Real(f"{event.name}.age") >= 0)
        return found


def proves(one: c.Fact, other: c.Fact) -> bool:
    """A click or a reply proves the opening; what happened to a step happened; what happened lately happened."""
    if one.fact != other.fact and not (one.fact in ("clicked", "replied") and other.fact == "opened" and other.last is None):
        return False
    if other.step is not None and one.step != other.step:
        return False
    if other.url is not None and not (one.url or "").startswith(other.url):
        return False
    return other.last is None or (one.last is not None and seconds(one.last) <= seconds(other.last))


def seconds(span: c.Span) -> float:
    """Return the length of a span."""
    return span.count * LENGTH[span.unit]


def formula(world: World, condition: c.Condition, row: Row) -> Any:
    """Return the condition as z3 has it, asked of a record."""
    match condition:
        case c.All():
            return z3.And([formula(world, item, row) for item in condition.items])
        case c.Any_():
            return z3.Or([formula(world, item, row) for item in condition.items])
        case c.Not():
            return z3.Not(formula(world, condition.item, row))
        case c.Empty():
            return z3.Not(row.field(condition.field)[1])
        case c.Some():
            return z3.Or([z3.And(deal.there, formula(world, condition.where, deal)) for deal in world.deals])
        case c.CountSome():
            found = [z3.And(deal.there, formula(world, condition.some.where, deal)) for deal in world.deals]
            return compare(number_of(found), condition.op, condition.number)
        case c.CountEvents():
            return compare(number_of([event(world, condition, e) for e in world.events]), condition.op, condition.number)
        case c.Fact():
            return world.facts.setdefault(condition, z3.Bool(f"fact {condition}"))
        case c.Tagged():
            return world.truth(f"tagged {condition.tag}")
        case c.InFlow():
            return world.truth(f"{'was' if condition.was else 'in'} {condition.flow}")
        case _:
            value, filled = row.field(condition.field)  # type: ignore[union-attr]
            return z3.And(filled, of_field(world, condition, value, row))


def number_of(found: list[Any]) -> Any:
    """Return how many of some formulas hold."""
    return reduce(lambda total, one: total + z3.If(one, 1, 0), found, z3.IntVal(0))


def event(world: World, asked: c.CountEvents, row: Row) -> Any:
    """Return whether an event is one of those that are counted."""
    is_it = [row.there, z3.String(f"{row.name}.name") == asked.event]
    if asked.last is not None:
        is_it.append(z3.Real(f"{row.name}.age") <= seconds(asked.last))
    if asked.since_entry:
        is_it.append(z3.Bool(f"{row.name}.since entry"))
    if asked.where is not None:
        is_it.append(formula(world, asked.where, row))
    return z3.And(is_it)


def compare(left: Any, op: str, right: Any) -> Any:
    """Return a comparison."""
    if op in ("=", "!="):
        return left == right if op == "=" else left != right
    if op in ("<", "<="):
        return left < right if op == "<" else left <= right
    return left > right if op == ">" else left >= right


def of_field(world: World, condition: Any, value: Any, row: Row) -> Any:
    """Return what a comparison asks of a value that is there."""
    match condition:
        case c.Compare():
            return against(world, value, condition.op, condition.value, condition.field, row)
        case c.Relative():
            op = "<" if condition.side == "before" else ">"
            return against(world, value, op, condition.value, condition.field, row)
        case c.Between():
            low = against(world, value, ">=", condition.low, condition.field, row)
            return z3.And(low, against(world, value, "<=", condition.high, condition.field, row))
        case c.OneOf():
            return z3.Or([value == constant(v) for v in condition.values])
        case c.Matches():
            part = z3.StringVal(condition.text)  # the generator writes small letters only
            how = {"contains": z3.Contains(value, part), "starts with": z3.PrefixOf(part, value)}
            return how[condition.how] if condition.how in how else z3.SuffixOf(part, value)
        case c.Within():
            if condition.field.type == "date":
                days = int(seconds(condition.span) // DAY) * condition.sign
                ends = sorted([0, days])
                return z3.And(value >= world.today + ends[0], value <= world.today + ends[1])
            far = seconds(condition.span) * condition.sign
            return z3.And(value >= world.now + min(0, far), value <= world.now + max(0, far))
        case _:
            raise AssertionError(condition)


def against(world: World, left: Any, op: str, given: c.PlanValue, ref: c.FieldRef, row: Row) -> Any:
    """Return a comparison with a value, which may be a field that is empty."""
    if isinstance(given, c.FieldRef):
        value, filled = row.field(given)
        return z3.And(filled, compare(left, op, value))
    return compare(left, op, moment(world, given, ref))


def moment(world: World, given: c.PlanValue, ref: c.FieldRef) -> Any:
    """Return a constant, today, now or what lies some time from them."""
    match given:
        case c.Today():
            return world.today
        case c.Now():
            return world.now
        case c.Shifted():
            length = seconds(given.span) // DAY if ref.type == "date" else seconds(given.span)
            return moment(world, given.origin, ref) + given.sign * int(length)
        case c.Literal_():
            return constant(given)
        case _:
            raise AssertionError(given)


def constant(given: c.Literal_) -> Any:
    """Return a constant."""
    if given.type == "date":
        return date.fromisoformat(str(given.value)).toordinal()
    if given.type == "instant":
        return datetime.fromisoformat(str(given.value)).timestamp()
    return z3.StringVal(given.value) if isinstance(given.value, str) else given.value


def impossible(*signed: tuple[c.Condition, bool]) -> bool | None:
    """Return whether no world fulfils the conditions (and not those with False); None where z3 cannot tell."""
    world = World()
    formulas = [formula(world, condition, world.contact) for condition, _ in signed]
    solver = z3.Solver()
    solver.set("timeout", 5000)
    solver.add([f if sign else z3.Not(f) for f, (_, sign) in zip(formulas, signed, strict=True)])
    solver.add(world.rules())
    told = solver.check()
    return None if told == z3.unknown else bool(told == z3.unsat)
