"""Statements that lead into other flows and out of them: `enroll in`, `remove from`, `move to`, `exit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import insert, literal, select

from seqlang.engine.journeys_flows import flow_named
from seqlang.engine.statements_fields import named
from seqlang.engine.statements_values import leaves
from seqlang.plan.conditions import Literal_
from seqlang.plan.model import ActNode
from seqlang.store import tables
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from sqlalchemy import FromClause, Select

    from seqlang.engine.context import FlowContext


class Leave(Protocol):
    """How somebody leaves a flow: `exits.leave`. It is handed in, for a block of statements is itself a part of leaving."""

    def __call__(self, ctx: FlowContext, ids: Select[Any], reason: str) -> int:
        """Let the enrolments of `ids` leave; return how many did."""
        ...


TAKING = frozenset({"active", "stopped"})  # states in which a flow takes anybody in, now or when it goes on


def enroll(ctx: FlowContext, node: ActNode, who: FromClause, *, moved: bool) -> None:
    """Ask the other flow to take all of `who` in; it looks at each when it takes the request."""
    with named(ctx, node, who) as changing:
        for other in _others(ctx, node):
            row = ctx.conn.execute(select(tables.flow.c.state).where(tables.flow.c.id == other.flow_id)).scalar_one()
            if row not in TAKING or other.flow_id == ctx.flow_id:
                continue
            rows = _mapped(ctx, other, changing).add_columns(
                literal(other.flow_id), literal("enroll"), literal(ctx.micros), literal(ctx.flow_id), literal(moved)
            )
            ctx.conn.execute(
                insert(tables.request).from_select(
                    ["record_id", "flow_id", "what", "at", "from_flow_id", "moved"], rows, include_defaults=False
                )
            )


def remove(ctx: FlowContext, node: ActNode, who: FromClause, leave: Leave) -> None:
    """Let all of `who` leave the other flow, at once; who is only about to come in does not."""
    with named(ctx, node, who) as changing:
        for other in _others(ctx, node):
            ids = _mapped(ctx, other, changing)
            cancel_requests(other, ids)
            stays = select(enrolment.c.id).where(
                enrolment.c.flow_id == other.flow_id, enrolment.c.active, enrolment.c.record_id.in_(ids)
            )
            leave(other, stays, "removed")


def cancel_requests(other: FlowContext, ids: Select[Any]) -> None:
    """Take back what asked the flow to take those records in."""
    request = tables.request
    other.conn.execute(
        request.update()
        .where(
            request.c.flow_id == other.flow_id,
            request.c.taken_at.is_(None),
            request.c.what == "enroll",
            request.c.record_id.in_(ids),
        )
        .values(taken_at=other.micros)
    )


def _others(ctx: FlowContext, node: ActNode) -> list[FlowContext]:
    """Return the flows that the statement may name; one that is not there is as absent as its effect."""
    names = sorted({str(v.value) for v in leaves(node.value) if isinstance(v, Literal_)})
    found = (flow_named(ctx.conn, ctx.store, name, ctx.at) for name in names)
    return [other for other in found if other is not None]


def _mapped(ctx: FlowContext, other: FlowContext, changing: FromClause) -> Select[Any]:
    """Return whom the other flow takes for those named: themselves, a deal's contact, an account's contacts."""
    mine, theirs = ctx.plan.subject, other.plan.subject
    named_so = changing.c.words == other.plan.name
    if mine == theirs:
        return select(changing.c.record_id).where(named_so)
    if theirs == "contact" and mine == "account":
        account = ctx.store.column("contact", "account")
        return select(ctx.contacts.c.id).where(account.in_(select(changing.c.record_id).where(named_so)))
    if theirs == "contact":
        return select(changing.c.contact_id).where(named_so, changing.c.contact_id.is_not(None)).distinct()
    if theirs == "account" and mine in {"contact", "deal"}:
        account = ctx.store.column(mine, "account")
        return (
            select(account)
            .where(ctx.records.c.id.in_(select(changing.c.record_id).where(named_so)), account.is_not(None))
            .distinct()
        )
    return select(changing.c.record_id).where(literal(value=False))
