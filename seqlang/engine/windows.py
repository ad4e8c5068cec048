"""Windows and quiet times: which steps wait, and for which instant; one look at the clock for each zone that occurs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, literal, select, update

from seqlang.clock import to_micros
from seqlang.engine.scratch import borrowed
from seqlang.engine.verdicts import Verdict
from seqlang.schedule import next_open, window_zone

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Table

    from seqlang.engine.context import FlowContext
    from seqlang.plan.model import StepNode, WindowPlan

ROUNDS_MAX = 1_000  # a window and quiet times that are never open together: the step waits for ever


def applies(ctx: FlowContext, step: StepNode) -> bool:
    """Tell whether the step may have to wait for a window: quiet times are for messages only."""
    return ctx.plan.manners.window is not None or _quiet(ctx, step)


def hold_back(ctx: FlowContext, step: StepNode, rows: Table) -> None:
    """Put off those whose window is closed by the clock, until it opens: a run may be made up for later."""
    window = ctx.plan.manners.window
    quiet = _quiet(ctx, step)
    going = rows.c.verdict == Verdict.GO
    if window is None or not window.contact_timezone:
        opens = opening(ctx, window, None, quiet=quiet)
        if opens != ctx.tick_at:
            ctx.conn.execute(
                update(rows).where(going).values(verdict=Verdict.WINDOW, ready_at=None if opens is None else to_micros(opens))
            )
        return
    contact = ctx.contacts
    zone = func.coalesce(ctx.store.column("contact", "timezone"), "")
    mine = select(zone).where(contact.c.id == rows.c.contact_id).correlate(rows)
    here = (
        ctx.conn.execute(select(zone).distinct().select_from(rows.join(contact, contact.c.id == rows.c.contact_id)).where(going))
        .scalars()
        .all()
    )
    with borrowed(ctx.conn, "opening") as openings:
        closed = []
        for name in here:
            opens = opening(ctx, window, name, quiet=quiet)
            if opens != ctx.tick_at:
                closed.append({"zone": name, "opens_at": None if opens is None else to_micros(opens)})
        if not closed:
            return
        ctx.conn.execute(insert(openings), closed)
        shut = select(openings.c.zone)
        until = select(openings.c.opens_at).where(openings.c.zone == mine.scalar_subquery()).scalar_subquery()
        ctx.conn.execute(
            update(rows)
            .where(going, mine.scalar_subquery().in_(shut))
            .values(verdict=literal(int(Verdict.WINDOW)), ready_at=until)
        )


def opening(ctx: FlowContext, window: WindowPlan | None, contact_zone: str | None, *, quiet: bool) -> datetime | None:
    """Return the first instant, from the tick's on, at which the window (and what is quiet) is open; None: never."""
    calendar = ctx.plan.manners.quiet if quiet else None
    at = ctx.tick_at
    for _ in range(ROUNDS_MAX):
        found = at
        if window is not None:
            opens = next_open(window, found, window_zone(window, contact_zone, ctx.zone))
            if opens is None:
                return None
            found = opens
        if calendar is not None:
            opens = next_open(calendar, found, window_zone(calendar, None, ctx.zone))
            if opens is None:
                return None
            found = opens
        if found == at:
            return at
        at = found
    return None


def _quiet(ctx: FlowContext, step: StepNode) -> bool:
    return ctx.plan.manners.quiet is not None and step.effect == "message"
