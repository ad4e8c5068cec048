"""Mail goes out through Postfix, comes back as its reports and as people's answers, and is read by IMAP from Dovecot."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from email.message import Message
from pathlib import Path

import pytest

from tests.mailservers.conftest import Cli
from tests.mailservers.servers import WAIT_SECONDS, Servers

pytestmark = pytest.mark.debian("postfix", "dovecot", "/usr/lib/dovecot/lmtp")


def people(project: Path, cli: Cli, *names: str) -> None:
    rows = "".join(f"{name}@acme.test,5\n" for name in names)
    (project / "people.csv").write_text(f"email,score\n{rows}", "utf-8")
    cli("import", "people.csv")


def answer(to: Message, sender: str, *more: str, text: str = "Yes, call me.") -> str:
    head = [f"From: {sender}", f"To: {to['From']}", f"Subject: Re: {to['Subject']}", f"Message-ID: <answer.{sender}>",
            f"In-Reply-To: {to['Message-ID']}", f"References: {to['Message-ID']}", *more]
    return "\r\n".join((*head, "", text, "", f"> {to.get_payload()}"[:60], ""))


def reasons(cli: Cli) -> dict[str, str]:
    return {r["contact"]: r["why"] for r in cli("log", "--format", "json").rows if r["what"] == "exited"}


def test_a_reply_in_the_thread_ends_the_journey_of_its_contact(started: Path, servers: Servers, cli: Cli) -> None:
    people(started, cli, "kim", "lou")
    cli("tick", "--deliver")
    sent = {m["To"]: m for m in (servers.world.next(), servers.world.next())}
    servers.postfix.send(answer(sent["kim@acme.test"], "kim@acme.test"), "kim@acme.test")
    servers.dovecot.wait_for(1)
    assert [r["kind"] for r in cli("mailbox", "read", "--format", "json").rows] == ["reply"]
    cli("tick", "--deliver")
    assert reasons(cli) == {"kim@acme.test": "replied"}
    assert cli("mailbox", "read", "--format", "json").rows == []  # what was read is not read again
    with servers.dovecot.open() as box:
        assert [m.flags for m in box.fetch(mark_seen=False)] == [()]  # … and is new for its owner still


def test_reports_of_postfix_close_addresses_and_stop_the_mailbox_only_where_they_must(
    started: Path, servers: Servers, cli: Cli
) -> None:
    people(started, cli, "gone", "full")
    cli("tick", "--deliver")
    servers.dovecot.wait_for(2)
    taken = cli("mailbox", "read", "--format", "json").rows
    assert sorted(r["detail"].partition(":")[0] for r in taken) == ["hard", "soft"]
    cli("tick", "--deliver")
    assert reasons(cli) == {"gone@acme.test": "bounced"}  # a full mailbox is nobody's end
    assert cli("mailbox", "list", "--format", "json").json[0]["state"] == "open"


def test_a_report_that_we_are_blocked_stops_the_mailbox_and_blames_nobody(started: Path, servers: Servers, cli: Cli) -> None:
    people(started, cli, "blocked")
    cli("tick", "--deliver")
    servers.dovecot.wait_for(1)
    said = cli("mailbox", "read", "--format", "json")
    assert "ALARM: the mailbox email:ana@sender.test is blocked" in said.err
    cli("tick", "--deliver")
    assert reasons(cli) == {}
    people(started, cli, "kim")
    cli("tick", "--deliver")
    assert servers.world.mails.empty()
    assert "seqlang mailbox open" in cli("status").out
    cli("mailbox", "open", "ana@sender.test")
    cli("tick", "--deliver")
    assert servers.world.next()["To"] == "kim@acme.test"


def test_a_server_that_refuses_us_at_once_stops_the_mailbox_and_keeps_the_message(
    started: Path, servers: Servers, cli: Cli
) -> None:
    people(started, cli, "unwanted", "kim")
    told = cli("tick", "--deliver")
    assert "ALARM: the mailbox email:ana@sender.test is blocked: unwanted@acme.test: 550 5.7.1" in told.err
    assert "rejected" not in told.out
    assert reasons(cli) == {}
    (kept,) = cli("outbox", "--state", "retry", "--format", "json").json
    assert (kept["contact"], "blocked using list.example" in kept["reason"]) == ("unwanted@acme.test", True)
    assert "blocked" in cli("mailbox", "list").out
    cli("mailbox", "open", "ana@sender.test")
    assert "1 accepted" in cli("tick", "--deliver").out  # the others go first, then it is refused once more
    assert servers.world.next()["To"] == "kim@acme.test"
    cli("outbox", "settle", str(kept["id"]), "drop")
    cli("mailbox", "open", "ana@sender.test")
    assert "ALARM" not in cli("tick", "--deliver").err


def test_a_note_of_absence_holds_its_contact_and_is_no_reply(started: Path, servers: Servers, cli: Cli) -> None:
    people(started, cli, "kim")
    cli("tick", "--deliver")
    note = answer(servers.world.next(), "kim@acme.test", "Auto-Submitted: auto-replied", text="I am back next week.")
    servers.postfix.send(note, "kim@acme.test")
    servers.dovecot.wait_for(1)
    assert [r["kind"] for r in cli("mailbox", "read", "--format", "json").rows] == ["out_of_office"]
    cli("tick")
    whats = [r["what"] for r in cli("log", "--format", "json").rows]
    assert whats.count("held") == 1
    assert "exited" not in whats


def test_run_reads_the_mailbox_by_itself_and_starts_again_without_losing_or_repeating(
    started: Path, servers: Servers, cli: Cli
) -> None:
    people(started, cli, "kim", "lou")

    program = [sys.executable, "-c", "from seqlang.cli.main import run; run()", "run", "--tick-every", "1 second"]
    for name in ("kim", "lou"):
        with subprocess.Popen(program, cwd=started, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
            if name == "kim":
                sent = {m["To"]: m for m in (servers.world.next(), servers.world.next())}
            servers.postfix.send(answer(sent[f"{name}@acme.test"], f"{name}@acme.test"), f"{name}@acme.test")
            assert running.stderr is not None
            watchdog = threading.Timer(2 * WAIT_SECONDS, running.kill)
            watchdog.start()
            assert any("1 reply" in line for line in running.stderr)  # it says so when the event is committed
            running.send_signal(signal.SIGTERM)
            running.communicate(timeout=WAIT_SECONDS)
            watchdog.cancel()
            assert running.returncode == 0
    cli("tick")
    assert reasons(cli) == {"kim@acme.test": "replied", "lou@acme.test": "replied"}
    assert servers.world.mails.empty()
