"""Messages that go several at a time, to servers that do what nobody expects, and from a channel that fails: what it costs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from queue import SimpleQueue
from typing import TYPE_CHECKING, cast

import pytest
from seqlang_email.channel import Mail
from seqlang_email.letter import Letter
from seqlang_email.mime import to_bytes

from seqlang.dispatch.lines import Done, Line
from seqlang.dispatch.records import Prepared
from seqlang.dispatch.settle import Unsent
from seqlang.sdk import Accepted, Rejected, Retry, Unavailable, Unclear
from tests.plugins.mail_server import Box, running
from tests.plugins.test_email_flight import ALONE, AT_FIRST, BYE, EHLO, OK, PEOPLE, STAYS, begun, kinds, sent, several, told, upto
from tests.plugins.test_email_pipelining import GO, YES, scripted
from tests.plugins.test_email_smtp import mailbox, message

if TYPE_CHECKING:
    from seqlang.dispatch.records import Effect
    from seqlang.host import Host


def test_refusal_with_the_number_of_a_goodbye_from_a_server_that_stays_is_a_refusal() -> None:
    """Exim says so where an administrator wants it: those behind were taken, and must not go twice."""
    stays = YES * 2 + b"421 4.7.0 not from you\r\n554 no recipients\r\n"
    later = [EHLO, *ALONE, BYE]
    with scripted([EHLO, *AT_FIRST, (upto(6), OK + stays + OK * 3), STAYS], later) as there:
        outcomes = sent(there.port, PEOPLE[:8])
    assert outcomes[3] == Retry("421 4.7.0 not from you")
    assert kinds(outcomes[:3] + outcomes[4:]) == [Accepted] * 7
    assert [re.findall(rb"TO:<(\w+)@", b"".join(pieces))[-1] for pieces in there.got] == [b"p6", b"p7"]


def test_goodbye_that_nobody_asked_for_costs_nothing_when_the_server_goes() -> None:
    goodbye = YES + b"421 4.4.2 timeout\r\n"
    with scripted([EHLO, *AT_FIRST[:2], (b"\r\n.\r\n", goodbye)], [EHLO, *AT_FIRST, BYE]) as there:
        assert kinds(sent(there.port, PEOPLE[:4])) == [Accepted] * 4
    assert [re.findall(rb"TO:<(\w+)@", b"".join(pieces)) for pieces in there.got] == [[b"p0", b"p1"], [b"p2", b"p3"]]


def test_too_many_commands_for_a_server_that_hangs_up_on_them_are_said_anew() -> None:
    """Exim counts RSET: it refuses the one that is too many and goes."""
    enough = b"554 Too many nonmail commands\r\n"
    with scripted([EHLO, *AT_FIRST, (upto(6), OK * 2 + enough)], [EHLO, *AT_FIRST, (upto(6), OK), BYE]) as there:
        assert kinds(sent(there.port, PEOPLE[:7])) == [Accepted] * 7


@pytest.mark.parametrize(
    "answers",
    [
        b"500 what?\r\n" * 4,  # it reads content as commands
        YES * 3 + b"502 no such command\r\n" + b"500 what?\r\n" * 4,  # it announced what it does not know
        YES * 3 + b"354 go\r\n" + OK,
        YES * 2 + b"550 5.1.1 nobody\r\n" + YES * 3,  # nobody gets it, and it was taken?
    ],
)
def test_answers_that_do_not_fit_leave_all_unclear_that_are_on_their_way_and_cost_no_more(answers: bytes) -> None:
    second = [EHLO, (b"data\r\n", GO), *[(b"data\r\n", YES + GO)] * 2, (b"\r\n.\r\n", YES), BYE]
    with scripted([EHLO, *AT_FIRST, (upto(6), OK + answers), STAYS], second) as there:
        outcomes = sent(there.port, PEOPLE[:10])
    assert kinds(outcomes) == [Accepted] * 3 + [Unclear] * 4 + [Accepted] * 3
    assert b"bdat" not in b"".join(there.got[1])


def test_server_that_answers_once_too_often_is_given_one_at_a_time() -> None:
    second = [EHLO, (b"data\r\n", GO), (b"\r\n.\r\n", YES), BYE]
    with scripted([EHLO, *AT_FIRST, (upto(4), OK * 3 + YES), STAYS], second) as there:
        channel = several(there.port)
        for group in (PEOPLE[:5], PEOPLE[5:6]):
            assert set(kinds(told(channel, group))) == {Accepted}
        channel.close()


def test_answer_too_many_between_messages_is_taken_for_no_other() -> None:
    """It comes when the last one was told of: what is on the connection then is of no use."""
    with scripted([EHLO, *AT_FIRST, (upto(4), OK * 3), STAYS], [EHLO, *AT_FIRST, BYE]) as there:
        channel, outcomes = begun(there.port, PEOPLE[:5])
        assert kinds(list(outcomes)) == [Accepted] * 5
        there.say(YES)
        assert kinds(told(channel, PEOPLE[5:7])) == [Accepted] * 2
        channel.close()


def test_goodbye_behind_the_last_answer_is_no_reason_to_send_one_at_a_time() -> None:
    """As those say it that take so many messages on one connection."""
    goodbye = b"421 4.7.0 enough for one connection\r\n"
    with scripted([EHLO, *AT_FIRST, (upto(4), OK * 3 + goodbye)], [EHLO, *AT_FIRST, (upto(7), OK), BYE]) as there:
        channel = several(there.port)
        for group in (PEOPLE[:5], PEOPLE[5:8]):
            assert set(kinds(told(channel, group))) == {Accepted}
        channel.close()


def test_goodbye_as_the_last_answer_of_a_server_that_stays_is_a_refusal() -> None:
    """No other answer is due, and none comes: the server has said what became of the message."""
    leaves = YES * 3 + b"421 4.3.2 going down\r\n"
    with scripted([EHLO, *AT_FIRST, (upto(4), OK * 2 + leaves), STAYS]) as there:
        assert sent(there.port, PEOPLE[:5])[4] == Retry("421 4.3.2 going down")


@pytest.mark.slow
def test_recipient_refused_with_a_goodbye_by_a_server_that_says_no_more_is_refused() -> None:
    leaves = YES * 2 + b"421 4.7.0 not from you\r\n"
    with scripted([EHLO, *AT_FIRST, (upto(4), OK + leaves), STAYS]) as there:
        outcomes = sent(there.port, PEOPLE[:5], timeout_seconds=1)
    assert outcomes[3] == Retry("421 4.7.0 not from you")
    assert kinds(outcomes) == [Accepted, Accepted, Accepted, Retry, Unclear]


def test_refusal_that_cannot_be_cleared_away_costs_the_connection() -> None:
    """What answers a reset with no is not in step."""
    refused = YES * 2 + b"550 5.1.1 nobody\r\n554 no recipients\r\n"
    second = [EHLO, (b"data\r\n", GO), (b"data\r\n", YES + GO), (b"\r\n.\r\n", YES), BYE]
    with scripted([EHLO, *AT_FIRST, (upto(3), OK + refused), (b"rset\r\n", b"554 no\r\n")], second) as there:
        channel = several(there.port)
        outcomes = told(channel, PEOPLE[:4]) + told(channel, PEOPLE[4:6])
        channel.close()
    assert kinds(outcomes) == [Accepted, Accepted, Accepted, Rejected, Accepted, Accepted]


def test_fewer_are_in_flight_once_nothing_more_is_given() -> None:
    blocked = YES * 3 + b"550 5.7.1 our server is on a block list\r\n"
    with scripted([EHLO, *AT_FIRST, (upto(6), OK + blocked + OK * 3), BYE]) as there:
        channel, outcomes = begun(there.port, PEOPLE)
        seen = [(type(outcome), channel.in_flight) for outcome in outcomes]
        channel.close()
    assert seen[3:] == [(Unavailable, 3), (Accepted, 2), (Accepted, 1), (Accepted, 5)]


def test_refusal_at_the_end_leaves_no_sender_open_for_a_message_in_turn() -> None:
    box = Box(pipelining=True, chunking=True, recipients={PEOPLE[4]: "550 5.1.1 nobody", PEOPLE[6]: "450 4.2.1 busy"})
    with running(box) as port:
        channel = several(port)
        mails = [message(p, cc=["bo@example.com"] if n == 5 else None) for n, p in enumerate(PEOPLE[:8])]
        groups = (mails[:5], mails[5:6], mails[6:7], mails[7:])
        outcomes = [outcome for group in groups for outcome in channel.deliver_each(iter(group))]
        channel.close()
    assert kinds(outcomes) == [*[Accepted] * 4, Rejected, Accepted, Retry, Accepted]
    assert box.sessions == 1


def test_message_that_asks_no_server_says_nothing_of_a_connection_that_may_have_gone() -> None:
    box = Box(pipelining=True, chunking=True)
    with running(box) as port:
        channel = several(port)
        assert kinds(list(channel.deliver_each(iter([message(p) for p in PEOPLE[:3]])))) == [Accepted] * 3
        box.hang_up()
        mails = [message(p) for p in ("no address", *PEOPLE[3:])]
        assert kinds(list(channel.deliver_each(iter(mails)))) == [Rejected] + [Accepted] * 9
        channel.close()
    assert box.sessions == 2


def test_nothing_goes_by_another_connection_once_the_mailbox_is_blocked() -> None:
    blocked = YES * 3 + b"550 5.7.1 our server is on a block list\r\n"
    with scripted([EHLO, *AT_FIRST, (upto(6), OK + blocked + b"421 4.7.0 go away\r\n")]) as there:
        outcomes = sent(there.port, PEOPLE[:9])
    assert kinds(outcomes) == [Accepted] * 3 + [Unavailable]
    assert len(there.got) == 1


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses whose messages cannot be made."""
    found: list[str] = []

    def made(letter: Letter) -> bytes:
        if letter.recipients[0] in found:
            raise RuntimeError("no bytes")
        return to_bytes(letter)

    monkeypatch.setattr("seqlang_email.making.to_bytes", made)
    return found


def on_a_line(channel: Mail, people: Sequence[str]) -> tuple[Line, SimpleQueue[Done]]:
    """Hand the messages to a line that has this channel."""

    class Opened:
        def open(self, _word: str, _box: object) -> Mail:
            return channel

    finished: SimpleQueue[Done] = SimpleQueue()
    line = Line(cast("Host", Opened()), finished)
    line.give([Prepared(cast("Effect", None), message(p, text=f"for {p}"), mailbox(1), "email:x", None, None) for p in people])
    return line, finished


def test_message_that_cannot_be_made_is_alone_unclear(broken: list[str]) -> None:
    """It fails when nothing is on its way: the line leaves nobody else unclear."""
    broken.append(PEOPLE[7])
    box = Box(pipelining=True, chunking=True)
    with running(box) as port:
        line, finished = on_a_line(several(port), PEOPLE)
        results = finished.get(timeout=20).results
        line.close()
        line.join(10)
    assert [type(result.outcome) for result in results] == [*[Accepted] * 7, Unclear, *[Accepted] * 4]
    assert box.reached() == [p for p in PEOPLE if p != PEOPLE[7]]
    assert box.chunks > 0


def test_behind_a_message_that_cannot_be_made_nothing_is_unsent_that_was_taken(broken: list[str]) -> None:
    """The next call to the channel begins with one: the line believes what it was told before."""
    broken.append(PEOPLE[4])
    box = Box(pipelining=True, chunking=True, after_data=["250 ok"] * 4 + ["550 5.7.1 our server is on a block list"])
    with running(box) as port:
        line, finished = on_a_line(several(port), PEOPLE)
        results = finished.get(timeout=20).results
        line.close()
        line.join(10)
    assert [type(result.outcome) for result in results] == [*[Accepted] * 4, Unclear, Unavailable, *[Unsent] * 6]
    assert box.reached() == PEOPLE[:4]


@pytest.mark.slow
def test_behind_a_message_that_cannot_be_made_a_line_that_hangs_leaves_unclear_what_may_have_gone(broken: list[str]) -> None:
    broken.append(PEOPLE[3])
    with scripted([EHLO, *AT_FIRST, (upto(2), OK), (b"data\r\n", GO), (b"\r\n.\r\n", b""), STAYS]) as there:
        line, _ = on_a_line(several(there.port, timeout_seconds=1), PEOPLE)
        assert there.silent.wait(10)
        done = line.abandon()
        last = there.got[0][-1]
    assert done is not None
    assert [type(result.outcome) for result in done.results] == [*[Accepted] * 3, *[Unclear] * 2, *[Unsent] * 7]
    assert last.count(b"Subject:") == 1
