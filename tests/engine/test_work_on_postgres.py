"""A tick's work on PostgreSQL grows with the people and not with their square, whatever the server believes of its tables."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from benchmarks.kinds import CAME, KINDS, RECORDS
from seqlang.clock import to_micros
from seqlang.store import Store
from tests.engine.playing import World, instant
from tests.postgres_figures import leave_alone, look

pytestmark = pytest.mark.postgres
PEOPLE = 1500
# Pages of tables and indices that are touched for each person in each kind of flow, with all lines that are written.
# Were one statement to look through a table for each person, it would be hundreds.
PAGES_MOST = 110
PROJECT = RECORDS + "\n".join(seq.replace('"Bench"', f'"{kind}"') for kind, seq in KINDS.items())
COMING = """
INSERT INTO contact (id, f_email, email_key, email_ok, phone_ok, f_score, f_created_at, f_subscriptions)
SELECT i, 'p' || i || '@x.example', 'p' || i || '@x.example', true, false, 5, 0, ';Non marketing emails;'
FROM generate_series(CAST(:first AS bigint) + 1, CAST(:last AS bigint)) AS i
"""
REQUESTS = """
INSERT INTO request (flow_id, record_id, what, at)
SELECT f.id, c.id, 'enroll', :at FROM contact c, flow f WHERE f.name = 'cadence' AND c.id > :first AND c.id <= :last
"""
TOUCHED = """
SELECT sum(heap_blks_hit + heap_blks_read + coalesce(idx_blks_hit, 0) + coalesce(idx_blks_read, 0)) FROM pg_statio_user_tables
"""
MANY = 6000
MANY_PAGES_MOST = 15  # of enrolments, without their indices, for each who comes in
MANY_TOUCHED = "SELECT heap_blks_hit + heap_blks_read FROM pg_statio_user_tables WHERE relname = 'enrolment'"


def come(world: World, first: int, last: int) -> None:
    """Let people come to be, those after the `first` so many up to the last, and into all flows at the tick of this instant."""
    values = {"first": first, "last": last}
    with world.store.begin() as conn:
        conn.execute(text(COMING), values)
        for statement in (CAME, REQUESTS):
            conn.execute(text(statement), values | {"at": to_micros(world.now)})


def touched(store: Store, question: str = TOUCHED) -> int:
    """Return how many pages of our tables the server has touched so far."""
    with store.begin() as conn:
        conn.execute(text("SELECT pg_stat_force_next_flush()"))
    with store.begin() as conn:
        return int(conn.execute(text(question)).scalar_one())


@pytest.mark.parametrize("known", ["nothing", "empty", "few", "all"])
def test_all_who_come_into_flows_of_every_kind_are_a_linear_work(postgres_url: str, known: str) -> None:
    store = Store.open(postgres_url)
    world = World.of(PROJECT, "2026-03-02T06:00", store=store)
    leave_alone(store)
    if known == "empty":
        look(store)
    world.tick()
    world.now = instant("2026-03-02T09:00")
    if known in {"few", "all"}:
        come(world, 0, 10)
        world.tick()
        look(store)
    world.now += timedelta(days=1)
    come(world, 10, 10 + PEOPLE)
    if known == "all":
        look(store)
    before = touched(store)
    world.tick()
    pages = (touched(store) - before) / PEOPLE / len(KINDS)
    with store.read() as conn:
        lines = conn.execute(text("SELECT count(*) FROM ledger")).scalar_one()
    people = PEOPLE + (10 if known in {"few", "all"} else 0)
    assert lines == 13 * people  # in each flow they came in and got a message; the workflow is over then
    assert pages < PAGES_MOST


def test_many_who_come_in_where_the_server_has_seen_nobody_are_a_linear_work(postgres_url: str) -> None:
    store = Store.open(postgres_url)
    world = World.of(RECORDS + KINDS["classic"], "2026-03-02T09:00", store=store)
    leave_alone(store)
    with store.begin() as conn:
        conn.execute(text(COMING), {"first": 0, "last": MANY})
    look(store)
    before = touched(store, MANY_TOUCHED)
    world.tick()
    pages = (touched(store, MANY_TOUCHED) - before) / MANY
    with store.read() as conn:
        assert conn.execute(text("SELECT count(*) FROM ledger")).scalar_one() == 2 * MANY
    assert pages < MANY_PAGES_MOST
