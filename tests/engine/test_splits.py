"""Splits: sides, holdouts, winners (LANGUAGE 5.6)."""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from seqlang.store import tables
from tests.engine.playing import contact, play

HEAD = 'event "go"\nrecord contact { score number }\n'
MAIL = '{ subject: "x", text: "y" }'


def side(email: str, shares: list[tuple[str, float]], flow: str = "J", split: str = "offer") -> str:
    place = int(hashlib.md5(f"{flow}\n{split}\n{email}".encode()).hexdigest()[:8], 16) / 2**32 * 100  # noqa: S324 - LANGUAGE 5.6
    end = 0.0
    for name, share in shares:
        end += share
        if place < end:
            return name
    return shares[-1][0]


def journey(split: str, rest: str = "") -> str:
    return f'{HEAD}journey "J" {{\n owner "ana@example.com"\n enter on event "go"\n{split}\n{rest}}}\n'


def test_sides_are_those_of_the_hash_and_a_holdout_goes_on_after_it() -> None:
    text = journey('split "offer" {\n 50% "a" { tag "A" }\n 30% "b" { tag "B" }\n 20% holdout\n}\n', "add score 1\n")
    emails = [f"c{n}@x.example" for n in range(40)]
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-03T00:00",
        [contact(e) for e in emails],
        [f"2026-03-02T10:00,{e},event,,,go" for e in emails],
    )
    shares = [("a", 50.0), ("b", 30.0), ("holdout", 20.0)]
    expected = {f"2026-03-02 10:00 {e.partition('@')[0]} branched offer : {side(e, shares)}" for e in emails}
    assert set(world.lines("branched")) == expected
    assert len(expected & {line for line in expected if line.endswith("holdout")}) > 0
    assert all(world.field("contact", e, "score") == 1 for e in emails)


def test_the_winner_takes_those_who_come_later_and_the_holdout_keeps_its_share() -> None:
    text = journey(
        f'split "offer" winner by clicked after 2 days {{\n 45% "a" {{ step a: email {MAIL} }}\n'
        f' 45% "b" {{ step b: email {MAIL} }}\n 10% holdout\n}}\nwait 9 days\n'
    )
    shares = [("a", 45.0), ("b", 45.0), ("holdout", 10.0)]
    first = [f"c{n}@x.example" for n in range(12)]
    later = [f"d{n}@x.example" for n in range(30)]
    clicked = [e for e in first if side(e, shares) == "b"][:1]
    events = [f"2026-03-02T10:00,{e},event,,,go" for e in first]
    events += [f"2026-03-03T10:00,{e},clicked,J,b,https://x.example" for e in clicked]
    events += [f"2026-03-04T10:00,{e},event,,,go" for e in later]
    world = play(text, "2026-03-02T08:00", "2026-03-05T00:00", [contact(e) for e in [*first, *later]], events)
    said = {line.split()[2]: line.rpartition(" : ")[2] for line in world.lines("branched")}
    assert {e: said[e.partition("@")[0]] for e in first} == {e: side(e, shares) for e in first}
    assert {e: said[e.partition("@")[0]] for e in later} == {e: "holdout" if side(e, shares) == "holdout" else "b" for e in later}
    with world.store.read() as conn:
        assert conn.execute(select(tables.split.c.winner)).scalar_one() == "b"


def test_of_two_equal_sides_the_first_in_the_file_wins() -> None:
    text = journey('split "offer" winner by opened after 1 day {\n 50% "b" { tag "B" }\n 50% "a" { tag "A" }\n}\n')
    world = play(
        text, "2026-03-02T08:00", "2026-03-05T00:00", [contact("c@x.example")], ["2026-03-02T10:00,c@x.example,event,,,go"]
    )
    with world.store.read() as conn:
        assert conn.execute(select(tables.split.c.winner)).scalar_one() == "b"


def test_who_comes_again_is_on_the_same_side() -> None:
    text = journey(
        'enter again after 1 day\n split "offer" winner by opened after 1 day {\n 50% "a" { tag "A" }\n 50% "b" { tag "B" }\n}\n'
    )
    emails = [f"c{n}@x.example" for n in range(6)]
    world = play(
        text,
        "2026-03-02T08:00",
        "2026-03-06T00:00",
        [contact(e) for e in emails],
        [f"2026-03-0{day}T10:00,{e},event,,,go" for day in (2, 5) for e in emails],
    )
    said: dict[str, set[str]] = {}
    for line in world.lines("branched"):
        said.setdefault(line.split()[2], set()).add(line.rpartition(" : ")[2])
    assert all(len(sides) == 1 for sides in said.values())
    assert len(world.lines("branched")) == 12
