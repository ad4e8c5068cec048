"""Lines of the timeline, written as sets: one INSERT … SELECT for all whom the same thing happened to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, insert, literal, select

from seqlang.store.tables import enrolment, ledger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, FromClause, Select

    from seqlang.engine.context import FlowContext

WHO = ("enrolment_id", "record_id", "contact_id")
WRITTEN = "seqlang_lines"  # in `Connection.info`: how many lines this transaction has written, by (flow, what)


def write_lines(
    ctx: FlowContext,
    who: FromClause,
    *where: Any,
    order: tuple[Any, ...] = (),
    each: Mapping[str, int] | None = None,
    **columns: Any,
) -> int:
    """Write one line for each row of `who` (columns enrolment_id, record_id, contact_id) that meets `where`; return how many.

    `columns` are columns of the ledger, each a value or an SQL expression over `who`; `at` is the planned instant unless given.
    Lines of one contact are in the order of the calls; `order` sorts those of one call. `each`: how many there are of each
    `what`, where that is an expression.
    """
    given = {"at": ctx.micros, "flow_id": ctx.flow_id, **columns}
    names = [*WHO, *given]
    values = [who.c[name] for name in WHO] + [_expression(name, value) for name, value in given.items()]
    rows = select(*values).select_from(who).where(*where).order_by(*order)
    made = ctx.conn.execute(insert(ledger).from_select(names, rows, include_defaults=False)).rowcount
    what = given["what"]
    for name, count in ({what: made} if each is None else each).items():
        note(ctx.conn, ctx.flow_id, name, count)
    return made


def note(conn: Connection, flow_id: int, what: str, count: int) -> None:
    """Count lines that were written, for the report of the tick: no line is read again for it."""
    written: dict[tuple[int, str], int] = conn.info.setdefault(WRITTEN, {})
    if count:
        written[flow_id, what] = written.get((flow_id, what), 0) + count


def written(conn: Connection) -> dict[tuple[int, str], int]:
    """Return how many lines have been written on this connection since this was asked last, by flow and `what`."""
    found: dict[tuple[int, str], int] = conn.info.pop(WRITTEN, {})
    return found


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
