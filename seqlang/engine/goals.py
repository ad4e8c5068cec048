"""Goals and exits of journeys: in every tick for whom they may have turned, and once more at the end of the flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, true

from seqlang.engine import exits
from seqlang.engine.journeys_waking import concerned
from seqlang.predicates import turns_by_time
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from sqlalchemy import Table

    from seqlang.engine.context import FlowContext
    from seqlang.engine.journeys_waking import Look


def look(ctx: FlowContext, seen: Look, woken: Table) -> int:
    """Let leave for whom a goal or an exit holds now: goals first, then exits as in the file. Return how many left."""
    rules = exits.rules_of(ctx.plan)
    if not rules:
        return 0
    hourly = any(rule.condition is not None and turns_by_time(rule.condition) for rule in rules)
    among = concerned(seen, woken, enrolment.c.record_id, hourly=hourly)
    return exits.look(ctx, true() if among is None else among)


def finish(ctx: FlowContext, moving: Table) -> None:
    """Let leave who has come to the end: by a goal or an exit that holds at last, else as `finished`."""
    ended = select(moving.c.enrolment_id).where(moving.c.node_id == 0, ~moving.c.rests)
    if ctx.conn.execute(ended.limit(1)).first() is None:
        return
    if exits.rules_of(ctx.plan):
        exits.look(ctx, enrolment.c.id.in_(ended), finished=true())
    exits.leave(ctx, ended, "finished")
    ctx.conn.execute(delete(moving).where(moving.c.node_id == 0, ~moving.c.rests))
