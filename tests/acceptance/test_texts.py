"""Texts from end to end: a sequence, an SMS centre on this machine, receipts, an answer, and STOP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from seqlang.app.opening import opened
from seqlang.app.receiving import Receiver, inboxes
from seqlang.app.workspace import open_workspace
from seqlang.clock import ManualClock
from seqlang.host import load
from tests.acceptance.conftest import Cli
from tests.plugins.sms_centre import Centre, sms_centre

pytest.importorskip("smpp34")

SEQ = """\
record contact { country text }

classic sequence "Texts" {
  owner "ana@acme.example"
  run daily at 09:30 in "Europe/Berlin"
  audience { where phone is not empty }
  step hello: sms on day 1 { text: "Hello {{ contact.first_name }}" }
  step again: sms on day 2 { text: "Still there?" }
  exit when finished, bounced
}
"""
TOML = """\
name = "texts"
timezone = "Europe/Berlin"

[[users]]
email = "ana@acme.example"

[channels.sms.default]
smpp = "{url}"
password = {{ env = "SMPP_PASSWORD" }}
from = "Acme"
"""
PEOPLE = "email,first_name,phone,country\nkim@x.example,Kim,0170 1234567,DE\nlee@x.example,Lee,079 123 45 67,CH\n"


@pytest.fixture
def centre() -> Iterator[Centre]:
    with sms_centre() as made:
        yield made


@pytest.fixture
def texts(tmp_path: Path, cli: Cli, centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SMPP_PASSWORD", "letmein")
    (tmp_path / "seqlang.toml").write_text(TOML.format(url=centre.url), "utf-8")
    (tmp_path / "texts.seq").write_text(SEQ, "utf-8")
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    monkeypatch.chdir(tmp_path)
    at = ("--at", "2026-03-02T08:00")
    cli("apply", "--yes", *at)
    cli("import", "people.csv", *at)
    cli("start", "Texts", *at)
    return tmp_path


def receive(folder: Path, at: str, count: int) -> list[str]:
    """Take in so much of what comes back, as `seqlang run` does; return what it warned of."""
    workspace = open_workspace(str(folder))
    host = load(workspace.settings)
    said: list[str] = []
    with opened(workspace) as store:
        (box,) = inboxes(host, workspace.settings)
        receiver = Receiver(store, host, box, ManualClock(datetime.fromisoformat(at)), said.append, threading.Event())
        inbox = host.open_inbox(box.word, box)
        assert inbox is not None
        taken = 0
        while taken < count:
            came = receiver.once(inbox, 5)
            assert came, "nothing came"
            taken += came
        inbox.close()
    return said


def test_stop_closes_the_phone_and_receipts_are_told(texts: Path, cli: Cli, centre: Centre) -> None:
    assert "2 accepted" in cli("tick", "--deliver", "--at", "2026-03-02T09:30").out
    assert sorted(t.destination_addr for t in centre.texts) == ["41791234567", "491701234567"]
    assert {t.short_message for t in centre.texts} == {b"Hello Kim", b"Hello Lee"}
    names = {t.destination_addr: f"id{n}" for n, t in enumerate(centre.texts, 1)}
    with ThreadPoolExecutor() as pool:
        taking = pool.submit(receive, texts, "2026-03-02T10:00+01:00", 3)
        centre.say("491701234567", f"id:{names['491701234567']} stat:DELIVRD err:000".encode(), esm_class=4)
        centre.say("491701234567", b"Stopp bitte")
        centre.say("41791234567", b"Sure")
        assert taking.result(30) == []
    shown = {r["recipient"]: r["reason"] for r in cli("outbox", "--format", "json").json}
    assert shown == {"+491701234567": "delivered: DELIVRD", "+41791234567": "taken by 127.0.0.1, 1 segment"}
    cli("tick", "--deliver", "--at", "2026-03-03T09:30")
    lines = [(r["contact"], r["what"], r["why"]) for r in cli("log", "--format", "json").rows if r["step"] == "again"]
    assert sorted(lines) == [("kim@x.example", "skipped", "stopped"), ("lee@x.example", "executed", None)]
    assert [t.destination_addr for t in centre.texts[2:]] == ["41791234567"]


def say(folder: Path, centre: Centre, at: str, *words: str) -> None:
    """Let Kim answer, and take it in."""
    centre.sessions[:] = [one for one in centre.sessions if not one.can_receive]  # who listened before has gone
    with ThreadPoolExecutor() as pool:
        taking = pool.submit(receive, folder, at, len(words))
        for text in words:
            centre.say("491701234567", text.encode())
        assert taking.result(30) == []


def unsubscribed(cli: Cli) -> list[str]:
    return [r["email"] for r in cli("list", "contact", "--where", "unsubscribed", "--format", "json").json]


def test_stop_unsubscribes_and_is_told(texts: Path, cli: Cli, centre: Centre) -> None:
    (texts / "texts.seq").write_text(SEQ.replace("exit when finished,", "exit when finished, unsubscribed,"), "utf-8")
    cli("apply", "--yes", "--at", "2026-03-02T09:00")
    cli("tick", "--deliver", "--at", "2026-03-02T09:30")
    say(texts, centre, "2026-03-02T10:00+01:00", "STOP")
    cli("tick", "--deliver", "--at", "2026-03-03T09:30")
    assert unsubscribed(cli) == ["kim@x.example"]
    exits = [(r["contact"], r["why"]) for r in cli("log", "--format", "json").rows if r["what"] == "exited"]
    assert ("kim@x.example", "unsubscribed") in exits
    told = cli("why", "kim@x.example", "Texts").out
    assert "replied: STOP" in told
    assert "unsubscribed: STOP" in told


def test_start_opens_the_phone_again_and_is_told(texts: Path, cli: Cli, centre: Centre) -> None:
    cli("tick", "--deliver", "--at", "2026-03-02T09:30")
    say(texts, centre, "2026-03-02T10:00+01:00", "STOP")
    cli("tick", "--at", "2026-03-02T10:30")
    assert unsubscribed(cli) == ["kim@x.example"]
    say(texts, centre, "2026-03-02T11:00+01:00", "Start bitte")
    assert unsubscribed(cli) == []
    assert "replied: START" in cli("why", "kim@x.example", "Texts").out
    cli("tick", "--deliver", "--at", "2026-03-03T09:30")
    lines = [(r["contact"], r["what"]) for r in cli("log", "--format", "json").rows if r["step"] == "again"]
    assert sorted(lines) == [("kim@x.example", "executed"), ("lee@x.example", "executed")]


def test_stop_start_and_stop_again_in_one_breath_closes_the_phone(texts: Path, cli: Cli, centre: Centre) -> None:
    cli("tick", "--deliver", "--at", "2026-03-02T09:30")
    say(texts, centre, "2026-03-02T10:00+01:00", "STOP", "START", "STOP")
    cli("tick", "--deliver", "--at", "2026-03-03T09:30")
    lines = [(r["contact"], r["why"]) for r in cli("log", "--format", "json").rows if r["step"] == "again"]
    assert sorted(lines, key=str) == [("kim@x.example", "stopped"), ("lee@x.example", None)]
    assert unsubscribed(cli) == ["kim@x.example"]


def test_start_before_any_tick_saw_the_stop_leaves_nothing_closed(texts: Path, cli: Cli, centre: Centre) -> None:
    cli("tick", "--deliver", "--at", "2026-03-02T09:30")
    say(texts, centre, "2026-03-02T10:00+01:00", "STOP", "UNSTOP")
    cli("tick", "--deliver", "--at", "2026-03-03T09:30")
    assert [r["what"] for r in cli("log", "--format", "json").rows if r["step"] == "again"] == ["executed", "executed"]
    assert unsubscribed(cli) == []


def test_start_does_not_take_back_what_was_unsubscribed_otherwise(texts: Path, cli: Cli, centre: Centre) -> None:
    cli("tick", "--deliver", "--at", "2026-03-02T09:30")
    say(texts, centre, "2026-03-02T10:00+01:00", "STOP")
    (texts / "events.csv").write_text("at,contact,kind\n2026-03-02T10:10,kim@x.example,unsubscribed\n", "utf-8")
    cli("import", "events.csv", "--as", "event", "--at", "2026-03-02T10:20")
    say(texts, centre, "2026-03-02T11:00+01:00", "START")
    cli("tick", "--deliver", "--at", "2026-03-03T09:30")
    assert unsubscribed(cli) == ["kim@x.example"]
    assert [r["what"] for r in cli("log", "--format", "json").rows if r["step"] == "again"] == ["executed", "executed"]


def test_start_of_who_never_said_stop_is_a_reply(texts: Path, cli: Cli, centre: Centre) -> None:
    cli("tick", "--deliver", "--at", "2026-03-02T09:30")
    say(texts, centre, "2026-03-02T10:00+01:00", "start")
    told = cli("why", "kim@x.example", "Texts").out
    assert "replied" in told
    assert "START" not in told


def test_number_that_does_not_exist_bounces(texts: Path, cli: Cli, centre: Centre) -> None:
    cli("tick", "--deliver", "--at", "2026-03-02T09:30")
    with ThreadPoolExecutor() as pool:
        taking = pool.submit(receive, texts, "2026-03-02T10:00+01:00", 3)
        centre.say(centre.texts[0].destination_addr, b"id:id1 stat:UNDELIV err:001", esm_class=4)
        centre.say(centre.texts[0].destination_addr, b"id:id1 stat:UNDELIV err:001", esm_class=4)
        centre.say("4915550000", b"Who is this?")
        assert taking.result(30) == ["warning: sms:default: 1 answers or receipts belong to no message from here"]
    cli("tick", "--deliver", "--at", "2026-03-03T09:30")
    exits = [r["why"] for r in cli("log", "--format", "json").rows if r["what"] == "exited"]
    assert sorted(exits) == ["bounced", "finished"]


def test_test_text_goes_to_ones_own_phone_and_says_its_segments(texts: Path, cli: Cli, centre: Centre) -> None:
    said = cli("send-test", "Texts", "hello", "--to", "0170 1111111", "--as", "kim@x.example")
    assert said.out == "sent to +491701111111: taken by 127.0.0.1, 1 segment\n"
    assert said.err == ""
    said = cli("send-test", "Texts", "hello", "--to", "079 123 45 67", "--as", "lee@x.example")  # of Switzerland, as Lee
    assert said.out.startswith("sent to +41791234567")
    assert [(t.destination_addr, t.short_message) for t in centre.texts] == [
        ("491701111111", b"Hello Kim"), ("41791234567", b"Hello Lee"),
    ]  # fmt: skip
    assert cli("log").out == ""
    said = cli("send-test", "Texts", "hello", "--to", "me@x.example", "--as", "kim@x.example", code=2)
    assert "`me@x.example` is no phone number, and `hello` goes to one (channel `sms`)" in said.err
    (texts / "people.csv").write_text(PEOPLE.replace("Kim", "K" + "i" * 200 + "m"), "utf-8")
    cli("import", "people.csv", "--at", "2026-03-02T08:30")
    assert "2 segments" in cli("send-test", "Texts", "hello", "--to", "+491701111111", "--as", "kim@x.example").out
