"""`simulate`: what the files mean, which instants count, and what is printed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from seqlang.cli.main import main
from seqlang.plan.model import LimitPlan
from seqlang.simulation.forecast import FlowFacts, Forecast, forecast_json, forecast_text
from seqlang.simulation.lines import Line

FLOWS = """\
record contact {
  score number default 7
  country text
}
classic sequence "A" {
  owner "ana@example.com"
  run daily at 09:00 in "Europe/Berlin"
  audience { where score = 7 }
  step a: email on day 1 { subject: "a", text: "a", unsubscribe: yes }
  step b: email on day 2 when opened(a) { subject: "b", text: "b", unsubscribe: yes }
  exit when finished, replied, unsubscribed
}
classic sequence "B" {
  owner "bo@example.com"
  run daily at 03:00 in "America/New_York"
  audience { where score is empty }
  step c: task on day 1 { title: "c" }
  exit when finished
}
"""


@pytest.fixture
def play(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    (tmp_path / "seqlang.toml").write_text('name = "x"\n[channels.email.default]\nsmtp = "smtp://localhost:9"\n', "utf-8")
    (tmp_path / "flows.seq").write_text(FLOWS, "utf-8")

    def call(contacts: str, events: str = "", *more: str, code: int = 0, until: str = "2026-03-06") -> tuple[list[Any], str]:
        (tmp_path / "contacts.csv").write_text(contacts, "utf-8")
        args = ["simulate", "--project", str(tmp_path), "--contacts", str(tmp_path / "contacts.csv")]
        if events:
            (tmp_path / "events.csv").write_text("at,contact,kind,sequence,step,value\n" + events, "utf-8")
            args += ["--events", str(tmp_path / "events.csv")]
        found = main([*args, "--from", "2026-03-02", "--until", until, "--format", "json", *more])
        said = capsys.readouterr()
        assert found == code, said.err
        return [json.loads(line) for line in said.out.splitlines()], said.err

    return call


def short(rows: list[Any]) -> list[str]:
    who = [(r["contact"] or "").partition("@")[0] for r in rows]
    said = [f"{r['what']} {r['step'] or r['why'] or ''}" for r in rows]
    return [f"{r['at'][:16]} {r['sequence']} {w} {s}".strip() for r, w, s in zip(rows, who, said, strict=True)]


def test_a_missing_column_has_its_default_and_an_empty_cell_is_empty(play: Any) -> None:
    assert {r["sequence"] for r in play("email\nkim@x.example\n")[0]} == {"A"}
    assert {r["sequence"] for r in play("email,score\nkim@x.example,\n")[0]} == {"B"}


def test_lines_are_ordered_and_carry_the_offset_of_their_flow(play: Any) -> None:
    rows, _ = play("email,score\nzoe@x.example,7\nkim@x.example,7\nlou@x.example,\n", until="2026-03-03")
    assert short(rows) == [
        "2026-03-02T09:00 A kim entered", "2026-03-02T09:00 A kim executed a",
        "2026-03-02T09:00 A zoe entered", "2026-03-02T09:00 A zoe executed a",
        "2026-03-02T03:00 B lou entered", "2026-03-02T03:00 B lou executed c", "2026-03-02T03:00 B lou exited finished",
    ]  # fmt: skip
    assert list(rows[1]) == ["at", "sequence", "contact", "record", "what", "step", "channel", "why"]
    assert rows[1]["at"] == "2026-03-02T09:00:00+01:00"
    assert rows[-1]["at"].endswith("-05:00")


def test_the_span_includes_its_beginning_and_excludes_its_end(play: Any) -> None:
    rows, _ = play("email\nkim@x.example\n", until="2026-03-02T08:00:00Z")
    assert rows == []
    rows, _ = play("email\nkim@x.example\n", until="2026-03-02T08:00:01Z")
    assert len(rows) == 2


def test_a_contact_that_comes_to_be_on_the_way_is_seen_at_the_next_run(play: Any) -> None:
    rows, _ = play("email,created_at\nkim@x.example,2026-03-03T12:00\n")
    assert rows[0]["at"] == "2026-03-04T09:00:00+01:00"


def test_an_instant_of_an_event_is_in_the_zone_of_its_flow(play: Any) -> None:
    opened = play("email\nkim@x.example\n", "2026-03-03T08:59,kim@x.example,opened,A,a,\n")[0]
    assert "2026-03-03T09:00 A kim executed b" in short(opened)
    late = play("email\nkim@x.example\n", "2026-03-03T09:01,kim@x.example,opened,A,a,\n")[0]
    assert "2026-03-03T09:00 A kim skipped b" in short(late)


def test_an_event_on_a_message_that_was_never_sent_is_a_warning(play: Any) -> None:
    rows, err = play("email,score\nkim@x.example,1\n", "2026-03-03T08:00,kim@x.example,opened,A,a,\n")
    assert rows == []
    assert "warning:" in err
    assert "never sent" in err


def test_a_bad_row_is_left_out_and_told(play: Any) -> None:
    rows, err = play("email,score\nkim@x.example,7\nlou@x.example,many\n", code=1)
    assert {r["contact"] for r in rows} == {"kim@x.example"}
    assert "contacts.csv:3" in err


def test_an_invalid_address_is_kept_and_never_mailed(play: Any) -> None:
    rows, _ = play("email\nno address\n")
    assert [(r["what"], r["why"]) for r in rows] == [("entered", None), ("exited", "invalid_email")]


def test_named_flows_play_alone_and_unknown_ones_are_refused(play: Any) -> None:
    rows, _ = play("email,score\nkim@x.example,7\nlou@x.example,\n", "", "--sequence", "B")
    assert {r["sequence"] for r in rows} == {"B"}
    assert "no flow `C`" in play("email\n", "", "--sequence", "C", code=2)[1]


def test_the_forecast_counts_days_and_owners() -> None:
    limit = LimitPlan(name="daily", what="email", count=100, per="user", window="day")
    facts = {"A": FlowFacts("ana@example.com", frozenset({"a"}), frozenset({"c"}), (limit,))}
    forecast = Forecast(facts)
    at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    for what, step, channel, why in (
        ("entered", None, None, None), ("executed", "a", "email", None), ("executed", "c", "call", None),
        ("deferred", "a", "email", "limit"), ("exited", None, None, "finished"),
    ):  # fmt: skip
        forecast.count(Line(1, at, "UTC", "A", "kim@x.example", "contact:kim@x.example", what, step, channel, why, 1))
    document = json.loads(forecast_json(forecast))
    day = document["days"][0]
    assert (day["date"], day["owner"], day["messages"], day["to-dos"], day["deferred"], day["left"], day["cap"]) == (
        "2026-03-02", "ana@example.com", 1, 1, 1, 1, 100,
    )  # fmt: skip
    assert document["held_back"] == [
        {"sequence": "A", "step": "a", "what": "deferred", "why": "limit", "limit": None, "count": 1}
    ]
    assert "held back: a of A, 1 time (limit)" in forecast_text(forecast)


def test_a_refused_enrolment_by_hand_says_its_reason(play: Any) -> None:
    events = "".join(f"2026-03-03T12:00,kim@x.example,enrolled,{flow},,\n" for flow in "AB")
    rows, err = play("email\nkim@x.example\n", events)
    assert "`kim@x.example` does not come into `A`: was in before" in err
    assert "events.csv:2: " in err
    assert "into `B`" not in err
    assert [r["sequence"] for r in rows if r["what"] == "entered"] == ["A", "B"]
