"""The tick: a hundred thousand contacts through three steps; ten thousand due of a million; admissions."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from benchmarks import handmade
from benchmarks.measuring import Finding, Sizes, peak_mebibytes, timed
from benchmarks.projects import LATER, START, THREE_STEPS, born, started
from seqlang.clock import to_micros
from seqlang.runtime.tick import tick
from seqlang.store import Store

FIRST = START.replace(hour=9)
REPLIES = """
INSERT INTO event (at, recorded_at, kind, record, record_id, contact_id, flow_id, enrolment_id, node_id, ledger_id)
SELECT :at, :at, 'replied', 'contact', l.record_id, l.contact_id, l.flow_id, l.enrolment_id, l.node_id, l.id
FROM ledger l WHERE l.what = 'executed' AND l.contact_id % 5 = 0
"""
REQUESTS = """
INSERT INTO request (flow_id, record_id, what, at)
SELECT (SELECT id FROM flow WHERE name = 'Bench'), id, 'enroll', :at FROM contact WHERE id > :first AND id <= :last
"""


WARMING = 100  # people


def run_at(day: int) -> datetime:
    """Return the run of a day, from 1."""
    return FIRST + timedelta(days=day - 1)


def execute(store: Store, statement: str, **values: object) -> None:
    """Do something to the store that is not measured."""
    with store.begin() as conn:
        conn.execute(text(statement), values)


def three_steps(sizes: Sizes) -> list[Finding]:
    """Measure all ticks of five days, admissions and replies included; rows are lines of the timeline."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        seq = THREE_STEPS.format(audience="audience { where score >= 0 }")
        with started(folder, seq, sizes.contacts, database=sizes.database) as store:
            seconds = 0.0
            for day in range(1, 6):
                seconds += timed(lambda day=day: tick(store, run_at(day)))  # type: ignore[misc]
                if day == 1:
                    execute(store, REPLIES, at=to_micros(run_at(1) + timedelta(hours=1)))
            with store.read() as conn:
                rows = conn.execute(text("SELECT count(*) FROM ledger")).scalar_one()
        memory = peak_mebibytes()
        hand_seconds, hand_rows = _three_by_hand(folder, sizes)
    ours, hand = rows / seconds, hand_rows / hand_seconds
    note = f"{rows:,} lines against {hand_rows:,}; {memory:.0f} MB at most"
    return [Finding(f"tick: {sizes.contacts:,} contacts, three steps", ours, "rows/s", hand,
        "half of the hand-written speed", ours >= hand / 2, note)]


def _three_by_hand(folder: Path, sizes: Sizes) -> tuple[float, int]:
    with handmade.database(folder, sizes.contacts, sizes.database) as conn:
        runs = [to_micros(run_at(day)) for day in range(1, 6)]
        work: list[Callable[[], None]] = [
            lambda: handmade.run(conn, runs[0], 0, 1, runs[2]),
            lambda: handmade.run(conn, runs[1], 0, None, None),
            lambda: handmade.run(conn, runs[2], 0, 2, runs[4], "c.score >= 10"),
            lambda: handmade.run(conn, runs[3], 0, None, None),
            lambda: handmade.run(conn, runs[4], 0, 3, None),
        ]
        seconds = 0.0
        for number, piece in enumerate(work):
            seconds += timed(piece)
            if sizes.database == "postgres":  # it has a night to do so; ours does it itself, and that is measured
                handmade.looked_at(conn)
            if not number:
                conn.execute(
                    "INSERT INTO event (at, enrolment_id, contact_id, kind)"
                    " SELECT entered_at, id, contact_id, 'replied' FROM enrolment WHERE contact_id % 5 = 0"
                )
        return seconds, int(conn.execute("SELECT count(*) FROM ledger").fetchone()[0])


def due_of_many(sizes: Sizes) -> list[Finding]:
    """Measure the one run in which a few of many who are enrolled are due."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with started(folder, LATER.replace("AUDIENCE", ""), sizes.enrolled, database=sizes.database) as store:
            first = 0
            for day, last in enumerate((WARMING, sizes.due + WARMING, sizes.enrolled), start=1):
                execute(store, REQUESTS, at=to_micros(run_at(day)), first=first, last=last)
                tick(store, run_at(day))  # on the third day a few are due: the statements have been made once
                first = last
            report = []
            seconds = timed(lambda: report.append(tick(store, run_at(4))))
            done = report[0].counts["executed"]
            execute(store, "DELETE FROM request")
        with handmade.database(folder, sizes.enrolled, sizes.database) as hand:
            run = to_micros(run_at(4))
            handmade.admit(hand, to_micros(run_at(1)), run + handmade.DAY, 0, lines=False)
            hand.execute("UPDATE enrolment SET due_at = :run WHERE contact_id <= :due", {"run": run, "due": sizes.due})

            def by_hand_work() -> None:
                with handmade.transaction(hand):
                    handmade.exits(hand, run)
                    handmade.step(hand, run, 1, run + 6 * handmade.DAY)

            by_hand = timed(by_hand_work)
    note = f"{done:,} done"
    return [Finding(f"tick: {sizes.due:,} due of {sizes.enrolled:,}", seconds, "s", by_hand, "at most twice",
        seconds <= 2 * by_hand, note)]


def admission(sizes: Sizes) -> list[Finding]:
    """Measure the run that admits a part of all contacts, beside one INSERT … SELECT."""
    percent = 100 * sizes.matching // sizes.enrolled
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        seq = LATER.replace("AUDIENCE", f"audience {{ where score >= {100 - percent} }}")
        with started(folder, seq, WARMING, database=sizes.database) as store:
            tick(store, run_at(1))  # a few come in: the statements have been made once
            born(store, WARMING, sizes.enrolled)
            report = []
            seconds = timed(lambda: report.append(tick(store, run_at(2))))
            came = report[0].counts["entered"]
        with handmade.database(folder, sizes.enrolled, sizes.database) as hand:
            run = to_micros(run_at(1))
            by_hand = timed(lambda: handmade.admit(hand, run, run, 100 - percent, lines=False))
            hand.execute("DELETE FROM enrolment")
            with_lines = timed(lambda: handmade.admit(hand, run, run, 100 - percent))
    what = f"admission: {came:,} of {sizes.enrolled:,}"
    note = f"by hand with its lines of the timeline {with_lines:.2f} s"
    return [Finding(what, seconds, "s", by_hand, "at most twice one INSERT … SELECT", seconds <= 2 * by_hand, note)]
