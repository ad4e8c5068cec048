"""The same work in hand-written set SQL on tables of its own: what the engine is measured against."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE contact (id INTEGER PRIMARY KEY, email TEXT, score REAL, unsubscribed_at INTEGER, email_ok INTEGER,
    created_at INTEGER);
CREATE TABLE enrolment (id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL, active INTEGER NOT NULL DEFAULT 1,
                        entered_at INTEGER NOT NULL, node INTEGER NOT NULL, due_at INTEGER, exited_at INTEGER, reason TEXT);
CREATE INDEX enrolment_due ON enrolment (node, due_at) WHERE active;
CREATE UNIQUE INDEX enrolment_contact ON enrolment (contact_id);
CREATE TABLE ledger (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, enrolment_id INTEGER NOT NULL, contact_id INTEGER NOT NULL,
                     what TEXT NOT NULL, node INTEGER, why TEXT, state TEXT);
CREATE UNIQUE INDEX ledger_effect ON ledger (enrolment_id, node) WHERE node IS NOT NULL;
CREATE TABLE event (id INTEGER PRIMARY KEY, enrolment_id INTEGER NOT NULL, kind TEXT NOT NULL, taken_at INTEGER);
CREATE INDEX event_open ON event (kind) WHERE taken_at IS NULL;
"""
PEOPLE = """
INSERT INTO contact (id, email, score, email_ok, created_at)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
SELECT i, 'p' || i || '@x' || (i % 5000) || '.example', i % 100, 1, i FROM n
"""
ADMIT = """
INSERT INTO enrolment (contact_id, entered_at, node, due_at)
SELECT c.id, :run, 1, :due FROM contact c
WHERE c.score >= :score AND NOT EXISTS (SELECT 1 FROM enrolment e WHERE e.contact_id = c.id)
"""
ENTERED = """
INSERT INTO ledger (at, enrolment_id, contact_id, what)
SELECT :run, id, contact_id, 'entered' FROM enrolment WHERE entered_at = :run
"""
LEFT = """
INSERT INTO ledger (at, enrolment_id, contact_id, what, why)
SELECT :run, e.id, e.contact_id, 'exited', 'replied' FROM enrolment e
WHERE e.active AND e.id IN (SELECT enrolment_id FROM event WHERE kind = 'replied' AND taken_at IS NULL)
"""
LEAVE = """
UPDATE enrolment SET active = 0, due_at = NULL, exited_at = :run, reason = 'replied'
WHERE active AND id IN (SELECT enrolment_id FROM event WHERE kind = 'replied' AND taken_at IS NULL)
"""
TAKEN = "UPDATE event SET taken_at = :run WHERE taken_at IS NULL"
DO = """
INSERT INTO ledger (at, enrolment_id, contact_id, what, node, why, state)
SELECT :run, e.id, e.contact_id, CASE WHEN {condition} THEN 'executed' ELSE 'skipped' END, :node,
       CASE WHEN {condition} THEN NULL ELSE 'condition' END, CASE WHEN {condition} THEN 'planned' END
FROM enrolment e JOIN contact c ON c.id = e.contact_id
WHERE e.active AND e.node = :node AND e.due_at <= :run AND c.email_ok AND c.unsubscribed_at IS NULL
ON CONFLICT DO NOTHING
"""
MOVE = "UPDATE enrolment SET node = :node + 1, due_at = :due WHERE active AND node = :node AND due_at <= :run"
PRAGMAS = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA foreign_keys = ON;"
DAY = 86_400_000_000


@contextmanager
def database(folder: Path, people: int) -> Iterator[sqlite3.Connection]:
    """Make a database on disk with that many contacts."""
    conn = sqlite3.connect(folder / "hand.db", isolation_level=None)
    try:
        conn.executescript(PRAGMAS)
        conn.executescript(SCHEMA)
        conn.execute(PEOPLE, {"count": people})
        conn.execute("ANALYZE")
        yield conn
    finally:
        conn.close()


def admit(conn: sqlite3.Connection, run: int, due: int, score: int, *, lines: bool = True) -> None:
    """Admit who has the score; without `lines` it is one statement."""
    with transaction(conn):
        conn.execute(ADMIT, {"run": run, "due": due, "score": score})
        if lines:
            conn.execute(ENTERED, {"run": run})


def exits(conn: sqlite3.Connection, run: int) -> None:
    """Let go who has replied."""
    with transaction(conn):
        conn.execute(LEFT, {"run": run})
        conn.execute(LEAVE, {"run": run})
        conn.execute(TAKEN, {"run": run})


def step(conn: sqlite3.Connection, run: int, node: int, following: int | None, condition: str = "1") -> None:
    """Do one step for all who are due, and move them on."""
    with transaction(conn):
        conn.execute(DO.format(condition=condition), {"run": run, "node": node})
        conn.execute(MOVE, {"run": run, "node": node, "due": following})


@contextmanager
def transaction(conn: sqlite3.Connection) -> Iterator[None]:
    """One transaction."""
    conn.execute("BEGIN IMMEDIATE")
    yield
    conn.execute("COMMIT")
