"""The flows without runs that are active, and flows by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select

from seqlang.clock import to_micros
from seqlang.engine.plans import open_flow, take_up
from seqlang.store import tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from seqlang.engine.context import FlowContext
    from seqlang.plan.model import Kind
    from seqlang.store.database import Store


def active_flows(conn: Connection, store: Store, at: datetime, kinds: Sequence[Kind]) -> list[FlowContext]:
    """Return the active flows of those kinds, by name, each with its plan in force; a deactivated owner's flows stand still.

    An edit that was applied meanwhile takes effect here: in a flow without runs that is its next tick.
    """
    flow = tables.flow
    users = store.records("user")
    gone = (
        select(users.c.id)
        .where(users.c.email_key == func.lower(flow.c.owner), store.column("user", "active").is_(False))
        .exists()
    )
    ids = conn.execute(
        select(flow.c.id, flow.c.plan_next_hash)
        .where(flow.c.state == "active", flow.c.kind.in_(kinds), or_(flow.c.owner.is_(None), ~gone))
        .order_by(flow.c.name)
    ).all()
    for row in ids:
        if row.plan_next_hash is not None:
            take_up(conn, row.id, to_micros(at))
    return [open_flow(conn, store, row.id, at, at) for row in ids]


def flow_named(conn: Connection, store: Store, name: str, at: datetime) -> FlowContext | None:
    """Return the context of the flow of that name, whatever its state; None where there is none."""
    flow_id = conn.execute(select(tables.flow.c.id).where(tables.flow.c.name == name)).scalar_one_or_none()
    return None if flow_id is None else open_flow(conn, store, flow_id, at, at)


def others_exclusive(ctx: FlowContext, record_id: Any, contact_id: Any) -> ColumnElement[bool]:
    """Return whether the record (or the contact that it is about) is in another exclusive flow now."""
    flow, stay = tables.flow, tables.enrolment.alias()
    about: ColumnElement[bool] = and_(stay.c.record_id == record_id, flow.c.record == ctx.plan.subject)
    if contact_id is not None:
        about = or_(about, stay.c.contact_id == contact_id)
    return (
        select(stay.c.id)
        .select_from(stay.join(flow, flow.c.id == stay.c.flow_id))
        .where(stay.c.active, flow.c.exclusive, flow.c.id != ctx.flow_id, about)
        .exists()
    )
