"""Channels that break a rule of the conformance suite fail there, by the name of that rule, and hang nothing."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from seqlang.sdk import Accepted, MailboxSettings, Message, Outcome, Rejected, Retry, Unavailable, Unclear
from seqlang.sdk import testing as suite
from seqlang.sdk.testing import ChannelConformance, SetEnv, Talk

pytestmark = pytest.mark.slow  # each waits until a limit has passed

Meaning = Callable[[int], Outcome]


def fair(status: int) -> Outcome:
    if status < 300:
        return Accepted("id")
    return Retry("later") if status >= 500 or status == 429 else Rejected("no")


class Channel:
    """Posts over HTTP; what differs from a good channel is said when it is made."""

    def __init__(self, meaning: Meaning = fair, lost: Outcome = Unclear("no answer"), seconds: float | None = None) -> None:  # noqa: B008
        self._meaning, self._lost, self._seconds = meaning, lost, seconds
        self.mailbox = MailboxSettings("fax", "default")

    def deliver(self, message: Message) -> Outcome:
        seconds = self._seconds or float(self.mailbox.get("timeout_seconds"))
        connection = http.client.HTTPConnection("127.0.0.1", self.mailbox.get("port"), timeout=seconds)
        try:
            connection.connect()
        except OSError:
            return Unavailable("nobody is there")
        try:
            connection.request("POST", "/", body=message.key)
            return self._meaning(connection.getresponse().status)
        except (OSError, http.client.HTTPException):
            return self._lost
        finally:
            connection.close()

    def close(self) -> None: ...


class Hanging(Channel):
    def deliver(self, message: Message) -> Outcome:
        threading.Event().wait(600)
        return Rejected("never")


class Secretive(Channel):
    """Calls somebody in a dry run, and keeps quiet about it."""

    def deliver(self, message: Message) -> Outcome:
        try:
            http.client.HTTPConnection("127.0.0.1", 9).connect()
        except Exception:  # noqa: BLE001  what such a channel does
            return Accepted("id", "sent")
        return Accepted("id", "sent")


def of(channel: Channel, *, idempotent: bool = False, led: bool = True, **more: Any) -> ChannelConformance:
    """Return the suite for that channel, as if a plugin had brought it."""

    class Suite(ChannelConformance):
        word = "fax"
        options = {"text": "Hi"}  # noqa: RUF012

        def at(self, host: str, port: int, setenv: SetEnv) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
            return ({"port": port}, {}) if led else None

        def _manifest(self) -> dict[str, Any]:
            settings = [{"name": "port", "type": "number"}, {"name": "timeout_seconds", "type": "number"}]
            return {"channels": [{"word": "fax", "idempotent": idempotent, "settings": settings}]}

        def _hooks(self) -> Any:
            class Hooks:
                @staticmethod
                def open_channel(word: str, mailbox: MailboxSettings, dry_run: bool) -> Channel:  # noqa: ARG004
                    channel.mailbox = mailbox
                    return channel

            return Hooks

    made = Suite()
    for name, value in more.items():
        setattr(made, name, value)
    return made


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "GRACE_SECONDS", 0.5)
    monkeypatch.setattr(suite, "DRY_SECONDS", 0.5)


def test_channel_that_keeps_the_rules_passes() -> None:
    for idempotent in (False, True):
        good = of(Channel(), idempotent=idempotent)
        good.test_nobody_there_is_an_outcome()
        good.test_silence_ends_in_time()
        good.test_nonsense_is_an_outcome()
        good.test_refusals_are_outcomes_and_no_acceptance()
    good.test_repeated_key_is_handed_on()


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        (Channel(lambda _: Accepted("id")), "HTTP 404 was taken for a yes; .*HTTP 503 was taken for a yes"),
        (Channel(lambda status: Accepted("id") if status < 400 else Rejected("no")), "HTTP 302 was taken for a yes"),
        (Channel(lambda status: Rejected("no") if status >= 300 else Accepted("id")), "HTTP 429 means later"),
        (Channel(lambda status: Rejected("") if status == 410 else fair(status)), "HTTP 410 became Rejected without a reason"),
        (Channel(lost=Accepted("id")), "without an answer was taken for a yes; .*within the answer was taken for a yes"),
        (Channel(lost=Retry("again")), "it would go twice"),
    ],
)
def test_wrong_answer_to_a_refusal_fails_by_name(channel: Channel, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        of(channel).test_refusals_are_outcomes_and_no_acceptance()


def test_lost_answer_may_be_asked_for_again_with_the_key() -> None:
    of(Channel(lost=Retry("again")), idempotent=True).test_refusals_are_outcomes_and_no_acceptance()


def test_channel_that_ignores_its_time_limit_fails_and_the_tests_go_on() -> None:
    began = time.monotonic()
    with pytest.raises(AssertionError, match=r"did not come back within 1.5 seconds, though `timeout_seconds` is 1"):
        of(Channel(seconds=30)).test_silence_ends_in_time()
    with pytest.raises(AssertionError, match=r"did not come back within 1.5 seconds"):
        of(Hanging()).test_nonsense_is_an_outcome()
    with pytest.raises(AssertionError, match=r"a dry run did not end within 0.5 seconds"):
        of(Hanging()).test_empty_message_has_an_outcome()
    assert time.monotonic() - began < 10


def test_dry_run_that_calls_in_secret_fails() -> None:
    with pytest.raises(AssertionError, match="touched the network"):
        of(Secretive()).test_dry_run_accepts_the_sample_without_the_network()


def test_channel_that_calls_nobody_proves_nothing() -> None:
    class Idle(Channel):
        def deliver(self, message: Message) -> Outcome:
            return Unavailable("not set up")

    for name in ("test_silence_ends_in_time", "test_refusals_are_outcomes_and_no_acceptance"):
        with pytest.raises(AssertionError, match="nobody called the server"):
            getattr(of(Idle()), name)()


def test_way_to_a_server_is_asked_for_or_a_reason() -> None:
    with pytest.raises(AssertionError, match=r"define `at`.*`no_server`"):
        of(Channel(), led=False).test_nobody_there_is_an_outcome()
    with pytest.raises(pytest.skip.Exception, match="a modem, and no network"):
        of(Channel(), led=False, no_server="a modem, and no network").test_refusals_are_outcomes_and_no_acceptance()


def test_other_protocol_says_how_it_is_refused() -> None:
    import socket

    class Line(Channel):
        def deliver(self, message: Message) -> Outcome:
            with socket.create_connection(("127.0.0.1", self.mailbox.get("port")), timeout=1) as there:
                there.sendall(b"hello\n")
                return Accepted("id") if there.recv(100) != b"busy" else Retry("busy")

    def answering(said: bytes) -> Talk:
        def talk(there: socket.socket) -> None:
            there.recv(100)
            there.sendall(said)

        return talk

    with pytest.raises(AssertionError, match="speaks no HTTP: define `refusals`"):
        of(Line()).test_refusals_are_outcomes_and_no_acceptance()
    of(Line(), refusals=lambda: {"busy": answering(b"busy")}).test_refusals_are_outcomes_and_no_acceptance()
    with pytest.raises(AssertionError, match="no was taken for a yes"):
        of(Line(), refusals=lambda: {"no": answering(b"no")}).test_refusals_are_outcomes_and_no_acceptance()
