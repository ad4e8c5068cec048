"""Several messages one after the other: what goes out together, and what each of them becomes when something breaks half-way."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from seqlang_email.channel import Mail
from seqlang_email.letter import Letter
from seqlang_email.mime import to_bytes

from seqlang.sdk import Accepted, Outcome, PipelinedChannel, Rejected, Retry, Unavailable, Unclear
from tests.plugins.mail_server import Box, running
from tests.plugins.test_email_smtp import mailbox, message, opened


def sent(port: int, to: Sequence[str], scheme: str = "smtp", text: str = "Hi", **settings: Any) -> list[Outcome]:
    channel = opened(mailbox(port, scheme, **settings))
    assert isinstance(channel, PipelinedChannel)
    outcomes = list(channel.deliver_each(iter([message(address, text=text) for address in to])))
    channel.close()
    return outcomes


PEOPLE = [f"p{number}@example.com" for number in range(6)]


def test_messages_arrive_in_order_over_one_connection(box: Box, port: int) -> None:
    assert [type(outcome) for outcome in sent(port, PEOPLE)] == [Accepted] * 6
    assert (box.reached(), box.sessions) == (PEOPLE, 1)


@pytest.mark.parametrize(("place", "told"), [(0, 0), (2, 2), (5, 5)])
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("450 4.2.1 busy", Retry("450 4.2.1 busy")),
        ("550 5.1.1 nobody", Rejected("550 5.1.1 nobody", address_is_bad=True)),
    ],
)
def test_recipient_refused_half_way_costs_only_its_own_message(
    box: Box, port: int, place: int, told: int, answer: str, outcome: Outcome
) -> None:
    box.recipients[PEOPLE[place]] = answer
    outcomes = sent(port, PEOPLE)
    assert outcomes[told] == outcome
    assert [type(o) for n, o in enumerate(outcomes) if n != place] == [Accepted] * 5
    assert (box.reached(), box.sessions) == ([p for p in PEOPLE if p != PEOPLE[place]], 1)


def test_content_refused_half_way_costs_only_its_own_message(box: Box, port: int) -> None:
    box.after_data = ["250 ok", "554 5.3.4 too big", "451 4.3.0 later", "250 ok"]
    outcomes = sent(port, PEOPLE)
    assert outcomes[1:3] == [Rejected("554 5.3.4 too big"), Retry("451 4.3.0 later")]
    assert (box.reached(), box.sessions) == ([PEOPLE[0], *PEOPLE[3:]], 1)


def test_connection_lost_after_the_content_leaves_that_message_unclear_and_no_other(box: Box, port: int) -> None:
    box.after_data = ["250 ok", "drop"]
    outcomes = sent(port, PEOPLE)
    assert [type(outcome) for outcome in outcomes] == [Accepted, Unclear, *[Accepted] * 4]
    assert (box.reached(), box.sessions) == ([PEOPLE[0], *PEOPLE[2:]], 2)


def test_server_that_leaves_after_a_message_is_called_again_for_the_next(box: Box, port: int) -> None:
    box.after_data = ["250 ok", "421 4.3.2 going down"]
    outcomes = sent(port, PEOPLE)
    assert outcomes[1] == Retry("421 4.3.2 going down")
    assert (box.reached(), box.sessions) == ([PEOPLE[0], *PEOPLE[2:]], 2)


def test_message_that_cannot_be_made_is_told_in_its_turn(box: Box, port: int) -> None:
    outcomes = sent(port, [PEOPLE[0], "nobody", PEOPLE[1], "kim@@example.com"])
    assert [type(outcome) for outcome in outcomes] == [Accepted, Rejected, Accepted, Rejected]
    assert box.reached() == PEOPLE[:2]


def test_failure_while_the_next_message_is_made_is_not_blamed_on_the_one_before(
    box: Box, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(letter: Letter) -> bytes:
        if letter.recipients == (PEOPLE[2],):
            raise RuntimeError("no bytes")
        return made(letter)

    made = to_bytes
    monkeypatch.setattr("seqlang_email.making.to_bytes", broken)
    channel = opened(mailbox(port))
    assert isinstance(channel, PipelinedChannel)
    outcomes = channel.deliver_each(iter([message(address) for address in PEOPLE]))
    assert [type(next(outcomes)) for _ in range(2)] == [Accepted, Accepted]
    with pytest.raises(RuntimeError, match="no bytes"):
        next(outcomes)
    assert isinstance(channel.deliver(message(PEOPLE[3])), Accepted)
    channel.close()
    assert box.reached() == [PEOPLE[0], PEOPLE[1], PEOPLE[3]]


def test_messages_with_several_recipients_go_in_their_turn(box: Box, port: int) -> None:
    box.recipients["bo@example.com"] = "550 5.1.1 nobody"
    channel = opened(mailbox(port))
    assert isinstance(channel, PipelinedChannel)
    several = [message(PEOPLE[0]), message(PEOPLE[1], cc=["bo@example.com", "cy@example.com"]), message(PEOPLE[2])]
    outcomes = list(channel.deliver_each(iter(several)))
    channel.close()
    assert [type(outcome) for outcome in outcomes] == [Accepted] * 3
    assert box.reached() == [PEOPLE[0], PEOPLE[1], "cy@example.com", PEOPLE[2]]
    assert "bo@example.com: 550 5.1.1 nobody" in outcomes[1].detail  # type: ignore[union-attr]


def test_stopped_half_way_nothing_more_arrives_and_the_next_call_is_sound(box: Box, port: int) -> None:
    channel = opened(mailbox(port))
    assert isinstance(channel, PipelinedChannel)
    outcomes = channel.deliver_each(iter([message(address) for address in PEOPLE]))
    assert isinstance(next(outcomes), Accepted)
    outcomes.close()
    assert isinstance(channel.deliver(message("next@example.com")), Accepted)
    channel.close()
    assert box.reached() == [PEOPLE[0], "next@example.com"]


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_long_messages_over_tls_arrive_whole(box: Box, scheme: str, tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with running(box, tls=context, implicit=scheme == "smtps") as port:
        for text in ("short", "line\n.dot\n" * 3_000):
            assert {type(outcome) for outcome in sent(port, PEOPLE, scheme, text, ca_file=str(tmp_path / "ca.pem"))} == {Accepted}
    assert box.reached() == PEOPLE * 2
    assert box.mails[-1].get_content().rstrip("\r\n") == ("line\r\n.dot\r\n" * 3_000).rstrip("\r\n")


# ---------------------------------------------------------------------------------- a server that says what a test tells it to

HELLO = b"250-there\r\n250 PIPELINING\r\n"
YES = b"250 ok\r\n"
GO = b"250 ok\r\n250 ok\r\n354 go\r\n"


class Script:
    """Reads until `until` has come, answers, and so on; hangs up at the end of each session."""

    def __init__(self, *sessions: Sequence[tuple[bytes, bytes]]) -> None:
        self.got: list[list[bytes]] = []
        self.silent = threading.Event()  # something came that is not answered
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, args=(sessions,), daemon=True)
        self._thread.start()

    def _run(self, sessions: Sequence[Sequence[tuple[bytes, bytes]]]) -> None:
        for session in sessions:
            connection, _ = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what is said has come when it was said
            self._connection = connection
            pieces: list[bytes] = []
            self.got.append(pieces)
            with connection, contextlib.suppress(ConnectionResetError):  # who hangs up on what was not read says so rudely
                connection.sendall(b"220 there\r\n")
                for until, answer in session:
                    piece = b""
                    while not piece.endswith(until) and (more := connection.recv(1 << 16)):
                        piece += more
                    pieces.append(piece)
                    if not answer:
                        self.silent.set()
                    connection.sendall(answer)

    def say(self, something: bytes) -> None:
        """Say what nobody has asked for."""
        self._connection.sendall(something)

    def close(self) -> None:
        self._listener.close()
        self._thread.join(10)


@contextmanager
def scripted(*sessions: Sequence[tuple[bytes, bytes]]) -> Iterator[Script]:
    script = Script(*sessions)
    try:
        yield script
    finally:
        script.close()


EHLO = (b"\r\n", HELLO)
BYE = (b"quit\r\n", b"221 bye\r\n")


def test_envelope_of_the_next_message_goes_with_the_end_of_the_one_before() -> None:
    both = b"\r\n.\r\nmail FROM:<ana@example.com>\r\nrcpt TO:<p1@example.com>\r\ndata\r\n"
    with scripted([EHLO, (b"data\r\n", GO), (both, YES + GO), (b"\r\n.\r\n", YES), BYE]) as there:
        assert [type(outcome) for outcome in sent(there.port, PEOPLE[:2])] == [Accepted, Accepted]
    session = there.got[0]
    assert session[1] == b"mail FROM:<ana@example.com>\r\nrcpt TO:<p0@example.com>\r\ndata\r\n"
    assert b"p0@example.com" in session[2]
    assert session[3].count(b"Message-ID") == 1


def test_content_waits_for_the_answer_to_the_message_before() -> None:
    """Only what was answered with an outcome may be followed by another content: at most one message is ever unclear."""
    with scripted([EHLO, (b"data\r\n", GO), (b"data\r\n", b""), (b"never", b"")]) as there:
        channel = opened(mailbox(there.port, timeout_seconds=0.3))
        assert isinstance(channel, PipelinedChannel)
        outcomes = channel.deliver_each(iter([message(address) for address in PEOPLE[:2]]))
        told = next(outcomes)
        assert isinstance(told, Unclear)
        assert "(timed out)" in told.reason
        outcomes.close()
        channel.close()
    assert there.got[0][3] == b""


def test_server_that_answers_the_content_and_leaves_gets_the_next_message_anew() -> None:
    with scripted([EHLO, (b"data\r\n", GO), (b"data\r\n", YES)], [EHLO, (b"data\r\n", GO), (b".\r\n", YES), BYE]) as there:
        assert [type(outcome) for outcome in sent(there.port, PEOPLE[:2])] == [Accepted, Accepted]
    assert b"rcpt TO:<p1@example.com>" in there.got[1][1]


def test_server_that_takes_no_more_on_this_connection_is_called_again() -> None:
    full = b"421 4.7.0 enough for one connection\r\n"
    with scripted([EHLO, (b"data\r\n", GO), (b"data\r\n", YES + full)], [EHLO, (b"data\r\n", GO), (b".\r\n", YES), BYE]) as there:
        assert [type(outcome) for outcome in sent(there.port, PEOPLE[:2])] == [Accepted, Accepted]


def test_server_that_takes_nothing_from_the_beginning_is_busy() -> None:
    with scripted([EHLO, (b"data\r\n", b"421 4.7.0 not now\r\n")]) as there:
        outcome, *_ = sent(there.port, PEOPLE[:1])
    assert isinstance(outcome, Unavailable)
    assert outcome.reason.endswith("is busy: 421 4.7.0 not now")


def test_server_that_leaves_at_the_recipient_is_no_fault_of_the_address() -> None:
    with scripted([EHLO, (b"data\r\n", b"250 ok\r\n421 4.3.2 going down\r\n")]) as there:
        assert sent(there.port, PEOPLE[:1]) == [Retry("421 4.3.2 going down")]


def test_data_granted_though_the_recipient_was_refused_gets_no_content() -> None:
    odd = b"250 ok\r\n550 5.1.1 nobody\r\n354 go\r\n"
    with scripted([EHLO, (b"data\r\n", odd), (b".\r\n", b"554 no recipients\r\n"), (b"rset\r\n", YES), (b"data\r\n", GO),
                   (b"\r\n.\r\n", YES), BYE]) as there:
        outcomes = sent(there.port, PEOPLE[:2])
    assert outcomes[0] == Rejected("550 5.1.1 nobody", address_is_bad=True)
    assert isinstance(outcomes[1], Accepted)
    assert there.got[0][2] == b".\r\n"


def test_content_that_never_left_whole_is_tried_again_and_not_unclear() -> None:
    """The server goes in the middle of a long message: it cannot have its end."""
    with scripted([EHLO, (b"data\r\n", GO)]) as there:
        outcome, = sent(there.port, PEOPLE[:1], text="x" * 60 + "\n" + ("y" * 70 + "\n") * 120_000, timeout_seconds=1)
    assert isinstance(outcome, Retry)


def test_channel_that_breaks_keeps_nothing_begun() -> None:
    with scripted([EHLO, (b"data\r\n", GO), (b"data\r\n", YES + GO)]) as there:
        channel = opened(mailbox(there.port))
        assert isinstance(channel, Mail)
        outcomes = channel.deliver_each(iter([message(address) for address in PEOPLE]))
        assert isinstance(next(outcomes), Accepted)
        outcomes.close()
        assert channel._talk is None
    assert len(there.got[0]) == 3


def test_dry_run_makes_all_of_them_and_touches_no_network() -> None:
    from seqlang_email import open_channel

    channel = open_channel("email", mailbox(9), dry_run=True)
    assert isinstance(channel, PipelinedChannel)
    made = list(channel.deliver_each(iter([dataclasses.replace(message(p), key=p) for p in PEOPLE])))
    assert [f"To: {p}" in o.detail for p, o in zip(PEOPLE, made, strict=True) if isinstance(o, Accepted)] == [True] * 6
