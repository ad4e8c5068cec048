"""Conditions and values, asked of one record at one instant: two truth values, and what is empty is false."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from seqlang.plan import conditions as c
from seqlang.plan.model import FlowPlan
from seqlang.schedule import add_span, local_date, shift_date, span_seconds
from seqlang.simulation.scenario import Value
from tests.oracle.world import Had, Happened, Record, Stay, World

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Of whom a condition is asked."""

    world: World
    flow: FlowPlan
    record: Record
    stay: Stay | None = None  # None: not in
    event: Happened | None = None  # whose properties `event:` fields are
    at: datetime | None = None  # the instant that counts; None: the planned one

    @property
    def now(self) -> datetime:
        """The instant that counts."""
        return self.at or self.world.now

    @property
    def today(self) -> date:
        """The date in the flow's zone."""
        return local_date(self.now, self.flow.zone)


def holds(condition: c.Condition | None, asked: Asked) -> bool:
    """Tell whether a condition holds; none always does."""
    if condition is None:
        return True
    return ASK[type(condition)](condition, asked)


def value_of(value: c.PlanValue | None, asked: Asked) -> Any:  # noqa: PLR0911 - one return a kind of value
    """Return what a value is now; None where it is empty."""
    match value:
        case None:
            return None
        case c.Literal_(type="date"):
            return date.fromisoformat(str(value.value))
        case c.Literal_(type="instant"):
            return datetime.fromisoformat(str(value.value)).astimezone(UTC)
        case c.Literal_():
            return value.value
        case c.FieldRef():
            return field(value, asked)
        case c.Today():
            return asked.today
        case c.Now():
            return asked.now
        case c.Shifted():
            origin = value_of(value.origin, asked)
            return None if origin is None else shift(origin, value.span, value.sign, asked.flow)
        case c.Choose():
            return next((value_of(case.value, asked) for case in value.cases if holds(case.when, asked)), None)
        case c.ListValue():
            return [value_of(item, asked) for item in value.items]
        case c.FlowOwner():
            return asked.flow.owner
        case c.Template():
            return value.source
        case c.SpanValue():
            return value.span
        case _:
            raise NotImplementedError(type(value).__name__)


def shift(origin: date | datetime, span: c.Span, sign: int, flow: FlowPlan) -> date | datetime:
    """Return a date or an instant moved by a span."""
    if isinstance(origin, datetime):
        return add_span(origin, span, flow.zone, flow.working, sign=sign)
    return shift_date(origin, span, flow.working, sign=sign)


def field(ref: c.FieldRef, asked: Asked) -> Value:
    """Return the value at the end of a path; None where it, or a link on the way, is empty."""
    if ref.record.startswith("event:"):
        return asked.event.properties.get(ref.field) if asked.event else None
    record: Record | None = follow(asked.world, asked.record, ref.links)
    found = record.values.get(ref.field) if record else None
    return None if found in ("", ()) else found


def follow(world: World, record: Record, links: Iterable[c.LinkStep]) -> Record | None:
    """Return the record at the end of a path of links."""
    found: Record | None = record
    for link in links:
        key = found.values.get(link.field) if found else None
        found = world.find(link.record, key) if key else None
    return found


def facts(asked: Asked, step: str | None) -> list[Had]:
    """Return what is known of a step, or of all of them, in this stay."""
    if asked.stay is None:
        return []
    return [had for name, had in asked.stay.had.items() if step in {None, name}]


def _compare(q: c.Compare, asked: Asked) -> bool:
    left, right = field(q.field, asked), value_of(q.value, asked)
    return left is not None and right is not None and COMPARE[q.op](left, right)


def _one_of(q: c.OneOf, asked: Asked) -> bool:
    found = field(q.field, asked)
    return found is not None and any(found == value_of(v, asked) for v in q.values)


def _matches(q: c.Matches, asked: Asked) -> bool:
    found = field(q.field, asked)
    text = q.text.casefold()
    if found is None:
        return False
    if isinstance(found, tuple):
        return any(member.casefold() == text for member in found)
    whole = str(found).casefold()
    return {"contains": text in whole, "starts with": whole.startswith(text), "ends with": whole.endswith(text)}[q.how]


def _within(q: c.Within, asked: Asked) -> bool:
    found = field(q.field, asked)
    if isinstance(found, datetime):
        end = asked.now + q.sign * timedelta(seconds=span_seconds(q.span))
        return min(asked.now, end) <= found <= max(asked.now, end)
    if isinstance(found, date):
        last = shift_date(asked.today, q.span, asked.flow.working, sign=q.sign)
        return min(asked.today, last) <= found <= max(asked.today, last)
    return False


def _relative(q: c.Relative, asked: Asked) -> bool:
    found, other = field(q.field, asked), value_of(q.value, asked)
    if found is None or other is None:
        return False
    if isinstance(found, datetime) is not isinstance(other, datetime):  # a date and an instant are compared as dates
        found, other = _date(found, asked), _date(other, asked)
    return bool(found < other) if q.side == "before" else bool(found > other)


def _date(value: Any, asked: Asked) -> Any:
    return local_date(value, asked.flow.zone) if isinstance(value, datetime) else value


def _between(q: c.Between, asked: Asked) -> bool:
    found, low, high = field(q.field, asked), value_of(q.low, asked), value_of(q.high, asked)
    if found is None or low is None or high is None:
        return False
    if isinstance(found, datetime) and not (isinstance(low, datetime) and isinstance(high, datetime)):
        low, found, high = (_date(value, asked) for value in (low, found, high))  # a date and an instant are compared as dates
    return bool(low <= found <= high)


def _some(q: c.Some, asked: Asked) -> list[Record]:
    base = follow(asked.world, asked.record, q.links)
    if base is None:
        return []
    linked = [r for r in asked.world.of(q.record) if r.values.get(q.link) and str(r.values[q.link]).lower() == base.key.lower()]
    return [r for r in linked if holds(q.where, replace(asked, record=r))]


def _count_events(q: c.CountEvents, asked: Asked) -> bool:
    count = sum(1 for event in asked.world.events if _counts(q, event, asked))
    return COMPARE[q.op](count, q.number)


def _counts(q: c.CountEvents, event: Happened, asked: Asked) -> bool:
    if event.name != q.event or not _is_of(event.record, asked):
        return False
    if q.last is not None and event.at < asked.now - timedelta(seconds=span_seconds(q.last)):
        return False
    if q.since_entry and (asked.stay is None or event.at <= asked.stay.entered_at):
        return False
    return holds(q.where, replace(asked, event=event))


def _is_of(teller: Record, asked: Asked) -> bool:
    if asked.record.type == "account":
        account = teller.values.get("account")
        return teller is asked.record or (teller.type == "contact" and str(account or "").lower() == asked.record.key.lower())
    return teller is asked.world.contact_of(asked.record) or teller is asked.record


def _fact(q: c.Fact, asked: Asked) -> bool:
    since = asked.now - timedelta(seconds=span_seconds(q.last)) if q.last is not None else None
    return any(_fact_of(q, had, since, asked.now) for had in facts(asked, q.step))


def _fact_of(q: c.Fact, had: Had, since: datetime | None, now: datetime) -> bool:
    def recent(at: datetime) -> bool:
        return since is None or at >= since

    if q.fact == "sent":
        return had.message and not had.cancelled and recent(had.done_at or had.at)
    if q.fact == "done":
        return had.done_at is not None and recent(had.done_at)
    if q.fact == "overdue":
        return had.todo and not had.cancelled and had.done_at is None and had.due_at is not None and had.due_at < now
    proofs = {"opened": {"opened", "clicked", "replied"}}.get(q.fact, {q.fact})
    return any(t.kind in proofs and recent(t.at) and (q.url is None or t.value.startswith(q.url)) for t in had.told)


def _account_replied(_: c.AccountReplied, asked: Asked) -> bool:
    contact = asked.world.contact_of(asked.record)
    account = contact.values.get("account") if contact else None
    if asked.stay is None or contact is None:
        return False
    for stay in asked.world.stays:
        if stay.contact is None:
            continue
        same = stay.contact is contact or (
            account and str(stay.contact.values.get("account") or "").lower() == str(account).lower()
        )
        told = [t for had in stay.had.values() for t in had.told if t.kind == "replied" and t.at >= asked.stay.entered_at]
        if same and told:
            return True
    return False


def _unsubscribed(_: c.Unsubscribed, asked: Asked) -> bool:
    contact = asked.world.contact_of(asked.record)
    return contact is not None and contact.unsubscribed


def _in_flow(q: c.InFlow, asked: Asked) -> bool:
    subject = asked.record
    return any(stay.flow.name == q.flow and stay.record is subject and (q.was or stay.active) for stay in asked.world.stays)


ASK: dict[type, Callable[[Any, Asked], bool]] = {
    c.All: lambda q, asked: all(holds(item, asked) for item in q.items),
    c.Any_: lambda q, asked: any(holds(item, asked) for item in q.items),
    c.Not: lambda q, asked: not holds(q.item, asked),
    c.Compare: _compare,
    c.OneOf: _one_of,
    c.Matches: _matches,
    c.Within: _within,
    c.Relative: _relative,
    c.Between: _between,
    c.Empty: lambda q, asked: field(q.field, asked) is None,
    c.Some: lambda q, asked: bool(_some(q, asked)),
    c.CountSome: lambda q, asked: COMPARE[q.op](len(_some(q.some, asked)), q.number),
    c.CountEvents: _count_events,
    c.Fact: _fact,
    c.Outcome: lambda q, asked: any(had.outcome in q.values for had in facts(asked, q.step) if had.outcome is not None),
    c.Unsubscribed: _unsubscribed,
    c.AccountReplied: _account_replied,
    c.InList: lambda q, asked: q.list in asked.record.lists,
    c.Tagged: lambda q, asked: q.tag in asked.record.tags,
    c.InFlow: _in_flow,
}
