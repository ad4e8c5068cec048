"""What is asked of the ledger again and again is answered by its open index, however long the ledger is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from seqlang.dispatch import claim, deliver
from seqlang.dispatch.steps import Shelf
from seqlang.store import Store
from tests.dispatch.world import AT, World, step


@pytest.mark.parametrize("store", ["memory"], indirect=True)
def test_no_question_of_a_delivery_reads_the_whole_ledger(store: Store) -> None:
    world = World(store, {"channels": {"email": {"default": {"smtp": "smtp://127.0.0.1:9"}}}})
    world.flow(step())
    world.planned(3)
    asked: list[tuple[str, Any]] = []
    with store.read() as conn:
        engine = conn.engine

    def note(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if "ledger" in statement and not many:
            asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    deliver(store, world.host, world.settings, world.clock)
    event.remove(engine, "before_cursor_execute", note)
    with store.read() as conn:
        plans = [(statement, [row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)])
                 for statement, parameters in asked]
    assert len(plans) > 5
    assert [plan for plan in plans if any(line.startswith("SCAN ledger") for line in plan[1])] == []
    # Who looks for a few by the index on states reads all that wait.
    by_number = [plan for plan in plans if "ledger.id IN" in plan[0]]
    assert len(by_number) > 3
    assert [plan for plan in by_number if any(line.endswith("ix_ledger_open (state=?)") for line in plan[1])] == []


def test_oldest_that_is_free_comes_first_and_only_once(store: Store) -> None:
    world = World(store)
    world.flow(step())
    planned = world.planned(5)
    with store.begin() as conn:
        source, = claim.find_sources(conn, AT, todos=False)
        assert source.first_id == planned[0]
        first = claim.claim(conn, store, Shelf(), [source.node_id], AT, 2)
        second = claim.claim(conn, store, Shelf(), [source.node_id], AT, 9)
        third = claim.claim(conn, store, Shelf(), [source.node_id], AT, 9)
    assert [[effect.id for effect in found.effects] for found in (first, second, third)] == [planned[:2], planned[2:], []]
