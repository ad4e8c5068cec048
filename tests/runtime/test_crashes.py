"""A process that dies in the middle of a tick: what it had not finished is done by the next, and nothing twice."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from seqlang.runtime.tick import tick
from seqlang.store import Store
from tests.engine.playing import World, contact, instant

TEXT = """
record contact { score number default 0 }
classic sequence "A" {
  owner "ana@example.com"
  run daily at 09:00 in "UTC"
  audience { }
  step a: email on day 1 { subject: "s", text: "t" }
  step b: email on day 1 when sent(a) { subject: "s", text: "t" }
  step c: email on day 2 { subject: "s", text: "t" }
  exit when finished { add score 1 }
}
outbound sequence "B" {
  owner "ana@example.com"
  run daily at 09:00 in "UTC"
  audience { }
  step a: email { subject: "s", text: "t" }
  step b: email { subject: "s", text: "t" }
  exit when finished
}
"""
PEOPLE = [contact(f"p{n}@x.example") for n in range(5)]
DAYS = ("2026-03-02T09:00", "2026-03-03T09:00", "2026-03-04T09:00")
CHILD = """
import os, sys
from sqlalchemy import event
from seqlang.runtime.tick import tick
from seqlang.store import Store
from tests.engine.playing import instant
store, left = Store.open(sys.argv[1]), [int(sys.argv[3])]
@event.listens_for(store.engine, "after_cursor_execute")
def executed(*_):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), 9)
tick(store, instant(sys.argv[2]))
"""


def expected() -> list[str]:
    """Return the timeline without a crash."""
    world = World.of(TEXT, "2026-03-02T08:00", PEOPLE)
    for day in DAYS:
        world.now = instant(day)
        world.tick()
    return sorted(world.lines())


@pytest.mark.parametrize("statements", [5, 25, 45, 70, 90, 120])
def test_process_killed_in_a_tick_loses_and_doubles_nothing(statements: int, store_url: str) -> None:
    store = Store.open(store_url)
    world = World.of(TEXT, "2026-03-02T08:00", PEOPLE, store=store)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for day in DAYS:
        command = [sys.executable, "-c", CHILD, store_url, day, str(statements)]
        died = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert died.returncode in {-9, 0}, died.stderr
        assert tick(store, instant(day)).quarantined == ()
    assert sorted(world.lines()) == expected()
    store.close()
