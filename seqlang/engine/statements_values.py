"""What a statement writes: a value of the plan as an expression that fits the field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, Text, case, cast, func, literal, null, select

from seqlang.plan.conditions import Choose, FieldRef, FlowOwner, ListValue, Literal_
from seqlang.predicates import to_sql, value_sql
from seqlang.store import records
from seqlang.store.records_schema import STORED, column_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from seqlang.engine.context import FlowContext
    from seqlang.plan.conditions import PlanValue
    from seqlang.plan.model import FieldTarget
    from seqlang.predicates import Subject


def field_value(ctx: FlowContext, subject: Subject, value: PlanValue, target: FieldTarget) -> ColumnElement[Any]:
    """Return what the target's column keeps of the value; null where it is empty."""
    spec = ctx.store.record_tables.spec(target.record).field(target.field)
    if target.type == "link":
        link = spec.link if spec is not None else None
        if link == "user":
            return chosen(ctx, subject, value, lambda v: _user(ctx, subject, v), BigInteger())
        return chosen(ctx, subject, value, lambda v: _linked(ctx, subject, v, link or target.record), BigInteger())
    return chosen(ctx, subject, value, lambda v: _plain(ctx, subject, v, target.type), STORED[target.type])


def text_value(ctx: FlowContext, subject: Subject, value: PlanValue) -> ColumnElement[Any]:
    """Return a tag's, a list's or a flow's name."""
    return chosen(ctx, subject, value, lambda v: value_sql(v, subject, ctx.store), Text())


def chosen(
    ctx: FlowContext,
    subject: Subject,
    value: PlanValue,
    leaf: Callable[[PlanValue], ColumnElement[Any]],
    kind: Any,
) -> ColumnElement[Any]:
    """Return `leaf` of the value, and of the case that holds where it is a `choose`; null where none does."""
    if not isinstance(value, Choose):
        return leaf(value)
    arms = [
        (to_sql(c.when, subject, ctx.store), chosen(ctx, subject, c.value, leaf, kind)) for c in value.cases if c.when is not None
    ]
    otherwise = next((chosen(ctx, subject, c.value, leaf, kind) for c in value.cases if c.when is None), None)
    empty = cast(null(), kind)
    if not arms:
        return empty if otherwise is None else otherwise
    return case(*arms, else_=empty if otherwise is None else otherwise)


def leaves(value: PlanValue | None) -> Iterator[PlanValue]:
    """Yield every value that the value may come down to: the cases of a `choose`, the items of a list."""
    if isinstance(value, Choose):
        for one in value.cases:
            yield from leaves(one.value)
    elif isinstance(value, ListValue):
        for item in value.items:
            yield from leaves(item)
    elif value is not None:
        yield value


def user_ids(ctx: FlowContext, values: Iterable[PlanValue]) -> dict[str, int]:
    """Return the number of each user whom the values name by address; one who is not known yet is made, with the default role."""
    named = {str(v.value).strip().lower() for value in values for v in leaves(value) if isinstance(v, Literal_)}
    if ctx.owner and any(isinstance(v, FlowOwner) for value in values for v in leaves(value)):
        named.add(ctx.owner.lower())
    wanted = sorted(n for n in named if n)
    known = records.find(ctx.conn, ctx.store, "user", wanted) if wanted else {}
    missing = [n for n in wanted if n not in known]
    if missing:
        made = records.upsert(ctx.conn, ctx.store, "user", [{"email": n} for n in missing], at=ctx.at, quiet=True)
        known = {**known, **dict(zip(missing, made.ids, strict=True))}
    return known


def user_id(ctx: FlowContext, subject: Subject, value: PlanValue, known: dict[str, int]) -> ColumnElement[Any]:
    """Return the number of the user whom the value names: by address, as the flow's owner, or by a path."""
    if isinstance(value, FlowOwner):
        return literal(known.get((ctx.owner or "").lower()), BigInteger())
    if isinstance(value, Literal_):
        return literal(known.get(str(value.value).strip().lower()), BigInteger())
    found = value_sql(value, subject, ctx.store)
    if isinstance(value, FieldRef) and value.type == "link":
        return found
    users = ctx.store.records("user")
    return select(func.min(users.c.id)).where(users.c.email_key == func.lower(found)).scalar_subquery()


def _user(ctx: FlowContext, subject: Subject, value: PlanValue) -> ColumnElement[Any]:
    return user_id(ctx, subject, value, user_ids(ctx, (value,)))


def _linked(ctx: FlowContext, subject: Subject, value: PlanValue, record: str) -> ColumnElement[Any]:
    """Return the number of the record that the value names by its key, or leads to by a path."""
    found = value_sql(value, subject, ctx.store)
    if isinstance(value, FieldRef) and value.type == "link":
        return found
    other = ctx.store.records(record).alias()
    key = other.c[column_of(ctx.store.record_tables.spec(record).key)]
    return select(func.min(other.c.id)).where(func.lower(key) == func.lower(found)).scalar_subquery()


def _plain(ctx: FlowContext, subject: Subject, value: PlanValue, kind: str) -> ColumnElement[Any]:
    if isinstance(value, FlowOwner):
        return literal(ctx.owner, Text())
    if kind == "set":
        members = [str(v.value) for v in leaves(value) if isinstance(v, Literal_)]
        return literal(f";{';'.join(members)};" if members else None, Text())
    return value_sql(value, subject, ctx.store)
