"""Drafts that people release: each is a message that goes now, if nothing stands in its way any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, false, insert, literal, not_, or_, select, update

from seqlang.engine import exits
from seqlang.engine.ledger import note
from seqlang.engine.plans import load_plan, open_flow
from seqlang.engine.verdicts import ADDRESS, Verdict, address_rules, counts_as
from seqlang.predicates.compile import to_sql
from seqlang.store import tables
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select

    from seqlang.engine.context import FlowContext
    from seqlang.plan.model import StepNode
    from seqlang.store.database import Store

EMAIL = "email"
OUTGOING_MODE = "No reply"
FINISHED = "finished"  # who left so keeps the drafts
KEPT = ("plan_hash", "enrolment_id", "flow_id", "record_id", "contact_id", "node_id")  # of the draft, in its message


def release(conn: Connection, store: Store, at: datetime, number: int) -> None:
    """Plan the messages of the drafts that this pass releases: only then are they sent, and counted.

    Exits, then addresses and consent, are looked at as before any delivery: for whom one holds leaves, without the message.
    """
    event, line = tables.event, tables.ledger
    drafts = event.join(line, line.c.id == event.c.ledger_id)
    mine = and_(event.c.tick_pass == number, event.c.kind == "released")
    groups = conn.execute(
        select(line.c.flow_id, line.c.plan_hash, line.c.node_id)
        .select_from(drafts)
        .where(mine)
        .distinct()
        .order_by(line.c.flow_id, line.c.node_id)
    )
    for group in groups.all():
        ctx = open_flow(conn, store, group.flow_id, at, at)
        step = _step(ctx, group)
        these = and_(mine, line.c.node_id == group.node_id, line.c.plan_hash == group.plan_hash)
        against = [] if step is None else address_rules(ctx, step)
        _let_go(ctx, select(line.c.enrolment_id).select_from(drafts).where(these), against)
        _plan(ctx, step, drafts, these, against)


def _step(ctx: FlowContext, group: Row[Any, Any, Any]) -> StepNode | None:
    """Return the step as it was when the draft was made."""
    key = ctx.conn.execute(select(tables.node.c.key).where(tables.node.c.id == group.node_id)).scalar_one()
    plan = ctx.plan if group.plan_hash is None else load_plan(ctx.conn, group.plan_hash)
    return next((step for step in plan.steps if step.key == key), None)


def _let_go(ctx: FlowContext, ids: Select[Any], against: list[tuple[ColumnElement[bool], Verdict]]) -> None:
    exits.look(ctx, enrolment.c.id.in_(ids))
    if ctx.plan.manners.undeliverable_skip:
        return
    for condition, verdict in against:  # the first reason counts: who has left for it is not asked for the next
        theirs = select(enrolment.c.id).join(ctx.contacts, ctx.contacts.c.id == enrolment.c.contact_id)
        exits.leave(ctx, theirs.where(enrolment.c.id.in_(ids), enrolment.c.active, condition), ADDRESS[verdict])


def _plan(
    ctx: FlowContext,
    step: StepNode | None,
    drafts: FromClause,
    these: ColumnElement[bool],
    against: list[tuple[ColumnElement[bool], Verdict]],
) -> None:
    event, line, record, contact = tables.event, tables.ledger, ctx.records, ctx.contacts
    message = line.alias()
    there = exists().where(
        message.c.enrolment_id == line.c.enrolment_id, message.c.node_id == line.c.node_id, message.c.occurrence == 1
    )
    source = drafts.join(enrolment, enrolment.c.id == line.c.enrolment_id).join(record, record.c.id == line.c.record_id)
    if record is not contact:
        source = source.outerjoin(contact, contact.c.id == line.c.contact_id)
    goes = [these, ~there, *(not_(condition) for condition, _ in against)]
    goes.append(or_(enrolment.c.active, and_(enrolment.c.exit_reason == FINISHED, not_(_an_exit_holds(ctx)))))
    values = {
        "at": event.c.at,
        **{name: line.c[name] for name in KEPT},
        "what": literal("executed"),
        "channel": literal(EMAIL),
        "effect": literal("message"),
        "counts": literal((None if step is None else counts_as(step)) or EMAIL),
        "occurrence": literal(1),
        "state": literal("planned"),
    }
    query = select(*values.values()).select_from(source).where(*goes).order_by(event.c.at, event.c.id)
    made = ctx.conn.execute(insert(line).from_select(list(values), query, include_defaults=False)).rowcount
    note(ctx.conn, ctx.flow_id, "executed", made)
    mode = ctx.store.column("contact", "last_contacted_mode")
    to = select(line.c.contact_id).select_from(drafts).where(these, there)
    ctx.conn.execute(update(contact).where(contact.c.id.in_(to)).values({mode: OUTGOING_MODE}))


def _an_exit_holds(ctx: FlowContext) -> ColumnElement[bool]:
    conditions = (rule.condition for rule in exits.rules_of(ctx.plan))
    return or_(false(), *(to_sql(condition, ctx.subject(), ctx.store) for condition in conditions if condition is not None))
