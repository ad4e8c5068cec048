"""Steps timed by a date of the record: `D before FIELD`, `D after FIELD`, `on FIELD` (LANGUAGE 5.8, *Dates of a record*)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Integer, and_, literal, or_, select

from seqlang.engine.ledger import had, write_lines
from seqlang.plan.conditions import FieldRef, Literal_
from seqlang.plan.model import AroundMoment
from seqlang.predicates.compile import value_sql
from seqlang.schedule import shift_date
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from seqlang.engine.context import FlowContext
    from seqlang.plan.model import StepNode


def day_of(ctx: FlowContext, timing: AroundMoment) -> ColumnElement[Any]:
    """Return the date (an ordinal, in the flow's zone) of a step, over the record's row; null while the field is empty."""
    origin = value_sql(timing.origin, ctx.subject(), ctx.store)
    span, sql = timing.span, ctx.store.sql
    if _is_date(timing.origin):
        return origin if span is None else _shifted_date(ctx, origin, timing)
    if span is None:
        return sql.local_day(origin, ctx.zone)
    if span.unit == "working day":
        return _shifted_date(ctx, sql.local_day(origin, ctx.zone), timing)
    return sql.local_day(sql.shift_instant(origin, span, timing.sign, ctx.zone), ctx.zone)


def _is_date(origin: object) -> bool:
    return (isinstance(origin, FieldRef) and origin.type == "date") or (isinstance(origin, Literal_) and origin.type == "date")


def _shifted_date(ctx: FlowContext, origin: ColumnElement[Any], timing: AroundMoment) -> ColumnElement[Any]:
    span = timing.span
    assert span is not None
    if span.unit == "working day":
        return ctx.store.sql.shift_working(origin, timing.sign * int(span.count), ctx.plan.working, ctx.today)
    days = (shift_date(ctx.today, span, ctx.plan.working, sign=timing.sign) - ctx.today).days
    return origin + literal(days, Integer)


def has_come(ctx: FlowContext, timing: AroundMoment) -> ColumnElement[bool]:
    """Return the condition that the step's date is today or earlier; false while the field is empty."""
    on = day_of(ctx, timing)
    return and_(on.is_not(None), on <= ctx.today.toordinal())


def over_or_dayless(ctx: FlowContext, step: StepNode) -> ColumnElement[bool]:
    """Return the condition, over enrolment and record, that `finished` does not wait for the step: had, or its field is empty."""
    done = had(ctx.nodes[step.key], enrolment.c.id)
    return or_(done, day_of(ctx, step.timing).is_(None)) if isinstance(step.timing, AroundMoment) else done


def skip_passed(ctx: FlowContext, steps: Iterable[StepNode]) -> None:
    """Skip, for those who came in at this very run, the steps whose date had passed by then."""
    record = ctx.records
    for step in steps:
        if not isinstance(step.timing, AroundMoment):
            continue
        on = day_of(ctx, step.timing)
        who = (
            select(enrolment.c.id.label("enrolment_id"), enrolment.c.record_id, enrolment.c.contact_id)
            .select_from(enrolment.join(record, record.c.id == enrolment.c.record_id))
            .where(
                ctx.of_this_plan(),
                enrolment.c.entered_at == ctx.micros,
                on < enrolment.c.entry_on,
                ~had(ctx.nodes[step.key], enrolment.c.id),
            )
            .subquery()
        )
        write_lines(ctx, who, what="skipped", why="late", node_id=ctx.nodes[step.key], channel=step.channel, occurrence=0)
