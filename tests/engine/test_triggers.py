"""Coming into journeys (LANGUAGE 5.6, 5.7, 9)."""

from __future__ import annotations

from seqlang.simulation.scenario import NewRecord
from tests.engine.playing import World, contact, instant, play

KIM, LOU = contact("kim@x.example"), contact("lou@x.example")
HEAD = (
    'event "go" { kind text }\nevent "done"\nrecord contact { score number, stage text }\nview "Low" of contact where score < 5\n'
)


def journey(body: str, name: str = "J") -> str:
    return f'{HEAD if name == "J" else ""}journey "{name}" {{\n owner "ana@example.com"\n{body}\n}}\n'


def test_enter_when_takes_who_meets_it_at_the_start_and_when_it_becomes_true() -> None:
    world = play(
        journey('enter when score >= 80\n tag "T"'),
        "2026-03-02T08:00",
        "2026-03-05T00:00",
        [contact("kim@x.example", score=90), LOU],
        ["2026-03-03T09:17,lou@x.example,changed,,,score=80"],
    )
    assert world.lines("entered") == ["2026-03-02 08:00 kim entered", "2026-03-03 09:17 lou entered"]


def test_a_record_that_comes_to_be_is_looked_at() -> None:
    world = World.of(journey('enter when score >= 80\n tag "T"'), "2026-03-02T08:00")
    world.to("2026-03-03T10:05")
    world.add(contact("kim@x.example", score=90))
    world.to("2026-03-04T00:00")
    assert world.lines("entered") == ["2026-03-03 10:05 kim entered"]


def test_an_event_with_properties_brings_in_only_those_that_fit() -> None:
    text = journey('enter on event "go" with kind = "a"\n tag "T"')
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-05T00:00",
        [KIM, LOU],
        ['2026-03-02T09:00,kim@x.example,event,,,go {"kind": "b"}', '2026-03-02T09:00,lou@x.example,event,,,go {"kind": "a"}'],
    )
    assert world.lines("entered") == ["2026-03-02 09:00 lou entered"]


def test_nobody_comes_in_again_unless_the_journey_says_so() -> None:
    world = play(
        journey('enter on event "go"\n tag "T"'),
        "2026-03-02T08:00",
        "2026-03-09T00:00",
        [KIM],
        ["2026-03-02T09:00,kim@x.example,event,,,go", "2026-03-04T09:00,kim@x.example,event,,,go"],
    )
    assert world.lines("entered") == ["2026-03-02 09:00 kim entered"]


def test_enter_again_counts_from_the_last_exit_and_events_while_in_start_nothing() -> None:
    world = play(
        journey('enter on event "go"\n enter again after 2 days\n wait 1 day\n tag "T"'),
        "2026-03-02T08:00",
        "2026-03-20T00:00",
        [KIM],
        [f"2026-03-{day}T09:00,kim@x.example,event,,,go" for day in ("02", "03", "04", "05", "07", "08")],
    )
    assert world.lines("entered") == [
        "2026-03-02 09:00 kim entered",
        "2026-03-05 09:00 kim entered",
        "2026-03-08 09:00 kim entered",
    ]


def test_enter_when_again_needs_the_condition_to_have_been_false_meanwhile() -> None:
    text = journey('enter when score > 5\n enter again after 1 day\n tag "T"')
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-12T00:00",
        [contact("kim@x.example", score=9), contact("lou@x.example", score=9)],
        [
            "2026-03-02T10:00,kim@x.example,changed,,,score=1",
            "2026-03-02T12:00,kim@x.example,changed,,,score=9",
            "2026-03-05T10:10,lou@x.example,changed,,,score=1",
            "2026-03-05T12:10,lou@x.example,changed,,,score=9",
        ],
    )
    assert world.lines("entered") == [
        "2026-03-02 08:00 kim entered",
        "2026-03-02 08:00 lou entered",
        "2026-03-03 08:00 kim entered",
        "2026-03-05 12:10 lou entered",
    ]


def test_a_condition_that_a_goal_made_false_has_been_false() -> None:
    text = journey('enter when score > 5\n enter again after 1 day\n goal "G" when event "done" { set score = 0 }\n wait 9 days')
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-12T00:00",
        [contact("kim@x.example", score=9)],
        ["2026-03-02T10:00,kim@x.example,event,,,done", "2026-03-05T10:10,kim@x.example,changed,,,score=9"],
    )
    assert world.lines("entered") == ["2026-03-02 08:00 kim entered", "2026-03-05 10:10 kim entered"]


def test_a_fixed_date_takes_in_the_view_as_it_is_then() -> None:
    text = journey('enter on 2026-03-04T10:00 in "Europe/Berlin" for view "Low"\n tag "T"')
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-09T00:00",
        [contact("kim@x.example", score=9), contact("lou@x.example", score=1)],
        ["2026-03-03T10:00,kim@x.example,changed,,,score=1", "2026-03-05T10:00,lou@x.example,changed,,,score=9"],
    )
    assert world.lines("entered") == ["2026-03-04 09:00 kim entered", "2026-03-04 09:00 lou entered"]


def test_events_before_the_start_start_nothing() -> None:
    world = World.of(journey('enter on event "go"\n tag "T"'), "2026-03-02T08:00", [KIM])
    world.now = instant("2026-03-01T08:00")
    world.tell("kim@x.example", "event", value="go")
    world.now = instant("2026-03-02T08:00")
    world.to("2026-03-03T00:00")
    assert world.lines() == []


def test_nobody_comes_in_for_whom_a_goal_or_an_exit_holds() -> None:
    text = journey('enter on event "go"\n goal "G" when score > 5\n exit when unsubscribed\n tag "T"')
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-09T00:00",
        [contact("kim@x.example", score=9), LOU],
        [
            "2026-03-02T09:00,lou@x.example,unsubscribed,,,",
            "2026-03-02T10:00,kim@x.example,event,,,go",
            "2026-03-02T10:00,lou@x.example,event,,,go",
        ],
    )
    assert world.lines() == []


def test_by_hand_at_once_and_out_again() -> None:
    world = play(
        journey('wait 2 days\n tag "T"'),
        "2026-03-02T08:00",
        "2026-03-09T00:00",
        [KIM],
        [
            "2026-03-02T10:05,kim@x.example,enrolled,J,,",
            "2026-03-03T10:05,kim@x.example,unenrolled,J,,",
            "2026-03-04T10:05,kim@x.example,enrolled,J,,",
        ],
    )
    assert world.lines() == ["2026-03-02 10:05 kim entered", "2026-03-03 10:05 kim exited : removed"]


def test_nobody_comes_in_who_is_in_another_exclusive_flow_and_move_is_free_of_that() -> None:
    text = journey('exclusive\n enter on event "go"\n wait 1 day\n move to "K"') + journey(
        'exclusive\n enter on event "go"\n wait 1 day\n tag "K"', "K"
    )
    world = play(text, "2026-03-02T08:00", "2026-03-09T00:00", [KIM], ["2026-03-02T10:00,kim@x.example,event,,,go"])
    assert world.lines() == [
        "2026-03-02 10:00 J / kim entered",
        "2026-03-03 10:00 J / kim exited : moved",
        "2026-03-03 10:00 K / kim entered",
        "2026-03-04 10:00 K / kim executed tag",
        "2026-03-04 10:00 K / kim exited : finished",
    ]


def test_a_condition_on_another_record_wakes_the_contact() -> None:
    text = journey('enter when deal with (stage = "Won" and amount > 100)\n tag "T"') + journey(
        'enter when account.industry = "Software"\n tag "A"', "K"
    )
    account = NewRecord("account", {"name": "X", "domain": "x.example"})
    deal = NewRecord("deal", {"name": "Big", "amount": 500, "contact": "kim@x.example"})
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-09T00:00",
        [account, contact("kim@x.example", account="x.example"), deal],
        ["2026-03-02T10:10,deal:Big,changed,,,stage=Won", "2026-03-03T10:10,x.example,changed,,,industry=Software"],
    )
    assert world.lines("entered") == ["2026-03-02 10:10 J / kim entered", "2026-03-03 10:10 K / kim entered"]


def test_a_condition_on_another_flow_wakes_who_came_in_there() -> None:
    text = journey('enter on event "go"\n wait 1 day\n tag "T"') + journey(
        'enter when was in sequence "J"\n wait until not in sequence "J"\n tag "K"', "K"
    )
    world = play(text, "2026-03-02T08:00", "2026-03-09T00:00", [KIM], ["2026-03-02T10:10,kim@x.example,event,,,go"])
    assert world.lines("entered", "executed") == [
        "2026-03-02 10:10 J / kim entered",
        "2026-03-02 10:10 K / kim entered",
        "2026-03-03 10:10 J / kim executed tag",
        "2026-03-03 10:10 K / kim executed tag",
    ]


def test_a_journey_for_deals_takes_the_deal_and_mails_its_contact() -> None:
    text = (
        f'{HEAD}journey "J" for deal {{\n owner "ana@example.com"\n enter when stage = "Won"\n'
        ' step hello: email { subject: "x", text: "y" }\n set priority = "high"\n}\nrecord deal { priority text }\n'
    )
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-09T00:00",
        [KIM, NewRecord("deal", {"name": "Big", "contact": "kim@x.example"})],
        ["2026-03-02T10:10,deal:Big,changed,,,stage=Won"],
    )
    assert world.lines() == [
        "2026-03-02 10:10 deal:Big entered",
        "2026-03-02 10:10 deal:Big executed hello",
        "2026-03-02 10:10 deal:Big executed set",
        "2026-03-02 10:10 deal:Big exited : finished",
    ]
    assert world.field("deal", "Big", "priority") == "high"


def test_a_stopped_owner_and_a_rename_leave_nobody_behind() -> None:
    world = play(
        journey('enter on event "go"\n wait 1 day\n tag "T"'),
        "2026-03-02T08:00",
        "2026-03-02T12:00",
        [KIM],
        ["2026-03-02T10:00,kim@x.example,event,,,go"],
    )
    assert world.to("2026-03-05T00:00").lines("executed") == ["2026-03-03 10:00 kim executed tag"]
