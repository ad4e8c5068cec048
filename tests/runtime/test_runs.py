"""Runs of sequences, tick by tick: missed ones, clocks that move, ticks twice, flows that fail (LANGUAGE 5.1, end of 5.8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from seqlang.runtime.tick import next_instant, tick
from seqlang.simulation.scenario import NewRecord
from seqlang.store import Store, tables
from seqlang.vocabulary.settings import UserSettings
from tests.breaking import refuse
from tests.engine.playing import World, contact, instant

KIM = contact("kim@x.example")
MAIL = '{ subject: "s", text: "t" }'


def sequence(
    steps: str, name: str = "F", run: str = 'daily at 09:00 in "UTC"', rest: str = "", head: str = "", kind: str = "classic"
) -> str:
    """Return a sequence that takes everybody."""
    return f'{head}\n{kind} sequence "{name}" {{\n owner "ana@example.com"\n run {run}\n audience {{ }}\n{steps}\n{rest}\n}}\n'


def at(world: World, when: str) -> World:
    """Tick at an instant, whatever lies between."""
    world.now = instant(when)
    return world.tick()


def test_start_at_the_very_instant_of_a_run_is_its_first_run() -> None:
    world = World.of(sequence(f"step a: email on day 1 {MAIL}"), "2026-03-02T09:00", [KIM])
    assert at(world, "2026-03-02T09:00").lines() == ["2026-03-02 09:00 kim entered", "2026-03-02 09:00 kim executed a"]


def test_tick_later_on_the_date_of_a_missed_run_does_it_as_of_its_instant() -> None:
    world = World.of(sequence(f"step a: email on day 1 {MAIL}", run='every 4 hours in "UTC"'), "2026-03-02T07:00", [KIM])
    at(world, "2026-03-02T17:30")  # 08:00, 12:00 and 16:00 were missed: one run makes up for all
    assert world.lines() == ["2026-03-02 16:00 kim entered", "2026-03-02 16:00 kim executed a"]
    assert world.lines() == at(world, "2026-03-02T18:00").lines()


def test_run_missed_on_an_earlier_date_is_left_to_the_next_one() -> None:
    world = World.of(sequence(f"step a: email on day 1 {MAIL}"), "2026-03-02T08:00", [KIM])
    assert at(world, "2026-03-03T07:00").lines() == []
    assert at(world, "2026-03-03T09:00").lines("entered") == ["2026-03-03 09:00 kim entered"]


def test_after_an_outage_nobody_gets_steps_of_two_days_in_one_run() -> None:
    steps = "\n".join(f"step s{n}: email on day {n} {MAIL}" for n in (1, 2, 3, 5))
    world = World.of(sequence(steps), "2026-03-02T08:00", [KIM])
    at(world, "2026-03-02T09:00")
    for day in ("12", "13", "14", "15"):
        at(world, f"2026-03-{day}T09:00")
    assert world.lines("executed") == [
        "2026-03-02 09:00 kim executed s1",
        "2026-03-12 09:00 kim executed s2",
        "2026-03-13 09:00 kim executed s3",
        "2026-03-14 09:00 kim executed s5",
    ]


def test_same_tick_twice_changes_nothing_and_an_earlier_one_says_so(store: Store) -> None:
    text = sequence(f'step a: email on day 1 {MAIL}\nstep b: task on day 1 {{ title: "t" }}', rest="exit when finished")
    world = World.of(text, "2026-03-02T08:00", [KIM], store=store)
    before = at(world, "2026-03-02T09:00").lines()
    again = tick(store, instant("2026-03-02T09:00"))
    assert not again.stale
    assert again.counts == {}
    assert world.lines() == before
    stale = tick(store, instant("2026-03-02T08:59"))
    assert stale.stale
    assert world.lines() == before


def test_report_counts_lines_by_flow() -> None:
    world = World.of(sequence(f"step a: email on day 1 {MAIL}", rest="exit when finished"), "2026-03-02T08:00", [KIM])
    report = tick(world.store, instant("2026-03-02T09:00"))
    assert report.flows == {"F": {"entered": 1, "executed": 1, "exited": 1}}
    assert report.counts == {"entered": 1, "executed": 1, "exited": 1}
    assert report.runs == 1


def test_run_that_the_clocks_skip_is_the_first_instant_after_the_gap_and_counts_on_its_date() -> None:
    steps = f"step a: email on day 1 {MAIL}\nstep b: email on day 2 {MAIL}"
    world = World.of(sequence(steps, run='daily at 02:30 in "Europe/Berlin"'), "2026-03-28T00:00+01:00", [KIM])
    world.to("2026-03-30T00:00")
    assert world.lines("executed", zone="Europe/Berlin") == [
        "2026-03-28 02:30 kim executed a",
        "2026-03-29 03:00 kim executed b",
    ]


def test_run_at_a_time_that_comes_twice_happens_once_the_first_time() -> None:
    steps = f"step a: email on day 1 {MAIL}\nstep b: email on day 2 {MAIL}"
    world = World.of(sequence(steps, run='daily at 02:30 in "Europe/Berlin"'), "2026-10-24T12:00+02:00", [KIM])
    world.to("2026-10-27T00:00")
    assert world.lines("executed") == ["2026-10-25 00:30 kim executed a", "2026-10-26 01:30 kim executed b"]


def test_leap_day_counts_as_a_day() -> None:
    steps = f"step a: email on day 1 {MAIL}\nstep b: email on day 2 {MAIL}\nstep c: email on day 3 {MAIL}"
    world = World.of(sequence(steps), "2028-02-28T08:00", [KIM]).to("2028-03-05T00:00")
    assert [line[:10] for line in world.lines("executed")] == ["2028-02-28", "2028-02-29", "2028-03-01"]


def test_flows_are_done_by_planned_instant_then_name() -> None:
    one = sequence(f"step a: email on day 1 {MAIL}", name="Zed", run='daily at 08:00 in "UTC"')
    two = sequence(f"step a: email on day 1 {MAIL}", name="Bea")
    three = sequence(f"step a: email on day 1 {MAIL}", name="Abe")
    world = World.of(one + two + three, "2026-03-02T07:00", [KIM])
    at(world, "2026-03-02T09:30")
    assert [line.split()[2] for line in world.lines("entered")] == ["Zed", "Abe", "Bea"]


def test_flow_that_fails_is_set_aside_and_stops_no_other() -> None:
    head = "record contact { score number }"
    broken = sequence(f"step a: email on day 1 when score > 5 {MAIL}", name="Broken", head=head)
    world = World.of(broken + sequence(f"step a: email on day 1 {MAIL}", name="Sound"), "2026-03-02T08:00", [KIM])
    with world.store.begin() as conn:
        row = conn.execute(
            select(tables.plan)
            .join(tables.flow, tables.flow.c.plan_hash == tables.plan.c.hash)
            .where(tables.flow.c.name == "Broken")
        ).one()
        conn.execute(insert(tables.plan).values(hash="0" * 64, body=row.body.replace('"score"', '"gone"'), created_at=0))
        conn.execute(update(tables.flow).where(tables.flow.c.name == "Broken").values(plan_hash="0" * 64))
    report = tick(world.store, instant("2026-03-02T09:00"))
    assert [(q.flow, q.record_id) for q in report.quarantined] == [("Broken", None)]
    assert world.lines() == ["2026-03-02 09:00 Sound / kim entered", "2026-03-02 09:00 Sound / kim executed a"]
    tick(world.store, instant("2026-03-02T10:00"))
    with world.store.read() as conn:
        assert len(conn.execute(select(tables.quarantine)).all()) == 1, "the same failure is noted once"


def test_journey_that_fails_is_told_in_the_report_and_its_lines_are_not_counted() -> None:
    head = 'event "came"\nrecord contact { score number }\n'
    journey = f'journey "Broken" {{\n owner "ana@example.com"\n enter when score > 5\n step a: email {MAIL}\n wait 2 days\n}}\n'
    rich = contact("kim@x.example", score=9)
    world = World.of(head + journey + sequence(f"step a: email on day 1 {MAIL}", name="Sound"), "2026-03-02T08:00", [rich])
    with world.store.begin() as conn:
        refuse(conn, "UPDATE OF node_id ON enrolment", "new.node_id IS NOT NULL", "no way on")
    report = tick(world.store, instant("2026-03-02T09:00"))
    assert [(q.flow, q.record_id) for q in report.quarantined] == [("Broken", None)]
    assert "no way on" in report.quarantined[0].reason
    assert report.counts == {"entered": 1, "executed": 1}
    assert set(report.flows) == {"Sound"}


def test_row_that_fails_is_set_aside_and_the_others_go_on() -> None:
    text = sequence(f"step a: email on day 2 when score > 5 {MAIL}", head="record contact { score number }")
    people = [contact(f"p{n}@x.example", score=9 if n == 4 else 0) for n in range(7)]
    world = World.of(text, "2026-03-02T08:00", people)
    at(world, "2026-03-02T09:00")
    with world.store.begin() as conn:
        stay = conn.execute(select(tables.enrolment.c.id).where(tables.enrolment.c.record_id == 3)).scalar_one()
        refuse(conn, "INSERT ON ledger", f"new.enrolment_id = {stay}", "broken row")
    report = tick(world.store, instant("2026-03-03T09:00"))
    assert [(q.flow, q.record_id) for q in report.quarantined] == [("F", 3)]
    assert world.lines("executed", "skipped", "exited") == [
        f"2026-03-03 09:00 p{n} {'executed a' if n == 4 else 'skipped a : condition'}" for n in (0, 1, 3, 4, 5, 6)
    ]
    assert tick(world.store, instant("2026-03-04T09:00")).quarantined == ()


def test_deactivated_owners_flows_stop() -> None:
    users = [UserSettings(email="ana@example.com", active=False)]
    world = World.of(sequence(f"step a: email on day 1 {MAIL}"), "2026-03-02T08:00", [KIM], users=users)
    assert at(world, "2026-03-02T09:00").lines() == []
    with world.store.read() as conn:
        assert conn.execute(select(tables.flow.c.state)).scalar_one() == "stopped"


def test_two_hundred_steps_are_all_done() -> None:
    steps = "\n".join(f'step s{n}: task on day {n % 50 + 1} {{ title: "t" }}' for n in range(200))
    world = World.of(sequence(steps, rest="exit when finished"), "2026-03-02T08:00", [KIM]).to("2026-05-01T00:00")
    assert len(world.lines("executed")) == 200
    assert world.lines("exited") == ["2026-04-20 09:00 kim exited : finished"]


def test_five_hundred_flows_are_done_in_one_tick() -> None:
    text = "".join(sequence('step a: task on day 1 { title: "t" }', name=f"F{n:03}") for n in range(500))
    world = World.of(text, "2026-03-02T08:00", [KIM])
    report = tick(world.store, instant("2026-03-02T09:00"))
    assert report.counts == {"entered": 500, "executed": 500}
    assert report.runs == 500


def test_nobody_in_the_audience_is_no_failure() -> None:
    world = World.of(sequence(f"step a: email on day 1 {MAIL}"), "2026-03-02T08:00", [])
    assert tick(world.store, instant("2026-03-02T09:00")).counts == {}


def test_next_instant_is_the_next_run_or_the_opening_of_a_window() -> None:
    steps = f"step a: email on day 1 {MAIL}"
    world = World.of(sequence(steps, rest='window mon-fri 10:00-12:00 in "UTC"'), "2026-03-02T08:00", [KIM])
    assert next_instant(world.store, instant("2026-03-02T08:00")) == instant("2026-03-02T09:00")
    at(world, "2026-03-02T09:00")
    assert next_instant(world.store, instant("2026-03-02T09:00")) == instant("2026-03-02T10:00")
    at(world, "2026-03-02T10:00")
    assert next_instant(world.store, instant("2026-03-02T10:00")) == instant("2026-03-03T09:00")


def test_next_instant_of_nothing_is_none() -> None:
    store = Store.in_memory()
    assert next_instant(store, instant("2026-03-02T08:00")) is None


@pytest.mark.parametrize("hours", [1, 25])
def test_window_that_opened_during_an_outage_is_made_up_for_while_it_is_open(hours: int) -> None:
    text = sequence(f"step a: email on day 1 {MAIL}", rest='window mon-sun 10:00-12:00 in "UTC"')
    world = World.of(text, "2026-03-02T08:00", [KIM])
    at(world, "2026-03-02T09:00")
    report = tick(world.store, instant("2026-03-02T10:00") + timedelta(hours=hours))
    assert report.counts["executed"] == 1


def test_window_that_opened_and_closed_during_an_outage_lets_nothing_out_until_it_opens_again() -> None:
    text = sequence(f"step a: email on day 1 {MAIL}", rest='window mon-sun 10:00-12:00 in "UTC"')
    world = World.of(text, "2026-03-02T08:00", [KIM])
    at(world, "2026-03-02T09:00")
    at(world, "2026-03-02T13:00")  # the opening at 10:00 was missed, and now it is closed
    assert world.lines("executed") == []
    at(world, "2026-03-03T10:00")
    assert world.lines("executed", "deferred") == [
        "2026-03-02 09:00 kim deferred a : window",
        "2026-03-02 10:00 kim deferred a : window",
        "2026-03-03 10:00 kim executed a",
    ]


def test_run_that_is_made_up_for_looks_at_the_window_by_the_clock() -> None:
    text = sequence(f"step a: email on day 1 {MAIL}", rest='window mon-sun 08:00-18:00 in "UTC"')
    world = at(World.of(text, "2026-03-02T08:00", [KIM]), "2026-03-02T22:00")  # nobody gets mail at ten in the evening
    assert world.lines("executed", "deferred") == ["2026-03-02 09:00 kim deferred a : window"]
    assert at(world, "2026-03-03T08:00").lines("executed") == ["2026-03-03 08:00 kim executed a"]


def test_message_of_a_run_that_is_made_up_for_too_late_is_skipped() -> None:
    text = sequence(f"step a: email on day 1 {MAIL}", rest="skip when more than 5 hours late")
    assert at(World.of(text, "2026-03-02T08:00", [KIM]), "2026-03-02T14:00").lines("executed", "skipped") == [
        "2026-03-02 09:00 kim executed a"
    ]
    assert at(World.of(text, "2026-03-02T08:00", [KIM]), "2026-03-02T14:01").lines("executed", "skipped") == [
        "2026-03-02 09:00 kim skipped a : late"
    ]


def test_account_flow_enrols_the_contacts_of_matching_accounts() -> None:
    head = 'classic sequence "A" for account {\n owner "ana@example.com"\n run daily at 09:00 in "UTC"\n'
    text = f'{head} audience {{ where industry = "Software" }}\n step a: email on day 1 {MAIL}\n}}\n'
    records = [
        NewRecord("account", {"name": "Acme", "domain": "acme.example", "industry": "Software"}),
        contact("kim@acme.example", account="acme.example"),
        contact("lou@x.example"),
    ]
    world = World.of(text, "2026-03-02T08:00", records)
    assert at(world, "2026-03-02T09:00").lines("entered") == ["2026-03-02 09:00 kim entered"]
