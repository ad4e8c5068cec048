"""Those who have just come into a flow without runs set out from its first node: their line, and what other flows are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, literal, select

from seqlang.engine import notices, places_of_entry
from seqlang.engine.ledger import write_lines
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from sqlalchemy import Table

    from seqlang.engine.context import FlowContext


def set_out(ctx: FlowContext, moving: Table, last: int) -> None:
    """Put the stays of this flow that came after the `last` one into `moving`, at the first node, and say that they entered."""
    first = 0 if ctx.plan.first is None else ctx.nodes[ctx.plan.first]
    came = select(
        enrolment.c.id,
        enrolment.c.record_id,
        enrolment.c.contact_id,
        enrolment.c.entered_at,
        literal(first),
        enrolment.c.entered_at,
        literal(value=False),
    ).where(ctx.mine_of_few(), enrolment.c.id > last)
    names = ["enrolment_id", "record_id", "contact_id", "entered_at", "node_id", "at", "rests"]
    ctx.conn.execute(insert(moving).from_select(names, came))
    if not places_of_entry.limited(ctx.plan):
        write_lines(ctx, moving, what="entered", order=(moving.c.enrolment_id,))
    else:
        columns = (moving.c.enrolment_id, moving.c.record_id, moving.c.contact_id, enrolment.c.by_hand)
        who = select(*columns).select_from(moving.join(enrolment, enrolment.c.id == moving.c.enrolment_id)).subquery()
        counts = places_of_entry.takes_place(who.c.by_hand)
        write_lines(ctx, who, what="entered", counts=counts, order=(who.c.enrolment_id,))
    notices.tell(ctx, moving, "entered")


__all__ = ["set_out"]
