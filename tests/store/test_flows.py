"""Plans, flows, the timeline and the figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, select

from seqlang.clock import to_micros
from seqlang.errors import NotFoundError
from seqlang.plan.model import FlowPlan, Manners, StepNode, digest
from seqlang.store import Store, tables
from seqlang.store.plans import (
    all_flows,
    get_content,
    get_flow,
    get_plan,
    missing_contents,
    node_ids,
    put_content,
    put_flow,
    put_plan,
)
from seqlang.store.records import delete, upsert
from seqlang.store.reports import funnel, status
from seqlang.store.timeline import TimelineQuestion, last_line, timeline

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def plan(name: str, *steps: str, subject: str = "contact", **more: Any) -> FlowPlan:
    nodes = tuple(StepNode(key=s, channel="email", effect="message") for s in steps)
    return FlowPlan(name=name, kind="classic", for_record=subject, subject=subject, zone="Europe/Berlin", nodes=nodes, **more)


@pytest.fixture
def conn(store: Store) -> Iterator[Connection]:
    with store.begin() as opened:
        yield opened


def test_plan_and_content_are_kept_once_by_their_hash(store: Store, conn: Connection) -> None:
    made = plan("Outreach", "hello")
    assert put_plan(conn, store, made, AT) == put_plan(conn, store, made, AT) == digest(made)
    assert get_plan(conn, digest(made)) == made
    name = put_content(conn, store, b"\x00\xff<html>")
    assert put_content(conn, store, b"\x00\xff<html>") == name
    assert get_content(conn, name) == b"\x00\xff<html>"
    assert missing_contents(conn, [name, "f" * 64]) == {"f" * 64}
    with pytest.raises(NotFoundError):
        get_plan(conn, "f" * 64)
    with pytest.raises(NotFoundError):
        get_content(conn, "f" * 64)


def test_new_flow_is_a_draft_and_changes_at_once(store: Store, conn: Connection) -> None:
    first = put_flow(conn, store, plan("Outreach", "hello", owner="Ana@a.example"), position=3, at=AT)
    assert (first.state, first.owner, first.zone, first.record, first.position) == (
        "draft",
        "ana@a.example",
        "Europe/Berlin",
        "contact",
        3,
    )
    second = put_flow(conn, store, plan("Outreach", "hello", "bump", manners=Manners(exclusive=True)), position=1, at=AT)
    assert (second.id, second.plan_next_hash, second.exclusive, second.position) == (first.id, None, True, 1)
    assert second.plan_hash != first.plan_hash
    assert set(node_ids(conn, first.id)) == {"hello", "bump"}


def test_edit_of_a_flow_under_way_waits_for_its_next_run(store: Store, conn: Connection) -> None:
    before = put_flow(conn, store, plan("Outreach", "hello"), position=0, at=AT)
    conn.execute(tables.flow.update().values(state="active"))
    edited = put_flow(conn, store, plan("Outreach", "hello", "bump"), position=0, at=AT)
    assert edited.plan_hash == before.plan_hash
    assert edited.plan_next_hash == digest(plan("Outreach", "hello", "bump"))
    assert set(node_ids(conn, before.id)) == {"hello"}
    assert put_flow(conn, store, plan("Outreach", "hello"), position=0, at=AT).plan_next_hash is None


def test_unknown_flow_is_told_with_the_nearest_name(store: Store, conn: Connection) -> None:
    put_flow(conn, store, plan("Outreach"), position=0, at=AT)
    with pytest.raises(NotFoundError) as caught:
        get_flow(conn, "Outreech")
    assert "Outreach" in (caught.value.hint or "")
    assert [f.name for f in all_flows(conn)] == ["Outreach"]
    assert all_flows(conn, state="active") == ()


def lived(store: Store, conn: Connection) -> dict[str, int]:
    """Make three contacts in one sequence and a deal in another: messages, opens, exits, a split."""
    flow = put_flow(conn, store, plan("Outreach", "hello", "bump"), position=0, at=AT)
    deals = put_flow(conn, store, plan("Deals", "tell", subject="deal"), position=1, at=AT)
    people = upsert(conn, store, "contact", [{"email": f"{n}@a.example"} for n in ("lee", "kim", "max")], at=AT).ids
    (deal,) = upsert(conn, store, "deal", [{"name": "Big", "contact": people[1]}], at=AT).ids
    nodes = node_ids(conn, flow.id)
    split = conn.execute(tables.node.insert().values(flow_id=flow.id, key="split:offer").returning(tables.node.c.id)).scalar_one()
    for n, person in enumerate(people, 1):
        conn.execute(
            tables.enrolment.insert().values(
                id=n,
                flow_id=flow.id,
                record_id=person,
                contact_id=person,
                entered_at=0,
                entry_on=1,
                active=n != 1,
                exit_reason="replied" if n == 1 else None,
            )
        )
        line(conn, n, flow.id, person, "entered")
        line(
            conn,
            n,
            flow.id,
            person,
            "executed",
            node_id=nodes["hello"],
            channel="email",
            effect="message",
            occurrence=0,
            state="planned" if n == 3 else "accepted",
        )
        conn.execute(tables.side.insert().values(flow_id=flow.id, node_id=split, record_id=person, side="a" if n < 3 else "b"))
    line(conn, 2, flow.id, people[1], "skipped", node_id=nodes["bump"], why="condition")
    line(conn, 1, flow.id, people[0], "exited", why="replied", at=to_micros(AT) + 1)
    line(conn, 2, flow.id, people[1], "executed", step="tag")
    conn.execute(
        tables.enrolment.insert().values(id=4, flow_id=deals.id, record_id=deal, contact_id=people[1], entered_at=0, entry_on=1)
    )
    line(conn, 4, deals.id, deal, "entered", contact_id=people[1])
    tell(conn, flow.id, nodes["hello"], people)
    return {"lee": people[0], "kim": people[1], "deal": deal}


def tell(conn: Connection, flow: int, node: int, people: Sequence[int]) -> None:
    """Let the first open and answer, the second click twice; a machine opened the second's."""
    events: tuple[tuple[int, str, bool], ...] = (
        (1, "opened", False), (1, "replied", False), (2, "opened", True), (2, "clicked", False), (2, "clicked", False),
    )
    for n, kind, machine in events:
        person = people[n - 1]
        told = {"kind": kind, "machine": machine, "record_id": person, "contact_id": person, "enrolment_id": n}
        conn.execute(tables.event.insert().values(at=1, recorded_at=1, flow_id=flow, node_id=node, **told))


def line(conn: Connection, enrolment: int, flow: int, record: int, what: str, **more: Any) -> None:
    values = {"at": to_micros(AT), "contact_id": record} | more
    conn.execute(tables.ledger.insert().values(enrolment_id=enrolment, flow_id=flow, record_id=record, what=what, **values))


def test_timeline_is_ordered_by_time_flow_contact_and_writing(store: Store, conn: Connection) -> None:
    lived(store, conn)
    found = [(li.flow, li.record, li.what, li.step, li.why) for li in timeline(conn, store)]
    assert found == [
        ("Deals", "deal:Big", "entered", None, None),
        ("Outreach", "contact:kim@a.example", "entered", None, None),
        ("Outreach", "contact:kim@a.example", "executed", "hello", None),
        ("Outreach", "contact:kim@a.example", "skipped", "bump", "condition"),
        ("Outreach", "contact:kim@a.example", "executed", "tag", None),
        ("Outreach", "contact:lee@a.example", "entered", None, None),
        ("Outreach", "contact:lee@a.example", "executed", "hello", None),
        ("Outreach", "contact:max@a.example", "entered", None, None),
        ("Outreach", "contact:max@a.example", "executed", "hello", None),
        ("Outreach", "contact:lee@a.example", "exited", None, "replied"),
    ]
    first = next(timeline(conn, store))
    assert (first.at, first.zone, first.contact) == (AT, "Europe/Berlin", "kim@a.example")


def test_timeline_is_filtered_and_followed(store: Store, conn: Connection) -> None:
    lived(store, conn)
    kim = list(timeline(conn, store, TimelineQuestion(contact="KIM@a.example")))
    assert {li.contact for li in kim} == {"kim@a.example"}
    assert {li.flow for li in kim} == {"Deals", "Outreach"}
    assert [li.what for li in timeline(conn, store, TimelineQuestion(contact="lee@a.example", flow="Outreach"))] == [
        "entered",
        "executed",
        "exited",
    ]
    newest = last_line(conn)
    assert [li.id for li in timeline(conn, store, TimelineQuestion(after_id=newest - 2))] == [newest - 1, newest]
    assert list(timeline(conn, store, TimelineQuestion(until=AT))) == []


def test_deleted_deal_keeps_its_name_in_the_timeline(store: Store, conn: Connection) -> None:
    there = lived(store, conn)
    delete(conn, store, "deal", [there["deal"]], AT)
    assert [(li.record, li.what, li.why) for li in timeline(conn, store, TimelineQuestion(flow="Deals"))] == [
        ("deal:Big", "entered", None),
        ("deal:Big", "exited", "deleted"),
    ]


def test_status_counts_who_is_in_who_left_and_what_waits(store: Store, conn: Connection) -> None:
    lived(store, conn)
    outreach, deals = status(conn)
    assert (outreach.name, outreach.active, outreach.ended, dict(outreach.exits)) == ("Outreach", 2, 1, {"replied": 1})
    assert dict(outreach.outbox) == {"accepted": 2, "planned": 1}
    assert (deals.active, deals.ended) == (1, 0)


def test_funnel_counts_each_contact_once_and_machines_never(store: Store, conn: Connection) -> None:
    lived(store, conn)
    found = funnel(conn, get_flow(conn, "Outreach"), (("hello", "email"), ("bump", "email")))
    hello, bump = found.steps
    assert (found.entered, found.active, dict(found.exits)) == (3, 2, {"replied": 1})
    assert (hello.executed, hello.accepted, hello.waiting, hello.opened, hello.clicked, hello.replied) == (3, 2, 1, 2, 1, 1)
    assert (bump.executed, dict(bump.skipped)) == (0, {"condition": 1})
    assert [(s.split, s.side, s.contacts, s.opened, s.clicked, s.replied) for s in found.sides] == [
        ("offer", "a", 2, 2, 1, 1),
        ("offer", "b", 1, 0, 0, 0),
    ]


def test_flow_without_anybody_has_figures_of_nothing(store: Store, conn: Connection) -> None:
    put_flow(conn, store, plan("Outreach", "hello"), position=0, at=AT)
    found = funnel(conn, get_flow(conn, "Outreach"), (("hello", "email"),))
    assert (found.entered, found.active, found.steps[0].executed) == (0, 0, 0)
    assert conn.execute(select(tables.ledger)).all() == []
