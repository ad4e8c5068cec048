"""`db check` finds what does not hang together, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, text

from seqlang.plan.model import FlowPlan
from seqlang.store import Store, tables
from seqlang.store.integrity import check_integrity
from seqlang.store.plans import put_flow
from seqlang.store.records import upsert

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def sound(store: Store, conn: Connection) -> None:
    """Make one contact in one active flow, as it should be."""
    flow = put_flow(
        conn, store, FlowPlan(name="F", kind="classic", for_record="contact", subject="contact", zone="UTC"), position=0, at=AT
    )
    conn.execute(tables.flow.update().values(state="active"))
    (kim,) = upsert(conn, store, "contact", [{"email": "kim@a.example"}], at=AT).ids
    stay = {"flow_id": flow.id, "record_id": kim, "contact_id": kim}
    conn.execute(tables.enrolment.insert().values(id=1, entered_at=0, entry_on=1, **stay))
    conn.execute(tables.ledger.insert().values(id=1, at=0, enrolment_id=1, what="entered", **stay))


LINE: dict[str, Any] = {"at": 0, "enrolment_id": 1, "flow_id": 1, "record_id": 1, "contact_id": 1, "what": "executed"}
BREAKS: tuple[tuple[str, str, Any], ...] = (
    ("enrolments", "no contact is there any more", tables.enrolment.update().values(record_id=99)),
    ("enrolments", "not under way", tables.flow.update().values(state="archived")),
    ("enrolments", "half ended", tables.enrolment.update().values(active=False)),
    ("ledger", "belong to no enrolment", tables.ledger.insert().values(**{**LINE, "enrolment_id": 99})),
    ("ledger", "another flow or record", tables.ledger.insert().values(**{**LINE, "record_id": 99})),
    ("ledger", "no effect", tables.ledger.insert().values(**LINE, state="planned")),
    ("ledger", "no line that says they came in", tables.ledger.update().values(what="held")),
    (
        "events",
        "enrolment that is not there",
        tables.event.insert().values(at=0, recorded_at=0, kind="opened", record_id=1, enrolment_id=99),
    ),
    (
        "events",
        "message that is not there",
        tables.event.insert().values(at=0, recorded_at=0, kind="opened", record_id=1, ledger_id=99),
    ),
    ("tags", "contact that is not there", tables.tag.insert().values(record="contact", record_id=99, tag="x")),
    ("plans", "not what its name says", tables.plan.update().values(body="{}")),
    ("contents", "not what its name says", tables.content.insert().values(hash="0" * 64, body=b"x")),
    ("plans", "step that no flow has", tables.ledger.insert().values(**LINE, node_id=99)),
    ("plans", "plan that is not there", tables.flow.update().values(plan_next_hash="0" * 64)),
    ("contacts", "cannot be found", text("UPDATE contact SET email_key = NULL")),
)


@pytest.mark.postgres
def test_keys_that_postgres_does_not_look_after_are_looked_at(postgres_url: str) -> None:
    store = Store.open(postgres_url)
    with store.begin() as conn:
        sound(store, conn)
        conn.execute(tables.pinned.insert().values(enrolment_id=99, body="{}"))
        conn.execute(tables.list_member.insert().values(list_id=99, record_id=1, added_at=0))
    assert sorted(f.message for f in check_integrity(store)) == [
        "1 rows of list_member name a row of list that is not there",
        "1 rows of pinned name a row of enrolment that is not there",
    ]


def test_sound_data_has_no_findings(store: Store) -> None:
    with store.begin() as conn:
        sound(store, conn)
    assert check_integrity(store) == []


@pytest.mark.parametrize("case", range(len(BREAKS)), ids=[m.replace(" ", "-") for _, m, _ in BREAKS])
def test_what_is_broken_is_found(case: int) -> None:
    store = Store.in_memory()
    check, message, statement = BREAKS[case]
    with store.begin() as conn:
        sound(store, conn)
        conn.execute(statement)
    found = check_integrity(store)
    assert any(f.check == check and message in f.message for f in found), found


def test_key_that_leads_nowhere_is_found_by_the_database_itself() -> None:
    store = Store.in_memory()
    with store.read() as conn:
        conn.execute(text("COMMIT"))
        conn.execute(text("PRAGMA foreign_keys = OFF"))
        conn.execute(text("BEGIN"))
        conn.execute(text("INSERT INTO list_member (list_id, record_id, added_at) VALUES (99, 1, 0)"))
    assert [f.check for f in check_integrity(store)] == ["file"]


@pytest.mark.postgres
def test_postgres_says_the_same_of_sound_and_broken_data(postgres_url: str) -> None:
    store = Store.open(postgres_url)
    with store.begin() as conn:
        sound(store, conn)
        conn.execute(tables.enrolment.update().values(record_id=99))
    assert {f.check for f in check_integrity(store)} == {"enrolments", "ledger"}
    store.close()
