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

from sqlalchemy import BigInteger, cast, insert, select, update

from seqlang import limits
from seqlang.clock import from_micros, to_micros
from seqlang.engine import journeys, sequences, workflows
from seqlang.engine.intake import take_in
from seqlang.engine.intake_passes import unseen_changes
from seqlang.engine.journeys_flows import failed_apart
from seqlang.engine.ledger import written
from seqlang.plan.model import SEQUENCE_KINDS
from seqlang.runtime.due import Unit, due_units, next_instant, stop_ownerless
from seqlang.runtime.isolate import WorkFailedError, set_aside_rows, told_apart
from seqlang.runtime.reports import Quarantined, TickReport
from seqlang.schedule import next_run
from seqlang.store import tables
from seqlang.store.statistics import ROWS_MIN, renew

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from seqlang.store.database import Store

LAST_TICK = "last_tick_at"
flow = tables.flow


@dataclass(slots=True)
class _Going:
    """A tick that is going on."""

    store: Store
    at: datetime
    lines: Counter[tuple[int, str]] = field(default_factory=Counter)  # written so far, by (flow, what)
    last: datetime | None = None  # the tick before
    quarantined: list[Quarantined] = field(default_factory=list)
    stopped: tuple[tuple[str, str], ...] = ()  # flows, and their owners who were deactivated
    events: int = 0
    runs: int = 0

    @property
    def stale(self) -> bool:
        """Whether a later tick has been done already."""
        return self.last is not None and self.at < self.last


def tick(store: Store, at: datetime) -> TickReport:
    """Do everything that is due by `at` (aware). Twice is once; a tick before the last does nothing and says so."""
    going = _Going(store, at)
    renew(store)
    units: list[Unit] = []

    def look(conn: Connection) -> None:
        going.last = last_tick_at(conn)
        if not going.stale:
            going.stopped += stop_ownerless(conn, store, at)
            units.extend(due_units(conn, at, going.last))

    def begin(conn: Connection) -> None:
        going.last = last_tick_at(conn)
        if not going.stale:
            going.events = take_in(conn, store, at)
        look(conn)

    if not _guarded(going, None, "taking in events", begin):
        _guarded(going, None, "looking what is due", look)
    if going.stale:
        return TickReport(at=at, stale=True)
    for unit in units:
        _do(going, unit)
    _passes(going)
    with store.begin() as conn:
        _remember(conn, at)
        report = _report(conn, going)
    if going.events + sum(going.lines.values()) >= ROWS_MIN:
        renew(store)  # for whoever delivers now
    return report


def last_tick_at(conn: Connection) -> datetime | None:
    """Return the instant of the last tick; None before the first."""
    value = conn.execute(select(tables.meta.c.value).where(tables.meta.c.key == LAST_TICK)).scalar_one_or_none()
    return None if value is None else from_micros(int(value))


def _remember(conn: Connection, at: datetime) -> None:
    """Note that the tick was done."""
    meta, now = tables.meta, to_micros(at)
    done = conn.execute(update(meta).where(meta.c.key == LAST_TICK, cast(meta.c.value, BigInteger) <= now).values(value=str(now)))
    if not done.rowcount and last_tick_at(conn) is None:
        conn.execute(insert(meta).values(key=LAST_TICK, value=str(now)))
    there = conn.execute(select(tables.tick.c.at).where(tables.tick.c.at == now)).first()
    if there is None:
        conn.execute(insert(tables.tick).values(at=now, started_at=now, finished_at=now))


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
    with going.store.read() as conn:
        if not _anybody_listens(conn):
            return
    for _ in range(limits.PASSES_PER_TICK_MAX):
        moved = _Moved(going)
        _guarded(going, None, "journeys", moved.journeys)
        _guarded(going, None, "workflows", moved.workflows)
        if not moved.again:
            return
    _guarded(going, None, "journeys and workflows", lambda conn: workflows.give_up(conn, going.store, going.at))


def _anybody_listens(conn: Connection) -> bool:
    """Tell whether there are journeys or workflows, or changes that have to be marked as seen."""
    there = select(flow.c.id).where(flow.c.state == "active", flow.c.kind.not_in(SEQUENCE_KINDS)).limit(1)
    return conn.execute(there).first() is not None or unseen_changes(conn)


@dataclass(slots=True)
class _Moved:
    """One pass, and whether it asks for another."""

    going: _Going
    again: bool = False

    def journeys(self, conn: Connection) -> None:
        self.again |= journeys.advance(conn, self.going.store, self.going.at)

    def workflows(self, conn: Connection) -> None:
        self.again |= workflows.advance(conn, self.going.store, self.going.at)


def _guarded(going: _Going, unit: Unit | None, what: str, work: Callable[[Connection], object]) -> bool:
    """Do `work` in one transaction; where it fails, roll it back, set it aside and go on. Tell whether it was done."""
    reason = _failing(going, work)
    if reason is None:
        return True
    with going.store.begin() as conn:
        quarantine(conn, going.at, what, reason, flow_id=None if unit is None else unit.flow_id)
    going.quarantined.append(Quarantined(None if unit is None else unit.name, None, reason))
    return False


def _failing(going: _Going, work: Callable[[Connection], object]) -> str | None:
    """Do `work` in one transaction; return why it failed and was rolled back, or None.

    A database that cannot be reached or written is no failure of the flow: that is raised.
    """
    try:
        with going.store.begin() as conn:
            going.store.sql.plan_afresh(conn)
            written(conn), failed_apart(conn)  # what a transaction before has left behind, one that failed
            told_apart(work, conn)
            lines, apart = written(conn), failed_apart(conn)
    except WorkFailedError as failed:
        return failed.reason
    going.lines.update(lines)
    for name, reason in apart:
        if (aside := Quarantined(name, None, reason)) not in going.quarantined:
            going.quarantined.append(aside)
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
    counts: Counter[str] = Counter()
    flows: dict[str, dict[str, int]] = defaultdict(dict)
    names = {row[0]: row[1] for row in conn.execute(select(flow.c.id, flow.c.name))} if going.lines else {}
    for (flow_id, what), count in going.lines.items():
        counts[what] += count
        flows[names[flow_id]][what] = count
    return TickReport(
        at=going.at,
        counts=dict(counts),
        flows=dict(sorted(flows.items())),
        quarantined=tuple(going.quarantined),
        stopped=going.stopped,
        events=going.events,
        runs=going.runs,
    )


__all__ = ["Quarantined", "TickReport", "last_tick_at", "next_instant", "tick"]
