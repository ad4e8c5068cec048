"""Who comes into a journey: by hand, from another flow, by an event, at a fixed instant, by a condition (LANGUAGE 5.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, case, exists, false, func, insert, literal, not_, or_, select, true, update

from seqlang.clock import to_micros
from seqlang.engine import exits, triggers_admit, turning
from seqlang.engine.arrivals import set_out
from seqlang.engine.cutoffs import cutoff
from seqlang.engine.journeys_flows import others_exclusive
from seqlang.engine.journeys_waking import NOBODY, concerned, turns_hourly
from seqlang.engine.scratch import borrowed
from seqlang.engine.waits_spans import date_of, later
from seqlang.plan.model import OnCondition, OnEvent, OnInstant
from seqlang.predicates import to_sql, turns_by_time, where_sql
from seqlang.store import tables
from seqlang.store.records_schema import column_of
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, CompoundSelect, FromClause, Select, Table

    from seqlang.engine.context import FlowContext
    from seqlang.engine.journeys_flows import News
    from seqlang.engine.journeys_waking import Look

EVENT = "event:"


def come_in(ctx: FlowContext, seen: Look, woken: Table, moving: Table, there: News) -> int:
    """Let in whom a trigger brings, and add them to `moving` at the first node; return how many."""
    note_false(ctx, seen, woken)
    with borrowed(ctx.conn, "coming") as coming:
        if ctx.flow_id in there.asked:
            _by_request(ctx, seen, coming)
        for place, trigger in enumerate(ctx.plan.triggers):
            match trigger:
                case OnEvent() if there.events > seen.since_pass:
                    _by_event(ctx, seen, coming, trigger)
                case OnInstant():
                    _by_instant(ctx, seen, coming, trigger)
                case OnCondition():
                    _by_condition(ctx, seen, woken, coming, trigger, 1 << place)
                case _:
                    pass
        triggers_admit.hold_back(ctx, coming)
        return _enter(ctx, coming, moving)


def _enter(ctx: FlowContext, coming: Table, moving: Table) -> int:
    """Make the enrolments, oldest entry first, with their lines; who comes in stands at the first node."""
    low, high = ctx.conn.execute(select(func.min(coming.c.at), func.max(coming.c.at))).one()
    if low is None:
        return 0
    row = ctx.records
    contact = ctx.subject(stay=None, row=row).contact_id
    created = func.coalesce(ctx.store.column(ctx.plan.subject, "created_at"), 0)
    day = date_of(coming.c.at, ctx.zone, low, high)
    rows = (
        select(
            literal(ctx.flow_id),
            row.c.id,
            literal(None, BigInteger) if contact is None else contact,
            coming.c.at,
            day,
            coming.c.at,
            coming.c.event_id,
            coming.c.by_hand,
        )
        .select_from(coming.join(row, row.c.id == coming.c.record_id))
        .order_by(coming.c.at, created, row.c.id)
    )
    names = ["flow_id", "record_id", "contact_id", "entered_at", "entry_on", "anchor_at", "cause_event_id", "by_hand"]
    last = ctx.conn.execute(select(func.coalesce(func.max(enrolment.c.id), 0))).scalar_one()
    count = ctx.conn.execute(insert(enrolment).from_select(names, rows, include_defaults=False)).rowcount
    set_out(ctx, moving, last)
    return count


# ------------------------------------------------------------------------------------------- triggers


def _by_request(ctx: FlowContext, seen: Look, coming: Table) -> None:
    """Take the requests that wait; who may not come in is passed over, without a line."""
    request = tables.request
    waiting = and_(
        request.c.flow_id == ctx.flow_id, request.c.taken_at.is_(None), request.c.id <= seen.requests, request.c.at <= ctx.micros
    )
    if ctx.conn.execute(select(request.c.id).where(waiting).limit(1)).first() is None:
        return
    row = ctx.records
    start = literal(to_micros(ctx.started_at), BigInteger)  # asked for before the start, they come in at the start
    for what in ("enroll", triggers_admit.WAIT):
        asked = (
            select(request.c.record_id, func.min(request.c.at).label("at"))
            .where(waiting, request.c.what == what)
            .group_by(request.c.record_id)
            .subquery()
        )
        by_hand = what == "enroll"
        where = true() if by_hand else _still(ctx)
        source = asked.join(row, row.c.id == asked.c.record_id)
        _add(ctx, coming, source, row, case((asked.c.at < start, start), else_=asked.c.at), None, where, by_hand=by_hand)
    ctx.conn.execute(update(request).where(waiting).values(taken_at=ctx.micros))


def _still(ctx: FlowContext) -> ColumnElement[bool]:
    """Return whether someone who waits for a place may have it: where only `enter when` lets in, it must still hold."""
    conditions = [t.condition for t in ctx.plan.triggers if isinstance(t, OnCondition)]
    if len(conditions) < len(ctx.plan.triggers):
        return true()
    return or_(false(), *(to_sql(c, ctx.subject(stay=None), ctx.store) for c in conditions))


def _by_event(ctx: FlowContext, seen: Look, coming: Table, trigger: OnEvent) -> None:
    event, row = tables.event, ctx.records
    if ctx.conn.execute(select(event.c.id).where(_new(ctx, seen, trigger.event)).limit(1)).first() is None:
        return
    found = events_of(ctx, seen, trigger).subquery()
    source = found.join(row, row.c.id == found.c.record_id)
    where = true() if trigger.when is None else where_sql(trigger.when, ctx.subject(stay=None), ctx.store)
    _add(ctx, coming, source, row, found.c.at, found.c.event_id, where, by_hand=False)


def _new(ctx: FlowContext, seen: Look, name: str) -> ColumnElement[bool]:
    event = tables.event
    return and_(
        event.c.tick_pass > seen.since_pass,
        event.c.tick_pass <= seen.number,
        event.c.kind == "event",
        event.c.name == name,
        event.c.at >= to_micros(ctx.started_at),
    )


def events_of(ctx: FlowContext, seen: Look, trigger: OnEvent) -> Select[Any] | CompoundSelect[Any]:
    """Return (record_id, event_id, at) of the new events of the trigger; an event before the start of the flow is none.

    A contact's event is one of each of its deals, and of its account.
    """
    event = tables.event
    where = [_new(ctx, seen, trigger.event)]
    if trigger.where is not None:
        asked = replace(ctx.subject(stay=None), record=EVENT + trigger.event, row=event)
        where.append(where_sql(trigger.where, asked, ctx.store))
    subject = ctx.plan.subject
    if subject == "contact":
        return select(event.c.contact_id.label("record_id"), event.c.id.label("event_id"), event.c.at).where(
            event.c.contact_id.is_not(None), *where
        )
    own = select(event.c.record_id.label("record_id"), event.c.id.label("event_id"), event.c.at.label("at")).where(
        event.c.record == subject, *where
    )
    return own.union_all(*subjects_of_contacts(ctx, event, event.c.contact_id, event.c.record != subject, *where))


def subjects_of_contacts(
    ctx: FlowContext, source: Table, contact_id: ColumnElement[Any], *where: ColumnElement[bool]
) -> list[Select[Any]]:
    """Return (record_id, event_id, at) of the deals or the account of the contacts that rows of `source` are about."""
    if ctx.plan.subject == "deal":
        other: FromClause = ctx.records
        joined, record_id = source.join(other, other.c[column_of("contact")] == contact_id), other.c.id
    elif ctx.plan.subject == "account":
        other = ctx.contacts
        joined, record_id = source.join(other, other.c.id == contact_id), other.c[column_of("account")]
    else:
        return []
    return [
        select(record_id.label("record_id"), source.c.id.label("event_id"), source.c.at.label("at"))
        .select_from(joined)
        .where(*where)
    ]


def _by_instant(ctx: FlowContext, seen: Look, coming: Table, trigger: OnInstant) -> None:
    at = to_micros(datetime.fromisoformat(trigger.instant))
    if not max(seen.since_at, to_micros(ctx.started_at) - 1) < at <= ctx.micros:
        return
    row = ctx.records
    holds = where_sql(trigger.condition, ctx.subject(stay=None), ctx.store)
    _add(ctx, coming, row, row, literal(at, BigInteger), None, holds, by_hand=False)


def _by_condition(ctx: FlowContext, seen: Look, woken: Table, coming: Table, trigger: OnCondition, bit: int) -> None:
    row = ctx.records
    # Who may come again is seen as what becomes true by time alone: on the next full hour; so is an exit that holds no longer.
    among = concerned(seen, woken, row.c.id, hourly=turns_hourly(ctx.plan))
    if among is not None and seen.hour is not None and ctx.plan.again_after is not None:
        among = or_(among, row.c.id.in_(_left(ctx, bit)))
    if among is NOBODY:
        return
    holds = where_sql(trigger.condition, ctx.subject(stay=None), ctx.store)
    source = row.outerjoin(woken, woken.c.record_id == row.c.id)
    moment = seen.hour if seen.hour is not None and not seen.everything else ctx.micros
    at = func.coalesce(turning.of_entry(ctx, seen, woken, trigger.condition), literal(moment, BigInteger))
    where = [true() if among is None else among, holds]
    if ctx.plan.again_after is not None:
        last = enrolment.alias()
        was_false = (
            select(last.c.false_seen)
            .where(last.c.flow_id == ctx.flow_id, last.c.record_id == row.c.id)
            .order_by(last.c.id.desc())
            .limit(1)
            .correlate(row)
            .scalar_subquery()
        )
        where.append(func.coalesce(was_false, bit).op("&")(bit) == bit)
    _add(ctx, coming, source, row, at, None, and_(*where), by_hand=False)


def _left(ctx: FlowContext, bit: int) -> Select[Any]:
    """Return those who have left, and for whom the condition has been false since."""
    return select(enrolment.c.record_id).where(
        enrolment.c.flow_id == ctx.flow_id, ~enrolment.c.active, enrolment.c.false_seen.op("&")(bit) != 0
    )


def _add(  # noqa: PLR0917 - whom, when, why
    ctx: FlowContext,
    coming: Table,
    source: FromClause,
    row: FromClause,
    at: ColumnElement[Any],
    event_id: ColumnElement[Any] | None,
    where: ColumnElement[bool],
    *,
    by_hand: bool,
) -> None:
    """Add who may come in at the instant `at`, each once: the first trigger and its earliest event bring them in."""
    allowed = _may_come(ctx, row, at)
    number = row.c.id
    event = literal(None, BigInteger) if event_id is None else event_id
    fits = select(number, number, at, event, literal(by_hand)).select_from(source).where(where, allowed)
    if event_id is not None:
        fits = fits.order_by(at, event_id)
    names = ["id", "record_id", "at", "event_id", "by_hand"]
    # Whoever is there already stays: the first that is written is the one that counts.
    ctx.conn.execute(ctx.store.sql.insert(coming).from_select(names, fits).on_conflict_do_nothing())


def _may_come(ctx: FlowContext, row: FromClause, at: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether a record may come in at `at`: not in, not before (unless again), no goal or exit, not elsewhere."""
    stay = enrolment.alias()
    mine = and_(stay.c.flow_id == ctx.flow_id, stay.c.record_id == row.c.id)
    if ctx.plan.again_after is None:
        allowed = [not_(exists().where(mine))]
    else:
        allowed = [not_(exists().where(mine, or_(stay.c.active, _too_soon(ctx, stay, at))))]
    if exits.rules_of(ctx.plan):
        allowed.append(not_(exits.holds_before(ctx)))
    if ctx.plan.manners.exclusive:
        allowed.append(not_(others_exclusive(ctx, row.c.id, ctx.subject(stay=None).contact_id)))
    return and_(*allowed)


def _too_soon(ctx: FlowContext, stay: FromClause, at: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether the span of `enter again after` has not passed since that stay; what happened during it starts nothing."""
    span = ctx.plan.again_after
    assert span is not None
    again = later(stay.c.exited_at, span, ctx.zone, max(0, to_micros(ctx.started_at)), ctx.micros, ctx.plan.working)
    return or_(again > at, stay.c.exited_at > at)


def note_false(ctx: FlowContext, seen: Look, woken: Table) -> None:
    """Remember, for those who have left, that a condition is false now: only then may it bring them in again."""
    if ctx.plan.again_after is None:
        return
    row = ctx.records
    for place, trigger in enumerate(ctx.plan.triggers):
        if not isinstance(trigger, OnCondition):
            continue
        bit = 1 << place
        hourly = turns_by_time(trigger.condition)
        among = concerned(seen, woken, row.c.id, hourly=hourly)
        line = tables.ledger.c
        since = line.id > seen.since_ledger  # all lines of a flow have no index
        left = select(line.enrolment_id).where(since, line.flow_id + 0 == ctx.flow_id, line.what == "exited")
        looked_at = true() if among is None else or_(among, enrolment.c.id.in_(left))
        false = (
            select(enrolment.c.id)
            .select_from(enrolment.join(row, row.c.id == enrolment.c.record_id))
            .where(
                enrolment.c.flow_id == ctx.flow_id,
                ~enrolment.c.active,
                enrolment.c.false_seen.op("&")(bit) == 0,
                looked_at,
                not_(to_sql(trigger.condition, ctx.subject(stay=None), ctx.store)),
            )
        )
        ctx.conn.execute(
            update(enrolment).where(enrolment.c.id.in_(false)).values(false_seen=enrolment.c.false_seen.op("|")(bit))
        )


def next_return(ctx: FlowContext) -> int | None:
    """Return the first instant after now at which somebody may come in again whose condition was false meanwhile; or None."""
    span = ctx.plan.again_after
    bits = sum(1 << place for place, trigger in enumerate(ctx.plan.triggers) if isinstance(trigger, OnCondition))
    if span is None or not bits:
        return None
    stay, later_stay = enrolment, enrolment.alias()
    gone = and_(
        stay.c.flow_id == ctx.flow_id,
        ~stay.c.active,
        stay.c.false_seen.op("&")(bits) != 0,
        stay.c.exited_at > cutoff(ctx, span),
        not_(
            exists().where(
                later_stay.c.flow_id == ctx.flow_id, later_stay.c.record_id == stay.c.record_id, later_stay.c.id > stay.c.id
            )
        ),
    )
    low, high = ctx.conn.execute(select(func.min(stay.c.exited_at), func.max(stay.c.exited_at)).where(gone)).one()
    if low is None:
        return None
    again = later(stay.c.exited_at, span, ctx.zone, low, high, ctx.plan.working)
    first: int | None = ctx.conn.execute(select(func.min(again)).where(gone)).scalar()
    return first
