"""What falls due: the runs of sequences, the openings of their windows, and the next instant at which anything can."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from seqlang.clock import from_micros, to_micros
from seqlang.engine import journeys, workflows
from seqlang.engine.plans import load_plan
from seqlang.plan.model import SEQUENCE_KINDS, FlowPlan
from seqlang.schedule import last_run, local_date, next_run, next_run_at_or_after, run_date
from seqlang.store import tables

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection, Row

    from seqlang.store.database import Store

flow, enrolment = tables.flow, tables.enrolment


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """One thing to do in a tick: a flow at a planned instant."""

    at: datetime
    name: str
    flow_id: int
    opening: bool = False  # the opening of a window, not a run


def stop_ownerless(conn: Connection, store: Store, at: datetime) -> tuple[tuple[str, str], ...]:
    """Stop the flows of owners who were deactivated (LANGUAGE 5.8); return their names, each with its owner."""
    users = store.records("user")
    gone = select(users.c.email_key).where(store.column("user", "active").is_(False))
    theirs = (flow.c.state == "active", flow.c.owner.in_(gone))
    found = tuple((row.name, row.owner) for row in conn.execute(select(flow.c.name, flow.c.owner).where(*theirs)))
    if found:
        conn.execute(update(flow).where(*theirs).values(state="stopped", stopped_at=to_micros(at)))
    return found


def due_units(conn: Connection, at: datetime, last_tick: datetime | None) -> list[Unit]:
    """Return what is due at `at`, by planned instant, then name; note the next run where missed ones are left to it."""
    found: list[Unit] = []
    for row in _active(conn):
        run = _due_run(conn, row, at, last_tick)
        if run is not None:
            found.append(Unit(run, row.name, row.id))
        found += [Unit(opens, row.name, row.id, opening=True) for opens in _openings(conn, row, at) if opens != run]
    return sorted(found)


def _active(conn: Connection) -> list[Row[Any]]:
    return list(conn.execute(select(flow).where(flow.c.state == "active", flow.c.kind.in_(SEQUENCE_KINDS)).order_by(flow.c.name)))


def _due_run(conn: Connection, row: Row[Any], at: datetime, last_tick: datetime | None) -> datetime | None:
    """Return the run to do now: the last that was due, if it is still its date; else leave what was missed to the next one."""
    plan = load_plan(conn, row.plan_next_hash or row.plan_hash)
    schedule, start = plan.schedule, from_micros(row.started_at)
    if schedule is None:
        return None
    expected = row.run_next_at
    if row.plan_next_hash is not None and load_plan(conn, row.plan_hash).schedule != schedule:
        expected = _rescheduled(conn, row, plan, last_tick)
    if expected is None or expected > to_micros(at):
        return None
    run = last_run(schedule, at, start)
    if run is not None and to_micros(run) >= expected and run_date(schedule, run, start) == local_date(at, schedule.zone):
        return run
    _plan_next(conn, row.id, next_run(schedule, at, start))
    return None


def _rescheduled(conn: Connection, row: Row[Any], plan: FlowPlan, last_tick: datetime | None) -> int | None:
    """Return the next run by the schedule of an edit that has been applied, and keep it: the edit takes effect at that run."""
    assert plan.schedule is not None
    since = [from_micros(row.run_last_at)] if row.run_last_at is not None else []
    since += [last_tick] if last_tick is not None else []
    start = from_micros(row.started_at)
    run = next_run(plan.schedule, max(since), start) if since else next_run_at_or_after(plan.schedule, start, start)
    _plan_next(conn, row.id, run)
    return None if run is None else to_micros(run)


def _plan_next(conn: Connection, flow_id: int, run: datetime | None) -> None:
    conn.execute(update(flow).where(flow.c.id == flow_id).values(run_next_at=None if run is None else to_micros(run)))


def _openings(conn: Connection, row: Row[Any], at: datetime) -> list[datetime]:
    """Return the openings of windows up to `at` that steps wait for, ascending.

    One that was missed is made up for on its own date; on a later one this tick looks whether the window is open now.
    """
    plan = load_plan(conn, row.plan_hash)
    if plan.manners.window is None and plan.manners.quiet is None:
        return []
    waiting = (
        enrolment.c.flow_id == row.id,
        enrolment.c.active,
        enrolment.c.waiting == "window",
        enrolment.c.due_at <= to_micros(at),
    )
    opened = [from_micros(due) for due in conn.execute(select(enrolment.c.due_at).distinct().where(*waiting)).scalars()]
    today = local_date(at, plan.zone)
    return sorted({opens if local_date(opens, plan.zone) == today else at for opens in opened})


# ------------------------------------------------------------------------------------------ looking ahead


def next_instant(store: Store, after: datetime) -> datetime | None:
    """Return the first instant later than `after` at which something can fall due though nothing happens; None where nothing can.

    Runs and openings of windows of sequences; waits, deferrals, holds, winners, `enter on` and full hours of journeys; to-dos
    becoming
    overdue where a workflow waits for that; events that are told already.
    """
    with store.read() as conn:
        found = [_next_of(conn, row, after) for row in _active(conn)]
        found.append(journeys.next_instant(conn, store, after))
        found.append(workflows.next_instant(conn, store, after))
        event = tables.event
        found.append(
            _instant(
                conn.execute(
                    select(func.min(event.c.at)).where(event.c.taken_at.is_(None), event.c.at > to_micros(after))
                ).scalar()
            )
        )
    return min((at for at in found if at is not None), default=None)


def _next_of(conn: Connection, row: Row[Any], after: datetime) -> datetime | None:
    plan = load_plan(conn, row.plan_next_hash or row.plan_hash)
    instants: list[datetime | None] = []
    if plan.schedule is not None and row.started_at is not None:
        expected = row.run_next_at
        if expected is not None and expected > to_micros(after):
            instants.append(from_micros(expected))
        else:
            instants.append(next_run(plan.schedule, after, from_micros(row.started_at)))
    if plan.manners.window is not None or plan.manners.quiet is not None:
        waiting = (
            enrolment.c.flow_id == row.id,
            enrolment.c.active,
            enrolment.c.waiting == "window",
            enrolment.c.due_at > to_micros(after),
        )
        instants.append(_instant(conn.execute(select(func.min(enrolment.c.due_at)).where(*waiting)).scalar()))
    return min((at for at in instants if at is not None), default=None)


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros).astimezone(UTC)
