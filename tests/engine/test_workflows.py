"""Workflows: one trigger, finished on the spot (LANGUAGE 5.5)."""

from __future__ import annotations

from sqlalchemy import select

from seqlang.runtime.tick import tick
from seqlang.simulation.scenario import NewRecord
from seqlang.store import tables
from tests.breaking import refuse
from tests.engine.playing import World, contact, play

KIM, LOU = contact("kim@x.example", score=0), contact("lou@x.example", score=0)
HEAD = 'event "go"\nevent "done"\nrecord contact { score number, points number, stage text, tier text }\n'
HEAD += "record deal { priority text }\n"
MAIL = '{ subject: "x", text: "y" }'


def workflow(body: str, name: str = "W", record: str = "contact") -> str:
    return f'workflow "{name}" for {record} {{\n owner "ana@example.com"\n{body}\n}}\n'


def test_a_change_runs_it_once_on_the_values_then() -> None:
    text = HEAD + workflow(
        'on change of amount, stage when amount > 10_000 and stage = "Negotiation"\n'
        ' step tell: notify { to: owner, subject: "Big", text: "x" }\n set priority = "high"',
        record="deal",
    )
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-03T00:00",
        [KIM, NewRecord("deal", {"name": "Big", "contact": "kim@x.example"})],
        [
            "2026-03-02T10:00,deal:Big,changed,,,stage=Negotiation",
            "2026-03-02T11:00,deal:Big,changed,,,amount=20000",
            "2026-03-02T12:00,deal:Big,changed,,,amount=30000",
            "2026-03-02T12:00,deal:Big,changed,,,stage=Negotiation",
        ],
    )
    assert world.lines() == [
        "2026-03-02 11:00 deal:Big entered",
        "2026-03-02 11:00 deal:Big executed tell",
        "2026-03-02 11:00 deal:Big executed set",
        "2026-03-02 11:00 deal:Big exited : finished",
        "2026-03-02 12:00 deal:Big entered",
        "2026-03-02 12:00 deal:Big executed tell",
        "2026-03-02 12:00 deal:Big executed set",
        "2026-03-02 12:00 deal:Big exited : finished",
    ]


def test_two_changes_in_one_pass_run_it_once_and_the_same_value_does_not() -> None:
    text = HEAD + workflow("on change of score, stage\n add points 1")
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-03T00:00",
        [KIM],
        [
            "2026-03-02T10:00,kim@x.example,changed,,,score=5",
            "2026-03-02T10:00,kim@x.example,changed,,,stage=a",
            "2026-03-02T11:00,kim@x.example,changed,,,score=5",
        ],
    )
    assert world.lines("executed") == ["2026-03-02 10:00 kim executed add"]


def test_to_a_value_runs_only_then() -> None:
    text = HEAD + workflow('on change of stage to "won"\n add points 1')
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-03T00:00",
        [KIM],
        ["2026-03-02T10:00,kim@x.example,changed,,,stage=lost", "2026-03-02T11:00,kim@x.example,changed,,,stage=won"],
    )
    assert world.lines("executed") == ["2026-03-02 11:00 kim executed add"]


def test_each_event_runs_it_once_and_adds_are_summed() -> None:
    text = HEAD + workflow('on event "go"\n add score 5\n set tier = choose { "high" when score > 5; "low" otherwise }')
    world = play(text, "2026-03-02T08:00", "2026-03-03T00:00", [KIM], ["2026-03-02T10:00,kim@x.example,event,,,go"] * 3)
    assert len(world.lines("entered")) == 3
    assert world.field("contact", "kim@x.example", "score") == 15
    assert world.field("contact", "kim@x.example", "tier") == "low"


def test_created_is_no_updated() -> None:
    text = HEAD + workflow("on created\n add score 1", "A") + workflow("on updated\n add points 1", "B")
    world = World.of(text, "2026-03-02T08:00", [LOU])
    world.to("2026-03-02T10:05")
    world.add(contact("kim@x.example", score=0))
    world.to("2026-03-03T00:00")
    assert world.lines("executed") == ["2026-03-02 10:05 A / kim executed add", "2026-03-02 10:05 B / kim executed add"]


def test_its_own_changes_trigger_nothing_in_it() -> None:
    text = HEAD + workflow("on updated\n add score 1")
    world = play(text, "2026-03-02T08:00", "2026-03-03T00:00", [KIM], ["2026-03-02T10:00,kim@x.example,changed,,,stage=a"])
    assert world.lines("executed") == ["2026-03-02 10:00 kim executed add"]


def test_fields_that_the_engine_keeps_trigger_nothing() -> None:
    text = HEAD + workflow("on updated\n add score 1")
    world = play(text, "2026-03-02T08:00", "2026-03-03T00:00", [KIM], ["2026-03-02T10:00,kim@x.example,activity,,,Lunch"])
    assert world.lines() == []
    assert world.field("contact", "kim@x.example", "last_activity_type") == "Lunch"


def test_entered_and_exited_of_another_flow_run_it() -> None:
    text = (
        HEAD
        + 'journey "J" {\n owner "ana@example.com"\n enter on event "go"\n wait 1 day\n tag "T"\n}\n'
        + workflow('on entered "J"\n add score 1', "A")
        + workflow('on exited "J"\n add points 1', "B")
    )
    world = play(text, "2026-03-02T08:00", "2026-03-05T00:00", [KIM], ["2026-03-02T10:00,kim@x.example,event,,,go"])
    assert world.lines("executed") == [
        "2026-03-02 10:00 A / kim executed add",
        "2026-03-03 10:00 B / kim executed add",
        "2026-03-03 10:00 J / kim executed tag",
    ]


def test_outcome_and_overdue_run_it() -> None:
    text = (
        HEAD
        + 'journey "J" {\n owner "ana@example.com"\n enter on event "go"\n step ring: call { script: "x", due: 1 day }\n}\n'
        + workflow('on outcome "No answer"\n add score 1', "A")
        + workflow("on overdue\n add points 1", "B")
    )
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-06T00:00",
        [KIM, LOU],
        [
            "2026-03-02T10:00,kim@x.example,event,,,go",
            "2026-03-02T10:00,lou@x.example,event,,,go",
            "2026-03-02T15:00,kim@x.example,completed,J,ring,No answer",
            "2026-03-02T16:00,kim@x.example,completed,J,ring,No answer",
        ],
    )
    assert world.lines("executed", flow="A") == ["2026-03-02 15:00 kim executed add"]
    assert world.lines("executed", flow="B") == ["2026-03-03 10:00 lou executed add"]


def test_a_circle_ends_with_failed_loop() -> None:
    text = HEAD + workflow("on change of score\n add points 1", "A") + workflow("on change of points\n add score 1", "B")
    world = play(text, "2026-03-02T08:00", "2026-03-03T00:00", [KIM], ["2026-03-02T10:00,kim@x.example,changed,,,score=5"])
    assert len(world.lines("entered")) == 10
    assert [line for line in world.lines() if "failed" in line] == ["2026-03-02 10:00 A / kim failed : loop"]
    assert world.to("2026-03-05T00:00").lines("entered", "failed")[11:] == []


def test_runs_see_the_values_as_the_turn_begins() -> None:
    text = HEAD + workflow('on event "go"\n set tier = choose { "first" when score = 0; "later" otherwise }\n add score 1')
    world = play(text, "2026-03-02T08:00", "2026-03-03T00:00", [KIM], ["2026-03-02T10:00,kim@x.example,event,,,go"] * 2)
    assert world.field("contact", "kim@x.example", "tier") == "first"
    assert world.field("contact", "kim@x.example", "score") == 2


def test_a_flow_that_fails_is_set_aside_and_the_others_go_on() -> None:
    text = HEAD + workflow('on event "go"\n add score 1', "A") + workflow('on event "go"\n add points 1', "B")
    world = World.of(text, "2026-03-02T08:00", [KIM]).to("2026-03-02T10:00")
    with world.store.begin() as conn:
        refuse(conn, "UPDATE OF f_score ON contact", "new.id = new.id", "no")
    world.tell("kim@x.example", "event", value="go")
    tick(world.store, world.now)
    assert world.lines("entered", "executed") == ["2026-03-02 10:00 B / kim entered", "2026-03-02 10:00 B / kim executed add"]
    with world.store.read() as conn:
        ((what, reason),) = conn.execute(select(tables.quarantine.c.what, tables.quarantine.c.reason))
    assert (what, reason.partition(" CONTEXT")[0]) == ("workflow", "IntegrityError: no")


def test_a_workflow_for_accounts_takes_the_account() -> None:
    text = HEAD + "record account { tier text }\n" + workflow('on updated\n set tier = "big"', record="account")
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-03T00:00",
        [NewRecord("account", {"name": "X", "domain": "x.example"})],
        ["2026-03-02T10:00,x.example,changed,,,employees=50"],
    )
    assert world.lines()[0].startswith("2026-03-02 10:00 account:")
    assert world.field("account", "x.example", "tier") == "big"
