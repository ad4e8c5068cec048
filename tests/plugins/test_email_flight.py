"""Messages that go several at a time, to a server that takes chunks: how many, in which breath, and what a break costs."""

from __future__ import annotations

import re
import smtplib
import socket
from collections.abc import Sequence
from typing import Any

import pytest
from seqlang_email.channel import Mail
from seqlang_email.flight import Flight
from seqlang_email.letter import letter_of
from seqlang_email.making import Ready
from seqlang_email.talk import Talk

from seqlang.sdk import Accepted, Outcome, Rejected, Retry, Unavailable, Unclear
from tests.plugins.mail_server import Box, running
from tests.plugins.test_email_pipelining import GO, YES, scripted
from tests.plugins.test_email_smtp import mailbox, message, opened

PEOPLE = [f"p{number}@example.com" for number in range(12)]
EHLO = (b"\r\n", b"250-there\r\n250-PIPELINING\r\n250 CHUNKING\r\n")
BYE = (b"quit\r\n", b"221 bye\r\n")
OK = YES * 4  # to RSET, MAIL, RCPT and BDAT
AT_FIRST = [(b"data\r\n", GO), (b"data\r\n", YES + GO), (b"\r\n.\r\n", YES)]  # two: so long nobody knows the server
STAYS = (b"quit\r\n", b"")  # and says no more
ALONE = [(b"data\r\n", GO), (b"\r\n.\r\n", YES)]


def upto(number: int) -> bytes:
    """How the line ends with that person's message."""
    return f"for {PEOPLE[number]}\r\n".encode()


def several(port: int, **settings: Any) -> Mail:
    channel = opened(mailbox(port, in_flight=5, **settings))
    assert isinstance(channel, Mail)
    return channel


def begun(port: int, people: Sequence[str], **settings: Any) -> tuple[Mail, Any]:
    channel = several(port, **settings)
    return channel, channel.deliver_each(iter([message(address, text=f"for {address}") for address in people]))


def sent(port: int, people: Sequence[str], **settings: Any) -> list[Outcome]:
    channel = several(port, **settings)
    outcomes = told(channel, people)
    channel.close()
    return outcomes


def told(channel: Mail, people: Sequence[str]) -> list[Outcome]:
    """Send to these, in one more call of the channel."""
    return list(channel.deliver_each(iter([message(address, text=f"for {address}") for address in people])))


def kinds(outcomes: Sequence[Outcome]) -> list[type[Outcome]]:
    return [type(outcome) for outcome in outcomes]


def test_five_go_in_one_breath_and_more_when_some_of_them_are_told_of() -> None:
    with scripted([EHLO, *AT_FIRST, (upto(6), OK * 3), (upto(8), OK * 2), (upto(9), OK * 3), BYE]) as there:
        assert kinds(sent(there.port, PEOPLE[:10])) == [Accepted] * 10
    pieces = there.got[0][4:7]
    assert [piece.count(b"rset\r\nmail FROM:<ana@example.com>\r\nrcpt TO:<p") for piece in pieces] == [5, 2, 1]


def test_chunk_is_as_long_as_it_says() -> None:
    texts = ["short", "line\n.dot\n..\n" * 50, "ends with a dot\n.", "Grüße 🎉"]
    box = Box(pipelining=True, chunking=True)
    with running(box) as port:
        channel = several(port)
        outcomes = list(channel.deliver_each(iter([message(p, text=t) for p, t in zip(PEOPLE, ["", "", *texts], strict=False)])))
        channel.close()
    assert kinds(outcomes) == [Accepted] * 6
    assert box.chunks == 4
    found = [mail.get_content().replace("\r\n", "\n").rstrip("\n") for mail in box.mails[2:]]
    assert found == [text.rstrip("\n") for text in texts]


def test_server_that_says_that_it_goes_leaves_nothing_unclear() -> None:
    """As those do that take so many messages on one connection: what it did not take goes by another."""
    full = b"421 4.7.0 enough for one connection\r\n"
    second = [EHLO, *AT_FIRST, (upto(6), OK), BYE]
    for goes in (full, YES + full):
        with scripted([EHLO, *AT_FIRST, (upto(6), OK * 2 + goes)], second) as there:
            assert kinds(sent(there.port, PEOPLE[:7])) == [Accepted] * 7
        assert [re.findall(rb"TO:<(\w+)@", b"".join(pieces)) for pieces in there.got] == [
            [b"p0", b"p1", b"p2", b"p3", b"p4", b"p5", b"p6"],
            [b"p4", b"p5", b"p6"],
        ]


def test_server_that_leaves_at_a_message_is_called_again_for_those_behind() -> None:
    leaves = YES * 3 + b"421 4.3.2 going down\r\n"
    with scripted([EHLO, *AT_FIRST, (upto(6), OK * 2 + leaves)], [EHLO, *AT_FIRST, BYE]) as there:
        outcomes = sent(there.port, PEOPLE[:7])
    assert outcomes[4] == Retry("421 4.3.2 going down")
    assert kinds(outcomes[:4] + outcomes[5:]) == [Accepted] * 6


def test_connection_that_breaks_leaves_those_unclear_that_were_on_their_way_and_is_used_for_one_at_a_time_afterwards() -> None:
    third = [EHLO, (b"data\r\n", GO), *[(b"data\r\n", YES + GO)] * 4, (b"\r\n.\r\n", YES), BYE]
    with scripted([EHLO, *AT_FIRST, (upto(6), OK * 2 + YES)], third) as there:
        outcomes = sent(there.port, PEOPLE)
    assert kinds(outcomes) == [Accepted] * 4 + [Unclear] * 3 + [Accepted] * 5
    assert b"bdat" not in b"".join(there.got[1])


def test_what_was_refused_before_the_connection_broke_is_not_unclear() -> None:
    refused = YES * 2 + b"550 5.1.1 nobody\r\n"
    with scripted([EHLO, *AT_FIRST, (upto(3), refused)]) as there:
        outcomes = sent(there.port, PEOPLE[:4])
    assert outcomes[2] == Rejected("550 5.1.1 nobody", address_is_bad=True)
    assert isinstance(outcomes[3], Unclear)


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        (YES * 2 + b"550 5.1.1 nobody\r\n554 no recipients\r\n", Rejected("550 5.1.1 nobody", address_is_bad=True)),
        (YES * 2 + b"450 4.2.1 busy\r\n554 no recipients\r\n", Retry("450 4.2.1 busy")),
        (YES * 3 + b"554 5.3.4 too big\r\n", Rejected("554 5.3.4 too big")),
        (YES + b"451 4.3.0 later\r\n503 no sender\r\n503 no recipients\r\n", Retry("451 4.3.0 later")),
    ],
)
def test_refusal_costs_only_its_own_message(answers: bytes, outcome: Outcome) -> None:
    with scripted([EHLO, *AT_FIRST, (upto(6), OK + answers + OK * 3), BYE]) as there:
        outcomes = sent(there.port, PEOPLE[:7])
    assert outcomes[3] == outcome
    assert kinds(outcomes[:3] + outcomes[4:]) == [Accepted] * 6


def test_mailbox_that_is_blocked_sends_nothing_more_and_what_was_on_its_way_is_told_of() -> None:
    blocked = YES * 3 + b"550 5.7.1 our server is on a block list\r\n"
    with scripted([EHLO, *AT_FIRST, (upto(6), OK + blocked + OK + blocked + OK), BYE]) as there:
        outcomes = sent(there.port, PEOPLE)
    assert kinds(outcomes) == [Accepted, Accepted, Accepted, Unavailable, Accepted, Unavailable, Accepted]
    assert b"p7@" not in b"".join(there.got[0])


def test_closed_while_some_are_on_their_way_the_connection_is_given_up() -> None:
    with scripted([EHLO, *AT_FIRST, (upto(6), OK)], [EHLO, *ALONE, BYE]) as there:
        channel, outcomes = begun(there.port, PEOPLE)
        assert kinds([next(outcomes) for _ in range(3)]) == [Accepted] * 3
        outcomes.close()
        assert isinstance(channel.deliver(message("next@example.com")), Accepted)
        channel.close()


def test_number_in_flight_is_told_before_and_bounds_what_is_on_its_way() -> None:
    with scripted([EHLO, *AT_FIRST, (upto(6), OK * 3), (upto(8), OK * 2), (upto(9), OK * 3), BYE]) as there:
        channel, outcomes = begun(there.port, PEOPLE[:10])
        gone = 0
        for number in range(10):
            gone = max(gone, number + channel.in_flight)  # what the line believes before it asks for the next outcome
            next(outcomes)
            line = b"".join(there.got[0])
            assert len(re.findall(rb"Subject:", line)) <= gone
        channel.close()


def test_long_messages_and_copies_go_by_themselves(box: Box, port: int) -> None:
    channel = several(port)
    texts = {5: "long line of text\n" * 5_000}
    mails = [message(p, text=texts.get(n, "short"), cc=["bo@example.com"] if n == 7 else None) for n, p in enumerate(PEOPLE)]
    assert kinds(list(channel.deliver_each(iter(mails)))) == [Accepted] * 12
    channel.close()
    assert box.reached() == [*PEOPLE[:8], "bo@example.com", *PEOPLE[8:]]
    assert (box.sessions, box.chunks) == (1, 8 if box.chunking else 0)


def test_what_never_left_the_machine_whole_goes_by_another_connection() -> None:
    """The server reads nothing, and little fits into what lies between: what has not left whole, nobody has."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        ours.settimeout(0.2)
        smtp = smtplib.SMTP()
        smtp.sock = ours
        flight = Flight(Talk(smtp), "there")
        mails = [Ready(letter_of(message(p), mailbox(1)), b"x" * 5_000, b"") for p in PEOPLE[:5]]
        back = flight.give(mails)
        theirs.setblocking(False)
        came = theirs.recv(1 << 20)
        assert len(flight) == len(re.findall(rb"x{5000}", came))
        assert list(back) == mails[len(flight) :]
        assert 0 < len(back) <= 5
        assert flight.state == "closing"
        theirs.close()
        assert kinds([outcome for _ in range(len(flight)) if (outcome := flight.outcome())]) == [Unclear] * (5 - len(back))


def test_one_at_a_time_is_usual() -> None:
    box = Box(pipelining=True, chunking=True)
    with running(box) as port:
        channel = opened(mailbox(port))
        assert isinstance(channel, Mail)
        assert kinds(list(channel.deliver_each(iter([message(p) for p in PEOPLE])))) == [Accepted] * 12
        channel.close()
    assert box.chunks == 0


@pytest.mark.parametrize("number", [0, 11, 2.5, "many", True])
def test_number_in_flight_that_cannot_be_is_told(number: object) -> None:
    with pytest.raises(ValueError, match="`in_flight` is a whole number from 1 to 10"):
        opened(mailbox(1, in_flight=number))
