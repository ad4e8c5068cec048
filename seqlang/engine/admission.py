"""Coming in: by hand and by the audience, as sets; nobody twice, nobody for whom an exit holds (LANGUAGE 5.1)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, and_, cast, exists, func, insert, literal, not_, select, update

from seqlang.clock import to_micros
from seqlang.engine import exits, notices, pins, places_of_entry
from seqlang.engine.ledger import write_lines
from seqlang.engine.scratch import borrowed, filled
from seqlang.engine.waits_spans import later
from seqlang.predicates.compile import where_sql
from seqlang.store.tables import enrolment, flow, request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import ColumnElement, FromClause, Select, Table

    from seqlang.engine.context import FlowContext
    from seqlang.plan.model import AudiencePlan

FEW = 10_000  # stays of a flow that are copied for a statement that would else read the table that it fills


def admit(ctx: FlowContext, entry: Mapping[str, Any]) -> int:
    """Let in who was enrolled by hand, then the audience; return how many. `entry`: where an enrolment begins (columns)."""
    last = ctx.conn.execute(select(func.coalesce(func.max(enrolment.c.id), 0))).scalar_one()
    came = _by_hand(ctx, entry)
    if ctx.plan.audience is not None:
        came += _audience(ctx, ctx.plan.audience, entry)
    if came:
        _welcome(ctx, last, came)
    return came


def refusals(ctx: FlowContext, known: Table | None = None) -> tuple[tuple[str, ColumnElement[bool]], ...]:
    """Return why somebody may not come in, reason by reason, as conditions over the record's row.

    `known`: a scratch table of all who are or were in it, to be asked in place of the stays.
    """
    record = ctx.records
    here = and_(enrolment.c.flow_id == ctx.flow_id, enrolment.c.record_id == record.c.id)
    again = ctx.plan.again_after
    if again is None and known is not None:
        found: list[tuple[str, ColumnElement[bool]]] = [("was in before", exists().where(known.c.record_id == record.c.id))]
    elif again is None:
        found = [("was in before", exists().where(here))]
    else:  # a journey that lets people in again
        back = later(enrolment.c.exited_at, again, ctx.zone, to_micros(ctx.started_at), ctx.micros, ctx.plan.working)
        found = [
            ("is in it", exists().where(here, enrolment.c.active)),
            ("was in not long ago", exists().where(here, back > ctx.micros)),
        ]
    if exits.rules_of(ctx.plan):
        found.append(("an exit holds", exits.holds_before(ctx)))
    if ctx.plan.manners.exclusive:
        other = exists().where(
            enrolment.c.contact_id == ctx.subject(stay=None).contact_id,
            enrolment.c.active,
            enrolment.c.flow_id != ctx.flow_id,
            enrolment.c.flow_id.in_(select(flow.c.id).where(flow.c.exclusive)),
        )
        found.append(("in another exclusive flow", other))
    return tuple(found)


def _may_come(ctx: FlowContext, known: Table | None = None) -> ColumnElement[bool]:
    return and_(*(not_(condition) for _, condition in refusals(ctx, known)))


@contextmanager
def _known(ctx: FlowContext) -> Iterator[Table | None]:
    """Lend a copy of who is or was in the flow, where they are few; None where they are many.

    A statement that fills the table that it reads first puts all its rows aside (SQLite), which takes a fifth of its time, or is
    planned for a table as it was before (PostgreSQL). Where many have come in before, few come in now.
    """
    mine = select(enrolment.c.record_id).where(enrolment.c.flow_id == ctx.flow_id)
    count = ctx.conn.execute(select(func.count()).select_from(mine.limit(FEW + 1).subquery())).scalar_one()
    if count > FEW or ctx.plan.again_after is not None:
        yield None
        return
    with borrowed(ctx.conn, "known") as known:
        ctx.conn.execute(insert(known).from_select(["record_id"], mine.distinct()))
        filled(ctx, known, count)
        yield known


def _by_hand(ctx: FlowContext, entry: Mapping[str, Any]) -> int:
    """Take the requests that wait; who may not come in any more is passed over, without a line."""
    waiting = and_(request.c.flow_id == ctx.flow_id, request.c.taken_at.is_(None), request.c.at <= to_micros(ctx.tick_at))
    if ctx.conn.execute(select(request.c.id).where(waiting).limit(1)).first() is None:
        return 0
    record = ctx.records
    asked = select(request.c.record_id).where(waiting, request.c.what == "enroll")
    came = _insert(ctx, _new(ctx, record.c.id.in_(asked), _may_come(ctx)), entry, by_hand=True)
    ctx.conn.execute(update(request).where(waiting).values(taken_at=to_micros(ctx.tick_at)))
    return came


def _audience(ctx: FlowContext, audience: AudiencePlan, entry: Mapping[str, Any]) -> int:
    record = ctx.records
    asked = where_sql(audience.where, ctx.subject(stay=None), ctx.store)
    if audience.unique_by is None and audience.admit is None:
        with _known(ctx) as known:
            return _insert(ctx, _new(ctx, asked, _may_come(ctx, known)), entry)
    wanted = and_(asked, _may_come(ctx))
    with borrowed(ctx.conn, "arrival") as arrivals:
        count = ctx.conn.execute(
            insert(arrivals).from_select(
                ["record_id", "created_at", "email", "same"],
                select(
                    record.c.id,
                    func.coalesce(ctx.store.column("contact", "created_at"), 0),
                    func.coalesce(record.c.email_key, ""),
                    _same(ctx, audience, record),
                ).where(wanted),
            )
        ).rowcount
        filled(ctx, arrivals, count)
        if audience.unique_by is not None:
            _only_first(ctx, audience, arrivals)
        ids: Select[Any] = select(arrivals.c.record_id).order_by(*_first_come(arrivals))
        if audience.admit is not None:
            came, _ = places_of_entry.taken(ctx, weekly=audience.admit_per == "week")
            ids = ids.limit(max(0, audience.admit - came))
        return _insert(ctx, ids, entry)


def _new(ctx: FlowContext, *wanted: ColumnElement[bool]) -> Select[Any]:
    """Return the records that come in: whether they are in already is asked of the table that they are written to."""
    number = ctx.records.c.id
    return ctx.store.sql.read_first(select(number).where(*wanted), number)


def _first_come(arrivals: Table) -> tuple[ColumnElement[Any], ...]:
    return arrivals.c.created_at, arrivals.c.email, arrivals.c.record_id


def _same(ctx: FlowContext, audience: AudiencePlan, record: FromClause) -> ColumnElement[Any]:
    """Return the value that only one contact may come in with: case ignored, null where it is empty."""
    if audience.unique_by is None:
        return literal(None, ctx.store.column("contact", "email").type)
    if audience.unique_by == "email":
        return record.c.email_key
    column = record.c[ctx.store.column("contact", audience.unique_by).name]
    if isinstance(column.type.python_type, type) and column.type.python_type is str:
        return func.nullif(ctx.store.sql.fold(column), "")
    return cast(column, String)


def _only_first(ctx: FlowContext, audience: AudiencePlan, arrivals: Table) -> None:
    """Leave of those with the same value the first; none where somebody with that value is or was in."""
    ranked = (
        select(
            arrivals.c.record_id,
            func.row_number().over(partition_by=arrivals.c.same, order_by=_first_come(arrivals)).label("rank"),
        )
        .where(arrivals.c.same.is_not(None))
        .subquery()
    )
    ctx.conn.execute(arrivals.delete().where(arrivals.c.record_id.in_(select(ranked.c.record_id).where(ranked.c.rank > 1))))
    member = ctx.records.alias("member")
    there = (
        select(_same(ctx, audience, member))
        .select_from(enrolment.join(member, member.c.id == enrolment.c.record_id))
        .where(enrolment.c.flow_id == ctx.flow_id)
    )
    with borrowed(ctx.conn, "opening") as taken:  # its key is a text: the values that are taken
        values = there.distinct().subquery()
        value = next(iter(values.c))
        ctx.conn.execute(insert(taken).from_select(["zone"], select(value).where(value.is_not(None))))
        ctx.conn.execute(arrivals.delete().where(arrivals.c.same.in_(select(taken.c.zone))))


def _insert(ctx: FlowContext, ids: Select[Any], entry: Mapping[str, Any], *, by_hand: bool = False) -> int:
    who = ids.subquery()
    number = next(iter(who.c))
    given = {
        "flow_id": ctx.flow_id,
        "entered_at": ctx.micros,
        "entry_on": ctx.today.toordinal(),
        "anchor_at": ctx.micros,
        "by_hand": by_hand,
        **entry,
    }
    values = [literal(value, enrolment.c[name].type) for name, value in given.items()]
    return ctx.conn.execute(
        insert(enrolment).from_select(
            ["record_id", "contact_id", *given], select(number, number, *values), include_defaults=False
        )
    ).rowcount


def _welcome(ctx: FlowContext, last: int, came: int) -> None:
    """Write the lines of those who came in, tell other flows, and fix what a cadence fixes."""
    # By their own order: the index of a flow's stays would lead through all who came in before.
    fresh = and_(enrolment.c.id > last, enrolment.c.flow_id + 0 == ctx.flow_id)
    columns = (enrolment.c.id.label("enrolment_id"), enrolment.c.record_id, enrolment.c.contact_id, enrolment.c.by_hand)
    who = select(*columns).where(fresh).subquery()
    if places_of_entry.limited(ctx.plan):
        made = write_lines(ctx, who, what="entered", counts=places_of_entry.takes_place(who.c.by_hand))
    else:
        made = write_lines(ctx, who, what="entered")
    assert made == came
    notices.tell(ctx, who, "entered")
    if ctx.plan.kind == "cadence":
        pins.pin(ctx, fresh)


__all__ = ["admit", "refusals"]
