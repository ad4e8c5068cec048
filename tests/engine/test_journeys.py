"""Journeys: moves, waits, branches, goals, exits (LANGUAGE 5.6, 9)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, update

from seqlang.simulation.scenario import NewRecord
from seqlang.store import tables
from seqlang.store.plans import put_flow
from tests.engine.playing import contact, plan_of, play

KIM, LOU = contact("kim@x.example"), contact("lou@x.example")
HEAD = 'event "go"\nevent "done"\nrecord contact { score number, stage text, trial_ends date }\n'


def journey(body: str, extra: str = "") -> str:
    return f'{HEAD}{extra}journey "J" {{\n owner "ana@example.com"\n{body}\n}}\n'


MAIL = '{ subject: "x", text: "y" }'


def test_statements_run_in_order_in_the_tick_of_the_event() -> None:
    world = play(
        journey(f'enter on event "go"\n step hello: email {MAIL}\n add score 5\n tag "T"'),
        "2026-03-02T08:00",
        "2026-03-03T00:00",
        [KIM],
        ["2026-03-02T10:17,kim@x.example,event,,,go"],
    )
    assert world.lines() == [
        "2026-03-02 10:17 kim entered",
        "2026-03-02 10:17 kim executed hello",
        "2026-03-02 10:17 kim executed add",
        "2026-03-02 10:17 kim executed tag",
        "2026-03-02 10:17 kim exited : finished",
    ]
    assert world.field("contact", "kim@x.example", "score") == 5


def test_wait_ends_at_the_same_local_time_across_a_change_of_the_clocks() -> None:
    text = journey('enter on event "go"\n window mon-sun 00:00-24:00 in "Europe/Berlin"\n wait 2 days\n tag "T"')
    world = play(
        text.replace("mon-sun 00:00-24:00", "mon-fri 00:00-24:00"),
        "2026-03-27T08:00",
        "2026-04-02T00:00",
        [KIM],
        ["2026-03-28T09:00,kim@x.example,event,,,go"],
    )
    assert world.lines("executed") == ["2026-03-30 08:00 kim executed tag"]


def test_waits_count_from_planned_instants_when_ticks_come_late() -> None:
    world = play(
        journey('enter on event "go"\n wait 1 day\n wait 1 day\n tag "T"'),
        "2026-03-02T08:00",
        "2026-03-02T10:01",
        [KIM],
        ["2026-03-02T10:00,kim@x.example,event,,,go"],
    )
    world.now = world.now.replace(day=4, hour=9)
    world.tick()
    assert world.lines("executed") == []
    world.now = world.now.replace(hour=10, minute=0)
    world.tick()
    assert world.lines("executed") == ["2026-03-04 10:00 kim executed tag"]


def test_wait_until_a_condition_goes_on_in_the_tick_of_the_event() -> None:
    text = journey(f'enter on event "go"\n step hello: email {MAIL}\n wait until opened(hello) for at most 3 days\n tag "T"')
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-10T00:00",
        [KIM, LOU],
        [
            "2026-03-02T10:00,kim@x.example,event,,,go",
            "2026-03-02T10:00,lou@x.example,event,,,go",
            "2026-03-03T11:30,kim@x.example,opened,J,hello,",
        ],
    )
    assert world.lines("executed")[2:] == ["2026-03-03 11:30 kim executed tag", "2026-03-05 10:00 lou executed tag"]


def test_a_machines_opening_wakes_nobody() -> None:
    text = journey(f'enter on event "go"\n step hello: email {MAIL}\n wait until opened(hello)\n tag "T"')
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-10T00:00",
        [KIM],
        ["2026-03-02T10:00,kim@x.example,event,,,go", "2026-03-03T11:30,kim@x.example,opened,J,hello,machine"],
    )
    assert world.lines("executed") == ["2026-03-02 10:00 kim executed hello"]


def test_wait_until_a_past_instant_is_no_wait_and_a_later_one_is() -> None:
    text = journey(
        'enter on event "go"\n wait until 2026-03-01T09:00+00:00\n tag "A"\n wait until 2026-03-05T09:00 in "Europe/Berlin"\n'
        ' tag "B"'
    )
    world = play(text, "2026-03-02T08:00", "2026-03-10T00:00", [KIM], ["2026-03-02T10:00,kim@x.example,event,,,go"])
    assert world.lines("executed") == ["2026-03-02 10:00 kim executed tag", "2026-03-05 08:00 kim executed tag"]


def test_wait_until_a_date_of_the_record_moves_with_it_and_an_empty_one_is_no_wait() -> None:
    text = journey('enter on event "go"\n wait until 2 days before trial_ends\n tag "T"')
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-30T00:00",
        [contact("kim@x.example", trial_ends=date(2026, 3, 12)), LOU],
        [
            "2026-03-02T10:00,kim@x.example,event,,,go",
            "2026-03-02T10:00,lou@x.example,event,,,go",
            "2026-03-04T10:00,kim@x.example,changed,,,trial_ends=2026-03-20",
        ],
    )
    assert world.lines("executed") == ["2026-03-02 10:00 lou executed tag", "2026-03-18 00:00 kim executed tag"]


def test_wait_until_at_latest_ends_it_anyway() -> None:
    text = journey('enter on event "go"\n wait until event "done" at latest 2026-03-04T12:00+00:00\n tag "T"')
    world = play(text, "2026-03-02T08:00", "2026-03-10T00:00", [KIM], ["2026-03-02T10:00,kim@x.example,event,,,go"])
    assert world.lines("executed") == ["2026-03-04 12:00 kim executed tag"]


def test_goals_and_waits_count_only_events_since_entry() -> None:
    text = journey(
        'enter on event "go"\n goal "G" when event "go"\n wait until event "done" for at most 1 day\n tag "T"\n wait 5 days'
    )
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-10T00:00",
        [KIM],
        [
            "2026-03-02T09:00,kim@x.example,event,,,done",
            "2026-03-02T10:00,kim@x.example,event,,,go",
            "2026-03-05T10:00,kim@x.example,event,,,go",
        ],
    )
    assert world.lines() == [
        "2026-03-02 10:00 kim entered",
        "2026-03-03 10:00 kim executed tag",
        "2026-03-05 10:00 kim exited G : goal",
    ]


def test_what_turns_by_time_alone_is_seen_on_the_next_full_hour() -> None:
    text = journey('enter when event "go" in the last 1 day and not (event "go" in the last 90 minutes)\n tag "T"')
    world = play(text, "2026-03-02T08:00", "2026-03-03T00:00", [KIM], ["2026-03-02T10:17,kim@x.example,event,,,go"])
    assert world.lines("entered") == ["2026-03-02 12:00 kim entered"]


def test_branch_without_an_arm_that_holds_has_the_line_else() -> None:
    world = play(
        journey('enter on event "go"\n if score > 5 { tag "T" }'),
        "2026-03-02T08:00",
        "2026-03-03T00:00",
        [KIM],
        ["2026-03-02T10:00,kim@x.example,event,,,go"],
    )
    assert world.lines("branched") == ["2026-03-02 10:00 kim branched if : else"]


def test_goal_comes_before_exit_and_its_block_follows_the_line() -> None:
    text = journey(
        'enter on event "go"\n goal "G" when score > 5 { set stage = "won" }\n exit when score > 5 { tag "X" }\n wait 9 days'
    )
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-05T00:00",
        [KIM],
        ["2026-03-02T10:00,kim@x.example,event,,,go", "2026-03-03T10:00,kim@x.example,changed,,,score=9"],
    )
    assert world.lines() == [
        "2026-03-02 10:00 kim entered",
        "2026-03-03 10:00 kim exited G : goal",
        "2026-03-03 10:00 kim executed set",
    ]


def test_goals_and_exits_are_looked_at_once_more_at_the_end() -> None:
    text = journey('enter on event "go"\n exit when stage = "won"\n set stage = "won"')
    world = play(text, "2026-03-02T08:00", "2026-03-05T00:00", [KIM], ["2026-03-02T10:00,kim@x.example,event,,,go"])
    assert world.lines("exited") == ["2026-03-02 10:00 kim exited : condition"]


def test_exit_stands_in_the_way_of_a_step_after_a_statement_made_it_hold() -> None:
    text = journey(f'enter on event "go"\n exit when stage = "won"\n set stage = "won"\n step hello: email {MAIL}')
    world = play(text, "2026-03-02T08:00", "2026-03-05T00:00", [KIM], ["2026-03-02T10:00,kim@x.example,event,,,go"])
    assert world.lines("executed", "exited") == ["2026-03-02 10:00 kim executed set", "2026-03-02 10:00 kim exited : condition"]


def test_exit_statement_has_no_line_of_its_own() -> None:
    text = journey('enter on event "go"\n if score is empty { exit }\n tag "T"')
    world = play(text, "2026-03-02T08:00", "2026-03-05T00:00", [KIM], ["2026-03-02T10:00,kim@x.example,event,,,go"])
    assert world.lines() == [
        "2026-03-02 10:00 kim entered",
        "2026-03-02 10:00 kim branched if : 1",
        "2026-03-02 10:00 kim exited : exit",
    ]


def test_steps_wait_for_the_window_and_statements_do_not() -> None:
    text = journey(
        f'enter on event "go"\n window mon-fri 09:00-17:00 in "UTC"\n tag "T"\n step hello: email {MAIL}\n'
        f" wait 1 day\n step again: email when score > 5 {MAIL}"
    )
    world = play(text, "2026-03-02T08:00", "2026-03-10T00:00", [KIM], ["2026-03-06T17:00,kim@x.example,event,,,go"])
    assert world.lines() == [
        "2026-03-06 17:00 kim entered",
        "2026-03-06 17:00 kim executed tag",
        "2026-03-06 17:00 kim deferred hello : window",
        "2026-03-09 09:00 kim executed hello",
    ]


def test_a_step_whose_condition_does_not_hold_outside_the_window_is_skipped_at_once() -> None:
    text = journey(f'enter on event "go"\n window mon-fri 09:00-17:00 in "UTC"\n step hello: email when score > 5 {MAIL}')
    world = play(text, "2026-03-02T08:00", "2026-03-10T00:00", [KIM], ["2026-03-06T18:00,kim@x.example,event,,,go"])
    assert world.lines("skipped", "deferred") == ["2026-03-06 18:00 kim skipped hello : condition"]


def test_a_wait_after_a_put_off_step_counts_from_when_it_was_done() -> None:
    text = journey(f'enter on event "go"\n window mon-fri 09:00-17:00 in "UTC"\n step hello: email {MAIL}\n wait 1 day\n tag "T"')
    world = play(text, "2026-03-02T08:00", "2026-03-12T00:00", [KIM], ["2026-03-06T18:00,kim@x.example,event,,,go"])
    assert world.lines("executed") == ["2026-03-09 09:00 kim executed hello", "2026-03-10 09:00 kim executed tag"]


def test_wait_until_done_waits_for_a_todo() -> None:
    text = journey(
        'enter on event "go"\n step ring: call { script: "x" }\n wait until done(ring)\n'
        ' if outcome(ring) = "No answer" { tag "T" }'
    )
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-12T00:00",
        [KIM],
        ["2026-03-02T10:00,kim@x.example,event,,,go", "2026-03-04T15:00,kim@x.example,completed,J,ring,No answer"],
    )
    assert world.lines("executed", "branched") == [
        "2026-03-02 10:00 kim executed ring",
        "2026-03-04 15:00 kim branched if : 1",
        "2026-03-04 15:00 kim executed tag",
    ]


def test_a_reviewed_email_is_sent_when_it_is_released() -> None:
    text = journey(
        'enter on event "go"\n step hello: email { subject: "x", text: "y", review: yes }\n wait until sent(hello)\n tag "T"'
    )
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-12T00:00",
        [KIM],
        ["2026-03-02T10:00,kim@x.example,event,,,go", "2026-03-04T15:00,kim@x.example,completed,J,hello,"],
    )
    assert world.lines("executed") == [
        "2026-03-02 10:00 kim executed hello",
        "2026-03-04 15:00 kim executed hello",
        "2026-03-04 15:00 kim executed tag",
    ]


def test_an_out_of_office_note_holds_steps_but_not_waits() -> None:
    text = journey(
        f'enter on event "go"\n exit when replied\n step hello: email {MAIL}\n wait 1 day\n step again: email {MAIL}\n tag "T"'
    )
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-12T00:00",
        [KIM],
        ["2026-03-02T10:00,kim@x.example,event,,,go", "2026-03-02T11:00,kim@x.example,replied,J,hello,out of office 2026-03-06"],
    )
    assert world.lines() == [
        "2026-03-02 10:00 kim entered",
        "2026-03-02 10:00 kim executed hello",
        "2026-03-02 11:00 kim held : 2026-03-06",
        "2026-03-06 00:00 kim executed again",
        "2026-03-06 00:00 kim executed tag",
        "2026-03-06 00:00 kim exited : finished",
    ]


def test_a_note_without_a_date_holds_until_the_seventh_day() -> None:
    text = journey(f'enter on event "go"\n step hello: email {MAIL}\n wait 1 day\n step again: email {MAIL}')
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-12T00:00",
        [KIM],
        ["2026-03-02T10:00,kim@x.example,event,,,go", "2026-03-02T11:00,kim@x.example,replied,J,hello,out of office"],
    )
    assert world.lines("held", "executed")[1:] == [
        "2026-03-02 11:00 kim held : 2026-03-09",
        "2026-03-09 00:00 kim executed again",
    ]


def test_the_same_tick_twice_changes_nothing() -> None:
    text = journey(f"enter when score > 5\n step hello: email {MAIL}\n wait 1 day\n add score 1")
    world = play(text, "2026-03-02T08:00", "2026-03-03T09:00", [contact("kim@x.example", score=9)])
    before = world.lines()
    world.now = world.now.replace(hour=8)
    world.tick()
    assert world.lines() == before
    assert world.field("contact", "kim@x.example", "score") == 10


def test_account_replied_lets_go_the_whole_account_and_who_has_none() -> None:
    text = journey(f'enter on event "go"\n exit when account replied\n step hello: email {MAIL}\n wait 9 days')
    account = NewRecord("account", {"name": "X", "domain": "x.example"})
    people = [
        account,
        contact("a@x.example", account="x.example"),
        contact("b@x.example", account="x.example"),
        contact("c@x.example"),
    ]
    events = [f"2026-03-02T10:00,{name}@x.example,event,,,go" for name in "abc"]
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-09T00:00",
        people,
        [*events, "2026-03-03T10:00,a@x.example,replied,J,hello,", "2026-03-04T10:00,c@x.example,replied,J,hello,"],
    )
    assert world.lines("exited") == [
        "2026-03-03 10:00 a exited : replied",
        "2026-03-03 10:00 b exited : replied",
        "2026-03-04 10:00 c exited : replied",
    ]


def test_an_edit_takes_effect_at_the_next_tick_and_keeps_who_waits() -> None:
    text = journey('enter on event "go"\n wait 2 days\n tag "T"')
    world = play(text, "2026-03-02T08:00", "2026-03-03T00:00", [KIM], ["2026-03-02T10:00,kim@x.example,event,,,go"])
    edited = plan_of(text.replace('tag "T"', 'set stage = "new"')).flows[0]
    with world.store.begin() as conn:
        put_flow(conn, world.store, edited, position=0, at=world.now)
    assert world.to("2026-03-09T00:00").lines("executed") == ["2026-03-04 10:00 kim executed set"]


def test_stopped_it_stands_still_and_started_again_it_goes_on_as_after_an_outage() -> None:
    text = journey('enter on event "go"\n wait 1 day\n tag "T"\n wait 1 day\n tag "U"')
    world = play(text, "2026-03-02T08:00", "2026-03-02T12:00", [KIM, LOU], ["2026-03-02T10:00,kim@x.example,event,,,go"])
    with world.store.begin() as conn:
        conn.execute(update(tables.flow).values(state="stopped"))
    world.to("2026-03-04T00:00")
    world.tell("lou@x.example", "event", value="go")
    world.to("2026-03-05T09:00")
    assert world.lines("executed", "entered") == ["2026-03-02 10:00 kim entered"]
    with world.store.begin() as conn:
        conn.execute(update(tables.flow).values(state="active"))
    world.to("2026-03-05T09:01")
    assert world.lines("executed", "entered") == [
        "2026-03-02 10:00 kim entered",
        "2026-03-05 09:00 kim executed tag",
        "2026-03-05 09:00 kim executed tag",
        "2026-03-05 09:00 lou entered",
        "2026-03-05 09:00 lou executed tag",
    ]


def test_a_message_goes_though_its_contact_leaves_by_the_statement_exit_behind_it() -> None:
    world = play(
        journey(f'enter on event "go"\n step hello: email {MAIL}\n step ring: call {{ script: "x" }}\n exit'),
        "2026-03-02T08:00",
        "2026-03-03T00:00",
        [KIM],
        ["2026-03-02T10:17,kim@x.example,event,,,go"],
    )
    with world.store.read() as conn:
        states = conn.execute(
            select(tables.ledger.c.channel, tables.ledger.c.state).where(tables.ledger.c.what == "executed")
        ).all()
    assert {tuple(row) for row in states} == {("email", "planned"), ("call", "cancelled")}  # nothing is delivered here
