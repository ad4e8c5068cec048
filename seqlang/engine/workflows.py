"""Phase (4) of a tick: workflows by name, each run from its trigger to its end on the spot (LANGUAGE 5.5)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, func, insert, literal, select, true

from seqlang.clock import from_micros
from seqlang.engine import journeys_moves, workflows_triggers
from seqlang.engine.arrivals import set_out
from seqlang.engine.intake_passes import present_pass, see_changes, unseen_changes
from seqlang.engine.journeys_flows import active_flows, apart, news
from seqlang.engine.journeys_waking import Look, look, looked
from seqlang.engine.ledger import write_lines
from seqlang.engine.scratch import borrowed
from seqlang.engine.statements_fields import pay
from seqlang.engine.waits_spans import date_of
from seqlang.plan.model import ActNode, OnFlow
from seqlang.store import tables
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Table

    from seqlang.engine.context import FlowContext
    from seqlang.engine.journeys_flows import News, Opened
    from seqlang.store.database import Store


def advance(conn: Connection, store: Store, at: datetime) -> bool:
    """Carry out one pass of all active workflows at the instant `at`; tell whether something changed that needs another pass.

    Triggers are what was there when the pass began with the journeys: what statements of either change starts the next pass.
    """
    flows = active_flows(conn, store, at, ("workflow",))
    if flows:
        there = news(conn, flows, present_pass(conn))
        for opened in flows:
            apart(opened.ctx, partial(_look, opened, there))
    return unseen_changes(conn)


def _look(opened: Opened, there: News) -> None:
    """Run one workflow, if anything has happened since its last look, or something falls due."""
    ctx, seen = opened.ctx, look(opened, there)
    new = seen.everything or max(there.events, there.changes) > seen.since_pass
    timely = any(isinstance(t, OnFlow) and t.what == "overdue" for t in ctx.plan.triggers)
    if new or timely or ctx.flow_id in there.due:
        _run(ctx, seen)
        looked(ctx, seen)


def _run(ctx: FlowContext, seen: Look) -> None:
    with borrowed(ctx.conn, "coming") as coming, borrowed(ctx.conn, "moving") as moving, borrowed(ctx.conn, "owing") as owing:
        workflows_triggers.find(ctx, seen, coming)
        came = _enter(ctx, coming, moving)
        went_on = journeys_moves.add_due(ctx, moving)
        if came or went_on:
            journeys_moves.go(ctx, moving, owing)
            if any(isinstance(n, ActNode) and n.act == "add" for n in ctx.plan.nodes):
                pay(ctx, owing)


def _enter(ctx: FlowContext, coming: Table, moving: Table) -> int:
    """Make one enrolment a run, several of one record too, in the order of their events."""
    low, high = ctx.conn.execute(select(func.min(coming.c.at), func.max(coming.c.at))).one()
    if low is None:
        return 0
    last = ctx.conn.execute(select(func.coalesce(func.max(enrolment.c.id), 0))).scalar_one()
    row = ctx.records
    contact = ctx.subject(stay=None).contact_id
    rows = (
        select(
            literal(ctx.flow_id),
            row.c.id,
            literal(None, BigInteger) if contact is None else contact,
            coming.c.at,
            date_of(coming.c.at, ctx.zone, low, high),
            coming.c.at,
            coming.c.event_id,
            true(),
        )
        .select_from(coming.join(row, row.c.id == coming.c.record_id))
        .order_by(coming.c.id)
    )
    names = ["flow_id", "record_id", "contact_id", "entered_at", "entry_on", "anchor_at", "cause_event_id", "many"]
    count = ctx.conn.execute(insert(enrolment).from_select(names, rows, include_defaults=False)).rowcount
    set_out(ctx, moving, last)
    return count


def give_up(conn: Connection, store: Store, at: datetime) -> int:
    """End a circle after the last pass of a tick: what is left has a line `failed` with `loop`, and starts nothing more.

    Return how many lines were written. Requests that wait for a journey are given up too.
    """
    number, lines = see_changes(conn), 0
    flows = active_flows(conn, store, at, ("journey", "workflow"))
    there = news(conn, flows, number) if flows else None
    for opened in flows:
        assert there is not None
        ctx, seen = opened.ctx, look(opened, there)
        with borrowed(conn, "coming") as coming:
            if ctx.plan.kind == "workflow":
                workflows_triggers.find(ctx, seen, coming)
                looked(ctx, seen)
            else:
                _take_requests(ctx, coming)
            lines += _fail(ctx, coming)
    return lines


def _take_requests(ctx: FlowContext, coming: Table) -> None:
    request = tables.request
    waiting = (request.c.flow_id == ctx.flow_id, request.c.taken_at.is_(None), request.c.at <= ctx.micros)
    ctx.conn.execute(
        insert(coming).from_select(
            ["id", "record_id", "at"],
            select(func.min(request.c.id), request.c.record_id, literal(ctx.micros, BigInteger))
            .where(*waiting, request.c.what == "enroll")
            .group_by(request.c.record_id),
        )
    )
    ctx.conn.execute(request.update().where(*waiting).values(taken_at=ctx.micros))


def _fail(ctx: FlowContext, coming: Table) -> int:
    """Write the lines of those who would have gone on; each hangs on a stay that never was active."""
    row, contact = ctx.records, ctx.subject(stay=None).contact_id
    last = ctx.conn.execute(select(func.coalesce(func.max(enrolment.c.id), 0))).scalar_one()
    rows = (
        select(
            literal(ctx.flow_id),
            row.c.id,
            literal(None, BigInteger) if contact is None else contact,
            literal(value=False),
            literal(ctx.micros, BigInteger),
            literal(ctx.today.toordinal()),
            literal(ctx.micros, BigInteger),
            literal("loop"),
            true(),
        )
        .select_from(coming.join(row, row.c.id == coming.c.record_id))
        .order_by(coming.c.id)
    )
    names = ["flow_id", "record_id", "contact_id", "active", "entered_at", "entry_on", "exited_at", "exit_reason", "many"]
    count = ctx.conn.execute(insert(enrolment).from_select(names, rows, include_defaults=False)).rowcount
    if count:
        who = (
            select(enrolment.c.id.label("enrolment_id"), enrolment.c.record_id, enrolment.c.contact_id)
            .where(enrolment.c.id > last, enrolment.c.flow_id == ctx.flow_id)
            .subquery()
        )
        write_lines(ctx, who, what="failed", why="loop", order=(who.c.enrolment_id,))
    return count


def next_instant(conn: Connection, store: Store, after: datetime) -> datetime | None:
    """Return the first instant after `after` at which a workflow goes on, or a to-do that one waits for becomes overdue."""
    found: list[int] = []
    for ctx in (opened.ctx for opened in active_flows(conn, store, after, ("workflow",), edits=False)):
        due = select(func.min(enrolment.c.due_at)).where(ctx.mine(), enrolment.c.due_at > ctx.micros)
        found += [at for at in ctx.conn.execute(due).scalars() if at is not None]
        if any(isinstance(t, OnFlow) and t.what == "overdue" for t in ctx.plan.triggers):
            found += workflows_triggers.next_overdue(ctx)
    return from_micros(min(found)) if found else None
