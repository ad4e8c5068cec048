"""What a cadence fixes when a contact comes in: the values of the placeholders that its steps use (LANGUAGE 5.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, cast, func, insert, literal, null, select

from seqlang.plan.conditions import FieldRef, LinkStep
from seqlang.predicates.compile import value_sql
from seqlang.store.tables import enrolment, pinned

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from seqlang.engine.context import FlowContext

PAIRS_MAX = 40  # of one call: SQLite takes at most 127 arguments


def pin(ctx: FlowContext, fresh: ColumnElement[bool]) -> None:
    """Keep, for each enrolment of `fresh`, the value of each placeholder: JSON, from dotted path to the stored value."""
    paths = sorted({path for step in ctx.plan.steps for path in step.placeholders})
    found = [(path, ref) for path in paths if (ref := _reference(ctx, path)) is not None]
    if not found:
        return
    record = ctx.records
    subject = ctx.subject()
    pairs = [(path, value_sql(ref, subject, ctx.store)) for path, ref in found]
    body = cast(_object(ctx, pairs), Text)
    rows = (
        select(enrolment.c.id, body)
        .select_from(enrolment.join(record, record.c.id == enrolment.c.record_id))
        .where(fresh, ctx.mine())
    )
    ctx.conn.execute(insert(pinned).from_select(["enrolment_id", "body"], rows))


def _object(ctx: FlowContext, pairs: list[tuple[str, ColumnElement[Any]]]) -> ColumnElement[Any]:
    """Return a JSON object of those members."""
    if ctx.store.dialect == "sqlite":
        whole: ColumnElement[Any] = func.json_object(*_flat(pairs[:PAIRS_MAX]))
        for start in range(PAIRS_MAX, len(pairs), PAIRS_MAX):
            whole = func.json_patch(whole, func.json_object(*_flat(pairs[start : start + PAIRS_MAX])))
        return whole
    merged: ColumnElement[Any] = func.jsonb_build_object()
    for start in range(0, len(pairs), PAIRS_MAX):
        merged = merged.op("||")(func.jsonb_build_object(*_flat(pairs[start : start + PAIRS_MAX])))
    return merged


def _flat(pairs: list[tuple[str, ColumnElement[Any]]]) -> list[ColumnElement[Any]]:
    return [part for path, value in pairs for part in (cast(literal(path), Text), value if value is not None else null())]


def _reference(ctx: FlowContext, path: str) -> FieldRef | None:
    """Return the field that a dotted path names, None where it is none of the contact's (`owner.first_name`)."""
    root, *names = path.split(".")
    if root not in {"contact", "account"} or not names:
        return None
    tables = ctx.store.record_tables
    holder, links = "contact", []
    if root == "account":
        names = ["account", *names]
    for name in names[:-1]:
        field = tables.spec(holder).field(name)
        if field is None or field.type != "link" or field.link is None:
            return None
        links.append(LinkStep(field=name, record=field.link))
        holder = field.link
    last = tables.spec(holder).field(names[-1])
    if last is None:
        return None
    return FieldRef(record="contact", links=tuple(links), field=last.name, type=last.type)
