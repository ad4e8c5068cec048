"""Clocks that jump, days that are rare, and time that goes wrong: in sequences and journeys alike."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from seqlang.engine.telling import Told, tell_all
from seqlang.runtime.tick import tick
from seqlang.vocabulary.settings import ProjectSettings
from tests.engine.playing import World, contact, instant, play

MAIL = '{ subject: "s", text: "t" }'
KIM = contact("kim@x.example")


def sequence(body: str, run: str = 'daily at 09:00 in "UTC"') -> str:
    return f'classic sequence "F" {{\n owner "ana@example.com"\n run {run}\n audience {{ }}\n{body}\n}}\n'


def journey(body: str, head: str = "") -> str:
    return f'event "go"\nevent "page"\n{head}journey "F" {{\n owner "ana@example.com"\n enter on event "go"\n{body}\n}}\n'


@pytest.mark.parametrize(
    ("since", "ends"),
    [("2026-03-28T12:00+01:00", "2026-03-29 12:00"), ("2026-10-24T12:00+02:00", "2026-10-25 12:00")],
    ids=["clocks go forward", "clocks go back"],
)
def test_a_day_is_a_calendar_day_and_24_hours_are_24_hours(since: str, ends: str) -> None:
    text = journey('wait 1 day\nset title = "day"') + (
        'journey "H" { owner "ana@example.com"; enter on event "go"\n wait 24 hours\n set last_name = "hours" }\n'
    )
    world = World.of(text, since, [KIM], settings=ProjectSettings(timezone="Europe/Berlin"))
    world.tell("kim@x.example", "event", value="go")
    world.to("2026-11-01T00:00" if "-10-" in since else "2026-04-01T00:00")
    by_flow = {line.split(" / ")[0][-1]: line[:16] for line in world.lines("executed", zone="Europe/Berlin")}
    later = "2026-03-29 13:00" if "-03-" in since else "2026-10-25 11:00"
    assert by_flow == {"F": ends, "H": later}


def test_every_four_hours_over_both_changes_of_the_clocks() -> None:
    run = 'every 4 hours from 02:00 in "Europe/Berlin"'
    text = sequence('step a: task on day 1 { title: "t" }\nstep b: task on day 2 { title: "t" }', run)
    for since, first, second in (
        ("2026-03-28T23:30+01:00", "2026-03-29 03:00", "2026-03-30 02:00"),
        ("2026-10-24T23:30+02:00", "2026-10-25 02:00", "2026-10-26 02:00"),
    ):
        world = World.of(text, since, [KIM]).to("2026-10-30T00:00" if "-10-" in since else "2026-04-02T00:00")
        assert world.lines("executed", zone="Europe/Berlin") == [f"{first} kim executed a", f"{second} kim executed b"]


def test_a_leap_day_in_waits_days_and_dates() -> None:
    text = journey('wait 1 day\nset title = "a"\nwait until 1 day after ends\nset title = "b"', "record contact { ends date }\n")
    world = play(text, "2028-02-28T08:00", "2028-04-01T00:00", [contact("kim@x.example", ends=datetime(2028, 2, 29).date())],
                 ["2028-02-28T10:00,kim@x.example,event,,,go"])
    assert world.lines("executed") == ["2028-02-29 10:00 kim executed set", "2028-03-01 00:00 kim executed set"]
    plain = play(text, "2027-02-28T08:00", "2027-04-01T00:00", [KIM], ["2027-02-28T10:00,kim@x.example,event,,,go"])
    assert plain.lines("executed") == ["2027-03-01 10:00 kim executed set", "2027-03-01 10:00 kim executed set"]


def test_an_event_that_arrives_late_counts_by_its_own_instant_and_undoes_nothing() -> None:
    text = sequence(
        f'step a: email on day 2 when event "page" in the last 2 days {MAIL}\n'
        f'step b: email on day 3 when event "page" in the last 3 days {MAIL}'
    )
    world = World.of('event "page"\n' + text, "2026-03-02T08:00", [KIM]).to("2026-03-03T10:00")
    told = Told(instant("2026-03-01T10:00"), "contact", "kim@x.example", "event", None, None, "page")
    with world.store.begin() as conn:
        assert tell_all(conn, world.store, [told], recorded_at=world.now) == []
    world.to("2026-03-06T00:00")
    assert world.lines("executed", "skipped") == ["2026-03-03 09:00 kim skipped a : condition", "2026-03-04 09:00 kim executed b"]


def test_an_event_that_arrives_twice_starts_a_journey_once() -> None:
    world = World.of(journey('wait 1 hour\nset title = "x"') + 'event "n"\n', "2026-03-02T08:00", [KIM])
    for _ in range(2):
        world.tell("kim@x.example", "event", value="go")
    world.to("2026-03-03T00:00")
    assert world.lines("entered", "executed") == ["2026-03-02 08:00 kim entered", "2026-03-02 09:00 kim executed set"]


def test_a_report_that_arrives_twice_counts_once() -> None:
    text = (
        'outbound sequence "F" {\n owner "ana@example.com"\n run daily at 09:00 in "UTC"\n audience { }\n'
        f' step ring: call {{ script: "x" }}\n step no: email when outcome(ring) = "No answer" {MAIL}\n'
        f' step yes: email when outcome(ring) = "Connected" {MAIL}\n}}\n'
    )
    world = World.of(text, "2026-03-02T08:00", [KIM]).to("2026-03-02T12:00")
    for outcome in ("No answer", "Connected"):
        world.tell("kim@x.example", "completed", "F", "ring", outcome)
    world.to("2026-03-06T00:00")
    assert world.lines("executed", "skipped") == [
        "2026-03-02 09:00 kim executed ring",
        "2026-03-03 09:00 kim executed no",
        "2026-03-04 09:00 kim skipped yes : condition",
    ]


def test_a_clock_that_goes_back_does_nothing_until_it_has_caught_up() -> None:
    world = World.of(sequence(f"step a: email on day 1 {MAIL}\nstep b: email on day 2 {MAIL}"), "2026-03-02T08:00", [KIM])
    world.to("2026-03-03T09:30").tick()
    before = world.lines()
    for back in ("2026-03-02T09:00", "2026-03-03T09:29", "2026-02-01T00:00"):
        report = tick(world.store, instant(back))
        assert report.stale
        assert world.lines() == before
    world.now = datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert world.to("2026-03-10T00:00").lines() == before


def test_a_zone_that_changes_on_the_way_counts_from_then_on() -> None:
    people = [contact("kim@x.example", timezone="Europe/Berlin"), contact("lou@x.example", timezone="Europe/Berlin")]
    text = journey(f'window mon-fri 09:00-17:00 in contact timezone else "UTC"\nwait 1 day\nstep a: email {MAIL}')
    world = play(text, "2026-03-02T04:00", "2026-03-06T00:00", people, [
        "2026-03-02T05:00,kim@x.example,event,,,go",
        "2026-03-02T05:00,lou@x.example,event,,,go",
        "2026-03-02T12:00,kim@x.example,changed,,,timezone=America/New_York",
    ])
    assert world.lines("executed") == ["2026-03-03 08:00 lou executed a", "2026-03-03 14:00 kim executed a"]
