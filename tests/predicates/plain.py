"""Conditions asked in plain Python, one record at a time, from LANGUAGE.md 3 and 9 alone: what the SQL has to agree with."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from typing import Any

from seqlang.plan import conditions as c
from tests.predicates import plain_facts as facts
from tests.predicates.plain_time import day_of, exact, instant_of, shifted
from tests.predicates.plain_world import Asked, Row

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
KEYS = {"user": "email", "account": "domain", "contact": "email", "deal": "name"}


def holds(item: c.Condition, who: Asked) -> bool:  # noqa: PLR0911 - one return a kind
    """Tell whether the condition holds."""
    match item:
        case c.All():
            return all(holds(i, who) for i in item.items)
        case c.Any_():
            return any(holds(i, who) for i in item.items)
        case c.Not():
            return not holds(item.item, who)
        case c.Compare():
            return compared(item.field, item.op, item.value, who)
        case c.OneOf():
            return any(compared(item.field, "=", v, who) for v in item.values)
        case c.Matches():
            return matches(item, who)
        case c.Within():
            return within(item, who)
        case c.Relative():
            return compared(item.field, "<" if item.side == "before" else ">", item.value, who)
        case c.Between():
            return compared(item.field, ">=", item.low, who) and compared(item.field, "<=", item.high, who)
        case c.Empty():
            return read(item.field, who) is None
        case c.Some():
            return bool(some(item, who))
        case c.CountSome():
            return OPERATORS[item.op](len(some(item.some, who)), item.number)
        case _:
            return HAPPENED[type(item)](item, who)


def read(ref: c.FieldRef, who: Asked) -> Any:
    """Return the field; None where it, or a link on the way, is empty."""
    row: Row | None = who.row
    for step in ref.links:
        row = who.world.records[step.record].get(row[step.field]) if row and row.get(step.field) else None
    return None if row is None else row.get(ref.field)


def value_of(value: c.PlanValue, who: Asked) -> Any:
    """Return the value; None where it is empty."""
    match value:
        case c.Literal_(type="date"):
            return date.fromisoformat(str(value.value))
        case c.Literal_(type="instant"):
            return datetime.fromisoformat(str(value.value))
        case c.Literal_():
            return value.value
        case c.FieldRef():
            return read(value, who)
        case c.Today():
            return who.today
        case c.Now():
            return who.at
        case c.Shifted():
            return shifted(value_of(value.origin, who), value.span, value.sign, who.zone)
        case c.Choose():
            for case in value.cases:
                if case.when is None or holds(case.when, who):
                    return value_of(case.value, who)
            return None
        case _:
            raise TypeError(value)


def compared(ref: c.FieldRef, op: str, value: c.PlanValue, who: Asked) -> bool:
    """Compare; false where either is empty. A date beside an instant: the instant's local date."""
    left, right = read(ref, who), value_of(value, who)
    if left is None or right is None:
        return False
    if ref.type == "link" and isinstance(right, str):
        target = "user" if ref.field in ("owner", "manager") else ref.field
        left = who.world.records[target][left][KEYS[target]]
        if left is None:
            return False
    if isinstance(left, datetime) != isinstance(right, datetime) and isinstance(right, date):
        left, right = day_of(left, who.zone), day_of(right, who.zone)
    return OPERATORS[op](left, right)


def matches(item: c.Matches, who: Asked) -> bool:
    value, text = read(item.field, who), item.text.casefold()
    if value is None:
        return False
    if item.field.type == "set":
        return any(member.casefold() == text for member in value)
    folded = value.casefold()
    return bool(
        {"contains": text in folded, "starts with": folded.startswith(text), "ends with": folded.endswith(text)}[item.how]
    )


def within(item: c.Within, who: Asked) -> bool:
    value = read(item.field, who)
    if value is None:
        return False
    if isinstance(value, datetime):
        there = (
            who.at + item.sign * exact(item.span)
            if item.span.unit != "working day"
            else shifted(who.at, item.span, item.sign, who.zone)
        )
        return min(who.at, there) <= value <= max(who.at, there)
    other = shifted(who.today, item.span, item.sign, who.zone)
    return bool(min(who.today, other) <= value <= max(who.today, other))


def some(item: c.Some, who: Asked) -> list[int]:
    """Return the linked records that fulfil the condition."""
    target: int | None = who.id
    row = who.row
    for step in item.links:
        target = row.get(step.field)
        row = who.world.records[step.record][target] if target else {}
    found = [i for i, r in who.world.records[item.record].items() if target is not None and r.get(item.link) == target]
    return [i for i in found if holds(item.where, replace(who, record=item.record, id=i))]


def count_events(item: c.CountEvents, who: Asked) -> bool:
    found = [
        e for e in who.world.happened if e.kind == "event" and e.name == item.event and e.at <= who.at and facts.about(e, who)
    ]
    if item.last is not None:
        found = [e for e in found if e.at >= who.at - exact(item.last)]
    if item.since_entry:
        found = [e for e in found if facts.since_entry(e, who)]
    if item.where is not None:
        found = [e for e in found if holds(item.where, replace(who, properties=told(e.properties, item.where, who.zone)))]
    return OPERATORS[item.op](len(found), item.number)


def told(properties: Row, where: c.Condition, zone: str) -> Row:
    """Return the properties as values of the types that the condition asks for; others are empty."""
    found: Row = {}
    for ref in _refs(where):
        found[ref.field] = _typed(properties.get(ref.field), ref.type, zone)
    return found


def _typed(value: Any, kind: str, zone: str) -> Any:
    if kind == "number":
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if not isinstance(value, str):
        return None
    try:
        if kind == "date":
            return date.fromisoformat(value)
        if kind == "datetime":
            at = datetime.fromisoformat(value)
            return at if at.tzinfo is not None else instant_of(at, zone)
    except ValueError:
        return None
    return value


def _refs(item: Any) -> Iterable[c.FieldRef]:
    if isinstance(item, c.FieldRef):
        yield item
    elif isinstance(item, tuple):
        for part in item:
            yield from _refs(part)
    elif is_dataclass(item):
        for one in fields(item):
            yield from _refs(getattr(item, one.name))


HAPPENED: dict[type, Callable[[Any, Asked], bool]] = {
    c.CountEvents: count_events,
    c.Fact: facts.fact,
    c.Outcome: facts.outcome,
    c.AccountReplied: facts.account_replied,
    c.InList: facts.in_list,
    c.InFlow: facts.in_flow,
    c.Tagged: lambda item, who: (who.record, who.id, item.tag) in who.world.tags,
    c.Unsubscribed: lambda _item, who: who.contact_id in who.world.unsubscribed,
}
