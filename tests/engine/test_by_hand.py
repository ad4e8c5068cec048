"""Enrolment and removal by hand and by other flows, as intake and journeys take them (LANGUAGE 5.1, 5.6, 5.7)."""

from __future__ import annotations

from tests.engine.playing import contact, play

KIM = contact("kim@x.example")
HEAD = 'event "go"\nrecord contact { score number }\n'


def test_enter_again_lets_in_by_hand_too() -> None:
    text = HEAD + 'journey "J" {\n owner "ana@example.com"\n enter again after 1 day\n tag "T"\n}\n'
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-09T00:00",
        [KIM],
        [f"2026-03-{day}T10:00,kim@x.example,enrolled,J,," for day in ("02", "03", "04", "05")],
    )
    assert world.lines("entered") == [
        "2026-03-02 10:00 kim entered",
        "2026-03-03 10:00 kim entered",
        "2026-03-04 10:00 kim entered",
        "2026-03-05 10:00 kim entered",
    ]


def test_a_sequence_takes_who_was_enrolled_at_its_next_run_and_lets_go_who_is_taken_out_at_once() -> None:
    text = HEAD + (
        'classic sequence "S" {\n owner "ana@example.com"\n run daily at 09:00 in "UTC"\n'
        ' step a: call on day 1 { script: "x" }\n step b: call on day 5 { script: "x" }\n}\n'
    )
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-09T00:00",
        [KIM],
        ["2026-03-02T10:00,kim@x.example,enrolled,S,,", "2026-03-04T10:00,kim@x.example,unenrolled,S,,"],
    )
    assert world.lines("entered", "exited") == ["2026-03-03 09:00 kim entered", "2026-03-04 10:00 kim exited : removed"]


def test_who_is_taken_out_before_the_run_never_comes_in() -> None:
    text = HEAD + (
        'classic sequence "S" {\n owner "ana@example.com"\n run daily at 09:00 in "UTC"\n'
        ' step a: call on day 1 { script: "x" }\n}\n'
    )
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-09T00:00",
        [KIM],
        ["2026-03-02T10:00,kim@x.example,enrolled,S,,", "2026-03-02T11:00,kim@x.example,unenrolled,S,,"],
    )
    assert world.lines() == []
