"""Each kind of flow at so many contacts, beside the same lines written by hand; and ten owners at the cap of their plan."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from benchmarks import handmade
from benchmarks.measuring import Finding, Sizes, timed
from benchmarks.projects import START, TOML, started
from benchmarks.ticks import REQUESTS, WARMING, execute, run_at
from seqlang.clock import to_micros
from seqlang.runtime import lifecycle
from seqlang.runtime.tick import tick
from seqlang.store import Store
from seqlang.store.plans import all_flows

RECORDS = 'event "came"\nrecord contact { score number default 0 }\n'
HEAD = 'owner "ana@example.com"'
RUN = 'run daily at 09:00 in "UTC"'
DAY_ONE = 'email on day 1 { subject: "one", text: "Hello" }'
MAIL = 'email { subject: "one", text: "Hello" }'
EXIT = "exit when replied, unsubscribed, bounced"
KINDS = {  # one message for everybody, in the run or tick in which they come in
    "classic": f'classic sequence "Bench" {{\n{HEAD}\n{RUN}\naudience {{ where score >= 0 }}\nstep one: {DAY_ONE}\n{EXIT}\n}}',
    "smart": f'smart sequence "Bench" {{\n{HEAD}\n{RUN}\naudience {{ where score >= 0 }}\nstep one: {MAIL}\n{EXIT}\n}}',
    "outbound": f'outbound sequence "Bench" {{\n{HEAD}\n{RUN}\naudience {{ where score >= 0 }}\nstep one: {MAIL}\n{EXIT}\n}}',
    "cadence": f'cadence "Bench" {{\n{HEAD}\n{RUN}\nstep one: {DAY_ONE}\n{EXIT}\n}}',
    "workflow": f'workflow "Bench" {{\n{HEAD}\non event "came"\nstep one: {MAIL}\n}}',
    "journey": f'journey "Bench" {{\n{HEAD}\nenter on event "came"\n{EXIT}\nstep one: {MAIL}\nwait 3 days\n}}',
}
CAME = """
INSERT INTO event (at, recorded_at, kind, record, record_id, contact_id, name)
SELECT :at, :at, 'event', 'contact', id, id, 'came' FROM contact WHERE id > :first AND id <= :last
"""
HAND_CAME = "INSERT INTO event (at, contact_id, kind) SELECT :at, id, 'came' FROM contact"
BY_HAND = {  # kinds that nobody comes into by an audience: what is told before, and who comes in by it
    "cadence": ("INSERT INTO request (flow_id, contact_id, at) SELECT 1, id, :at FROM contact", handmade.ASKED),
    "workflow": (HAND_CAME, handmade.CAME),
    "journey": (HAND_CAME, handmade.CAME),
}
GONE = (
    """
INSERT INTO ledger (at, flow_id, enrolment_id, contact_id, what, why)
SELECT :run, 1, id, contact_id, 'exited', 'finished' FROM enrolment WHERE active
""",
    "UPDATE enrolment SET active = false, due_at = NULL, exited_at = :run, reason = 'finished' WHERE active",
)


def each_kind(sizes: Sizes) -> list[Finding]:
    """Measure, for each kind, the one tick in which everybody comes in and gets a message."""
    return [_kind(kind, seq, sizes) for kind, seq in KINDS.items()]


def _kind(kind: str, seq: str, sizes: Sizes) -> Finding:
    people = sizes.contacts
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with started(folder, RECORDS + seq, people, database=sizes.database) as store:
            if kind in BY_HAND:
                statement = REQUESTS if kind == "cadence" else CAME
                execute(store, statement, at=to_micros(run_at(1)), first=0, last=WARMING)
                tick(store, run_at(1))
                execute(store, statement, at=to_micros(run_at(2)), first=WARMING, last=people)
                seconds = timed(lambda: tick(store, run_at(2)))
            else:
                seconds = timed(lambda: tick(store, run_at(1)))
            with store.read() as conn:
                lines = conn.exec_driver_sql("SELECT count(*) FROM ledger").scalar_one()
        with handmade.database(folder, people, sizes.database) as hand:
            at = to_micros(run_at(1))

            if kind in BY_HAND:
                told, who = BY_HAND[kind]
                hand.execute(told, {"at": at})
                handmade.looked_at(hand)

            def by_hand_work() -> None:
                if kind in BY_HAND:
                    handmade.arrivals(hand, at, who, at + handmade.DAY)
                else:
                    handmade.run(hand, at, 0, 1, at + handmade.DAY)
                if kind == "workflow":
                    with handmade.transaction(hand):
                        for statement in GONE:
                            hand.execute(statement, {"run": at})

            by_hand = timed(by_hand_work)
            hand_lines = hand.execute("SELECT count(*) FROM ledger").fetchone()[0]
    note = f"{lines:,} lines against {hand_lines:,}"
    what = f"{kind}: {people:,} come in and get a message"
    return Finding(what, seconds, "s", by_hand, "at most twice", seconds <= 2 * by_hand, note)


def at_their_caps(sizes: Sizes) -> list[Finding]:
    """Measure a run of ten owners' flows whose plan lets each send a thousand messages a day, beside no plan."""
    free = _capped(sizes, "")
    plan = "[plan.tiny]\nemails_per_user_per_day = 1000\n"
    held = _capped(sizes, plan)
    what = f"limits: {sizes.contacts:,} contacts, {sizes.owners} owners at their cap"
    return [Finding(what, held, "s", free, "at most 1.5 times without", held <= 1.5 * free, "beside: the same without limits")]


def _capped(sizes: Sizes, plan: str) -> float:
    share = 100 // sizes.owners
    flows = "".join(
        f'classic sequence "Flow {n}" {{\nowner "o{n}@example.com"\n{RUN}\n'
        f"audience {{ where score >= {n * share} and score < {(n + 1) * share} }}\nstep one: {DAY_ONE}\n{EXIT} }}\n"
        for n in range(sizes.owners)
    )
    toml = ('plan = "tiny"\n' if plan else "") + TOML + plan
    with tempfile.TemporaryDirectory(prefix="bench-") as name, started(
        Path(name), RECORDS + flows, sizes.contacts, toml=toml, flow=None, database=sizes.database
    ) as store:
        _start_all(store)
        tick(store, START + timedelta(hours=1))
        return timed(lambda: tick(store, run_at(1)))


def _start_all(store: Store) -> None:
    with store.begin() as conn:
        for row in all_flows(conn):
            lifecycle.activate(conn, store, row.id, START)
