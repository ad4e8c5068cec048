"""Pace: so many messages to one contact, or to one domain, in the last days (LANGUAGE 5.8, *Pace*)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, insert, literal, or_, select, update

from seqlang.clock import to_micros
from seqlang.engine.cutoffs import cutoff
from seqlang.engine.runs import next_run_after
from seqlang.engine.scratch import borrowed
from seqlang.engine.verdicts import Verdict
from seqlang.engine.waits_spans import later
from seqlang.plan.conditions import Span
from seqlang.store.tables import enrolment, flow, ledger

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Table

    from seqlang.engine.context import FlowContext

WEEK_DAYS = 7


def is_counted(line: Any = ledger) -> ColumnElement[bool]:
    """Tell whether a line is a message to a contact that counts: not cancelled, not rejected; a draft counts when released."""
    return and_(
        line.c.what == "executed",
        line.c.counts.is_not(None),
        or_(line.c.state.is_(None), line.c.state.not_in(["cancelled", "rejected"])),
    )


def hold_back(ctx: FlowContext, rows: Table) -> None:
    """Put off those who have had as many messages as they may, until there is room."""
    manners = ctx.plan.manners
    if manners.messages is not None:
        _contact(ctx, rows, manners.messages, manners.messages_days, ledger.c.flow_id == ctx.flow_id)
    if manners.all_flows_messages_per_week is not None:
        _contact(ctx, rows, manners.all_flows_messages_per_week, WEEK_DAYS, literal(1) == 1)
    if manners.domain_per_day is not None:
        _domain(ctx, rows, manners.domain_per_day)


def _contact(ctx: FlowContext, rows: Table, room: int, days: int, which: ColumnElement[bool]) -> None:
    """Put off whose `room` latest messages all lie within the last days; they wait until the earliest of these is older."""
    since = cutoff(ctx, Span(count=days, unit="day"))
    if room <= 0:
        ctx.conn.execute(update(rows).where(rows.c.verdict == Verdict.GO).values(verdict=Verdict.PACE, ready_at=None))
        return
    earliest = (
        select(ledger.c.at)
        .select_from(enrolment.join(ledger, ledger.c.enrolment_id == enrolment.c.id))
        .where(enrolment.c.contact_id == rows.c.contact_id, ledger.c.at > since, which, is_counted())
        .order_by(ledger.c.at.desc())
        .limit(1)
        .offset(room - 1)
        .correlate(rows)
        .scalar_subquery()
    )
    # A second rule may hold for longer than the first: those who wait already are asked as well.
    asked = rows.c.verdict.in_([Verdict.GO, Verdict.PACE])
    ctx.conn.execute(
        update(rows)
        .where(asked, earliest.is_not(None))
        .values(
            verdict=Verdict.PACE,
            ready_at=case((rows.c.ready_at > (ready := _ready(ctx, earliest, days)), rows.c.ready_at), else_=ready),
        )
    )


def _ready(ctx: FlowContext, earliest: ColumnElement[Any], days: int) -> ColumnElement[Any]:
    """Return when a message that went at `earliest` no longer counts; in a smart sequence the next run, which chooses anew."""
    if ctx.plan.kind == "smart":
        following = next_run_after(ctx)
        return literal(None if following is None else to_micros(following), ledger.c.at.type)
    span = Span(count=days, unit="day")
    return later(earliest, span, ctx.zone, ctx.micros - (days + 2) * 86_400_000_000, ctx.micros + 86_400_000_000)


def domain_of(conn: Connection, address: ColumnElement[Any]) -> ColumnElement[str]:
    """Return what stands behind the `@` of an address in lower case."""
    place = func.instr(address, "@") if conn.dialect.name == "sqlite" else func.strpos(address, "@")
    return func.substr(address, place + 1)


def waiting_order(ctx: FlowContext, rows: Table) -> tuple[ColumnElement[Any], ...]:
    """Return the order in which people get places: waited longest, entered, created first, then by e-mail (LANGUAGE 5.8)."""
    contact = ctx.contacts
    created = ctx.store.column("contact", "created_at")
    return (
        rows.c.waited_on,
        rows.c.entered_at,
        func.coalesce(created, 0),
        func.coalesce(contact.c.email_key, ""),
        rows.c.enrolment_id,
    )


def _domain(ctx: FlowContext, rows: Table, room: int) -> None:
    """Put off all whose domain has had, or gets in this run, as many messages as it may a day."""
    conn, contact = ctx.conn, ctx.contacts
    span = Span(count=1, unit="day")
    since = cutoff(ctx, span)
    domain = domain_of(conn, contact.c.email_key)
    sent = (
        select(domain.label("domain"), func.count().label("sent"), func.min(ledger.c.at).label("first_at"))
        .select_from(ledger.join(contact, contact.c.id == ledger.c.contact_id))
        .where(ledger.c.flow_id.in_(select(flow.c.id)), ledger.c.at > since, is_counted())
        .group_by(domain)
        .subquery()
    )
    asked = (
        select(
            rows.c.enrolment_id,
            domain.label("domain"),
            func.row_number().over(partition_by=domain, order_by=waiting_order(ctx, rows)).label("rank"),
        )
        .select_from(rows.join(contact, contact.c.id == rows.c.contact_id))
        .where(rows.c.verdict == Verdict.GO)
        .subquery()
    )
    over = (
        select(asked.c.enrolment_id, literal(0), func.coalesce(sent.c.first_at, ctx.micros).label("first_at"))
        .select_from(asked.outerjoin(sent, sent.c.domain == asked.c.domain))
        .where(asked.c.rank > room - func.coalesce(sent.c.sent, 0))
    )
    with borrowed(conn, "waiting") as waits:
        found = conn.execute(insert(waits).from_select(["enrolment_id", "node_id", "ready_at"], over)).rowcount
        if not found:
            return
        first = select(waits.c.ready_at).where(waits.c.enrolment_id == rows.c.enrolment_id).scalar_subquery()
        conn.execute(
            update(rows)
            .where(rows.c.enrolment_id.in_(select(waits.c.enrolment_id)))
            .values(verdict=Verdict.PACE, ready_at=_ready(ctx, first, 1))
        )
