"""Lines of the timeline, written as sets: one INSERT … SELECT for all whom the same thing happened to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, insert, literal, select

from seqlang.store.tables import enrolment, ledger

if TYPE_CHECKING:
    from sqlalchemy import FromClause, Select

    from seqlang.engine.context import FlowContext

WHO = ("enrolment_id", "record_id", "contact_id")


def write_lines(ctx: FlowContext, who: FromClause, *where: Any, order: tuple[Any, ...] = (), **columns: Any) -> int:
    """Write one line for each row of `who` (columns enrolment_id, record_id, contact_id) that meets `where`; return how many.

    `columns` are columns of the ledger, each a value or an SQL expression over `who`; `at` is the planned instant unless given.
    Lines of one contact are in the order of the calls; `order` sorts those of one call.
    """
    given = {"at": ctx.micros, "flow_id": ctx.flow_id, **columns}
    names = [*WHO, *given]
    values = [who.c[name] for name in WHO] + [_expression(name, value) for name, value in given.items()]
    rows = select(*values).select_from(who).where(*where).order_by(*order)
    return ctx.conn.execute(insert(ledger).from_select(names, rows, include_defaults=False)).rowcount


def people(ids: Select[Any]) -> FromClause:
    """Return the enrolments whose ids `ids` selects, as `write_lines` wants them."""
    return (
        select(enrolment.c.id.label("enrolment_id"), enrolment.c.record_id, enrolment.c.contact_id)
        .where(enrolment.c.id.in_(ids))
        .subquery()
    )


def had(node_id: int, enrolment_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that the enrolment has had the step: done, skipped or failed, whatever became of it."""
    return (
        select(1)
        .where(ledger.c.enrolment_id == enrolment_id, ledger.c.node_id == node_id, ledger.c.occurrence.is_not(None))
        .exists()
    )


def _expression(name: str, value: Any) -> ColumnElement[Any]:
    if isinstance(value, ColumnElement):
        return value
    return literal(value, ledger.c[name].type)
