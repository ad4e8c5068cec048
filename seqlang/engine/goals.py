"""Goals and exits of journeys: in every tick for whom they may have turned, and once more at the end of the flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, select, true

from seqlang.engine import exits
from seqlang.engine.journeys_waking import KEPT, NOBODY, OF_LINES, concerned
from seqlang.predicates import Wakes, turns_by_time, wakes
from seqlang.store import tables
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Select, Table

    from seqlang.engine.context import FlowContext
    from seqlang.engine.journeys_waking import Look


def look(ctx: FlowContext, seen: Look, woken: Table) -> int:
    """Let leave for whom a goal or an exit holds now: goals first, then exits as in the file. Return how many left."""
    rules = exits.rules_of(ctx.plan)
    if not rules:
        return 0
    hourly = any(rule.condition is not None and turns_by_time(rule.condition) for rule in rules)
    among = concerned(seen, woken, enrolment.c.record_id, hourly=hourly)
    if among is NOBODY:
        return 0
    return exits.look(ctx, true() if among is None else among)


def look_at_newcomers(ctx: FlowContext, woken: Table, moving: Table) -> int:
    """Look at those of `moving`, who have just come in, by an earlier event than the last that this look takes in of them."""
    if not exits.rules_of(ctx.plan):
        return 0
    since = moving.join(woken, and_(woken.c.record_id == moving.c.record_id, woken.c.at > moving.c.entered_at))
    return exits.look(ctx, enrolment.c.id.in_(select(moving.c.enrolment_id).select_from(since)), few=True)


def before_step(ctx: FlowContext, ids: Select[Any]) -> int:
    """Look once more before a step, where something in this pass may have turned a goal or an exit; return how many left."""
    rules = exits.rules_of(ctx.plan)
    if not rules or not _may_have_turned(ctx, rules):
        return 0
    return exits.look(ctx, enrolment.c.id.in_(ids))


def _may_have_turned(ctx: FlowContext, rules: tuple[exits.Rule, ...]) -> bool:
    """Tell whether a rule looks at time, at lines of the timeline, or at something that was changed after this pass began."""
    parts = [(rule.condition, wakes(rule.condition)) for rule in rules if rule.condition is not None]
    if any(turns_by_time(condition) or woken.fields & KEPT or woken.facts & OF_LINES for condition, woken in parts):
        return True
    change = tables.change
    new = ctx.conn.execute(select(change.c.record, change.c.what, change.c.field).where(~change.c.taken).distinct()).all()
    return any(_turns(woken, record, what, field) for record, what, field in new for _, woken in parts)


def _turns(woken: Wakes, record: str, what: str, field: str | None) -> bool:
    """Tell whether a change of that kind may turn the condition."""
    match what:
        case "updated":
            return (record, field) in woken.fields
        case "tag":
            return field in woken.tags
        case "list":
            return field in woken.lists
        case "entered" | "exited":
            return field in woken.flows
        case _:
            return True


def finish(ctx: FlowContext, moving: Table) -> None:
    """Let leave who has come to the end: by a goal or an exit that holds at last, else as `finished`."""
    ended = select(moving.c.enrolment_id).where(moving.c.node_id == 0, ~moving.c.rests)
    if exits.rules_of(ctx.plan):
        exits.look(ctx, enrolment.c.id.in_(ended), finished=true())
    exits.leave(ctx, ended, "finished")
    ctx.conn.execute(delete(moving).where(moving.c.node_id == 0, ~moving.c.rests))
