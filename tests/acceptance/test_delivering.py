"""tick --deliver, run, send-test, demo: real messages to a mail server on this machine."""

from __future__ import annotations

import email
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from seqlang.app.demo.catcher import Catcher
from tests.acceptance.conftest import Cli


@pytest.fixture
def catcher(started: Path) -> Iterator[Catcher]:
    with Catcher(started / "mails", refuse=lambda address: address.startswith("gone")) as server:
        path = started / "seqlang.toml"
        path.write_text(path.read_text(encoding="utf-8").replace("127.0.0.1:9", f"127.0.0.1:{server.port}"), encoding="utf-8")
        yield server


def test_tick_deliver_sends_what_is_planned_once(started: Path, cli: Cli, catcher: Catcher) -> None:
    assert "1 accepted" in cli("tick", "--deliver", "--at", "2026-03-02T09:30").out
    cli("tick", "--deliver", "--at", "2026-03-02T09:30")
    caught = catcher.drain()
    assert [c.recipients for c in caught] == [("kim@x.example",)]
    message = email.message_from_bytes(caught[0].raw)
    assert message["Subject"] == "Hello"
    assert "Hello Kim" in caught[0].raw.decode()
    assert cli("outbox", "--state", "accepted", "--format", "json").json[0]["recipient"] == "kim@x.example"


def test_an_address_that_does_not_exist_bounces(started: Path, cli: Cli, catcher: Catcher) -> None:
    (started / "gone.csv").write_text("email,score\ngone@x.example,50\n", encoding="utf-8")
    cli("import", "gone.csv", "--at", "2026-03-02T08:00")
    cli("tick", "--deliver", "--at", "2026-03-02T09:30")
    cli("tick", "--deliver", "--at", "2026-03-03T09:30")
    lines = [(r["what"], r["why"]) for r in cli("log", "--contact", "gone@x.example", "--format", "json").rows]
    assert lines[-1] == ("exited", "bounced")
    assert ("failed", "rejected") in lines


def test_send_test_counts_as_nothing(started: Path, cli: Cli, catcher: Catcher) -> None:
    cli("send-test", "Leads", "hello", "--to", "me@acme.example", "--as", "kim@x.example")
    assert [c.recipients for c in catcher.drain()] == [("me@acme.example",)]
    assert cli("log").out == ""
    assert cli("outbox", "--format", "json").json == []
    assert "ring" in cli("send-test", "Leads", "ring", "--to", "me@acme.example", "--as", "kim@x.example", code=1).err


def test_send_test_says_that_the_files_differ_from_what_it_sends(started: Path, cli: Cli, catcher: Catcher) -> None:
    test = ("send-test", "Leads", "hello", "--to", "me@acme.example", "--as", "kim@x.example")
    assert cli(*test).err == ""
    (started / "templates/hello.html").write_text("<title>Hello</title><p>Good morning</p>\n", encoding="utf-8")
    assert "the files of `Leads` have changed since" in cli(*test).err
    text = (started / "leads.seq").read_text(encoding="utf-8")
    step = '  step more: email on day 2 { text: "More", subject: "More", unsubscribe: yes }\n'
    more = text.replace("  step ring:", f"{step}  step ring:")
    fresh = more.replace('cadence "Quotes"', 'cadence "Fresh"')
    (started / "leads.seq").write_text(fresh, encoding="utf-8")
    said = cli("send-test", "Leads", "more", *test[3:], code=2).err
    assert "`more` is in the files and was never applied (`seqlang apply` first" in said
    assert "`Fresh` is in the files and was never applied" in cli("send-test", "Fresh", "quote", *test[3:], code=2).err
    (started / "leads.seq").write_text(more.replace("finished", "finnished"), encoding="utf-8")
    assert "the files have errors" in cli(*test).err
    assert all("Hello Kim" in caught.raw.decode() for caught in catcher.drain())


@pytest.mark.slow
def test_run_ticks_and_delivers_until_it_is_told_to_stop(started: Path, cli: Cli, catcher: Catcher) -> None:
    path = started / "leads.seq"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"run daily at 09:30 .*", 'run every 1 minute in "UTC"', text, count=1), encoding="utf-8")
    cli("archive", "Leads")
    path.write_text(path.read_text(encoding="utf-8").replace('sequence "Leads"', 'sequence "Now"'), encoding="utf-8")
    cli("apply", "--yes", "--at", "2026-03-02T08:00")
    cli("start", "Now", "--at", "2026-03-02T08:00")
    process = subprocess.Popen(
        [sys.executable, "-m", "seqlang.cli.main", "run", "--tick-every", "1 second"],
        cwd=started, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if "accepted" in line:
            break
    process.send_signal(signal.SIGTERM)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == 0, complaint
    assert "Traceback" not in complaint
    assert "stopped" in complaint
    assert "1 accepted" in seen
    assert len(catcher.drain()) == 1
    cli("db", "check")


@pytest.mark.slow
@pytest.mark.sqlite
def test_the_demo_ends_with_a_funnel_and_with_mails(no_project: Path, cli: Cli) -> None:
    said = cli("demo", "shown", "--weeks", "1")
    assert "Qualify new leads:" in said.out
    assert "try next:" in said.out
    assert "went wrong" not in said.out
    mails = list((no_project / "shown/mails").glob("*.eml"))
    assert len(mails) > 200
    with sqlite3.connect(no_project / "shown/seqlang.db") as raw:
        accepted = raw.execute("SELECT count(*) FROM ledger WHERE state = 'accepted' AND channel = 'email'").fetchone()[0]
    assert accepted == len(mails)
    assert "no demo made it" in cli("demo", ".", code=1).err


def test_a_reader_that_leaves_early_is_no_mistake(started: Path, cli: Cli) -> None:
    cli("tick", "--at", "2026-03-02T09:30")
    command = f'"{sys.executable}" -m seqlang.cli.main log --format json | head -1'
    done = subprocess.run(["bash", "-c", command], cwd=started, capture_output=True, text=True, check=False)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
