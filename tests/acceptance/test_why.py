"""`why`: condition by condition, with the values then (COMMANDS.md), also where they have changed since."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.conftest import Cli

PROJECT = """\
record contact {
  score number default 0
  newsletter boolean
  trial_ends date
}
record account { plan_name text }
record deal { hot boolean }
list "Expo" of contact

classic sequence "Asking" {
  owner "ana@acme.example"
  run daily at 09:30 in "Europe/Berlin"
  audience { where score >= 20 and account.plan_name = "gold" }
  step one: task on day 1 when score >= 40 and newsletter and trial_ends = 2026-04-01 { title: "One" }
  step two: task on day 2 when tagged "late" or in list "Expo" { title: "Two" }
  step three: task on day 3 when count(deal with (hot)) >= 2 { title: "Three" }
  step four: task on day 4 when account.industry = "Steel" { title: "Four" }
  exit when score > 90
}

journey "Scoring" {
  owner "ana@acme.example"
  enter on event "signed_up"
  if score < 60 {
    add score 20
  } else {
    tag "rich"
  }
  wait 30 days
}
event "signed_up" {}
"""


@pytest.fixture
def asked(project: Path, cli: Cli) -> Cli:
    """Somebody goes through it, and everything that was asked changes afterwards."""
    (project / "leads.seq").write_text(PROJECT, encoding="utf-8")
    for name, words in {
        "accounts.csv": "name,domain,plan_name,industry\nAcme,acme.example,gold,Steel\nOther,other.example,tin,Wood\n",
        "people.csv": "email,account,score,newsletter,trial_ends,tags\nkim@x.example,acme.example,50,yes,2026-04-01,VIP\n",
        "deals.csv": "name,contact,hot\nA,kim@x.example,yes\nB,kim@x.example,yes\n",
        "later.csv": "email,account,score,newsletter,trial_ends\nkim@x.example,other.example,95,no,2026-05-05\n",
        "deals2.csv": "name,contact,hot\nA,kim@x.example,no\nB,,yes\n",
    }.items():
        (project / name).write_text(words, encoding="utf-8")
    cli("apply", "--yes", "--at", "2026-03-01T08:00")
    cli("import", "accounts.csv", "--as", "account", "--at", "2026-03-01T08:00")
    cli("import", "people.csv", "--list", "Expo", "--at", "2026-03-01T08:00")
    cli("import", "deals.csv", "--as", "deal", "--at", "2026-03-01T08:00")
    for name in ("Asking", "Scoring"):
        cli("start", name, "--at", "2026-03-01T08:00")
    cli("event", "kim@x.example", "event", "--value", "signed_up", "--at", "2026-03-02T07:00")
    for day in (2, 3, 4, 5):
        cli("tick", "--at", f"2026-03-0{day}T09:30")
    cli("import", "deals2.csv", "--as", "deal", "--at", "2026-03-06T08:00")
    cli("import", "later.csv", "--tag", "late", "--at", "2026-03-06T08:00")
    cli("event", "kim@x.example", "unsubscribed", "--at", "2026-03-06T08:00")
    return cli


def begin(project: Path, cli: Cli, flow: str, at: str, name: str, *, people: str, deals: str | None = None) -> None:
    """Apply a flow, import who is in it, and start it."""
    (project / "leads.seq").write_text(flow, encoding="utf-8")
    cli("apply", "--yes", "--at", at)
    for record, rows in {"contact": people, "deal": deals}.items():
        if rows is not None:
            (project / f"{record}s.csv").write_text(rows, encoding="utf-8")
            cli("import", f"{record}s.csv", "--as", record, "--at", at)
    cli("start", name, "--at", at)


def parts(cli: Cli, flow: str) -> dict[str, dict[str, tuple[bool, str | None]]]:
    """What `why` says: item -> condition -> (holds, value)."""
    items = cli("why", "kim@x.example", flow, "--format", "json").json["items"]
    return {i["name"]: {c["text"]: (c["holds"], c["value"]) for c in i["conditions"]} for i in items}


def test_conditions_are_shown_with_the_values_then(asked: Cli) -> None:
    asked("tick", "--at", "2026-03-06T09:30")
    said = parts(asked, "Asking")
    assert said["audience"] == {"score >= 20": (True, "50"), 'account.plan_name = "gold"': (True, "gold")}
    # The journey added 20 behind the first run.
    assert said["step one (task)"] == {
        "score >= 40": (True, "50"),
        "newsletter = yes": (True, "yes"),
        "trial_ends = 2026-04-01": (True, "2026-04-01"),
    }
    assert said["step two (task)"] == {'tagged "late"': (False, None), 'in list "Expo"': (True, None)}
    assert said["step three (task)"] == {"count(deal with (hot = yes)) >= 2": (True, None)}
    assert said["step four (task)"] == {'account.industry = "Steel"': (True, "Steel")}
    assert said["exit when score > 90"] == {"score > 90": (True, "95")}


def test_an_if_is_told_with_the_value_that_it_saw(asked: Cli) -> None:
    said = parts(asked, "Scoring")
    assert list(said) == ['enter on event "signed_up"', "if"]
    assert said["if"] == {"score < 60": (True, "50")}
    assert "it is 50" in asked("why", "kim@x.example", "Scoring").out


def test_what_let_somebody_in_is_told_as_it_was(project: Path, cli: Cli) -> None:
    flow = """\
record contact { score number default 0 }
workflow "Hot" {
  owner "ana@acme.example"
  on change of score when score >= 30 and owner is empty
  assign "ana@acme.example"
}
"""
    begin(project, cli, flow, "2026-03-01T08:00", "Hot", people="email,score\nkim@x.example,5\n")
    cli("event", "kim@x.example", "changed", "--value", "score=40", "--at", "2026-03-02T07:00")
    cli("tick", "--at", "2026-03-02T08:00")
    cli("event", "kim@x.example", "changed", "--value", "score=7", "--at", "2026-03-02T09:00")
    cli("tick", "--at", "2026-03-02T10:00")
    assert parts(cli, "Hot") == {"on change of score": {"score >= 30": (True, "40"), "owner is empty": (True, None)}}


def test_a_deal_is_told_with_its_contact_as_it_was(project: Path, cli: Cli) -> None:
    flow = """\
record contact { score number default 0 }
record deal { hot boolean }
workflow "Hot" for deal {
  owner "ana@acme.example"
  on change of stage when hot and contact.score >= 30
  set amount = 5
}
"""
    deals = "name,contact,hot,stage\nBig,kim@x.example,yes,Open\n"
    begin(project, cli, flow, "2026-03-01T08:00", "Hot", people="email,score\nkim@x.example,40\n", deals=deals)
    cli("event", "deal:Big", "changed", "--value", "stage=Won", "--at", "2026-03-02T07:00")
    cli("tick", "--at", "2026-03-02T08:00")
    cli("event", "kim@x.example", "changed", "--value", "score=7", "--at", "2026-03-02T09:00")
    cli("event", "deal:Big", "changed", "--value", "hot=no", "--at", "2026-03-02T09:00")
    cli("tick", "--at", "2026-03-02T10:00")
    (item,) = cli("why", "deal:Big", "Hot", "--format", "json").json["items"]
    assert [(part["text"], part["holds"], part["value"]) for part in item["conditions"]] == [
        ("hot = yes", True, "yes"),
        ("contact.score >= 30", True, "40"),
    ]


def test_a_goal_with_the_name_of_a_step_is_not_told_as_the_step(project: Path, cli: Cli) -> None:
    flow = """\
record contact { score number default 0 }
event "signed_up" {}
journey "Buying" {
  owner "ana@acme.example"
  enter on event "signed_up"
  goal "buy" when score > 90
  step buy: task { title: "Buy" }
  wait 30 days
}
"""
    begin(project, cli, flow, "2026-03-01T08:00", "Buying", people="email,score\nkim@x.example,5\n")
    cli("event", "kim@x.example", "event", "--value", "signed_up", "--at", "2026-03-02T07:00")
    cli("tick", "--at", "2026-03-02T08:00")
    cli("event", "kim@x.example", "changed", "--value", "score=95", "--at", "2026-03-03T07:00")
    cli("tick", "--at", "2026-03-03T08:00")
    items = {i["name"]: i for i in cli("why", "kim@x.example", "Buying", "--format", "json").json["items"]}
    assert items["goal buy"]["conditions"] == [{"text": "score > 90", "holds": True, "value": "95"}]
    assert [said.split(" ", 2)[2] for said in items["step buy (task)"]["said"]] == ["buy by task"]


def test_asking_changes_nothing(asked: Cli) -> None:
    before = asked("list", "contact", "--format", "json").json
    parts(asked, "Asking")
    assert asked("list", "contact", "--format", "json").json == before
    asked("db", "check")


def test_who_waits_for_room_in_the_pace_is_told_the_run_in_which_there_is_some(project: Path, cli: Cli) -> None:
    mail = '{ subject: "s", text: "t" }'
    head = 'classic sequence "Paced" {\n owner "ana@acme.example"\n run daily at 09:30 in "UTC" except weekends\n audience { }\n'
    steps = f"step one: email on day 1 {mail}\n step two: email on day 1 {mail}\n at most 1 message a day\n}}\n"
    begin(project, cli, head + steps, "2026-03-06T08:00Z", "Paced", people="email\nkim@x.example\n")
    cli("tick", "--at", "2026-03-06T10:00Z")  # for the run of 9:30, a Friday; a day from then no run comes
    assert "waits (pace); the next thing is due at 2026-03-09 09:30" in cli("why", "kim@x.example", "Paced").out
