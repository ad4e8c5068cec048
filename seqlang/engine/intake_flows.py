"""Lists that records join and leave, and enrolments and removals by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, func, insert, literal, not_, select, true

from seqlang.engine import admission, exits
from seqlang.engine.plans import open_flow
from seqlang.engine.statements_flows import cancel_requests
from seqlang.store import tables
from seqlang.store.records_schema import column_of
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Subquery

    from seqlang.engine.context import FlowContext
    from seqlang.store.database import Store


def take_lists(conn: Connection, number: int) -> None:
    """Put records on lists and take them off, as the last event of each says."""
    event, list_, member, change = tables.event, tables.list_, tables.list_member, tables.change
    mine = and_(event.c.tick_pass == number, event.c.kind.in_(("listed", "unlisted")), event.c.name.is_not(None))
    named = conn.execute(select(event.c.name, event.c.record).where(mine).distinct()).all()
    if not named:
        return
    known = set(conn.execute(select(list_.c.name).where(list_.c.name.in_([n for n, _ in named]))).scalars())
    for name, record in named:
        if name not in known:
            known.add(name)
            conn.execute(insert(list_).values(name=name, record=record))
    ranked = (
        select(
            list_.c.id.label("list_id"),
            event.c.record,
            event.c.record_id,
            event.c.contact_id,
            event.c.name,
            event.c.kind,
            event.c.at,
            func.row_number()
            .over(partition_by=(list_.c.id, event.c.record_id), order_by=(event.c.at.desc(), event.c.id.desc()))
            .label("back"),
        )
        .select_from(event.join(list_, and_(list_.c.name == event.c.name, list_.c.record == event.c.record)))
        .where(mine)
        .subquery()
    )
    on = exists().where(member.c.list_id == ranked.c.list_id, member.c.record_id == ranked.c.record_id)
    for kind, missing in (("listed", True), ("unlisted", False)):
        last = and_(ranked.c.back == 1, ranked.c.kind == kind, not_(on) if missing else on)
        conn.execute(
            insert(change).from_select(
                ["at", "record", "record_id", "contact_id", "what", "field", "value"],
                select(
                    ranked.c.at,
                    ranked.c.record,
                    ranked.c.record_id,
                    ranked.c.contact_id,
                    literal("list"),
                    ranked.c.name,
                    literal("added" if missing else "removed"),
                ).where(last),
                include_defaults=False,
            )
        )
        if missing:
            conn.execute(
                insert(member).from_select(
                    ["list_id", "record_id", "added_at"], select(ranked.c.list_id, ranked.c.record_id, ranked.c.at).where(last)
                )
            )
        else:
            gone = select(1).where(last, ranked.c.list_id == member.c.list_id, ranked.c.record_id == member.c.record_id)
            conn.execute(delete(member).where(gone.exists()))


def take_requests(conn: Connection, store: Store, at: datetime, number: int) -> None:
    """Hand enrolments on to the flows, which look at them at their next run or pass; who is taken out by hand leaves at once."""
    event = tables.event
    for kind in ("unenrolled", "enrolled"):
        mine = and_(event.c.tick_pass == number, event.c.kind == kind)
        for flow_id in conn.execute(select(event.c.flow_id).where(mine).distinct().order_by(event.c.flow_id)).scalars().all():
            ctx = open_flow(conn, store, flow_id, at, at)
            asked = _asked(store, number, kind, flow_id, ctx.plan.subject)
            if kind == "unenrolled":
                ids = select(asked.c.record_id)
                cancel_requests(ctx, ids)
                exits.leave(
                    ctx,
                    select(enrolment.c.id).where(
                        enrolment.c.flow_id == flow_id, enrolment.c.active, enrolment.c.record_id.in_(ids)
                    ),
                    "removed",
                )
                continue
            conn.execute(
                insert(tables.request).from_select(
                    ["flow_id", "record_id", "what", "at"],
                    select(literal(flow_id), asked.c.record_id, literal("enroll"), func.min(asked.c.at))
                    .where(not_(_taken_out(asked, number, flow_id)), _welcome(ctx, asked))
                    .group_by(asked.c.record_id),
                    include_defaults=False,
                )
            )


def _welcome(ctx: FlowContext, asked: Subquery) -> ColumnElement[bool]:
    """Return who is not refused: what holds now counts, whatever the run finds. A journey looks in this very tick."""
    if not ctx.has_runs:
        return true()
    refused = (not_(condition) for _, condition in admission.refusals(ctx))
    return asked.c.record_id.in_(select(ctx.records.c.id).where(*refused))


def _asked(store: Store, number: int, kind: str, flow_id: int, subject: str) -> Subquery:
    """Return (record_id, at, event_id): the records themselves, or the contacts of an account in a flow of contacts."""
    event = tables.event
    mine = and_(event.c.tick_pass == number, event.c.kind == kind, event.c.flow_id == flow_id)
    own = select(event.c.record_id.label("record_id"), event.c.at.label("at"), event.c.id.label("event_id")).where(
        mine, event.c.record == subject
    )
    if subject != "contact":
        return own.subquery()
    contact = store.records("contact")
    theirs = (
        select(contact.c.id, event.c.at, event.c.id)
        .select_from(event.join(contact, contact.c[column_of("account")] == event.c.record_id))
        .where(mine, event.c.record == "account")
    )
    return own.union_all(theirs).subquery()


def _taken_out(found: Subquery, number: int, flow_id: int) -> ColumnElement[bool]:
    """Return whether somebody was taken out again after he was enrolled, in the same pass."""
    event = tables.event
    return exists().where(
        event.c.tick_pass == number,
        event.c.kind == "unenrolled",
        event.c.flow_id == flow_id,
        event.c.record_id == found.c.record_id,
        event.c.id > found.c.event_id,
    )
