"""Statements (LANGUAGE 5.7)."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from seqlang.store import tables
from seqlang.vocabulary.settings import UserSettings
from tests.engine.playing import World, contact, play

KIM, LOU = contact("kim@x.example"), contact("lou@x.example")
HEAD = (
    'event "go"\nlist "L" of contact\n'
    "record contact { score number, stage text, ends date, seen datetime, vip boolean, tier text }\n"
)


def journey(body: str, name: str = "J", trigger: str = 'enter on event "go"') -> str:
    return f'journey "{name}" {{\n owner "ana@example.com"\n {trigger}\n{body}\n}}\n'


def go(body: str, *records: object, more: str = "", **words: object) -> World:
    people = records or (KIM,)
    events = [f"2026-03-02T10:00,{r.values['email']},event,,,go" for r in people]  # type: ignore[attr-defined]
    return play(HEAD + more + journey(body), "2026-03-02T08:00", "2026-03-04T00:00", people, events, **words)  # type: ignore[arg-type]


def test_set_writes_every_type_and_its_line_bears_the_first_word() -> None:
    world = go('set stage = "won"\n set ends = 2026-05-01\n set seen = now\n set vip = yes\n set score = 2.5')
    assert world.lines("executed") == ["2026-03-02 10:00 kim executed set"] * 5
    assert world.field("contact", "kim@x.example", "stage") == "won"
    assert world.field("contact", "kim@x.example", "ends") == datetime(2026, 5, 1, tzinfo=UTC).date().toordinal()
    assert world.field("contact", "kim@x.example", "vip") is True
    assert world.field("contact", "kim@x.example", "score") == 2.5


def test_add_starts_an_empty_field_from_zero_and_may_choose() -> None:
    world = go("add score choose { 10 when vip; 1 otherwise }", contact("kim@x.example", vip=True), LOU)
    assert (world.field("contact", "kim@x.example", "score"), world.field("contact", "lou@x.example", "score")) == (10, 1)


def test_assign_names_a_user() -> None:
    assert go('assign "bo@example.com"').owner("kim@x.example") == "bo@example.com"


def test_round_robin_takes_turns_by_entry_then_creation_then_address_and_goes_on() -> None:
    text = HEAD + journey('assign round robin ["a@example.com", "b@example.com", "c@example.com"]')
    people = [
        contact("z@x.example", created_at=datetime(2026, 1, 1, tzinfo=UTC)),
        contact("b@x.example"),
        contact("a@x.example"),
        contact("late@x.example"),
    ]
    events = [f"2026-03-02T10:00,{name}@x.example,event,,,go" for name in ("z", "b", "a")]
    world = play(text, "2026-03-02T08:00", "2026-03-05T00:00", people, [*events, "2026-03-03T10:00,late@x.example,event,,,go"])
    owners = [world.owner(f"{name}@x.example") for name in ("a", "b", "z", "late")]
    assert owners == ["a@example.com", "b@example.com", "c@example.com", "a@example.com"]


def test_round_robin_leaves_out_inactive_users() -> None:
    users = [UserSettings(email="a@example.com", active=False), UserSettings(email="b@example.com")]
    world = go('assign round robin ["a@example.com", "b@example.com"]', KIM, LOU, users=users)
    assert {world.owner("kim@x.example"), world.owner("lou@x.example")} == {"b@example.com"}


def test_tags_and_lists_come_and_go_and_wake_others() -> None:
    more = journey("add score 1", "K", 'enter when tagged "T"') + journey("add score 2", "M", 'enter when in list "L"')
    world = go('tag "T"\n add to list "L"\n wait 1 hour\n untag "T"\n remove from list "L"', more=more)
    assert world.lines("executed", flow="J") == [
        "2026-03-02 10:00 J / kim executed tag",
        "2026-03-02 10:00 J / kim executed add",
        "2026-03-02 11:00 J / kim executed untag",
        "2026-03-02 11:00 J / kim executed remove",
    ] or world.lines("executed", flow="J") == [
        "2026-03-02 10:00 kim executed tag",
        "2026-03-02 10:00 kim executed add",
        "2026-03-02 11:00 kim executed untag",
        "2026-03-02 11:00 kim executed remove",
    ]
    assert world.field("contact", "kim@x.example", "score") == 3
    with world.store.read() as conn:
        assert conn.execute(select(tables.tag)).all() == []
        assert conn.execute(select(tables.list_member)).all() == []


def test_a_statement_without_effect_is_executed_and_triggers_nothing() -> None:
    more = 'workflow "W" for contact {\n owner "ana@example.com"\n on updated\n add score 1\n}\n'
    world = go('set stage = "a"', contact("kim@x.example", stage="a"), more=more)
    assert world.lines("executed") == ["2026-03-02 10:00 J / kim executed set"]


def test_enroll_in_enters_the_other_journey_in_the_same_tick() -> None:
    world = go('enroll in "K"\n tag "T"', more=journey('tag "K"', "K", ""))
    assert world.lines("executed", "entered") == [
        "2026-03-02 10:00 J / kim entered",
        "2026-03-02 10:00 J / kim executed enroll",
        "2026-03-02 10:00 J / kim executed tag",
        "2026-03-02 10:00 K / kim entered",
        "2026-03-02 10:00 K / kim executed tag",
    ]


def test_remove_from_ends_the_other_stay_at_once() -> None:
    world = go('wait 1 hour\n remove from "K"', more=journey("wait 9 days", "K"))
    assert world.lines("exited") == ["2026-03-02 11:00 J / kim exited : finished", "2026-03-02 11:00 K / kim exited : removed"]


def test_enroll_in_a_sequence_is_taken_at_its_next_run() -> None:
    more = (
        'classic sequence "S" {\n owner "ana@example.com"\n run daily at 09:00 in "UTC"\n'
        ' step hello: call on day 1 { script: "x" }\n}\n'
    )
    world = go('enroll in "S"', more=more)
    assert world.lines("entered", flow="S") == ["2026-03-03 09:00 kim entered"]


def test_a_block_after_an_exit_follows_the_line_and_move_only_enters() -> None:
    text = HEAD + journey('exit when stage = "won" { add score 7\n move to "K" }\n wait 9 days') + journey("wait 9 days", "K", "")
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-09T00:00",
        [KIM],
        ["2026-03-02T10:00,kim@x.example,event,,,go", "2026-03-03T10:00,kim@x.example,changed,,,stage=won"],
    )
    assert world.lines()[1:] == [
        "2026-03-03 10:00 J / kim exited : condition",
        "2026-03-03 10:00 J / kim executed add",
        "2026-03-03 10:00 J / kim executed move",
        "2026-03-03 10:00 K / kim entered",
    ]


def test_where_the_entry_is_refused_move_to_leaves_all_the_same() -> None:
    text = HEAD + journey('move to "K"') + journey('tag "K"\n exit when stage = "won"', "K", "")
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-09T00:00",
        [contact("kim@x.example", stage="won")],
        ["2026-03-02T10:00,kim@x.example,event,,,go"],
    )
    assert world.lines() == ["2026-03-02 10:00 J / kim entered", "2026-03-02 10:00 J / kim exited : moved"]
