"""Phase (3) of a tick: journeys by name, each in the order goals and exits, triggers, moves (LANGUAGE 5.6, 5.8)."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from seqlang.clock import from_micros
from seqlang.engine import goals, journeys_moves, splits, triggers, triggers_admit, waits
from seqlang.engine.intake_passes import see_changes, unseen_changes
from seqlang.engine.journeys_flows import active_flows, apart, news
from seqlang.engine.journeys_links import follow_links
from seqlang.engine.journeys_waking import due_hour, idle, interest, look, looked, turns_hourly, wake
from seqlang.engine.scratch import borrowed
from seqlang.plan.model import SplitNode
from seqlang.store import tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from seqlang.engine.context import FlowContext
    from seqlang.engine.journeys_flows import News, Opened
    from seqlang.store.database import Store


def advance(conn: Connection, store: Store, at: datetime) -> bool:
    """Carry out one pass of all active journeys at the instant `at`; tell whether something changed that needs another pass.

    Runs in the caller's transaction. The same pass twice changes nothing.
    """
    number = see_changes(conn)
    follow_links(conn, store, number)
    flows = active_flows(conn, store, at, ("journey",))
    if not flows:
        return unseen_changes(conn)
    there = news(conn, flows, number)
    for opened in flows:
        apart(opened.ctx, partial(_advance, opened, there))
    return unseen_changes(conn) or open_requests(conn, [opened.ctx for opened in flows])


def open_requests(conn: Connection, flows: Sequence[FlowContext]) -> bool:
    """Tell whether somebody waits to be let into one of the journeys, or was asked to leave one."""
    request = tables.request
    waiting = select(request.c.id).where(
        request.c.flow_id.in_([f.flow_id for f in flows]), request.c.taken_at.is_(None), request.c.at <= flows[0].micros
    )
    return conn.execute(waiting.limit(1)).first() is not None


def _advance(opened: Opened, there: News) -> None:
    ctx, seen = opened.ctx, look(opened, there)
    if idle(ctx, seen, there):
        return
    with ExitStack() as lent:
        woken, moving = (lent.enter_context(borrowed(ctx.conn, shape)) for shape in ("woken", "moving"))
        if not seen.everything:
            seen = wake(ctx, seen, woken, there, lent)
        goals.look(ctx, seen, woken)
        if ctx.flow_id in there.settling:
            splits.settle(ctx)
        if triggers.come_in(ctx, seen, woken, moving, there) and seen.woken and goals.look_at_newcomers(ctx, woken, moving):
            journeys_moves.drop_left(ctx, moving)
        waits.wake(ctx, seen, woken, moving)
        if ctx.flow_id in there.due:
            journeys_moves.add_due(ctx, moving)
        journeys_moves.go(ctx, moving)
        triggers.note_false(ctx, seen, woken)
    looked(ctx, seen)


def next_instant(conn: Connection, store: Store, after: datetime) -> datetime | None:
    """Return the first instant after `after` at which a journey has to be looked at, if nothing happens meanwhile; or None.

    Instants at which a wait, a deferral or a hold ends, a winner is settled or `enter on` comes; full hours (UTC) where a
    condition turns by time alone.
    """
    found = [at for opened in active_flows(conn, store, after, ("journey",), edits=False) for at in _instants(opened.ctx)]
    return from_micros(min(found)) if found else None


def _instants(ctx: FlowContext) -> Iterator[int]:
    now = ctx.micros
    stay, split = tables.enrolment, tables.split
    due = ctx.conn.execute(
        select(stay.c.due_at).where(ctx.mine(), stay.c.due_at > now).order_by(stay.c.due_at).limit(1)
    ).scalar_one_or_none()
    if due is not None:
        yield due
    if any(isinstance(n, SplitNode) for n in ctx.plan.nodes):
        settled = select(split.c.settle_at).where(
            split.c.flow_id == ctx.flow_id, split.c.winner.is_(None), split.c.settle_at > now
        )
        yield from ctx.conn.execute(settled).scalars()
    yield from (at for at in interest(ctx.plan).instants if at > now)
    if (place := triggers_admit.next_place(ctx)) is not None:
        yield place
    if turns_hourly(ctx.plan):
        yield due_hour(now)
    elif (again := triggers.next_return(ctx)) is not None:
        yield due_hour(again - 1)
