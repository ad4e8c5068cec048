"""The life of a flow, and who is put in or taken out by hand: draft, active, stopped, archived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from seqlang.clock import from_micros, to_micros
from seqlang.engine import admission, exits
from seqlang.engine.plans import ensure_nodes, flow_row, load_plan, open_flow, take_up
from seqlang.errors import NotFoundError, RefusedError
from seqlang.schedule import next_run, next_run_at_or_after
from seqlang.store import tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from seqlang.engine.context import FlowContext
    from seqlang.store.database import Store

flow, enrolment, request = tables.flow, tables.enrolment, tables.request
ALREADY_ASKED = "is about to come in"


def activate(conn: Connection, store: Store, flow_id: int, at: datetime) -> None:
    """Start a flow, or let one that was stopped go on as after an outage. RefusedError for one that is active or archived."""
    del store
    row = _row(conn, flow_id)
    if row.state == "active":
        raise RefusedError(f"`{row.name}` is active already")
    if row.state == "archived":
        raise RefusedError(
            f"`{row.name}` is archived", hint=f"`seqlang clone` makes a copy of it that can be started: clone `{row.name}`"
        )
    plan = load_plan(conn, row.plan_hash)
    ensure_nodes(conn, flow_id, plan)
    if row.started_at is None and row.plan_next_hash is not None:  # nobody is in it yet
        take_up(conn, flow_id, to_micros(at))
        plan = load_plan(conn, row.plan_next_hash)
    values: dict[str, Any] = {
        "state": "active",
        "stopped_at": None,
        "started_at": row.started_at or to_micros(at),
        "exclusive": plan.manners.exclusive,
        "zone": plan.zone,
        "owner": None if plan.owner is None else plan.owner.lower(),
        "record": plan.subject,
        "edited_at": row.edited_at if row.started_at is not None else None,
    }
    if plan.schedule is not None:
        values["run_next_at"] = _next(row, plan.schedule, at)
    conn.execute(update(flow).where(flow.c.id == flow_id).values(values))


def _next(row: Row[Any], schedule: Any, at: datetime) -> int | None:
    """Return the first run at or after the start; of a flow that goes on, the first that was missed."""
    if row.started_at is None:
        run = next_run_at_or_after(schedule, at, at)
    else:
        start = from_micros(row.started_at)
        since = start if row.run_last_at is None else from_micros(row.run_last_at)
        run = next_run_at_or_after(schedule, start, start) if row.run_last_at is None else next_run(schedule, since, start)
    return None if run is None else to_micros(run)


def stop(conn: Connection, store: Store, flow_id: int, at: datetime) -> None:
    """Freeze an active flow. RefusedError for an outbound sequence, and for a flow that is not active."""
    del store
    row = _row(conn, flow_id)
    if row.state != "active":
        raise RefusedError(f"`{row.name}` is not active: it is {row.state}")
    if row.kind == "outbound":
        raise RefusedError(
            f"`{row.name}` is an outbound sequence: once started it cannot be stopped",
            hint="clone it, change the clone, and archive this one",
        )
    conn.execute(update(flow).where(flow.c.id == flow_id).values(state="stopped", stopped_at=to_micros(at)))


def archive(conn: Connection, store: Store, flow_id: int, at: datetime) -> int:
    """End all enrolments of a flow (`archived`) and the flow; return how many. RefusedError: it is archived already."""
    row = _row(conn, flow_id)
    if row.state == "archived":
        raise RefusedError(f"`{row.name}` is archived already")
    ctx = open_flow(conn, store, flow_id, at, at)
    ended = exits.leave(ctx, select(enrolment.c.id).where(ctx.mine()), "archived")
    conn.execute(update(request).where(request.c.flow_id == flow_id, request.c.taken_at.is_(None)).values(taken_at=to_micros(at)))
    conn.execute(
        update(flow)
        .where(flow.c.id == flow_id)
        .values(state="archived", archived_at=to_micros(at), run_next_at=None, plan_next_hash=None)
    )
    return ended


def enroll(conn: Connection, store: Store, flow_id: int, record_ids: Sequence[int], at: datetime) -> dict[int, str | None]:
    """Ask a flow to take those records in at its next run (a journey: its next pass); return for each None, or the refusal."""
    row = _row(conn, flow_id)
    if row.state not in {"active", "stopped"}:
        raise RefusedError(f"`{row.name}` is not started: it is {row.state}", hint="start it first")
    ctx = open_flow(conn, store, flow_id, at, at)
    wanted = list(dict.fromkeys(record_ids))
    answers = refusals(ctx, wanted)
    asked = conn.execute(
        select(request.c.record_id).where(
            request.c.flow_id == flow_id,
            request.c.taken_at.is_(None),
            request.c.what == "enroll",
            request.c.record_id.in_(wanted),
        )
    ).scalars()
    answers |= {number: ALREADY_ASKED for number in asked if answers.get(number) is None}
    rows = [{"flow_id": flow_id, "record_id": n, "what": "enroll", "at": to_micros(at)} for n in wanted if answers[n] is None]
    if rows:
        conn.execute(insert(request), rows)
    return answers


def refusals(ctx: FlowContext, record_ids: Sequence[int]) -> dict[int, str | None]:
    """Return for each record why the flow would not let it in by hand now, or None."""
    record = ctx.records
    answers: dict[int, str | None] = dict.fromkeys(record_ids, "there is no such record")
    there = set(ctx.conn.execute(select(record.c.id).where(record.c.id.in_(record_ids))).scalars())
    answers |= dict.fromkeys(there)
    for reason, condition in reversed(admission.refusals(ctx)):
        refused = ctx.conn.execute(select(record.c.id).where(record.c.id.in_(there), condition)).scalars()
        answers |= dict.fromkeys(refused, reason)
    return answers


def unenroll(conn: Connection, store: Store, flow_id: int, record_ids: Sequence[int], at: datetime) -> int:
    """Take those records out of a flow, at once (`removed`), and who is about to come in; return how many were in."""
    ctx = open_flow(conn, store, flow_id, at, at)
    conn.execute(
        delete(request).where(
            request.c.flow_id == flow_id,
            request.c.taken_at.is_(None),
            request.c.what == "enroll",
            request.c.record_id.in_(record_ids),
        )
    )
    return exits.leave(ctx, select(enrolment.c.id).where(ctx.mine(), enrolment.c.record_id.in_(record_ids)), "removed")


def _row(conn: Connection, flow_id: int) -> Row[Any]:
    row = flow_row(conn, flow_id, lock=True)
    if row is None:
        raise NotFoundError("there is no such flow")
    return row
