"""Edits of a journey that people are in: everybody finds their place, by the names of steps and what stands around a wait."""

from __future__ import annotations

import pytest

from tests.engine.playing import World, contact
from tests.engine.test_edits import edit

MAIL = '{ subject: "s", text: "t" }'
HEAD = 'event "go"\nevent "yes"\njourney "F" {\n owner "ana@example.com"\n enter on event "go"\n'
OLD = f"step a: email {MAIL}\nwait 3 days\nstep b: email {MAIL}\nwait 1 day\nstep c: email {MAIL}"


def after(new: str, *, old: str = OLD, edited: str = "2026-03-03T12:00") -> list[str]:
    """Return what happens after the edit to somebody who came in on 2 March at 10:00."""
    world = World.of(f"{HEAD}{old}\n}}", "2026-03-02T08:00", [contact("kim@x.example")]).to("2026-03-02T10:00")
    world.tell("kim@x.example", "event", value="go")
    world.to(edited)
    before = len(world.lines())
    edit(world, f"{HEAD}{new}\n}}")
    world.tick().to("2026-03-20T00:00")
    return [line.replace("2026-03-", "").replace("kim ", "") for line in world.lines()[before:]]


# The wait of three days has come under an `if`, between the same neighbours.
AROUND = f"""\
step a: email {MAIL}
if sent(a) {{
wait 3 days
step b: email {MAIL}
}} else {{
wait 9 days
}}
wait 1 day
step c: email {MAIL}"""
REST = ["05 10:00 executed b", "06 10:00 executed c", "06 10:00 exited : finished"]


@pytest.mark.parametrize(
    ("new", "comes"),
    [
        (OLD, REST),
        (f"wait 2 days\n{OLD}", REST),
        (f"step z: email {MAIL}\n{OLD}", REST),
        (OLD.replace("wait 3 days", "wait 5 days"), ["07 10:00 executed b", "08 10:00 executed c", "08 10:00 exited : finished"]),
        (OLD.replace("wait 3 days", "wait 1 hour"), ["03 12:00 executed b", "04 12:00 executed c", "04 12:00 exited : finished"]),
        (OLD.replace("wait 3 days\n", ""), ["03 12:00 executed b", "04 12:00 executed c", "04 12:00 exited : finished"]),
        (OLD.replace(f"step b: email {MAIL}\n", ""), ["06 10:00 executed c", "06 10:00 exited : finished"]),
        (f"{OLD}\nstep d: email {MAIL}", [*REST[:2], "06 10:00 executed d", REST[2]]),
        (f"moved b to bb\n{OLD.replace('step b', 'step bb')}", [REST[0] + "b", *REST[1:]]),
        (AROUND, REST),
        (f"step a: email {MAIL}", ["03 12:00 exited : finished"]),
    ],
    ids=[
        "nothing changes", "a wait before", "a step before", "a longer wait", "a shorter wait", "the wait is gone",
        "the next step is gone", "a step at the end", "a step is renamed", "the wait stands in a branch now", "all is gone",
    ],
)  # fmt: skip
def test_who_waits_finds_their_place(new: str, comes: list[str]) -> None:
    assert after(new) == comes


def test_who_waits_for_something_and_the_time_is_edited() -> None:
    old = f'step a: email {MAIL}\nwait until event "yes" for at most 2 days\nstep b: email {MAIL}'
    new = old.replace("2 days", "6 days")
    assert after(new, old=old) == ["08 10:00 executed b", "08 10:00 exited : finished"]


def test_two_edits_one_after_the_other() -> None:
    world = World.of(f"{HEAD}{OLD}\n}}", "2026-03-02T08:00", [contact("kim@x.example")]).to("2026-03-02T10:00")
    world.tell("kim@x.example", "event", value="go")
    world.to("2026-03-03T12:00")
    edit(world, f"{HEAD}wait 2 days\n{OLD}\n}}")
    world.tick().to("2026-03-03T18:00")
    edit(world, f"{HEAD}{OLD.replace('wait 3 days', 'wait 4 days')}\n}}")
    world.tick().to("2026-03-04T18:00")
    edit(world, f"{HEAD}{OLD}\n}}")
    world.tick().to("2026-03-20T00:00")
    assert world.lines("executed") == [
        "2026-03-02 10:00 kim executed a",
        "2026-03-05 10:00 kim executed b",
        "2026-03-06 10:00 kim executed c",
    ]


def test_a_step_that_waits_for_its_window_and_is_taken_away_is_passed() -> None:
    old = f"window mon-fri 14:00-17:00\nstep a: email {MAIL}\nstep b: email {MAIL}\n"
    assert after(old.replace(f"step a: email {MAIL}\n", ""), old=old, edited="2026-03-02T12:00") == [
        "02 12:00 deferred b : window",
        "02 14:00 executed b",
        "02 14:00 exited : finished",
    ]
