"""`admit at most N a day` in a journey: who is over it waits for the next day (or week) of the flow's zone, oldest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, literal, select

from seqlang.engine import places_of_entry
from seqlang.store.tables import request

if TYPE_CHECKING:
    from sqlalchemy import Table

    from seqlang.engine.context import FlowContext

WAIT = "wait"  # `request.what` of those who wait for a place


def hold_back(ctx: FlowContext, coming: Table) -> None:
    """Take whoever is over the number out of `coming`; they are looked at again when the next day or week begins.

    Who is enrolled by hand comes in whatever the number, and takes no place.
    """
    most = ctx.plan.manners.admit
    if most is None:
        return
    if ctx.conn.execute(select(coming.c.id).where(~coming.c.by_hand).limit(1)).first() is None:
        return
    came, at = places_of_entry.taken(ctx, weekly=ctx.plan.manners.admit_per == "week")
    room = max(0, most - came)
    row = ctx.records
    created = func.coalesce(ctx.store.column(ctx.plan.subject, "created_at"), 0)
    name = row.c.email_key if ctx.plan.subject == "contact" else row.c.id
    ranked = (
        select(coming.c.record_id, func.row_number().over(order_by=(created, name, row.c.id)).label("place"))
        .select_from(coming.join(row, row.c.id == coming.c.record_id))
        .where(~coming.c.by_hand)
        .subquery()
    )
    over = ctx.conn.execute(select(ranked.c.record_id).where(ranked.c.place > room)).scalars().all()
    if not over:
        return
    waiting = select(request.c.record_id).where(
        request.c.flow_id == ctx.flow_id, request.c.taken_at.is_(None), request.c.what == WAIT, request.c.at > ctx.micros
    )
    rows = (
        select(literal(ctx.flow_id), ranked.c.record_id, literal(WAIT), literal(at, request.c.at.type))
        .where(ranked.c.place > room, ranked.c.record_id.not_in(waiting))
        .order_by(ranked.c.place)
    )
    ctx.conn.execute(insert(request).from_select(["flow_id", "record_id", "what", "at"], rows, include_defaults=False))
    for start in range(0, len(over), 500):
        ctx.conn.execute(delete(coming).where(coming.c.record_id.in_(over[start : start + 500]), ~coming.c.by_hand))


def next_place(ctx: FlowContext) -> int | None:
    """Return the first instant after now at which those who wait are looked at again; None where nobody waits."""
    if ctx.plan.manners.admit is None:
        return None
    found: int | None = ctx.conn.execute(
        select(func.min(request.c.at)).where(
            request.c.flow_id == ctx.flow_id, request.c.taken_at.is_(None), request.c.what == WAIT, request.c.at > ctx.micros
        )
    ).scalar()
    return found


__all__ = ["WAIT", "hold_back", "next_place"]
