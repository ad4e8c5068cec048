"""All accounts are read side by side while something else runs: one that fails stops none of the others."""

from __future__ import annotations

import socket
import threading
from datetime import datetime
from queue import Queue

import pytest

from benchmarks.postbox import postbox
from seqlang.clock import SystemClock
from seqlang.mailroom.accounts import AccountError, accounts_of, own_addresses, server_of
from seqlang.mailroom.records import Collected
from seqlang.mailroom.rounds import reading
from seqlang.sdk.mailbox import MailboxSettings
from seqlang.store import Store
from seqlang.store.tables import inbox
from seqlang.vocabulary.settings import ProjectSettings
from tests.conftest import DATABASES
from tests.mailroom.desk import Desk

MAIL = b"From: kim@acme.example\r\nSubject: Re: A question\r\nMessage-ID: <%d@acme.example>\r\nIn-Reply-To: OURS\r\n\r\nYes.\r\n"


def settings_of(**boxes: object) -> ProjectSettings:
    return ProjectSettings.model_validate({"channels": {"email": boxes}})


def box(port: int, user: str, **more: object) -> dict[str, object]:
    return {"imap": f"imap://{user}@127.0.0.1:{port}", "imap_password": {"env": "IMAP_PASSWORD"}, "imap_poll_seconds": 1, **more}


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAP_PASSWORD", "secret")


# Threads that outlive the store have no place beside one in memory.
@pytest.mark.parametrize("store", DATABASES[1:], indirect=True)
def test_a_mailbox_that_hangs_or_is_out_of_reach_does_not_stop_the_others(desk: Desk) -> None:
    desk.world.clock.set(SystemClock().now())
    _, message_id = desk.send(desk.kim, "kim@acme.example", box="email:good")
    mails = [(MAIL % number).replace(b"OURS", message_id.encode()) for number in range(5)]
    with postbox(mails) as port, socket.create_server(("127.0.0.1", 0)) as silent:
        settings = settings_of(
            bad=box(9, "bad"), good=box(port, "good"), hanging=box(silent.getsockname()[1], "hanging", timeout_seconds=300),
            wrong={"imap": "pop://x"},
        )
        heard: Queue[Collected] = Queue()
        with reading(desk.store, settings, SystemClock(), heard.put):
            found: dict[str, int | str | None] = {}
            while not found.get("good"):
                done = heard.get(timeout=30)
                found[done.account.partition("@")[0]] = done.events if done.problem is None else done.problem
            while "bad" not in found:
                done = heard.get(timeout=30)
                found[done.account.partition("@")[0]] = done.problem
    assert found["good"] == 5
    assert "out of reach" in str(found["bad"])
    assert "`pop` is no mail server" in str(found[""])
    assert "hanging" not in found  # it still waits, and nobody waits for it
    states = {r.account.partition("@")[0]: r.problem for r in desk.world.rows(inbox)}
    assert states["good"] is None
    assert "out of reach" in str(states["bad"])


def test_a_problem_is_told_once_and_nothing_is_told_of_nothing(store: Store) -> None:
    waited = threading.Event()
    heard: list[Collected] = []

    class Counting(SystemClock):
        asked = 0

        def now(self) -> datetime:
            self.asked += 1
            if self.asked > 6:
                waited.set()
            return super().now()

    with postbox([]) as port, reading(store, settings_of(empty=box(port, "empty"), bad=box(9, "bad")), Counting(), heard.append):
        assert waited.wait(30)
    assert [d.account for d in heard] == ["bad@127.0.0.1:9"]


def test_mailboxes_of_one_account_are_read_once() -> None:
    same = {"imap": "imaps://team@imap.example", "from": "Team <team@x.example>"}
    accounts, problems = accounts_of(settings_of(**{"ana@x.example": same, "default": same, "bo@x.example": {"smtp": "smtp://x"}}))
    assert problems == []
    assert [(a.name, a.boxes, a.folder) for a in accounts] == [
        ("team@imap.example:993", ("email:ana@x.example", "email:default"), "INBOX")
    ]
    assert own_addresses(settings_of(**{"ana@x.example": same})) == {"ana@x.example", "team@x.example"}


@pytest.mark.parametrize(("url", "problem"), [
    ("imap://ana@imap.example", "in the clear"),
    ("imaps://ana:secret@imap.example", "must not stand in the address"),
    ("pop3://imap.example", "no mail server"),
    ("imaps://", "no mail server"),
    ("imaps://host:notaport", "no address of a server"),
])
def test_an_account_that_cannot_work_says_why(url: str, problem: str) -> None:
    with pytest.raises(AccountError, match=problem):
        server_of(MailboxSettings("email", "ana@x.example", {"imap": url}))
