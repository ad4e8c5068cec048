"""Statements (LANGUAGE 5.7), each carried out for all who come to it at once; blocks after exits and goals too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import case, delete, func, insert, literal, select

from seqlang.engine import notices
from seqlang.engine import statements_fields as fields
from seqlang.engine import statements_flows as flows
from seqlang.engine.ledger import write_lines
from seqlang.engine.statements_values import leaves
from seqlang.plan.conditions import Literal_
from seqlang.plan.model import ActNode
from seqlang.store import tables

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause, Table

    from seqlang.engine.context import FlowContext
    from seqlang.engine.statements_flows import Leave

LEAVING = frozenset({"exit", "move"})  # without a line of their own: `exited` says it; in a block nothing would say `move`


def carry_out(ctx: FlowContext, first_key: str | None, enrolments: FromClause, leave: Leave) -> None:
    """Carry out the statements from `first_key` on, one after the other, for all of `enrolments`: a block on the way out.

    `enrolments` has the columns enrolment_id, record_id and contact_id (see `ledger.people`) and does not depend on what the
    statements change. In a block `exit` does nothing and `move to` only enters: they are out already.
    """
    key = first_key
    while key is not None:
        node = ctx.plan.node(key)
        if not isinstance(node, ActNode):  # a block holds statements only: the checker has seen to it
            return
        act(ctx, node, enrolments, leave, block=True)
        key = node.next


def act(
    ctx: FlowContext, node: ActNode, who: FromClause, leave: Leave, *, block: bool = False, owing: Table | None = None
) -> None:
    """Carry out one statement for all of `who`, and write its lines: even where it changes nothing.

    `leave` is `exits.leave`; `owing` takes what further runs of a workflow still have to add.
    """
    if node.act not in LEAVING or (block and node.act == "move"):
        write_lines(ctx, who, what="executed", step=node.word, node_id=ctx.nodes[node.key], order=(who.c.enrolment_id,))
    match node.act:
        case "set" | "add" | "assign":
            fields.write(ctx, node, who, owing)
        case "round robin":
            fields.take_turns(ctx, node, who)
        case "tag" | "untag":
            _tag(ctx, node, who, add=node.act == "tag")
        case "list" | "unlist":
            _list(ctx, node, who, add=node.act == "list")
        case "enroll":
            flows.enroll(ctx, node, who, moved=False)
        case "remove":
            flows.remove(ctx, node, who, leave)
        case "move":
            if not block:
                leave(ctx, select(who.c.enrolment_id), "moved")
            flows.enroll(ctx, node, who, moved=True)
        case "exit":
            if not block:
                leave(ctx, select(who.c.enrolment_id), "exit")


def _tag(ctx: FlowContext, node: ActNode, who: FromClause, *, add: bool) -> None:
    record, tag = ctx.plan.subject, tables.tag
    with fields.named(ctx, node, who, kept=not add) as changing:
        there = (
            select(1)
            .where(tag.c.record == record, tag.c.record_id == changing.c.record_id, tag.c.tag == changing.c.words)
            .exists()
        )
        meant = changing.c.words.is_not(None)
        if notices.heeded(ctx.conn, "tags", _names(node)):
            how = literal("added" if add else "removed")
            fields.note(ctx, changing, "tag", changing.c.words, how, meant, ~there if add else there)
        if add:
            ctx.conn.execute(
                insert(tag).from_select(
                    ["record", "record_id", "tag"],
                    select(literal(record), changing.c.record_id, changing.c.words).where(meant, ~there),
                )
            )
            return
        ctx.conn.execute(
            delete(tag).where(
                tag.c.record == record,
                select(1).where(changing.c.record_id == tag.c.record_id, changing.c.words == tag.c.tag).exists(),
            )
        )


def _names(node: ActNode) -> set[str]:
    """Return the tags or lists that a statement may mean: always words of the file."""
    return {str(v.value) for v in leaves(node.value) if isinstance(v, Literal_)}


def _list(ctx: FlowContext, node: ActNode, who: FromClause, *, add: bool) -> None:
    names = _names(node)
    ensure_lists(ctx, names, ctx.plan.subject)
    member, list_ = tables.list_member, tables.list_
    with fields.named(ctx, node, who) as changing:
        on = _member_id(ctx, changing)
        pairs = (
            select(
                list_.c.id.label("list_id"),
                on.label("record_id"),
                changing.c.record_id.label("subject_id"),
                changing.c.contact_id,
                list_.c.name.label("words"),
            )
            .select_from(changing.join(list_, list_.c.name == changing.c.words))
            .where(on.is_not(None))
            .subquery()
        )
        there = select(1).where(member.c.list_id == pairs.c.list_id, member.c.record_id == pairs.c.record_id).exists()
        source = select(pairs.c.subject_id.label("record_id"), pairs.c.contact_id, pairs.c.words).where(~there if add else there)
        if notices.heeded(ctx.conn, "lists", names):
            fields.note(ctx, source.subquery(), "list", None, literal("added" if add else "removed"))
        if add:
            rows = select(pairs.c.list_id, pairs.c.record_id, literal(ctx.micros)).where(~there).distinct()
            ctx.conn.execute(insert(member).from_select(["list_id", "record_id", "added_at"], rows))
            return
        ctx.conn.execute(
            delete(member).where(
                select(1).where(pairs.c.list_id == member.c.list_id, pairs.c.record_id == member.c.record_id).exists()
            )
        )


def ensure_lists(ctx: FlowContext, names: set[str], record: str) -> None:
    """Make the lists that are used but not declared: a warning of the checker, and no reason to lose anybody."""
    if names:
        known = set(ctx.conn.execute(select(tables.list_.c.name).where(tables.list_.c.name.in_(names))).scalars())
        for name in sorted(names - known):
            ctx.conn.execute(insert(tables.list_).values(name=name, record=record))


def _member_id(ctx: FlowContext, changing: FromClause) -> Any:
    """Return who goes on the list: the subject, or the contact or account that it belongs to where the list is of those."""
    subject, list_ = ctx.plan.subject, tables.list_
    arms: list[tuple[ColumnElement[bool], ColumnElement[Any]]] = [(list_.c.record == subject, changing.c.record_id)]
    if subject != "contact":
        arms.append((list_.c.record == "contact", changing.c.contact_id))
    if subject in {"contact", "deal"}:
        account = select(ctx.store.column(subject, "account")).where(ctx.records.c.id == changing.c.record_id).scalar_subquery()
        arms.append((list_.c.record == "account", account))
    return case(*arms, else_=func.nullif(changing.c.record_id, changing.c.record_id))
