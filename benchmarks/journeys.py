"""A journey with a wait, a branch and a split: a million in flight, ten thousand of them due."""

from __future__ import annotations

import hashlib
import tempfile
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from benchmarks import handmade
from benchmarks.databases import Hand, HandSqlite
from benchmarks.measuring import Finding, Sizes, timed
from benchmarks.projects import START, analyze, started
from seqlang.clock import to_micros
from seqlang.runtime.tick import tick
from seqlang.store import Store

JOURNEY = """
event "never"
record contact { score number default 0 }
journey "Bench" {
  owner "ana@example.com"
  enter on event "never"
  exit when unsubscribed, replied
  wait 3 days
  if score > 50 { step one: email { subject: "one", text: "Hello" } }
  split "half" {
    50% "left"  { step two: email { subject: "two", text: "Hello" } }
    40% "right" { tag "right" }
    10% holdout
  }
  wait 9 days
}
"""
IN_FLIGHT = """
INSERT INTO enrolment (flow_id, record_id, contact_id, entered_at, entry_on, anchor_at, node_id, due_at)
SELECT f.id, c.id, c.id, :entered, 1, :entered, n.id,
       CASE WHEN c.id <= :due THEN :now WHEN c.id <= :due + 100 THEN :now - 3600000000 ELSE :now + 86400000000 END
FROM contact c, flow f JOIN node n ON n.flow_id = f.id AND n.key = 'wait:1'
"""
HAND_TABLES = """
CREATE TABLE side (contact_id INTEGER PRIMARY KEY, side TEXT NOT NULL);
CREATE TABLE tag (contact_id INTEGER NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (contact_id, tag));
"""
SHARE = """
CREATE FUNCTION share(email text) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
    SELECT ('x' || substr(md5(E'Bench\\nhalf\\n' || email), 1, 8))::bit(32)::bigint / 4294967296.0::float8
$$
"""
DUE = "e.active AND e.flow_id = 1 AND e.node = 1 AND e.due_at <= :now"
LINE = """
INSERT INTO ledger (at, flow_id, enrolment_id, contact_id, what, node, channel, why, state) SELECT :now, 1, e.id, e.contact_id,
"""
PEOPLE = "FROM enrolment e JOIN contact c ON c.id = e.contact_id"
SIDES = "FROM enrolment e JOIN side s ON s.contact_id = e.contact_id"
BY_HAND = (
    *handmade.LEAVE,
    f"{LINE} 'branched', 2, NULL, CASE WHEN c.score > 50 THEN '1' ELSE 'else' END, NULL {PEOPLE} WHERE {DUE}",
    f"{LINE} 'executed', 3, 'email', NULL, 'planned' {PEOPLE} WHERE {DUE} AND c.score > 50 AND {handmade.ALLOWED}",
    f"""
WITH placed AS MATERIALIZED (SELECT e.contact_id, share(c.email) AS place {PEOPLE} WHERE {DUE})
INSERT INTO side
SELECT contact_id, CASE WHEN place < 0.5 THEN 'left' WHEN place < 0.9 THEN 'right' ELSE 'holdout' END
FROM placed WHERE true ON CONFLICT DO NOTHING
""",
    f"{LINE} 'branched', 4, NULL, s.side, NULL {SIDES} WHERE {DUE}",
    f"""
{LINE} 'executed', 5, 'email', NULL, 'planned' {PEOPLE} JOIN side s ON s.contact_id = c.id
WHERE {DUE} AND s.side = 'left' AND {handmade.ALLOWED}
""",
    f"INSERT INTO tag SELECT e.contact_id, 'right' {SIDES} WHERE {DUE} AND s.side = 'right' ON CONFLICT DO NOTHING",
    f"{LINE} 'executed', 6, 'tag', NULL, NULL {SIDES} WHERE {DUE} AND s.side = 'right'",
    handmade.KEEP,
    "UPDATE enrolment SET node = 7, due_at = :now + 777600000000 WHERE active AND flow_id = 1 AND node = 1 AND due_at <= :now",
)


def in_flight(sizes: Sizes) -> list[Finding]:
    """Measure the one tick in which a few of many who wait are due."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with started(folder, JOURNEY, sizes.enrolled, database=sizes.database) as store:
            tick(store, START)  # the journey's first look at everything
            now = START + timedelta(days=3)
            _enrol(store, to_micros(START), to_micros(now), sizes.due)
            tick(store, now - timedelta(hours=1))  # for a few: the statements have been made once
            report = []
            seconds = timed(lambda: report.append(tick(store, now)))
            lines = sum(report[0].counts.values())
        with handmade.database(folder, sizes.enrolled, sizes.database) as hand:
            by_hand, hand_lines = _by_hand(hand, to_micros(now), sizes.due)
    note = f"{lines:,} lines against {hand_lines:,}"
    title = f"journey: {sizes.due:,} due of {sizes.enrolled:,} in flight"
    return [Finding(title, seconds, "s", by_hand, "at most twice", seconds <= 2 * by_hand, note)]


def _enrol(store: Store, entered: int, now: int, due: int) -> None:
    with store.begin() as conn:
        conn.execute(text(IN_FLIGHT), {"entered": entered, "now": now, "due": due})
    analyze(store)


def _by_hand(hand: Hand, now: int, due: int) -> tuple[float, int]:
    if isinstance(hand, HandSqlite):
        hand.raw.create_function("share", 1, _share, deterministic=True)
    else:
        hand.execute(SHARE)
    handmade.make(hand, HAND_TABLES)
    handmade.admit(hand, now - 3 * handmade.DAY, now + handmade.DAY, 0, lines=False)
    hand.execute("UPDATE enrolment SET due_at = :now WHERE contact_id <= :due", {"now": now, "due": due})
    handmade.looked_at(hand)

    def work() -> None:
        with handmade.transaction(hand):
            last = handmade.last(hand, "ledger")
            for statement in BY_HAND:
                hand.execute(statement, {"now": now, "run": now, "last": last})

    return timed(work), int(hand.execute("SELECT count(*) FROM ledger").fetchone()[0])


def _share(email: str) -> float:
    digest = hashlib.md5(f"Bench\nhalf\n{email}".encode(), usedforsecurity=False).hexdigest()
    return float(int(digest[:8], 16)) / float(1 << 32)
