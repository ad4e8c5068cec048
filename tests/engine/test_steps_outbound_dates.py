"""Dates of a record in outbound sequences: a step without a date passes its turn (LANGUAGE 5.3, 5.8)."""

from __future__ import annotations

from tests.engine.playing import World, contact, instant

MAIL = '{ subject: "s", text: "t" }'
FLOW = f"""
record contact {{ ends date }}
outbound sequence "F" {{
  owner "ana@example.com"
  run daily at 09:00 in "UTC"
  audience {{ }}
  step a: email {MAIL}
  step b: email on ends {MAIL}
  step c: email {MAIL}
}}
"""


def test_outbound_step_without_a_date_passes_its_turn_and_comes_when_it_has_one() -> None:
    people = [contact("kim@x.example"), contact("lou@x.example", ends=instant("2026-03-05T00:00").date())]
    world = World.of(FLOW, "2026-03-02T08:00", people).to("2026-03-08T12:00")
    world.tell("kim@x.example", "changed", value="ends=2026-03-10")
    world.to("2026-03-15T00:00")
    assert world.lines("executed") == [
        "2026-03-02 09:00 kim executed a",
        "2026-03-02 09:00 lou executed a",
        "2026-03-03 09:00 kim executed c",
        "2026-03-05 09:00 lou executed b",
        "2026-03-06 09:00 lou executed c",
        "2026-03-10 09:00 kim executed b",
    ]
