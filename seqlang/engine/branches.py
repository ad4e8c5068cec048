"""`if … else if … else`: everybody who comes to it takes the first arm that holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import case, literal, select, update

from seqlang.engine.context import asks_stay
from seqlang.engine.ledger import write_lines
from seqlang.predicates import to_sql
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Table

    from seqlang.engine.context import FlowContext
    from seqlang.plan.model import BranchNode

OTHERWISE = "else"


def asked(ctx: FlowContext, moving: Table, question: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return, for each row of `moving`, the answer to a question about enrolment and record; null where the record is gone."""
    row = ctx.records
    if not asks_stay(question):
        return select(question).select_from(row).where(row.c.id == moving.c.record_id).correlate(moving).scalar_subquery()
    return (
        select(question)
        .select_from(enrolment.join(row, row.c.id == enrolment.c.record_id))
        .where(enrolment.c.id == moving.c.enrolment_id)
        .correlate(moving)
        .scalar_subquery()
    )


def branch(ctx: FlowContext, node: BranchNode, moving: Table) -> None:
    """Send each on its way, with a line that says which: "1", "2", … or "else", also where there is no `else`."""
    number = ctx.nodes[node.key]
    at_it = (moving.c.node_id == number, ~moving.c.rests)
    subject = ctx.subject()
    arms = [(to_sql(condition, subject, ctx.store), literal(n)) for n, (condition, _) in enumerate(node.arms, start=1)]
    ctx.conn.execute(update(moving).where(*at_it).values(arm=asked(ctx, moving, case(*arms, else_=0))))
    names = {n: str(n) for n in range(1, len(node.arms) + 1)}
    write_lines(
        ctx,
        moving,
        *at_it,
        order=(moving.c.enrolment_id,),
        what="branched",
        step="if",
        node_id=number,
        why=case(names, value=moving.c.arm, else_=OTHERWISE),
    )
    to = {n: 0 if key is None else ctx.nodes[key] for n, (_, key) in enumerate(node.arms, start=1)}
    otherwise = 0 if node.otherwise is None else ctx.nodes[node.otherwise]
    ctx.conn.execute(update(moving).where(*at_it).values(node_id=case(to, value=moving.c.arm, else_=otherwise), arm=None))
