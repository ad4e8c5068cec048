"""Statements that write fields: `set`, `add`, `assign`, and the turns of `assign round robin`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, case, cast, delete, func, insert, literal, select, update

from seqlang.engine.scratch import borrowed
from seqlang.engine.statements_values import field_value, leaves, text_value, user_id, user_ids
from seqlang.plan.conditions import FlowOwner, ListValue, Literal_
from seqlang.plan.model import ActNode, FieldTarget
from seqlang.store import records, tables
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, FromClause, Table

    from seqlang.engine.context import FlowContext

KEPT_IN = {"number": "number", "boolean": "whole", "date": "whole", "datetime": "whole", "link": "whole"}  # else in words
OWNER = "owner"


def write(ctx: FlowContext, node: ActNode, who: FromClause, owing: Table | None) -> None:
    """Carry out `set`, `add` or `assign` for all of `who`."""
    target = _target(ctx, node)
    if node.value is None:
        return
    subject = ctx.subject()
    value = field_value(ctx, subject, node.value, target)
    column = ctx.store.column(target.record, target.field)
    with borrowed(ctx.conn, "changing") as changing:
        if node.act == "add":
            value = func.coalesce(value, 0.0)
            if owing is not None:
                _owe(ctx, node, who, value, owing)
            value = func.coalesce(column, 0.0) + value
        elif owing is not None:
            _forget(ctx, target, owing)
        _fill(ctx, who, changing, target.type, value)
        _store(ctx, changing, target)


def take_turns(ctx: FlowContext, node: ActNode, who: FromClause) -> None:
    """Give each arrival the next of the list's active users: by entry, then created first, then by e-mail."""
    items = node.value.items if isinstance(node.value, ListValue) else tuple(leaves(node.value))
    subject, target = ctx.subject(), _target(ctx, node)
    known = user_ids(ctx, items)
    users = [user_id(ctx, subject, item, known) for item in items if _works(ctx, item, known)]
    number = ctx.nodes[node.key]
    turn = tables.turn
    mine = (turn.c.flow_id == ctx.flow_id, turn.c.node_id == number)
    taken = ctx.conn.execute(select(turn.c.taken).where(*mine)).scalar_one_or_none()
    count = ctx.conn.execute(select(func.count()).select_from(who)).scalar_one()
    if not users or not count:
        return
    place = func.row_number().over(order_by=order_of_entry(ctx, ctx.records)) - 1 + (taken or 0)
    lined_up = _joined(ctx, who, place.label("place"), each=True)
    with borrowed(ctx.conn, "changing") as changing:
        source = lined_up.subquery()
        last = select(func.max(source.c.enrolment_id)).group_by(source.c.record_id)
        row = ctx.records
        chosen = case(*((source.c.place % len(users) == i, user) for i, user in enumerate(users)))
        picked = (
            select(source.c.record_id, source.c.contact_id, source.c.enrolment_id, literal(1), chosen)
            .select_from(
                source.join(row, row.c.id == source.c.record_id).join(enrolment, enrolment.c.id == source.c.enrolment_id)
            )
            .where(source.c.enrolment_id.in_(last))
        )
        ctx.conn.execute(insert(changing).from_select(["record_id", "contact_id", "enrolment_id", "runs", "whole"], picked))
        _store(ctx, changing, target)
    if taken is None:
        ctx.conn.execute(insert(turn).values(flow_id=ctx.flow_id, node_id=number, taken=count))
    else:
        ctx.conn.execute(update(turn).where(*mine).values(taken=taken + count))


def pay(ctx: FlowContext, owing: Table) -> None:
    """Add what further runs of this pass owe: the first run's share is in the record already (LANGUAGE 5.5)."""
    for node in ctx.plan.nodes:
        if not isinstance(node, ActNode) or node.act != "add":
            continue
        target, row = _target(ctx, node), ctx.records
        column = ctx.store.column(target.record, target.field)
        due = (
            select(owing.c.number).where(owing.c.record_id == row.c.id, owing.c.node_id == ctx.nodes[node.key]).scalar_subquery()
        )
        owed = select(owing.c.record_id).where(owing.c.node_id == ctx.nodes[node.key], owing.c.number != 0)
        ctx.conn.execute(update(row).where(row.c.id.in_(owed)).values({column: func.coalesce(column, 0.0) + due}))


@contextmanager
def named(ctx: FlowContext, node: ActNode, who: FromClause, *, kept: bool = True) -> Iterator[FromClause]:
    """Give each record of `who` with the name (`words`) that the statement has for it: a tag's, a list's, a flow's.

    `kept`: as a table that finds a record at once; without it as a query where that will do.
    """
    if not kept and isinstance(node.value, Literal_) and ctx.plan.kind != "workflow":  # one word for all, and a record once
        word, row = literal(str(node.value.value), Text()), ctx.records
        source = who.join(row, row.c.id == who.c.record_id)
        yield select(who.c.record_id, who.c.contact_id, word.label("words")).select_from(source).subquery()
        return
    with borrowed(ctx.conn, "changing") as changing:
        if node.value is not None:
            _fill(ctx, who, changing, "text", text_value(ctx, ctx.subject(), node.value))
        yield changing


def note(
    ctx: FlowContext,
    who: FromClause,
    what: str,
    field: ColumnElement[Any] | None,
    value: ColumnElement[Any],
    *where: ColumnElement[bool],
) -> None:
    """Write what changed, so that it wakes others; `who` has record_id and contact_id, and `words` where no field is given."""
    change = tables.change
    rows = select(
        literal(ctx.micros),
        literal(ctx.plan.subject),
        who.c.record_id,
        who.c.contact_id,
        literal(what),
        who.c.words if field is None else field,
        value,
        literal(ctx.flow_id),
    ).where(*where)
    ctx.conn.execute(
        insert(change).from_select(
            ["at", "record", "record_id", "contact_id", "what", "field", "value", "flow_id"], rows, include_defaults=False
        )
    )


def order_of_entry(ctx: FlowContext, row: FromClause) -> tuple[ColumnElement[Any], ...]:
    """Return the order in which those of one tick compete: by entry, then created first, then by e-mail (name, domain)."""
    subject = ctx.plan.subject
    key = ctx.store.record_tables.spec(subject).key
    name = row.c.email_key if subject == "contact" else func.lower(ctx.store.column(subject, key))
    created = func.coalesce(ctx.store.column(subject, "created_at"), 0)
    return (enrolment.c.entered_at, created, name, enrolment.c.id)


def _target(ctx: FlowContext, node: ActNode) -> FieldTarget:
    return node.field or FieldTarget(record=ctx.plan.subject, field=OWNER, type="link")


def _works(ctx: FlowContext, item: Any, known: dict[str, int]) -> bool:
    """Tell whether the user is active; one who is found by a path is taken at the word."""
    if not isinstance(item, Literal_ | FlowOwner):
        return True
    address = (ctx.owner or "") if isinstance(item, FlowOwner) else str(item.value)
    users, active = ctx.store.records("user"), ctx.store.column("user", "active")
    found = ctx.conn.execute(select(active).where(users.c.id == known.get(address.strip().lower()))).first()
    return found is not None and found[0] is not False


def _joined(ctx: FlowContext, who: FromClause, *columns: ColumnElement[Any], each: bool = False) -> Any:
    """Return who does it, a record once (its last run; `each`: all runs), with columns asked of its row and enrolment."""
    row = ctx.records
    if each:
        one = select(who.c.record_id, who.c.enrolment_id, literal(1).label("runs")).subquery()
    else:
        one = (
            select(who.c.record_id, func.max(who.c.enrolment_id).label("enrolment_id"), func.count().label("runs"))
            .group_by(who.c.record_id)
            .subquery()
        )
    return select(
        one.c.record_id,
        enrolment.c.contact_id,
        one.c.enrolment_id,
        one.c.runs,
        *columns,
    ).select_from(one.join(enrolment, enrolment.c.id == one.c.enrolment_id).join(row, row.c.id == one.c.record_id))


def _fill(ctx: FlowContext, who: FromClause, changing: Table, kind: str, value: ColumnElement[Any]) -> None:
    kept = KEPT_IN.get(kind, "words")
    # Truths are numbers here, so that one shape serves all types.
    stored = case((value.is_(None), None), (value, 1), else_=0) if kind == "boolean" else value
    ctx.conn.execute(
        insert(changing).from_select(
            ["record_id", "contact_id", "enrolment_id", "runs", kept], _joined(ctx, who, stored.label("value"))
        )
    )


def _store(ctx: FlowContext, changing: Table, target: FieldTarget) -> None:
    """Write the new values where they differ, and what changed."""
    column, row = ctx.store.column(target.record, target.field), ctx.records
    value: ColumnElement[Any] = changing.c[KEPT_IN.get(target.type, "words")]
    text: ColumnElement[Any] = cast(value, Text)
    if target.type == "boolean":
        text = case((value == 1, "yes"), (value == 0, "no"))
        value = case((value.is_(None), None), else_=value == 1)
    differs = column.is_distinct_from(value)
    change = tables.change
    rows = (
        select(
            literal(ctx.micros),
            literal(target.record),
            changing.c.record_id,
            changing.c.contact_id,
            literal("updated"),
            literal(target.field),
            text,
            literal(ctx.flow_id),
        )
        .select_from(changing.join(row, row.c.id == changing.c.record_id))
        .where(differs)
    )
    written = ctx.conn.execute(
        insert(change).from_select(
            ["at", "record", "record_id", "contact_id", "what", "field", "value", "flow_id"], rows, include_defaults=False
        )
    )
    if not written.rowcount:
        return
    values = {column: value}
    if ctx.store.record_tables.spec(target.record).field("updated_at") is not None:
        values[ctx.store.column(target.record, "updated_at")] = literal(ctx.micros)
    ctx.conn.execute(update(row).where(row.c.id == changing.c.record_id, differs).values(values))
    if target.record == "contact" and target.field in {"email", "phone"}:
        ids = ctx.conn.execute(select(changing.c.record_id)).scalars().all()
        records.refresh_keys(ctx.conn, ctx.store, list(ids))


def _owe(ctx: FlowContext, node: ActNode, who: FromClause, amount: ColumnElement[Any], owing: Table) -> None:
    joined = _joined(ctx, who, amount.label("amount")).subquery()
    ctx.conn.execute(
        insert(owing).from_select(
            ["record_id", "node_id", "number"],
            select(joined.c.record_id, literal(ctx.nodes[node.key]), joined.c.amount * (joined.c.runs - 1)).where(
                joined.c.runs > 1
            ),
        )
    )


def _forget(ctx: FlowContext, target: FieldTarget, owing: Table) -> None:
    """Let a `set` have the last word over what is owed to the same field."""
    nodes = [ctx.nodes[n.key] for n in ctx.plan.nodes if isinstance(n, ActNode) and n.act == "add" and n.field == target]
    if nodes:
        ctx.conn.execute(delete(owing).where(owing.c.node_id.in_(nodes)))
