"""One tick: everything that is due by an instant, in the order of the language (end of LANGUAGE 5.8).

(1) events up to it; (2) sequences with a run due, by planned instant, then name; (3) journeys by name; (4) workflows by name,
(3) and (4) in
passes until nothing changes any more. One run of one flow is one transaction, so that a crash loses nothing and doubles nothing:
what
is committed is never repeated, because every statement is guarded by what it changes. A flow whose run fails is rolled back and
set aside;
the others go on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from seqlang import limits
from seqlang.clock import from_micros, to_micros
from seqlang.engine import journeys, sequences, workflows
from seqlang.engine.intake import take_in
from seqlang.runtime.due import Unit, due_units, next_instant, stop_ownerless
from seqlang.runtime.isolate import WorkFailedError, set_aside_rows, told_apart
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
    """Do everything that is due by `at` (aware). Twice is once; a tick before the last does nothing and says so."""
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
    """Do one run, or one opening, in a transaction of its own; if it fails at single rows, without these."""

    def work(conn: Connection) -> None:
        _run(going, conn, unit)

    going.runs += 1
    if _failing(going, work) is not None:
        set_aside_rows(going.store, unit, going.at, work, going.quarantined)
        _guarded(going, unit, f"the run of {unit.at.isoformat()}", work)


def _run(going: _Going, conn: Connection, unit: Unit) -> None:
    """Do the run, unless another process has done it meanwhile."""
    row = conn.execute(select(flow).where(flow.c.id == unit.flow_id).with_for_update()).first()
    if row is None or row.state != "active":
        return
    if unit.opening:
        sequences.open_window(conn, going.store, unit.flow_id, unit.at, going.at)
        return
    planned = to_micros(unit.at)
    if row.run_next_at is None or row.run_next_at > planned:
        return
    ctx = sequences.run(conn, going.store, unit.flow_id, unit.at, going.at)
    following = None if ctx.plan.schedule is None else next_run(ctx.plan.schedule, max(unit.at, going.at), ctx.started_at)
    conn.execute(
        update(flow)
        .where(flow.c.id == unit.flow_id)
        .values(run_last_at=planned, run_next_at=None if following is None else to_micros(following))
    )


def _passes(going: _Going) -> None:
    """Carry out journeys, then workflows, again while their statements change something, at most ten times."""
    for _ in range(limits.PASSES_PER_TICK_MAX):
        moved = _Moved(going)
        _guarded(going, None, "journeys", moved.journeys)
        _guarded(going, None, "workflows", moved.workflows)
        if not moved.again:
            return
    _guarded(going, None, "journeys and workflows", lambda conn: workflows.give_up(conn, going.store, going.at))


@dataclass(slots=True)
class _Moved:
    """One pass, and whether it asks for another."""

    going: _Going
    again: bool = False

    def journeys(self, conn: Connection) -> None:
        self.again |= journeys.advance(conn, self.going.store, self.going.at)

    def workflows(self, conn: Connection) -> None:
        self.again |= workflows.advance(conn, self.going.store, self.going.at)


def _guarded(going: _Going, unit: Unit | None, what: str, work: Callable[[Connection], object]) -> None:
    """Do `work` in one transaction; where it fails, roll it back, set it aside and go on."""
    reason = _failing(going, work)
    if reason is None:
        return
    with going.store.begin() as conn:
        quarantine(conn, going.at, what, reason, flow_id=None if unit is None else unit.flow_id)
    going.quarantined.append(Quarantined(None if unit is None else unit.name, None, reason))


def _failing(going: _Going, work: Callable[[Connection], object]) -> str | None:
    """Do `work` in one transaction; return why it failed and was rolled back, or None.

    A database that cannot be reached or written is no failure of the flow: that is raised.
    """
    try:
        with going.store.begin() as conn:
            told_apart(work, conn)
    except WorkFailedError as failed:
        return failed.reason
    return None


def quarantine(
    conn: Connection, at: datetime, what: str, reason: str, *, flow_id: int | None = None, enrolment_id: int | None = None
) -> None:
    """Set something aside with its reason; once for each reason, however often it fails again."""
    table = tables.quarantine
    same = (
        table.c.what == what,
        table.c.reason == reason,
        table.c.flow_id.is_not_distinct_from(flow_id),
        table.c.enrolment_id.is_not_distinct_from(enrolment_id),
    )
    if conn.execute(select(table.c.id).where(*same).limit(1)).first() is None:
        conn.execute(insert(table).values(at=to_micros(at), flow_id=flow_id, enrolment_id=enrolment_id, what=what, reason=reason))


def _report(conn: Connection, going: _Going) -> TickReport:
    rows = conn.execute(
        select(ledger.c.flow_id + 0, ledger.c.what, func.count())
        .where(ledger.c.id > going.first_line)
        .group_by(ledger.c.flow_id + 0, ledger.c.what)  # by the lines' own order, not by the index of a flow's lines
    ).all()
    counts: Counter[str] = Counter()
    flows: dict[str, dict[str, int]] = defaultdict(dict)
    names = {row[0]: row[1] for row in conn.execute(select(flow.c.id, flow.c.name))} if rows else {}
    for flow_id, what, count in rows:
        counts[what] += count
        flows[names[flow_id]][what] = count
    return TickReport(
        at=going.at,
        counts=dict(counts),
        flows=dict(sorted(flows.items())),
        quarantined=tuple(going.quarantined),
        events=going.events,
        runs=going.runs,
    )


__all__ = ["Quarantined", "TickReport", "last_tick_at", "next_instant", "tick"]
