"""`admit at most N a day`: which entries take one of the places, and how many have been taken."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, case, exists, func, literal, null, select, update

from seqlang.clock import to_micros
from seqlang.schedule import local_instant
from seqlang.store.tables import enrolment, ledger

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from seqlang.engine.context import FlowContext
    from seqlang.plan.model import FlowPlan

PLACE = "place"  # `ledger.counts` of a line `entered` that takes a place
REACH = 8 * 86_400_000_000  # no day or week began earlier


def limited(plan: FlowPlan) -> bool:
    """Tell whether the plan says how many may come in a day or week."""
    return plan.manners.admit is not None or (plan.audience is not None and plan.audience.admit is not None)


def takes_place(by_hand: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return `counts` of the line of somebody who comes in: by hand, whatever the number, and then it takes no place."""
    return case((by_hand, null()), else_=literal(PLACE, String()))


def taken(ctx: FlowContext, *, weekly: bool) -> tuple[int, int]:
    """Return how many places have been taken since the day (or week, from Monday) of the flow's zone began, and its end."""
    first = ctx.today - timedelta(days=ctx.today.weekday() if weekly else 0)
    began, ends = (
        to_micros(local_instant(day, time(), ctx.zone)) for day in (first, first + timedelta(days=7 if weekly else 1))
    )
    line = ledger.c
    query = select(func.count()).where(line.flow_id == ctx.flow_id, line.at >= began, line.counts == PLACE)
    return ctx.conn.execute(query).scalar_one(), ends


def count_from_now(conn: Connection, flow_id: int, at: int) -> None:
    """An edit limits a flow that had no limit: who came in this day or week has taken a place."""
    line = ledger.c
    by_hand = exists().where(enrolment.c.id == line.enrolment_id, enrolment.c.by_hand)
    conn.execute(
        update(ledger)
        .where(line.flow_id == flow_id, line.what == "entered", line.at >= at - REACH, ~by_hand)
        .values(counts=PLACE)
    )


__all__ = ["PLACE", "count_from_now", "limited", "taken", "takes_place"]
