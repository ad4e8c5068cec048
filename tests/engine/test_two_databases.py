"""One project with most of what journeys and workflows can do gives one timeline on every database."""

from __future__ import annotations

import pytest

from seqlang.simulation.scenario import NewRecord
from seqlang.store import Store
from tests.engine.playing import contact, play

MAIL = '{ subject: "x", text: "y" }'
TEXT = f"""
event "go" {{ kind text }}
event "done"
list "L" of contact
record contact {{ score number, stage text, ends date, seen datetime, vip boolean }}
record deal {{ priority text }}
journey "J" {{
  owner "ana@example.com"
  enter on event "go" with kind = "a"
  enter when score >= 80 and stage = "hot"
  enter again after 2 days
  window mon-fri 09:00-17:00 in contact timezone else "Europe/Berlin"
  goal "G" when event "done" {{ set stage = "won" }}
  exit when unsubscribed, account replied
  step hello: email {MAIL}
  wait until opened(hello) for at most 1 day
  if opened(hello) {{ add score 5 }} else {{ set seen = now; set ends = 2026-05-01; set vip = yes }}
  wait until 2 working days after ends
  split "s" winner by opened after 1 day {{
    50% "a" {{ tag "A" }}
    40% "b" {{ add to list "L" }}
    10% holdout
  }}
  assign round robin ["ana@example.com", "bo@example.com"]
  enroll in "K"
}}
journey "K" {{
  owner "ana@example.com"
  exit when deal with (stage = "Won")
  step ring: call {{ script: "x", due: 1 day }}
  wait until done(ring) for at most 3 working days
  untag "A"
}}
workflow "W" for deal {{
  owner "ana@example.com"
  on change of stage to "Won" when amount > 10
  set priority = choose {{ "high" when amount > 100; "low" otherwise }}
  add amount 1
}}
workflow "V" for contact {{
  owner "ana@example.com"
  on overdue
  add score 1
}}
workflow "U" for contact {{
  owner "ana@example.com"
  on exited "J"
  add score 100
}}
"""
PEOPLE = [
    NewRecord("account", {"name": "X", "domain": "x.example"}),
    contact("kim@x.example", account="x.example"),
    contact("lou@x.example", score=90, stage="hot", timezone="America/New_York"),
    contact("max@x.example"),
    NewRecord("deal", {"name": "Big", "contact": "kim@x.example", "amount": 200}),
]
EVENTS = [
    '2026-03-02T10:00,kim@x.example,event,,,go {"kind": "a"}',
    '2026-03-02T10:00,max@x.example,event,,,go {"kind": "b"}',
    "2026-03-02T18:00,kim@x.example,opened,J,hello,",
    "2026-03-03T11:00,deal:Big,changed,,,stage=Won",
    "2026-03-03T12:00,lou@x.example,replied,J,hello,out of office 2026-03-06",
    "2026-03-09T12:00,max@x.example,changed,,,score=80",
    "2026-03-09T12:00,max@x.example,changed,,,stage=hot",
    "2026-03-10T12:00,max@x.example,event,,,done",
]


def timeline(store: Store) -> list[str]:
    world = play(TEXT, "2026-03-02T08:00", "2026-05-20T00:00", PEOPLE, EVENTS, store=store)
    assert world.problems == []
    assert world.field("deal", "Big", "priority") == "high"
    return world.lines()


@pytest.fixture(scope="module")
def expected() -> list[str]:
    return timeline(Store.in_memory())


def test_the_timeline_is_the_same_on_every_database(store: Store, expected: list[str]) -> None:
    assert timeline(store) == expected
    assert len(expected) > 20
