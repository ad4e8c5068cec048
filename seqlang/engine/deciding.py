"""What stands in the way of each candidate of a step, limits left out: one statement, further ones where the plan needs them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from seqlang.engine import pace, windows
from seqlang.engine.scratch import borrowed, filled
from seqlang.engine.verdicts import Verdict, first_verdict, is_message, is_paced
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import FromClause, Select, Table

    from seqlang.engine.context import FlowContext
    from seqlang.plan.model import StepNode


COLUMNS = ("enrolment_id", "record_id", "contact_id", "entered_at", "waited_on", "fell_due_at", "verdict", "ready_at")


def decide(ctx: FlowContext, step: StepNode, candidates: Select[Any], rows: Table) -> dict[Verdict, int]:
    """Fill `rows` with a verdict for each candidate, limits left out; write nothing. Return how many there are of each."""
    made = ctx.conn.execute(insert(rows).from_select(COLUMNS, _first(ctx, step, candidates))).rowcount
    if not made:
        return {}
    filled(ctx, rows, made)
    if windows.applies(ctx, step):
        windows.hold_back(ctx, step, rows)
    if is_message(step):
        pace.hold_back(ctx, rows)
    return tally(ctx, rows)


@contextmanager
def could_go(ctx: FlowContext, step: StepNode, candidates: Select[Any]) -> Iterator[FromClause]:
    """Give those of the candidates (see COLUMNS) in whose way nothing but a limit may stand, until the block ends."""
    if windows.applies(ctx, step) or is_paced(ctx):
        with borrowed(ctx.conn, "attempted") as rows:
            decide(ctx, step, candidates, rows)
            yield select(rows).where(rows.c.verdict == Verdict.GO).subquery()
        return
    found = _first(ctx, step, candidates).subquery()  # they are asked once: no need to write them down
    yield select(found).where(found.c.verdict == Verdict.GO).subquery()


def _first(ctx: FlowContext, step: StepNode, candidates: Select[Any]) -> Select[Any]:
    """Return what is decided of each candidate without windows, pace and limits."""
    found = candidates.subquery()
    record, contact = ctx.records, ctx.contacts
    source: FromClause = found.join(enrolment, enrolment.c.id == found.c.enrolment_id).outerjoin(
        record, record.c.id == enrolment.c.record_id
    )
    if record is not contact:
        source = source.outerjoin(contact, contact.c.id == enrolment.c.contact_id)
    verdict, ready = first_verdict(ctx, step, found.c.fell_due_at)
    values = (
        enrolment.c.id,
        enrolment.c.record_id,
        enrolment.c.contact_id,
        enrolment.c.entered_at,
        found.c.waited_on,
        found.c.fell_due_at,
        verdict,
        ready,
    )
    return select(*(value.label(name) for name, value in zip(COLUMNS, values, strict=True))).select_from(source)


def tally(ctx: FlowContext, rows: Table) -> dict[Verdict, int]:
    """Return how many rows there are of each verdict."""
    found = ctx.conn.execute(select(rows.c.verdict, func.count()).group_by(rows.c.verdict))
    return {Verdict(verdict): count for verdict, count in found}
