"""Edits of a flow that people are in: they take effect at the next run, by the names of steps (LANGUAGE 5.1 to 5.4)."""

from __future__ import annotations

import json

from sqlalchemy import select

from seqlang.simulation.scenario import Value
from seqlang.store import tables
from seqlang.store.plans import put_flow
from tests.engine.playing import World, contact, plan_of

KIM = contact("kim@x.example", first_name="Kim")
LOU = contact("lou@x.example")


def mail(name: str, timing: str = "", text: str = "t", when: str = "") -> str:
    """Return an email step."""
    return f'step {name}: email {timing} {when} {{ subject: "s", text: "{text}" }}\n'


def flow(
    steps: str, *, kind: str = "classic sequence", run: str = 'daily at 09:00 in "UTC"', audience: str = "audience { }"
) -> str:
    """Return a flow."""
    return f'{kind} "F" {{\n owner "ana@example.com"\n run {run}\n {audience}\n{steps}}}\n'


def edit(world: World, text: str) -> None:
    """Apply another version now."""
    with world.store.begin() as conn:
        for position, plan in enumerate(plan_of(text).flows):
            put_flow(conn, world.store, plan, position=position, at=world.now)


def test_an_edit_that_limits_who_comes_in_counts_who_came_in_today() -> None:
    people = [contact(f"p{n}@x.example", title="go" if n < 3 else "later") for n in range(1, 6)]
    steps, often = mail("a", "on day 1"), 'every 6 hours in "UTC"'
    world = World.of(flow(steps, run=often, audience='audience { where title = "go" }'), "2026-03-02T01:00", people)
    world.to("2026-03-02T07:00")
    edit(world, flow(f"admit at most 3 a day\n{steps}", run=often))
    assert world.to("2026-03-03T01:00").lines("entered") == [
        "2026-03-02 06:00 p1 entered",
        "2026-03-02 06:00 p2 entered",
        "2026-03-02 12:00 p3 entered",
        "2026-03-03 00:00 p4 entered",
        "2026-03-03 00:00 p5 entered",
    ]


def test_added_step_goes_to_those_who_have_had_no_step_of_a_later_day() -> None:
    before = mail("a", "on day 1") + mail("c", "on day 4")
    world = World.of(
        flow(before, audience='audience { where title = "go" }'),
        "2026-03-02T08:00",
        [contact("kim@x.example", title="go"), contact("lou@x.example")],
    )
    world.to("2026-03-03T12:00")
    world.tell("lou@x.example", "changed", value="title=go")
    world.to("2026-03-05T12:00")  # kim has had c on day 4, lou is on day 2
    edit(
        world,
        flow(mail("a", "on day 1") + mail("b", "on day 2") + mail("c", "on day 4"), audience='audience { where title = "go" }'),
    )
    world.to("2026-03-12T00:00")
    assert world.lines("executed") == [
        "2026-03-02 09:00 kim executed a",
        "2026-03-04 09:00 lou executed a",
        "2026-03-05 09:00 kim executed c",
        "2026-03-06 09:00 lou executed b",
        "2026-03-07 09:00 lou executed c",
    ]


def test_step_that_was_had_does_not_come_again_however_it_was_edited() -> None:
    world = World.of(flow(mail("a", "on day 1") + mail("b", "on day 3")), "2026-03-02T08:00", [KIM]).to("2026-03-03T12:00")
    edit(world, flow(mail("a", "on day 4", text="other") + mail("b", "on day 3", text="new")))
    world.to("2026-03-12T00:00")
    assert world.lines("executed") == ["2026-03-02 09:00 kim executed a", "2026-03-04 09:00 kim executed b"]
    with world.store.read() as conn:
        hashes = conn.execute(select(tables.ledger.c.plan_hash).where(tables.ledger.c.what == "executed")).scalars().all()
    assert len(set(hashes)) == 2, "b goes by the new text"


def test_declared_rename_keeps_what_was_had() -> None:
    world = World.of(flow(mail("a", "on day 1") + mail("b", "on day 3")), "2026-03-02T08:00", [KIM]).to("2026-03-02T12:00")
    edit(world, flow("moved a to hello\n" + mail("hello", "on day 1") + mail("b", "on day 3", when="when sent(hello)")))
    world.to("2026-03-12T00:00")
    assert world.lines("executed") == ["2026-03-02 09:00 kim executed hello", "2026-03-04 09:00 kim executed b"]


def test_removed_step_does_not_come() -> None:
    world = World.of(flow(mail("a", "on day 1") + mail("b", "on day 3") + mail("c", "on day 5")), "2026-03-02T08:00", [KIM])
    world.to("2026-03-02T12:00")
    edit(world, flow(mail("a", "on day 1") + mail("c", "on day 5")))
    assert world.to("2026-03-12T00:00").lines("executed") == [
        "2026-03-02 09:00 kim executed a",
        "2026-03-06 09:00 kim executed c",
    ]


def test_who_has_had_all_steps_gets_steps_that_are_added_later() -> None:
    world = World.of(flow(mail("a", "on day 1")), "2026-03-02T08:00", [KIM]).to("2026-03-10T12:00")
    edit(world, flow(mail("a", "on day 1") + mail("b", "on day 3")))
    assert world.to("2026-03-15T00:00").lines("executed")[-1] == "2026-03-11 09:00 kim executed b"


def test_finished_that_is_added_lets_go_who_has_had_all() -> None:
    world = World.of(flow(mail("a", "on day 1")), "2026-03-02T08:00", [KIM]).to("2026-03-03T12:00")
    edit(world, flow(mail("a", "on day 1") + "exit when finished\n"))
    assert world.to("2026-03-06T00:00").lines("exited") == ["2026-03-04 09:00 kim exited : finished"]


def test_schedule_edited_between_two_runs_counts_from_the_next_run() -> None:
    steps = mail("a", "on day 1") + mail("b", "on day 2") + mail("c", "on day 3")
    world = World.of(flow(steps), "2026-03-02T08:00", [KIM]).to("2026-03-02T12:00")
    world.tick()
    edit(world, flow(steps, run='daily at 14:00 in "UTC" except weekends'))
    assert world.to("2026-03-10T00:00").lines("executed") == [
        "2026-03-02 09:00 kim executed a",
        "2026-03-03 14:00 kim executed b",
        "2026-03-04 14:00 kim executed c",
    ]


def test_smart_sequence_chooses_among_the_steps_of_the_edit() -> None:
    kind = "smart sequence"
    world = World.of(flow(mail("a"), kind=kind), "2026-03-02T08:00", [KIM]).to("2026-03-04T12:00")
    edit(world, flow(mail("b") + mail("a"), kind=kind))
    assert world.to("2026-03-10T00:00").lines("executed") == [
        "2026-03-02 09:00 kim executed a",
        "2026-03-05 09:00 kim executed b",
    ]


def test_cadence_carries_on_by_the_contents_at_enrolment() -> None:
    kind, hand = "cadence", ""
    world = World.of(
        flow(mail("a", "on day 1") + mail("b", "on day 3"), kind=kind, audience=hand), "2026-03-02T08:00", [KIM, LOU]
    )
    world.tell("kim@x.example", "enrolled", "F")
    world.to("2026-03-02T12:00")
    edit(world, flow(mail("a", "on day 1", text="new") + mail("x", "on day 2"), kind=kind, audience=hand))
    world.tell("lou@x.example", "enrolled", "F")
    world.to("2026-03-10T00:00")
    assert world.lines("executed") == [
        "2026-03-02 09:00 kim executed a",
        "2026-03-03 09:00 lou executed a",
        "2026-03-04 09:00 kim executed b",
        "2026-03-04 09:00 lou executed x",
    ]


def test_cadence_fixes_the_values_of_placeholders() -> None:
    steps = mail("a", "on day 2", text="{{ contact.first_name }} of {{ contact.account.name }}, {{ owner.email }}")
    world = World.of(flow(steps, kind="cadence", audience=""), "2026-03-02T08:00", [KIM])
    world.tell("kim@x.example", "enrolled", "F")
    world.to("2026-03-02T12:00")
    with world.store.read() as conn:
        fixed: dict[str, Value] = json.loads(conn.execute(select(tables.pinned.c.body)).scalar_one())
    assert fixed["contact.first_name"] == "Kim"
    assert fixed.get("contact.account.name") is None
