"""The same work in hand-written set SQL, for this one flow, on tables of its own: what the engine is measured against.

It leaves what the engine leaves: the same lines of the timeline, each effect once by a unique index, an index of what is still
to be delivered, what a contact keeps of a message and a reply, and messages that are cancelled when their contact leaves. It asks
what LANGUAGE 5.1 asks in every run: exits, the audience anew (or who was enrolled by hand, or whom an event brings: each taken
once), addresses and consent. The contacts are the same, with the fields that the language gives them. It is leaner where one
flow needs no more: no plan, no dates of days, no waiting, no accounts and deals, one index of stays, one statement for those who
get a step and those who do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.databases import Hand, by_hand

SCHEMA = """
CREATE TABLE contact (id INTEGER PRIMARY KEY, email TEXT, email_ok BOOLEAN NOT NULL, unsubscribed_at INTEGER, first_name TEXT,
    last_name TEXT, title TEXT, phone TEXT, timezone TEXT, created_at INTEGER, updated_at INTEGER, last_contacted_mode TEXT,
    last_activity_type TEXT, subscriptions TEXT, owner INTEGER, account INTEGER, score REAL);
CREATE UNIQUE INDEX contact_email ON contact (email);
CREATE TABLE suppression (address TEXT PRIMARY KEY);
CREATE TABLE enrolment (id INTEGER PRIMARY KEY, flow_id INTEGER NOT NULL, contact_id INTEGER NOT NULL,
    active BOOLEAN NOT NULL DEFAULT true, entered_at INTEGER NOT NULL, node INTEGER NOT NULL, due_at INTEGER,
    exited_at INTEGER, reason TEXT);
CREATE INDEX enrolment_due ON enrolment (flow_id, node, due_at) WHERE active;
CREATE UNIQUE INDEX enrolment_contact ON enrolment (contact_id, flow_id);
CREATE TABLE ledger (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, flow_id INTEGER NOT NULL, enrolment_id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL, what TEXT NOT NULL, node INTEGER, channel TEXT, why TEXT, state TEXT);
CREATE UNIQUE INDEX ledger_effect ON ledger (enrolment_id, node);
CREATE INDEX ledger_open ON ledger (state, id) WHERE state = 'planned';
CREATE TABLE event (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, enrolment_id INTEGER, contact_id INTEGER NOT NULL,
    kind TEXT NOT NULL, taken_at INTEGER);
CREATE INDEX event_open ON event (kind) WHERE taken_at IS NULL;
CREATE INDEX event_enrolment ON event (enrolment_id, kind);
CREATE TABLE request (id INTEGER PRIMARY KEY, flow_id INTEGER NOT NULL, contact_id INTEGER NOT NULL, at INTEGER NOT NULL,
    taken_at INTEGER);
CREATE INDEX request_open ON request (flow_id) WHERE taken_at IS NULL;
"""
PEOPLE = """
INSERT INTO contact (id, email, score, email_ok, subscriptions, last_contacted_mode, created_at)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
SELECT i, 'p' || i || '@x' || (i % 5000) || '.example', i % 100, true, ';Non marketing emails;', 'Not yet contacted', i FROM n
"""
ADMIT = """
INSERT INTO enrolment (flow_id, contact_id, entered_at, node, due_at)
SELECT 1, c.id, :run, 1, :due FROM contact c
WHERE c.score >= :score AND c.unsubscribed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM enrolment e WHERE e.contact_id = c.id AND e.flow_id = 1)
"""
ASKED = """
INSERT INTO enrolment (flow_id, contact_id, entered_at, node, due_at)
SELECT 1, c.id, :run, 1, :due FROM contact c
WHERE c.id IN (SELECT contact_id FROM request WHERE flow_id = 1 AND taken_at IS NULL) AND c.unsubscribed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM enrolment e WHERE e.contact_id = c.id AND e.flow_id = 1)
"""
CAME = """
INSERT INTO enrolment (flow_id, contact_id, entered_at, node, due_at)
SELECT 1, c.id, min(came.at), 1, :due FROM event came JOIN contact c ON c.id = came.contact_id
WHERE came.kind = 'came' AND came.taken_at IS NULL AND c.unsubscribed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM enrolment e WHERE e.contact_id = c.id AND e.flow_id = 1)
GROUP BY c.id
"""
ENTERED = """
INSERT INTO ledger (at, flow_id, enrolment_id, contact_id, what)
SELECT :run, 1, id, contact_id, 'entered' FROM enrolment WHERE id > :last
"""
REPLIED = "SELECT enrolment_id FROM event WHERE kind = 'replied' AND taken_at IS NULL"
LEAVE = (
    f"""
INSERT INTO ledger (at, flow_id, enrolment_id, contact_id, what, why)
SELECT :run, 1, e.id, e.contact_id, 'exited', 'replied' FROM enrolment e WHERE e.active AND e.id IN ({REPLIED})
""",
    f"UPDATE ledger SET state = 'cancelled' WHERE enrolment_id IN ({REPLIED}) AND state = 'planned'",
    f"""
UPDATE enrolment SET active = false, due_at = NULL, exited_at = :run, reason = 'replied' WHERE active AND id IN ({REPLIED})
""",
    """
UPDATE contact SET last_contacted_mode = 'Replied'
WHERE id IN (SELECT contact_id FROM event WHERE kind = 'replied' AND taken_at IS NULL)
""",
    "UPDATE event SET taken_at = :run WHERE taken_at IS NULL",
)
ALLOWED = """
c.email_ok AND c.unsubscribed_at IS NULL AND c.subscriptions LIKE '%;Non marketing emails;%'
    AND NOT EXISTS (SELECT 1 FROM suppression s WHERE s.address = c.email)
"""
DO = """
INSERT INTO ledger (at, flow_id, enrolment_id, contact_id, what, node, channel, why, state)
SELECT :run, 1, e.id, e.contact_id, CASE WHEN {condition} THEN 'executed' ELSE 'skipped' END, :node, 'email',
       CASE WHEN {condition} THEN NULL ELSE 'condition' END, CASE WHEN {condition} THEN 'planned' END
FROM enrolment e JOIN contact c ON c.id = e.contact_id
WHERE e.active AND e.flow_id = 1 AND e.node = :node AND e.due_at <= :run AND {allowed}
ON CONFLICT DO NOTHING
"""
KEEP = """
UPDATE contact SET last_contacted_mode = 'No reply'
WHERE id IN (SELECT contact_id FROM ledger WHERE id > :last AND state = 'planned')
    AND last_contacted_mode IS DISTINCT FROM 'No reply'
"""
MOVE = """
UPDATE enrolment SET node = :node + 1, due_at = :due WHERE active AND flow_id = 1 AND node = :node AND due_at <= :run
"""
DAY = 86_400_000_000


@contextmanager
def database(folder: Path, people: int, kind: str) -> Iterator[Hand]:
    """Make a database on disk with that many contacts."""
    with by_hand(folder, kind) as conn:
        make(conn, SCHEMA)
        conn.execute(PEOPLE, {"count": people})
        looked_at(conn)
        yield conn


def make(conn: Hand, schema: str) -> None:
    """Make tables and indices."""
    if conn.kind == "postgres":
        schema = schema.replace("id INTEGER PRIMARY KEY", "id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY")
        schema = schema.replace("INTEGER", "BIGINT").replace("REAL", "DOUBLE PRECISION")
    for statement in filter(str.strip, schema.split(";")):
        conn.execute(statement)


def looked_at(conn: Hand) -> None:
    """Let the database look at its tables, as it does by itself in the course of time."""
    conn.execute("ANALYZE" if conn.kind == "sqlite" else "VACUUM ANALYZE")


def admit(conn: Hand, run: int, due: int, score: int, *, lines: bool = True) -> None:
    """Admit who has the score; without `lines` it is one statement."""
    with transaction(conn):
        _admit(conn, run, due, score, lines=lines)


def _admit(conn: Hand, run: int, due: int, score: int, *, lines: bool, who: str = ADMIT) -> None:
    before = last(conn, "enrolment")
    with whole_sets(conn):
        conn.execute(who, {"run": run, "due": due, "score": score})
    if lines:
        conn.execute(ENTERED, {"run": run, "last": before})


def run(conn: Hand, at: int, score: int, node: int | None, following: int | None, condition: str = "true") -> None:
    """Do one run of the flow: exits, the audience anew, the step (None: no step is due) for all who are due."""
    with transaction(conn):
        exits(conn, at)
        _admit(conn, at, at, score, lines=True)
        if node is not None:
            step(conn, at, node, following, condition)


def arrivals(conn: Hand, at: int, who: str, following: int) -> None:
    """Do one run for those who were enrolled by hand (ASKED) or whom an event brings (CAME): exits, entries, the first step."""
    with transaction(conn):
        for statement in LEAVE[:-1]:
            conn.execute(statement, {"run": at})
        _admit(conn, at, at, 0, lines=True, who=who)
        conn.execute(LEAVE[-1], {"run": at})
        conn.execute("UPDATE request SET taken_at = :run WHERE flow_id = 1 AND taken_at IS NULL", {"run": at})
        step(conn, at, 1, following)


def exits(conn: Hand, at: int) -> None:
    """Let go who has replied."""
    for statement in LEAVE:
        conn.execute(statement, {"run": at})


def step(conn: Hand, at: int, node: int, following: int | None, condition: str = "true") -> None:
    """Do one step for all who are due, and move them on."""
    before = last(conn, "ledger")
    conn.execute(DO.format(condition=condition, allowed=ALLOWED), {"run": at, "node": node})
    conn.execute(KEEP, {"last": before})
    conn.execute(MOVE, {"run": at, "node": node, "due": following})


@contextmanager
def whole_sets(conn: Hand) -> Iterator[None]:
    """For a statement that fills the table that it asks: PostgreSQL may take it for empty, and look through it for each row."""
    if conn.kind != "postgres":
        yield
        return
    conn.execute("SET LOCAL enable_nestloop = off")
    yield
    conn.execute("SET LOCAL enable_nestloop = on")


@contextmanager
def transaction(conn: Hand) -> Iterator[None]:
    """One transaction."""
    conn.begin()
    yield
    conn.execute("COMMIT")


def last(conn: Hand, table: str) -> int:
    """Return the highest number of a table, so that what is inserted after it can be told."""
    return int(conn.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0])
