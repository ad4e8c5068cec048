"""Those who have just come into a flow without runs set out from its first node: their line, and what other flows are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, literal, select

from seqlang.engine import notices
from seqlang.engine.ledger import write_lines
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Table

    from seqlang.engine.context import FlowContext


def set_out(ctx: FlowContext, moving: Table, whose: ColumnElement[bool]) -> None:
    """Put the stays of this flow for which `whose` holds into `moving`, at the first node, and say that they entered."""
    first = 0 if ctx.plan.first is None else ctx.nodes[ctx.plan.first]
    came = select(
        enrolment.c.id,
        enrolment.c.record_id,
        enrolment.c.contact_id,
        enrolment.c.entered_at,
        literal(first),
        enrolment.c.entered_at,
        literal(value=False),
    ).where(ctx.mine(), whose)
    names = ["enrolment_id", "record_id", "contact_id", "entered_at", "node_id", "at", "rests"]
    ctx.conn.execute(insert(moving).from_select(names, came))
    write_lines(ctx, moving, what="entered", order=(moving.c.enrolment_id,))
    notices.tell(ctx, moving, "entered")


__all__ = ["set_out"]
