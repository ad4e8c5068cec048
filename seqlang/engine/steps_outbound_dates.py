"""Steps of outbound sequences timed by a date of the record: while the field is empty they hold nothing back (LANGUAGE 5.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, not_, or_, select, update

from seqlang.engine.ledger import had
from seqlang.engine.moments import day_of, over_or_dayless
from seqlang.plan.model import AroundMoment
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from seqlang.engine.context import FlowContext
    from seqlang.plan.model import StepNode


def has_dates(ctx: FlowContext) -> bool:
    """Tell whether a date of the record times any step."""
    return any(isinstance(step.timing, AroundMoment) for step in ctx.plan.steps)


def give_turns_back(ctx: FlowContext) -> None:
    """Give a step its turn that was passed while its field was empty, now that it has a day; what waits or is open goes first."""
    steps = ctx.plan.steps
    for place, step in reversed(list(enumerate(steps))):
        if not isinstance(step.timing, AroundMoment):
            continue
        later = [ctx.nodes[s.key] for s in steps[place + 1 :]]
        beyond = or_(enrolment.c.node_id.is_(None), and_(enrolment.c.node_id.in_(later), enrolment.c.due_at.is_not(None)))
        has_day = day_of(ctx, step.timing).is_not(None)
        theirs = _joined(ctx, beyond, enrolment.c.waiting.is_(None), not_(had(ctx.nodes[step.key], enrolment.c.id)), has_day)
        _point(ctx, theirs, ctx.nodes[step.key])


def passed(ctx: FlowContext, step: StepNode, where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that the step's turn has come, and goes on: it was had before, or has no day."""
    mine = (where, enrolment.c.node_id == ctx.nodes[step.key], over_or_dayless(ctx, step))
    return enrolment.c.id.in_(select(enrolment.c.id).join(ctx.records, ctx.records.c.id == enrolment.c.record_id).where(*mine))


def end_without_days(ctx: FlowContext) -> None:
    """Let those be at the end, in this very run, who have nothing before them but steps without a day."""
    steps = ctx.plan.steps
    for place, step in enumerate(steps):
        if isinstance(step.timing, AroundMoment):
            at = enrolment.c.node_id == ctx.nodes[step.key]
            rest = (over_or_dayless(ctx, s) for s in steps[place:])
            _point(ctx, _joined(ctx, at, enrolment.c.due_at.is_not(None), enrolment.c.waiting.is_(None), *rest), None)


def _joined(ctx: FlowContext, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    record = ctx.records
    mine = select(enrolment.c.id).join(record, record.c.id == enrolment.c.record_id).where(ctx.mine(), *where)
    return enrolment.c.id.in_(mine)


def _point(ctx: FlowContext, who: ColumnElement[bool], node_id: int | None) -> None:
    ctx.conn.execute(
        update(enrolment).where(who).values(node_id=node_id, due_at=ctx.micros, due_on=None, wait_end_at=None)
    )
