"""The flows without runs that are active, flows by their names, and what is new for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, and_, bindparam, func, insert, or_, select

from seqlang.clock import from_micros, to_micros
from seqlang.engine.context import FlowContext
from seqlang.engine.ledger import WRITTEN
from seqlang.engine.plans import ensure_nodes, load_plan, node_ids, open_flow, take_up
from seqlang.errors import SeqlangError
from seqlang.store import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, ColumnElement, Connection, Row, Select

    from seqlang.plan.model import FlowPlan, Kind
    from seqlang.store.database import Store

FAILED = "seqlang_failed"  # in `Connection.info`: the flows whose parts of a pass have failed, with the reasons


@dataclass(frozen=True, slots=True)
class Opened:
    """A flow that is active, and its row."""

    ctx: FlowContext
    row: Row[Any]


@dataclass(frozen=True, slots=True)
class News:
    """What there is for the flows of a pass, asked once for all of them: who has nothing to do costs no statement."""

    number: int  # the present pass
    events: int  # the last pass that took in an event
    changes: int  # the last pass that saw a change
    ledger: int  # the last line of the timeline
    requests: int  # the last enrolment that was asked for: later ones belong to the next pass
    due: frozenset[int]  # flows in which something falls due
    asked: frozenset[int]  # flows that somebody asks to be let in
    settling: frozenset[int]  # flows with a winner to settle


def active_flows(conn: Connection, store: Store, at: datetime, kinds: Sequence[Kind], *, edits: bool = True) -> list[Opened]:
    """Return the active flows of those kinds, by name, each with its plan in force; a deactivated owner's flows stand still.

    `edits`: an edit that was applied meanwhile takes effect here, which in a flow without runs is its next tick.
    """
    query = _query(store, tuple(kinds))
    rows = conn.execute(query).all()
    edited = [row.id for row in rows if row.plan_next_hash is not None] if edits else []
    for flow_id in edited:
        take_up(conn, flow_id, to_micros(at))
    if edited:
        rows = conn.execute(query).all()
    return [Opened(_context(conn, store, row, at), row) for row in rows]


_queries: WeakKeyDictionary[Store, dict[tuple[str, ...], Select[Any]]] = WeakKeyDictionary()


def _query(store: Store, kinds: tuple[str, ...]) -> Select[Any]:
    """Return the question for the active flows of those kinds; made once, for it is asked in every tick."""
    known = _queries.setdefault(store, {})
    if kinds not in known:
        flow, users = tables.flow, store.records("user")
        gone = select(users.c.id).where(users.c.email_key == flow.c.owner, store.column("user", "active").is_(False)).exists()
        wanted = (flow.c.state == "active", flow.c.kind.in_(kinds), or_(flow.c.owner.is_(None), ~gone))
        known[kinds] = select(flow).where(*wanted).order_by(flow.c.name)
    return known[kinds]


def _context(conn: Connection, store: Store, row: Row[Any], at: datetime) -> FlowContext:
    plan = load_plan(conn, row.plan_hash)
    return FlowContext(
        conn=conn,
        store=store,
        flow_id=row.id,
        plan=plan,
        plan_hash=row.plan_hash,
        nodes=_nodes(conn, store, row, plan),
        at=at,
        tick_at=at,
        started_at=at if row.started_at is None else from_micros(row.started_at),
        owner=row.owner,
    )


_numbers: WeakKeyDictionary[Store, dict[tuple[int, str, int | None], Mapping[str, int]]] = WeakKeyDictionary()


def _nodes(conn: Connection, store: Store, row: Row[Any], plan: FlowPlan) -> Mapping[str, int]:
    """Return the numbers of the flow's nodes; kept once all have been read: until the next edit they do not change."""
    known = _numbers.setdefault(store, {})
    version = (row.id, row.plan_hash, row.edited_at)
    found = known.get(version)
    if found is None:
        found = node_ids(conn, row.id)
        if any(n.key not in found for n in plan.nodes):
            return ensure_nodes(conn, row.id, plan)
        known[version] = found
    return found


def _last(column: Any) -> Any:
    return select(func.coalesce(func.max(column), 0)).scalar_subquery()


_LASTS = select(
    _last(tables.event.c.tick_pass), _last(tables.change.c.tick_pass), _last(tables.ledger.c.id), _last(tables.request.c.id)
)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_NOW: BindParameter[int] = bindparam("now", type_=BigInteger())
_DUE = (
    select(tables.enrolment.c.flow_id)
    .where(tables.enrolment.c.active, tables.enrolment.c.flow_id.in_(_IDS), tables.enrolment.c.due_at <= _NOW)
    .distinct()
)
_ASKED = (
    select(tables.request.c.flow_id)
    .where(tables.request.c.taken_at.is_(None), tables.request.c.flow_id.in_(_IDS), tables.request.c.at <= _NOW)
    .distinct()
)
_SETTLING = (
    select(tables.split.c.flow_id)
    .where(tables.split.c.winner.is_(None), tables.split.c.flow_id.in_(_IDS), tables.split.c.settle_at <= _NOW)
    .distinct()
)


def news(conn: Connection, flows: Sequence[Opened], number: int) -> News:
    """Return what is new for the flows, all of which are at the same instant."""
    given = {"ids": [f.ctx.flow_id for f in flows], "now": flows[0].ctx.micros}
    events, changes, ledger, requests = conn.execute(_LASTS).one()
    return News(
        number=number,
        events=events,
        changes=changes,
        ledger=ledger,
        requests=requests,
        due=frozenset(conn.execute(_DUE, given).scalars()),
        asked=frozenset(conn.execute(_ASKED, given).scalars()),
        settling=frozenset(conn.execute(_SETTLING, given).scalars()),
    )


def apart(ctx: FlowContext, work: Callable[[], None]) -> None:
    """Do one flow's part of a pass; where it fails, undo that part alone and set the flow aside with the reason.

    What failed is told to the tick; a reason that is in the quarantine already is not put there again.
    """
    counted = dict(ctx.conn.info.get(WRITTEN, {}))
    try:
        with ctx.conn.begin_nested():
            work()
    except SeqlangError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the other flows
        kept = tables.quarantine
        what, reason = ctx.plan.kind, " ".join(f"{type(error).__name__}: {getattr(error, 'orig', None) or error}".split())[:500]
        ctx.conn.info[WRITTEN] = counted  # the lines of that part are undone
        ctx.conn.info.setdefault(FAILED, []).append((ctx.plan.name, reason))
        same = (kept.c.flow_id == ctx.flow_id, kept.c.what == what, kept.c.reason == reason)
        if ctx.conn.execute(select(kept.c.id).where(*same).limit(1)).first() is None:
            ctx.conn.execute(insert(kept).values(at=ctx.micros, flow_id=ctx.flow_id, what=what, reason=reason))


def failed_apart(conn: Connection) -> list[tuple[str, str]]:
    """Return which flows' parts have failed on this connection since this was asked last, each with its reason."""
    found: list[tuple[str, str]] = conn.info.pop(FAILED, [])
    return found


def flow_named(conn: Connection, store: Store, name: str, at: datetime) -> FlowContext | None:
    """Return the context of the flow of that name, whatever its state; None where there is none."""
    flow_id = conn.execute(select(tables.flow.c.id).where(tables.flow.c.name == name)).scalar_one_or_none()
    return None if flow_id is None else open_flow(conn, store, flow_id, at, at)


def others_exclusive(ctx: FlowContext, record_id: Any, contact_id: Any) -> ColumnElement[bool]:
    """Return whether the record (or the contact that it is about) is in another exclusive flow now."""
    flow, stay = tables.flow, tables.enrolment.alias()
    about: ColumnElement[bool] = and_(stay.c.record_id == record_id, flow.c.record == ctx.plan.subject)
    if contact_id is not None:
        about = or_(about, stay.c.contact_id == contact_id)
    return (
        select(stay.c.id)
        .select_from(stay.join(flow, flow.c.id == stay.c.flow_id))
        .where(stay.c.active, flow.c.exclusive, flow.c.id != ctx.flow_id, about)
        .exists()
    )
