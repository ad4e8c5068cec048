"""What starts workflows: records that were made or changed, events, comings and goings, to-dos (LANGUAGE 5.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, exists, func, insert, literal, not_, or_, select, true

from seqlang.clock import to_micros
from seqlang.engine.statements_values import field_value
from seqlang.engine.telling_values import typed_value
from seqlang.engine.triggers import events_of, subjects_of_contacts
from seqlang.plan.model import FieldTarget, OnEvent, OnFlow, OnRecord
from seqlang.predicates import to_sql
from seqlang.store import tables

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select, Table

    from seqlang.engine.context import FlowContext
    from seqlang.engine.journeys_waking import Look

OPEN = ("cancelled", "rejected")


def find(ctx: FlowContext, seen: Look, coming: Table) -> None:
    """Fill `coming` with one row for each run that the new triggers start, in the order of what happened."""
    for trigger in ctx.plan.triggers:
        match trigger:
            case OnRecord():
                _of_records(ctx, seen, coming, trigger)
            case OnEvent():
                _runs(ctx, coming, events_of(ctx, seen, trigger), trigger.when, caused=True)
            case OnFlow():
                rows = {"entered": _moves, "exited": _moves, "outcome": _outcomes, "overdue": _overdue}[trigger.what](
                    ctx, seen, trigger
                )
                _runs(ctx, coming, rows, trigger.when, caused=trigger.what == "outcome")
            case _:
                pass


def next_overdue(ctx: FlowContext) -> list[int]:
    """Return the next instant after now at which an open to-do becomes overdue, if there is one."""
    line = tables.ledger
    first = ctx.conn.execute(
        select(line.c.todo_due_at).where(line.c.todo_due_at > ctx.micros, _open(line)).order_by(line.c.todo_due_at).limit(1)
    ).scalar_one_or_none()
    return [] if first is None else [first]


def _runs(ctx: FlowContext, coming: Table, rows: Any, when: Any, *, caused: bool) -> None:
    """Add one run for each row (record_id, event_id, at) whose record meets `when` now."""
    found, row = rows.subquery(), ctx.records
    holds = true() if when is None else to_sql(when, ctx.subject(stay=None), ctx.store)
    place = func.row_number().over(order_by=(found.c.at, found.c.event_id, row.c.id))
    ctx.conn.execute(
        insert(coming).from_select(
            ["id", "record_id", "at", "event_id"],
            select(place, row.c.id, found.c.at, found.c.event_id if caused else literal(None, BigInteger))
            .select_from(found.join(row, row.c.id == found.c.record_id))
            .where(holds),
        )
    )


# -------------------------------------------------------------------------------------------- records


def _of_records(ctx: FlowContext, seen: Look, coming: Table, trigger: OnRecord) -> None:
    """Changes of one record in one pass run the workflow once, on the values that it has now."""
    change = tables.change
    where = [_new_change(ctx, seen), change.c.record == ctx.plan.subject]
    if trigger.what == "created":
        where.append(change.c.what == "created")
    else:
        where += [change.c.what == "updated", change.c.field.not_in(_kept(ctx))]
    if trigger.what == "change":
        where.append(_to_value(ctx, trigger) if trigger.to is not None else change.c.field.in_(trigger.fields))
    row = ctx.records
    rows = (
        select(change.c.record_id.label("record_id"), func.min(change.c.id).label("event_id"), func.max(change.c.at).label("at"))
        .select_from(change.join(row, row.c.id == change.c.record_id))
        .where(*where)
        .group_by(change.c.record_id)
    )
    _runs(ctx, coming, rows, trigger.when, caused=False)


def _to_value(ctx: FlowContext, trigger: OnRecord) -> ColumnElement[bool]:
    """Return whether one of the fields changed to the value, though it may have changed again before this pass."""
    change, spec = tables.change, ctx.store.record_tables.spec(ctx.plan.subject)
    arms: list[ColumnElement[bool]] = []
    for name in trigger.fields:
        field = spec.field(name)
        assert trigger.to is not None
        if field is not None:
            target = FieldTarget(record=ctx.plan.subject, field=name, type=field.type)
            value = field_value(ctx, ctx.subject(stay=None), trigger.to, target)
            has_it = ctx.store.column(ctx.plan.subject, name).is_not_distinct_from(value)
            had_it = typed_value(field, change.c.value).is_not_distinct_from(value)
            arms.append(and_(change.c.field == name, or_(has_it, had_it)))
    return or_(*arms) if arms else literal(value=False)


def _kept(ctx: FlowContext) -> list[str]:
    """Return the fields that trigger nothing: those that the engine keeps."""
    spec = ctx.store.record_tables.spec(ctx.plan.subject)
    return [f.name for f in spec.fields if f.engine or (f.built_in and f.name == "updated_at")]


def _new_change(ctx: FlowContext, seen: Look) -> ColumnElement[bool]:
    """Return which changes are new, after the start, and not the workflow's own."""
    change = tables.change
    return and_(
        change.c.tick_pass > seen.since_pass,
        change.c.tick_pass <= seen.number,
        change.c.at >= to_micros(ctx.started_at),
        or_(change.c.flow_id.is_(None), change.c.flow_id != ctx.flow_id),
    )


# ------------------------------------------------------------------------------------ flows and to-dos


def _moves(ctx: FlowContext, seen: Look, trigger: OnFlow) -> Any:
    """Return who came into the flow, or left it: each coming and going is an event of its own."""
    change = tables.change
    new = and_(_new_change(ctx, seen), change.c.what == trigger.what, change.c.field == trigger.name)
    own = select(change.c.record_id.label("record_id"), change.c.id.label("event_id"), change.c.at.label("at")).where(
        new, change.c.record == ctx.plan.subject
    )
    if ctx.plan.subject == "contact":
        return own.union_all(
            select(change.c.contact_id, change.c.id, change.c.at).where(
                new, change.c.record != "contact", change.c.contact_id.is_not(None)
            )
        )
    others = subjects_of_contacts(ctx, change, change.c.contact_id, new, change.c.record != ctx.plan.subject)
    return own.union_all(*others)


def _outcomes(ctx: FlowContext, seen: Look, trigger: OnFlow) -> Any:
    event = tables.event
    new = and_(
        event.c.tick_pass > seen.since_pass,
        event.c.tick_pass <= seen.number,
        event.c.kind == "completed",
        event.c.name == trigger.name,
        event.c.at >= to_micros(ctx.started_at),
    )
    line = tables.ledger
    about = event.join(line, line.c.id == event.c.ledger_id)
    return _of_lines(ctx, about, line, event.c.id, event.c.at, new)


def _overdue(ctx: FlowContext, seen: Look, _trigger: OnFlow) -> Any:
    line = tables.ledger
    new = and_(line.c.todo_due_at > seen.since_at, line.c.todo_due_at <= ctx.micros, _open(line))
    return _of_lines(ctx, line, line, line.c.id, line.c.todo_due_at, new)


def _open(line: Table) -> ColumnElement[bool]:
    event = tables.event
    done = exists().where(
        event.c.ledger_id == line.c.id, event.c.kind.in_(("completed", "released")), event.c.taken_at.is_not(None)
    )
    return and_(line.c.what == "executed", or_(line.c.state.is_(None), line.c.state.not_in(OPEN)), not_(done))


def _of_lines(
    ctx: FlowContext, source: Any, line: Table, number: ColumnElement[Any], at: ColumnElement[Any], new: ColumnElement[bool]
) -> Any:
    """Return (record_id, event_id, at) of the workflow's records that the to-dos are about."""
    flow, subject = tables.flow, ctx.plan.subject
    columns = (number.label("event_id"), at.label("at"))
    if subject == "contact":
        return (
            select(line.c.contact_id.label("record_id"), *columns).select_from(source).where(new, line.c.contact_id.is_not(None))
        )
    same = select(flow.c.id).where(flow.c.record == subject)
    own = select(line.c.record_id.label("record_id"), *columns).select_from(source).where(new, line.c.flow_id.in_(same))
    found = select(line.c.contact_id, *columns).select_from(source).where(new, line.c.flow_id.not_in(same)).subquery()
    return own.union_all(*_by_contact(ctx, found))


def _by_contact(ctx: FlowContext, found: Any) -> list[Select[Any]]:
    if ctx.plan.subject == "deal":
        deals = ctx.records
        return [
            select(deals.c.id, found.c.event_id, found.c.at).select_from(
                found.join(deals, ctx.store.column("deal", "contact") == found.c.contact_id)
            )
        ]
    if ctx.plan.subject == "account":
        contacts, account = ctx.contacts, ctx.store.column("contact", "account")
        return [
            select(account, found.c.event_id, found.c.at).select_from(found.join(contacts, contacts.c.id == found.c.contact_id))
        ]
    return []
