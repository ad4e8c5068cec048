"""Whom a journey has to look at: those whom events and changes since its last look may concern, or all where time alone turns.

A million contacts in a wait cost nothing: rows of `event` and `change` that no flow has looked at yet are joined to the
flow's records along the paths that its conditions follow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, func, insert, or_, select, update

from seqlang.clock import to_micros
from seqlang.engine.scratch import borrowed
from seqlang.frozen import Frozen
from seqlang.plan import conditions as c
from seqlang.plan.model import OnCondition, OnInstant, WaitUntilNode
from seqlang.predicates import Wakes, turns_by_time, wakes
from seqlang.store import tables
from seqlang.store.records_schema import column_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import ExitStack

    from sqlalchemy import ColumnElement, FromClause, Select, Table

    from seqlang.engine.context import FlowContext
    from seqlang.engine.journeys_flows import News, Opened
    from seqlang.plan.model import FlowPlan

HOUR = 3_600_000_000
PLANS_KEPT_MAX = 1_000
NOBODY = false()
OF_LINES = frozenset({"sent", "done", "overdue"})
KEPT = frozenset({("contact", "last_contacted_mode"), ("contact", "last_activity_type")})  # by the engine, from events and lines


@dataclass(frozen=True, slots=True)
class Look:
    """What a flow has looked at before, and what it looks at now."""

    since_pass: int  # passes after this one are new
    number: int  # the present pass
    since_ledger: int  # lines of the timeline after this one are new
    ledger: int  # the last line now
    since_at: int  # the instant of the last look (at first: just before the start)
    everything: bool  # the first look, or the first by another plan
    hour: int | None  # the full hour (UTC) that has come since the last look
    requests: int  # enrolments asked for up to this one are looked at in this pass; later ones in the next
    woken: int  # how many records may be concerned by what happened
    instants: Table | None = None  # scratch `instant`, where several things happened to one record; None: nowhere


@dataclass(frozen=True, slots=True)
class Hop:
    """One step from record to record: forward along a link, or back from those whose link points here."""

    forward: bool
    field: str
    record: str  # where it leads


@dataclass(frozen=True, slots=True)
class Interest:
    """All that the conditions of a flow look at."""

    parts: tuple[Wakes, ...]
    paths: frozenset[tuple[Hop, ...]]
    hourly: bool  # something turns by time alone, or lets somebody come in again
    instants: tuple[int, ...]  # of `enter on`
    of_lines: bool  # lines of the timeline may turn a condition

    def any(self, name: str) -> bool:
        """Tell whether some condition looks at something of that kind."""
        return any(getattr(part, name) for part in self.parts)

    @property
    def names(self) -> frozenset[str]:
        """The events of one's own that some condition looks at."""
        return frozenset(name for part in self.parts for name in part.events)

    @property
    def kept(self) -> bool:
        """Whether a condition reads what the engine keeps of a contact."""
        return any(part.fields & KEPT for part in self.parts)


def look(opened: Opened, news: News) -> Look:
    """Return what is new for the flow in this pass."""
    ctx, row = opened.ctx, opened.row
    first = row.looked_pass is None
    since_at = row.looked_at if row.looked_at is not None and not first else (row.started_at or ctx.micros) - 1
    hour = ctx.micros // HOUR * HOUR
    return Look(
        since_pass=row.looked_pass or 0,
        number=news.number,
        since_ledger=row.looked_ledger_id or 0,
        ledger=news.ledger,
        since_at=since_at,
        everything=first or row.looked_plan_hash != ctx.plan_hash,
        hour=hour if hour > since_at else None,
        requests=news.requests,
        woken=0,
    )


def idle(ctx: FlowContext, seen: Look, news: News) -> bool:
    """Tell whether the journey has nothing to look at: nothing happened, nothing is due, no full hour that counts."""
    wanted = interest(ctx.plan)
    if seen.everything or max(news.events, news.changes) > seen.since_pass:
        return False
    if ctx.flow_id in news.due | news.asked | news.settling or (seen.hour is not None and wanted.hourly):
        return False
    if any(seen.since_at < at <= ctx.micros for at in wanted.instants):
        return False
    return not (wanted.of_lines and news.ledger > seen.since_ledger)


def looked(ctx: FlowContext, seen: Look) -> None:
    """Remember what the flow has looked at."""
    flow = tables.flow
    ctx.conn.execute(
        update(flow)
        .where(flow.c.id == ctx.flow_id)
        .values(looked_at=ctx.micros, looked_pass=seen.number, looked_ledger_id=seen.ledger, looked_plan_hash=ctx.plan_hash)
    )


def conditions_of(plan: FlowPlan) -> Iterator[c.Condition]:
    """Yield the conditions that turn while nobody moves: goals, exits, `enter when`, `wait until`."""
    yield from (goal.condition for goal in plan.goals)
    yield from (check.condition for rule in plan.exits for check in rule.checks if check.condition is not None)
    yield from (trigger.condition for trigger in plan.triggers if isinstance(trigger, OnCondition))
    yield from (node.condition for node in plan.nodes if isinstance(node, WaitUntilNode) and node.condition is not None)


def turns_hourly(plan: FlowPlan) -> bool:
    """Tell whether the flow has to look at full hours: some condition of it turns by time alone."""
    return any(turns_by_time(condition) for condition in conditions_of(plan))


def interest(plan: FlowPlan) -> Interest:
    """Return all that may turn one of the plan's conditions, or move a moment that it waits for."""
    known = _interests.get(id(plan))
    if known is not None and known[0] is plan:
        return known[1]
    conditions = list(conditions_of(plan))
    conditions += [check for rule in plan.exits for check in (_standing(kind.kind) for kind in rule.checks) if check is not None]
    paths = {path for condition in conditions for path in _paths(condition, ())}
    for node in plan.nodes:
        if isinstance(node, WaitUntilNode):
            paths |= {path for value in (node.moment, node.at_latest) if value is not None for path in _paths(value, ())}
    parts = tuple(wakes(condition) for condition in conditions)
    again = plan.again_after is not None and any(isinstance(t, OnCondition) for t in plan.triggers)
    found = Interest(
        parts=parts,
        paths=frozenset(paths),
        hourly=again or turns_hourly(plan),
        instants=tuple(to_micros(datetime.fromisoformat(t.instant)) for t in plan.triggers if isinstance(t, OnInstant)),
        of_lines=again or any(part.fields & KEPT or part.facts & OF_LINES for part in parts),
    )
    if len(_interests) > PLANS_KEPT_MAX:
        _interests.clear()
    _interests[id(plan)] = (plan, found)
    return found


_interests: dict[int, tuple[FlowPlan, Interest]] = {}


def _standing(kind: str) -> c.Condition | None:
    """Return the condition that a checkbox of an exit stands for."""
    match kind:
        case "replied" | "bounced":
            return c.Fact(fact="replied" if kind == "replied" else "bounced")
        case "unsubscribed":
            return c.Unsubscribed()
        case "account replied":
            return c.AccountReplied()
        case _:
            return None


def wake(ctx: FlowContext, seen: Look, woken: Table, news: News, lent: ExitStack) -> Look:
    """Fill `woken` with the flow's records that events and changes since the last look may concern; return the look with them.

    Where several things happened to one of them, when they did is kept in a scratch table that `lent` gives back.
    """
    wanted = interest(ctx.plan)
    sources = list(_sources(ctx, seen, wanted, news))
    if not sources:
        return seen
    found = sources[0].union_all(*sources[1:]).subquery() if len(sources) > 1 else sources[0].subquery()
    ends = (func.max(found.c.at), func.min(found.c.at))
    rows = select(found.c.record_id, *ends).where(found.c.record_id.is_not(None)).group_by(found.c.record_id)
    count = ctx.conn.execute(insert(woken).from_select(["record_id", "at", "first_at"], rows)).rowcount
    several = woken.c.first_at < woken.c.at
    if not count or ctx.conn.execute(select(woken.c.record_id).where(several).limit(1)).first() is None:
        return replace(seen, woken=count)
    instants = lent.enter_context(borrowed(ctx.conn, "instant"))
    all_ = select(found.c.record_id, found.c.at).join(woken, woken.c.record_id == found.c.record_id).where(several).distinct()
    ctx.conn.execute(insert(instants).from_select(["record_id", "at"], all_))
    return replace(seen, woken=count, instants=instants)


def _sources(ctx: FlowContext, seen: Look, wanted: Interest, news: News) -> Iterator[Select[Any]]:
    event, change, stay = tables.event, tables.change, tables.enrolment
    # Events of one's own turn only conditions that name them.
    heard = or_(event.c.kind != "event", event.c.name.in_(sorted(wanted.names)))
    new_event = and_(event.c.tick_pass > seen.since_pass, event.c.tick_pass <= seen.number, heard)
    # Tags and lists that no condition looks at wake nobody.
    deaf = [what for what, name in (("tag", "tags"), ("list", "lists")) if not wanted.any(name)]
    new_change = and_(change.c.tick_pass > seen.since_pass, change.c.tick_pass <= seen.number, change.c.what.not_in(deaf))
    if news.events > seen.since_pass:
        facts, events = wanted.any("facts"), wanted.any("events")
        if facts:
            yield (
                select(stay.c.record_id.label("record_id"), event.c.at.label("at"))
                .select_from(event.join(stay, stay.c.id == event.c.enrolment_id))
                .where(new_event, stay.c.flow_id == ctx.flow_id)
            )
        if facts or events or wanted.kept:
            yield from _of_contacts(
                ctx,
                select(event.c.contact_id.label("contact_id"), event.c.at.label("at")).where(
                    new_event, event.c.contact_id.is_not(None)
                ),
            )
            if ctx.plan.subject != "contact":
                yield select(event.c.record_id.label("record_id"), event.c.at.label("at")).where(
                    new_event, event.c.record == ctx.plan.subject
                )
        if wanted.any("account_replied"):
            replies = and_(new_event, event.c.kind == "replied", ~event.c.out_of_office)
            oneself = select(event.c.contact_id.label("contact_id"), event.c.at.label("at")).where(
                replies, event.c.contact_id.is_not(None)
            )
            yield from _of_contacts(ctx, oneself)
            yield from _of_contacts(ctx, _colleagues(ctx, replies))
    if news.changes > seen.since_pass:
        yield select(change.c.record_id.label("record_id"), change.c.at.label("at")).where(
            new_change, change.c.record == ctx.plan.subject
        )
        yield from _of_contacts(
            ctx,
            select(change.c.contact_id.label("contact_id"), change.c.at.label("at")).where(
                new_change, change.c.record != ctx.plan.subject, change.c.contact_id.is_not(None)
            ),
        )
        for path in sorted(wanted.paths, key=str):
            if path:
                yield _along(ctx, path, new_change)
    yield from _of_lines(ctx, seen, wanted)


def _of_lines(ctx: FlowContext, seen: Look, wanted: Interest) -> Iterator[Select[Any]]:
    """Yield those to whom something was sent."""
    ledger = tables.ledger
    new = and_(ledger.c.id > seen.since_ledger, ledger.c.id <= seen.ledger)
    if wanted.kept:
        yield from _of_contacts(
            ctx,
            select(ledger.c.contact_id.label("contact_id"), ledger.c.at.label("at")).where(
                new, ledger.c.what == "executed", ledger.c.contact_id.is_not(None)
            ),
        )
    if any(part.facts & OF_LINES for part in wanted.parts):
        yield select(ledger.c.record_id.label("record_id"), ledger.c.at.label("at")).where(
            new, ledger.c.flow_id == ctx.flow_id, ledger.c.what == "executed"
        )


def _of_contacts(ctx: FlowContext, source: Select[Any]) -> Iterator[Select[Any]]:
    """Yield the flow's records that those contacts stand for: themselves, their deals, their account."""
    found = source.subquery()
    if ctx.plan.subject == "contact":
        yield select(found.c.contact_id.label("record_id"), found.c.at)
    elif ctx.plan.subject == "deal":
        deals = ctx.records
        yield select(deals.c.id.label("record_id"), found.c.at).select_from(
            found.join(deals, deals.c[column_of("contact")] == found.c.contact_id)
        )
    elif ctx.plan.subject == "account":
        contacts = ctx.contacts
        yield select(contacts.c[column_of("account")].label("record_id"), found.c.at).select_from(
            found.join(contacts, contacts.c.id == found.c.contact_id)
        )


def _colleagues(ctx: FlowContext, replies: ColumnElement[bool]) -> Select[Any]:
    """Return the contacts of the accounts of those who replied."""
    event, contact = tables.event, ctx.contacts
    other = contact.alias()
    account = column_of("account")
    return (
        select(other.c.id.label("contact_id"), event.c.at.label("at"))
        .select_from(event.join(contact, contact.c.id == event.c.contact_id).join(other, other.c[account] == contact.c[account]))
        .where(replies)
    )


def _along(ctx: FlowContext, path: tuple[Hop, ...], new_change: ColumnElement[bool]) -> Select[Any]:
    """Return the flow's records from which the path leads to a record that changed."""
    change = tables.change
    start: FromClause = ctx.records.alias()
    joined, at = start, start
    for hop in path:
        there = ctx.store.records(hop.record).alias()
        link = column_of(hop.field)
        joined = joined.join(there, there.c.id == at.c[link] if hop.forward else there.c[link] == at.c.id)
        at = there
    joined = joined.join(change, and_(change.c.record == path[-1].record, change.c.record_id == at.c.id))
    return select(start.c.id.label("record_id"), change.c.at.label("at")).select_from(joined).where(new_change)


def _paths(model: Frozen, prefix: tuple[Hop, ...]) -> Iterator[tuple[Hop, ...]]:
    """Yield the way from the flow's record to every record that the condition or value reads."""
    if isinstance(model, c.Some):
        prefix = (*prefix, *(Hop(True, link.field, link.record) for link in model.links), Hop(False, model.link, model.record))
        yield prefix
    elif isinstance(model, c.FieldRef):
        if not model.record.startswith("event:"):
            hops = tuple(Hop(True, link.field, link.record) for link in model.links)
            yield from ((*prefix, *hops[:n]) for n in range(len(hops) + 1))
        return
    for name in type(model).__dataclass_fields__:
        yield from _inside(getattr(model, name), prefix)


def _inside(part: object, prefix: tuple[Hop, ...]) -> Iterator[tuple[Hop, ...]]:
    if isinstance(part, Frozen):
        yield from _paths(part, prefix)
    elif isinstance(part, tuple):
        for item in part:
            yield from _inside(item, prefix)


def due_hour(at: int) -> int:
    """Return the next full hour (UTC) after the instant."""
    return (at // HOUR + 1) * HOUR


def concerned(seen: Look, woken: Table, record_id: Any, *, hourly: bool) -> ColumnElement[bool] | None:
    """Return which records to look at: NOBODY, those woken, or None for all; `hourly`: the condition turns by time alone."""
    if seen.everything or (hourly and seen.hour is not None):
        return None
    if not seen.woken:
        return NOBODY
    among: ColumnElement[bool] = record_id.in_(select(woken.c.record_id))
    return among
