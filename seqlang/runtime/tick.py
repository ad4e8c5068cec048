"""One tick: everything that is due by an instant, in the order of the language (end of LANGUAGE 5.8).

(1) events up to it; (2) sequences with a run due, by planned instant, then name; (3) journeys by name; (4) workflows by name, (3) and (4) in
passes until nothing changes any more. One run of one flow is one transaction, so that a crash loses nothing and doubles nothing: what
is committed is never repeated, because every statement is guarded by what it changes. A flow whose run fails is rolled back and set aside;
the others go on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from seqlang import limits
from seqlang.clock import from_micros, to_micros
from seqlang.engine import journeys, sequences, workflows
from seqlang.engine.intake import take_in
from seqlang.errors import SeqlangError
from seqlang.runtime.due import Unit, due_units, next_instant, stop_ownerless
from seqlang.runtime.isolate import set_aside_row
from seqlang.runtime.reports import Quarantined, TickReport
from seqlang.schedule import next_run
from seqlang.store import tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from seqlang.store.database import Store

LAST_TICK = "last_tick_at"
flow, ledger = tables.flow, tables.ledger


@dataclass(slots=True)
class _Going:
    """A tick that is going on."""

    store: Store
    at: datetime
    first_line: int  # lines of the timeline after this one are of this tick
    quarantined: list[Quarantined] = field(default_factory=list)
    events: int = 0
    runs: int = 0


def tick(store: Store, at: datetime) -> TickReport:
    """Do everything that is due by `at` (aware). The same tick twice changes nothing; one before the last does nothing and says so."""
    with store.begin() as conn:
        last = last_tick_at(conn)
        if last is not None and at < last:
            return TickReport(at=at, stale=True)
        going = _Going(store, at, conn.execute(select(func.coalesce(func.max(ledger.c.id), 0))).scalar_one())
        _elect(conn, at)
    _guarded(going, None, "taking in events", lambda conn: _take_in(going, conn))
    with store.begin() as conn:
        stop_ownerless(conn, store, at)
        units = due_units(conn, at, last)
    for unit in units:
        _do(going, unit)
    _passes(going)
    with store.begin() as conn:
        _remember(conn, at)
        conn.execute(update(tables.tick).where(tables.tick.c.at == to_micros(at)).values(finished_at=to_micros(at)))
        return _report(conn, going)


def last_tick_at(conn: Connection) -> datetime | None:
    """Return the instant of the last tick; None before the first."""
    value = conn.execute(select(tables.meta.c.value).where(tables.meta.c.key == LAST_TICK)).scalar_one_or_none()
    return None if value is None else from_micros(int(value))


def _elect(conn: Connection, at: datetime) -> None:
    """Note the tick; a second process that ticks for the same instant finds everything done by the guards of each statement."""
    there = conn.execute(select(tables.tick.c.at).where(tables.tick.c.at == to_micros(at))).first()
    if there is None:
        conn.execute(insert(tables.tick).values(at=to_micros(at), started_at=to_micros(at)))


def _remember(conn: Connection, at: datetime) -> None:
    meta = tables.meta
    done = conn.execute(update(meta).where(meta.c.key == LAST_TICK).values(value=str(to_micros(at))))
    if not done.rowcount:
        conn.execute(insert(meta).values(key=LAST_TICK, value=str(to_micros(at))))


def _take_in(going: _Going, conn: Connection) -> None:
    going.events = take_in(conn, going.store, going.at)


def _do(going: _Going, unit: Unit) -> None:
    """Do one run, or one opening, in a transaction of its own."""
    done = _guarded(going, unit, f"the run of {unit.at.isoformat()}", lambda conn: _run(going, conn, unit))
    if not done and set_aside_row(going.store, unit, going.at, lambda conn: _run(going, conn, unit), going.quarantined):
        _guarded(going, unit, f"the run of {unit.at.isoformat()}", lambda conn: _run(going, conn, unit))


def _run(going: _Going, conn: Connection, unit: Unit) -> None:
    """Do the run, unless another process has done it meanwhile."""
    row = conn.execute(select(flow).where(flow.c.id == unit.flow_id).with_for_update()).first()
    if row is None or row.state != "active":
        return
    if unit.opening:
        sequences.open_window(conn, going.store, unit.flow_id, unit.at, going.at)
        going.runs += 1
        return
    planned = to_micros(unit.at)
    if row.run_next_at is None or row.run_next_at > planned:
        return
    ctx = sequences.run(conn, going.store, unit.flow_id, unit.at, going.at)
    following = None if ctx.plan.schedule is None else next_run(ctx.plan.schedule, max(unit.at, going.at), ctx.started_at)
    conn.execute(
        update(flow).where(flow.c.id == unit.flow_id).values(
            run_last_at=planned, run_next_at=None if following is None else to_micros(following))
    )
    going.runs += 1


def _passes(going: _Going) -> None:
    """Carry out journeys, then workflows, again while their statements change something, at most ten times."""
    again = True
    for _ in range(limits.PASSES_PER_TICK_MAX):
        moved: list[bool] = []
        _guarded(going, None, "journeys", lambda conn, moved=moved: moved.append(journeys.advance(conn, going.store, going.at)))  # type: ignore[misc]
        _guarded(going, None, "workflows", lambda conn, moved=moved: moved.append(workflows.advance(conn, going.store, going.at)))  # type: ignore[misc]
        again = any(moved)
        if not again:
            return
    _guarded(going, None, "journeys and workflows", lambda conn: workflows.give_up(conn, going.store, going.at))


def _guarded(going: _Going, unit: Unit | None, what: str, work: Callable[[Connection], object]) -> bool:
    """Do `work` in one transaction; where it fails, roll it back, set it aside with the reason, and go on. Tell whether it was done.

    A database that cannot be reached is no failure of the flow: that is raised.
    """
    try:
        with going.store.begin() as conn:
            work(conn)
    except SQLAlchemyError as error:
        reason = _reason(error)
    except SeqlangError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the other flows
        reason = f"{type(error).__name__}: {error}"
    else:
        return True
    with going.store.begin() as conn:
        quarantine(conn, going.at, what, reason, flow_id=None if unit is None else unit.flow_id)
    going.quarantined.append(Quarantined(None if unit is None else unit.name, None, reason))
    return False


def _reason(error: SQLAlchemyError) -> str:
    cause = getattr(error, "orig", None)
    return " ".join(str(cause or error).split())[:500]


def quarantine(
    conn: Connection, at: datetime, what: str, reason: str, *, flow_id: int | None = None, enrolment_id: int | None = None
) -> None:
    """Set something aside with its reason; once for each reason, however often it fails again."""
    table = tables.quarantine
    same = (table.c.what == what, table.c.reason == reason, table.c.flow_id.is_not_distinct_from(flow_id),
            table.c.enrolment_id.is_not_distinct_from(enrolment_id))
    if conn.execute(select(table.c.id).where(*same).limit(1)).first() is None:
        conn.execute(insert(table).values(at=to_micros(at), flow_id=flow_id, enrolment_id=enrolment_id, what=what, reason=reason))


def _report(conn: Connection, going: _Going) -> TickReport:
    rows = conn.execute(
        select(ledger.c.flow_id, ledger.c.what, func.count()).where(ledger.c.id > going.first_line).group_by(ledger.c.flow_id, ledger.c.what)
    ).all()
    counts: Counter[str] = Counter()
    flows: dict[str, dict[str, int]] = defaultdict(dict)
    names = dict(conn.execute(select(flow.c.id, flow.c.name)).tuples().all()) if rows else {}
    for flow_id, what, count in rows:
        counts[what] += count
        flows[names[flow_id]][what] = count
    return TickReport(
        at=going.at, counts=dict(counts), flows=dict(sorted(flows.items())), quarantined=tuple(going.quarantined), events=going.events,
        runs=going.runs,
    )


__all__ = ["Quarantined", "TickReport", "last_tick_at", "next_instant", "tick"]
