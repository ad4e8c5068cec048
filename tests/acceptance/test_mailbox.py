"""mailbox list, read, open, and what `status` says of mailboxes: against a mail server on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.postbox import postbox
from seqlang.store import Store, tables
from tests.acceptance.conftest import Cli

MAIL = b"From: kim@x.example\r\nSubject: unsubscribe\r\nMessage-ID: <1@x.example>\r\n\r\n"


@pytest.fixture
def read_from(started: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IMAP_PASSWORD", "secret")
    return started


def with_imap(project: Path, port: int) -> None:
    settings = project / "seqlang.toml"
    text = settings.read_text("utf-8")
    settings.write_text(f'{text}imap = "imap://ana@127.0.0.1:{port}"\nimap_password = {{ env = "IMAP_PASSWORD" }}\n', "utf-8")


def test_mail_that_came_back_is_read_by_hand_and_only_once(read_from: Path, cli: Cli) -> None:
    with postbox([MAIL]) as port:
        with_imap(read_from, port)
        said = cli("mailbox", "read", "--format", "json")
        assert [(r["kind"], r["sender"]) for r in said.rows] == [("opt_out", "kim@x.example")]
        assert f"ana@127.0.0.1:{port}: 1 opt out" in said.err
        assert cli("mailbox", "read", "--format", "json").rows == []
    (shown,) = cli("mailbox", "list", "--format", "json").json
    assert (shown["name"], shown["state"], shown["problem"]) == ("email:default", "open", None)
    assert shown["read_at"] is not None


def test_a_mailbox_that_cannot_be_read_is_said_everywhere(read_from: Path, cli: Cli) -> None:
    with_imap(read_from, 9)
    assert "out of reach" in cli("mailbox", "read", code=1).err
    assert "out of reach" in cli("mailbox", "list").out
    assert "answers cannot be read" in cli("status").out


def test_without_imap_there_is_nothing_to_read(started: Path, cli: Cli) -> None:
    assert "imap" in cli("mailbox", "read").err


def test_a_stopped_mailbox_is_opened_by_hand(started: Path, cli: Cli) -> None:
    store = Store.open(os.environ.get("SEQLANG_DATABASE", f"sqlite:///{started / 'seqlang.db'}"))
    with store.begin() as conn:
        conn.execute(tables.mailbox.insert().values(name="email:default", state="stopped", reason="blocked: spam"))
    store.close()
    assert "the mailbox email:default is stopped: blocked: spam" in cli("status").out
    assert "blocked: spam" in cli("mailbox", "list").out
    assert cli("mailbox", "open", "default").out == "email:default sends again\n"
    assert cli("mailbox", "open", "email:default").out == "email:default was not stopped\n"
    assert "did you mean" in cli("mailbox", "open", "defalt", code=2).err
