"""Since when a condition holds for somebody to whom several things happened that one look takes in (LANGUAGE 5.6, 5.8).

After a gap, or where a click follows an opening at once, a journey sees several events of one record together. What it sees is
the record as it is by now; but durations, and what is `since entry`, count from the first of these events as of which the
condition held.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, case, exists, func, literal, null, or_, select

from seqlang.engine.exits import rules_of
from seqlang.engine.telling_values import typed_value
from seqlang.plan import conditions as c
from seqlang.predicates import to_sql, turns_by_time, wakes
from seqlang.predicates.wakes import may_hold_of_nothing
from seqlang.store import tables
from seqlang.store.records_schema import column_of
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause, Subquery, Table

    from seqlang.engine.context import FlowContext
    from seqlang.engine.journeys_waking import Look

AS_OF = "seqlang_as_of"


def of_wait(ctx: FlowContext, seen: Look, woken: Table, condition: c.Condition) -> ColumnElement[Any]:
    """Return from when a `wait until` that is over counts as over, over enrolments joined with `woken`."""
    return _since(ctx, seen, woken, condition, enrolment, enrolment.c.record_id)


def of_entry(ctx: FlowContext, seen: Look, woken: Table, condition: c.Condition) -> ColumnElement[Any]:
    """Return from when `enter when` lets somebody in, over records joined with `woken`: nothing spoke against it then, either."""
    if ctx.plan.manners.exclusive or ctx.plan.again_after is not None:  # what kept them out may have ended since
        return woken.c.at
    against = (rule.condition for rule in rules_of(ctx.plan) if rule.condition is not None)
    together = c.All(items=(condition, *(c.Not(item=item) for item in against)))
    return _since(ctx, seen, woken, together, None, ctx.records.c.id)


def _since(
    ctx: FlowContext,
    seen: Look,
    woken: Table,
    condition: c.Condition,
    stay: FromClause | None,
    record_id: ColumnElement[Any],
) -> ColumnElement[Any]:
    if seen.instants is None or not _is_known(ctx, condition):
        return woken.c.at
    then = _then(ctx, seen, seen.instants, condition)
    asked = replace(ctx.subject(stay=stay, row=then), known=then.c[AS_OF])
    first = (
        select(func.min(then.c[AS_OF]))
        .where(then.c.id == record_id, to_sql(condition, asked, ctx.store))
        .correlate_except(then)
        .scalar_subquery()
    )
    return case((woken.c.first_at < woken.c.at, func.coalesce(first, woken.c.at)), else_=woken.c.at)


def _is_known(ctx: FlowContext, condition: c.Condition) -> bool:
    """Tell whether it is known what the condition said at any instant of late: it asks events, facts, fields of the record.

    What tags, lists, other flows and other records were is not kept; there the last event is what counts.
    """
    asked, subject = wakes(condition), ctx.plan.subject
    spec = ctx.store.record_tables.spec(subject)
    elsewhere = asked.records or asked.lists or asked.tags or asked.flows or asked.account_replied or turns_by_time(condition)
    if elsewhere or ("unsubscribed" in asked.facts and subject != "contact"):
        return False
    fields = [spec.field(name) for record, name in asked.fields if record == subject]
    return len(fields) == len(asked.fields) and all(f is not None and f.type != "link" and not f.engine for f in fields)


def _then(ctx: FlowContext, seen: Look, instants: Table, condition: c.Condition) -> Subquery:
    """Return the records as they were at each of the instants: fields that the condition reads have their values of then.

    What a field was before its first change of late is not kept: it counts as empty then, and where that might make the condition
    hold, the record is not looked at as it was then.
    """
    change, row, subject = tables.change, ctx.records.alias(), ctx.plan.subject
    spec = ctx.store.record_tables.spec(subject)
    new = and_(
        change.c.tick_pass > seen.since_pass,
        change.c.tick_pass <= seen.number,
        change.c.record == subject,
        change.c.what == "updated",
    )
    names = sorted(name for record, name in wakes(condition).fields if record == subject)
    moved = set(ctx.conn.execute(select(change.c.field).where(new, change.c.field.in_(names)).distinct()).scalars())
    columns: dict[str, ColumnElement[Any]] = {column.name: column for column in row.c}
    known = []
    for name in sorted(moved):
        field = spec.field(name)
        assert field is not None
        mine = and_(new, change.c.field == name, change.c.record_id == row.c.id)
        last = select(change.c.value).where(mine, change.c.at <= instants.c.at).order_by(change.c.at.desc(), change.c.id.desc())
        column = columns[column_of(name)]
        was = typed_value(field, last.limit(1).correlate(row, instants).scalar_subquery())
        ever = exists().where(mine).correlate(row, instants)
        columns[column_of(name)] = case((ever, was), else_=column).label(column.name)
        if may_hold_of_nothing(condition):
            known.append(or_(~ever, exists().where(mine, change.c.at <= instants.c.at).correlate(row, instants)))
    if "unsubscribed_at" in columns:
        gone = row.c.unsubscribed_at
        columns["unsubscribed_at"] = case((gone <= instants.c.at, gone), else_=null()).label("unsubscribed_at")
    as_of = literal(0, BigInteger) + instants.c.at
    source = instants.join(row, row.c.id == instants.c.record_id)
    return select(as_of.label(AS_OF), *columns.values()).select_from(source).where(*known).subquery("then")
