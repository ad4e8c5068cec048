"""The timeline of one flow or one contact, out of those of all."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, event

from seqlang.store import Store
from seqlang.store.records import delete
from seqlang.store.timeline import TimelineQuestion, timeline
from tests.store.test_flows import AT, conn, lived

__all__ = ["conn"]  # a fixture


@pytest.mark.parametrize("store", ["memory"], indirect=True)
@pytest.mark.parametrize("question", [TimelineQuestion(flow="Outreach"), TimelineQuestion(contact="kim@a.example")], ids=str)
def test_all_lines_are_read_in_the_order_in_which_they_lie(store: Store, conn: Connection, question: TimelineQuestion) -> None:
    lived(store, conn)
    asked: list[str] = []

    def note(conn: Connection, cursor: object, statement: str, parameters: object, context: object, many: bool) -> None:
        asked.extend(row[3] for row in conn.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

    event.listen(conn, "before_cursor_execute", note)
    assert list(timeline(conn, store, question))
    event.remove(conn, "before_cursor_execute", note)
    assert [step for step in asked if "ledger" in step] == ["SCAN ledger"]  # and not by an index of enrolments


def test_timeline_of_a_contact_that_is_gone_is_found_by_its_address(store: Store, conn: Connection) -> None:
    there = lived(store, conn)
    before = len(list(timeline(conn, store, TimelineQuestion(contact="kim@a.example"))))
    delete(conn, store, "contact", [there["kim"]], AT)
    lines = list(timeline(conn, store, TimelineQuestion(contact="Kim@A.example")))
    assert {li.contact for li in lines} == {"kim@a.example"}
    assert len(lines) >= before > 0
