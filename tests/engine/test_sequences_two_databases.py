"""One project with sequences of all four kinds and most of their manners gives one timeline on every database."""

from __future__ import annotations

import json

import pytest

from seqlang.simulation.scenario import NewRecord
from seqlang.store import Store
from seqlang.vocabulary.settings import PlanSettings, ProjectSettings
from tests.engine.playing import World, contact, instant

MAIL = '{ subject: "x", text: "Hello {{ contact.first_name }}" }'
TEXT = f"""
record contact {{ score number default 0, ends date, seen datetime }}
event "go" {{ kind text }}
list "L" of contact
calendar "Office" {{
  timezone "Europe/Berlin"
  open mon-fri 09:00-17:00
  closed 2026-03-04
}}
classic sequence "C" {{
  owner "ana@example.com"
  run daily at 08:30 in "Europe/Berlin" except weekends
  audience {{ unique by first_name; where score >= 0 }}
  admit at most 3 a day
  window mon-fri 09:00-17:00 in contact timezone else "Europe/Berlin"
  skip when more than 3 days late
  step a: email on day 1 {MAIL}
  step b: email 2 days before ends {MAIL}
  step c: sms on day 3 when sent(a) {{ text: "t" }}
  step d: email 1 working day after seen {MAIL}
  exit when finished, unsubscribed, bounced
  exit when account replied
  exit when event "go" since entry {{ add score 5; add to list "L" }}
}}
smart sequence "S" {{
  owner "ana@example.com"
  run every 6 hours in "America/New_York"
  audience {{ where first_name is not empty }}
  at most 1 messages a week
  step x: email after 2 working days when not replied {MAIL}
  step y: task when score > 3 {{ title: "t" }}
  step z: email {MAIL}
}}
outbound sequence "O" {{
  owner "bo@example.com"
  run daily at 10:00 in "UTC" on calendar "Office"
  audience {{ where last_name is empty }}
  step ring: call {{ script: "s" }}
  step sorry: email after 1 day when outcome(ring) = "No answer" {MAIL}
  step recap: email after 1 working day {{ subject: "x", text: "y", review: yes }}
  exit when finished, replied
}}
cadence "K" {{
  owner "ana@example.com"
  run daily at 09:00 in "Europe/Berlin"
  undeliverable skip
  step quote: email on day 1 {{ subject: "x", text: "{{{{ contact.first_name }}}}", review: yes }}
  step nudge: email 2 days after quote {{ reply_to_step: quote, text: "y" }}
  step phone: call on day 4 {{ script: "s", due: 1 day }}
}}
"""
PEOPLE = [
    NewRecord("account", {"name": "Acme", "domain": "acme.example"}),
    *(
        contact(
            f"p{n}@x{n % 2}.example",
            first_name=("Kim", "kim", "Lou", "Max", None, "Nia")[n],
            phone="+4930123456" if n % 2 else None,
            timezone=("Europe/Berlin", "America/New_York", None)[n % 3],
            score=float(n),
            ends=instant("2026-03-08T00:00").date() if n == 2 else None,
            account="acme.example" if n < 2 else None,
            seen=instant("2026-03-04T15:00") if n == 3 else None,
        )
        for n in range(6)
    ),
    contact("broken@", first_name="Zoe"),
]
EVENTS = (
    ("2026-03-02T07:00", "p2@x0.example", "enrolled", "K", None, None),
    ("2026-03-02T07:00", "broken@", "enrolled", "K", None, None),
    ("2026-03-02T12:00", "p3@x1.example", "completed", "O", "ring", "No answer"),
    ("2026-03-02T13:00", "p2@x0.example", "completed", "K", "quote", None),
    ("2026-03-03T12:00", "p0@x0.example", "replied", "S", None, "out of office 2026-03-06"),
    ("2026-03-03T13:00", "p5@x1.example", "event", None, None, 'go {"kind": "a"}'),
    ("2026-03-03T14:00", "p2@x0.example", "changed", None, None, "ends=2026-03-07"),
    ("2026-03-05T13:00", "p4@x0.example", "unsubscribed", None, None, None),
    ("2026-03-09T13:00", "p3@x1.example", "completed", "O", "recap", None),
    ("2026-03-10T12:00", "p2@x0.example", "replied", "K", "nudge", None),
)


def timeline(store: Store) -> list[str]:
    """Play two weeks and return the timeline."""
    settings = ProjectSettings(
        channels={"email": {"default": {"smtp": "smtp://localhost:2525"}}},
        plan="tiny",
        plans={"tiny": PlanSettings(emails_per_user_per_day=4)},
    )
    world = World.of(TEXT, "2026-03-02T06:00", PEOPLE, store=store, settings=settings)
    for at, key, kind, sequence, step, value in EVENTS:
        world.to(at)
        world.tell(key, kind, sequence, step, value)
    return world.to("2026-03-16T00:00").lines()


@pytest.fixture(scope="module")
def expected() -> list[str]:
    """The timeline on SQLite in memory."""
    return timeline(Store.in_memory())


def test_sequences_of_all_kinds_tell_the_same_on_every_database(store: Store, expected: list[str]) -> None:
    assert json.dumps(timeline(store), indent=1) == json.dumps(expected, indent=1)


def test_project_of_the_comparison_shows_most_of_what_can_happen(expected: list[str]) -> None:
    words = {word for line in expected for word in line.split(" ")}
    assert words >= {"entered", "executed", "skipped", "deferred", "held", "exited"}
    reasons = {line.partition(" : ")[2] for line in expected}
    assert reasons >= {"condition", "limit", "window", "pace", "finished", "replied"}
