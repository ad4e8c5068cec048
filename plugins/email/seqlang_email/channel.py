"""The channel: one connection, kept, and what becomes of each message that goes over it.

Two messages may be on their way at a time, and only one of them can have gone: with the end of one message goes the envelope of
the next (RFC 2920 allows it), whose content waits for the answer to the first. So each answer belongs to one message, and where
the connection breaks, at most one is unclear. A mailbox may ask for more (`in_flight`): see `flight`.
"""

from __future__ import annotations

import contextlib
import smtplib
from collections.abc import Generator, Iterator, Sequence
from datetime import timedelta

from seqlang.sdk import Accepted, MailboxSettings, Message, Outcome, Rejected, Retry, SecretError, Unavailable, Unclear
from seqlang_email.answers import closed_to_us, refused, said, sender_refused
from seqlang_email.flight import BYTES_MAX, Flight
from seqlang_email.letter import Letter
from seqlang_email.making import Made, Maker, Ready, Waiting
from seqlang_email.server import LoginError, Server
from seqlang_email.talk import BROKEN, LEAVING, Answer, Talk, reason

_DATA = b"data\r\n"
_BUSY = timedelta(minutes=1)
_FLIGHT_MAX = 10


class _LeavingError(Exception):
    """The server takes no message on this connection."""


class Mail:
    """One mailbox, one connection; used by one thread."""

    def __init__(self, mailbox: MailboxSettings, server: Server, *, dry_run: bool) -> None:
        self._mailbox = mailbox
        self._server = server
        self._maker = Maker(mailbox, dry_run=dry_run)
        self.in_flight = 1
        self._most = _in_flight_of(mailbox)  # where the server takes chunks; 1 once a connection with several broke
        self._talk: Talk | None = None
        self._begun: Ready | None = None  # its envelope and DATA were said; the answers were not read
        self._given: Ready | None = None  # its content was sent; the answer was not read
        self._flight: Flight | None = None

    def deliver(self, message: Message) -> Outcome:
        """Send one message; a connection that the server has closed meanwhile is opened once more."""
        return next(self.deliver_each(iter((message,))))

    def deliver_each(self, messages: Iterator[Message]) -> Generator[Outcome]:
        """Send one message after the other; they are made some at a time, ahead."""
        try:
            for outcome in self._outcomes(Waiting(self._maker.made(messages))):
                self.in_flight = self._next_in_flight()
                yield outcome
                if isinstance(outcome, Unavailable) and not self._flight:
                    return  # nothing more goes from here; while some are on their way, they are told of first
        finally:
            if self._given is not None or self._begun is not None or self._flight:
                self._drop()  # answers that nobody waits for must not be taken for others

    def _next_in_flight(self) -> int:
        """Return how many messages at most are on their way when the next one is told of."""
        if self._flight is not None and not self._flight.takes_more:
            return max(1, len(self._flight))
        return self._most if self._wide() else 1

    def _wide(self) -> Talk | None:
        """Return the connection if several messages may be on their way there."""
        talk = self._talk
        return talk if self._most > 1 and talk is not None and talk.chunking else None

    def _outcomes(self, waiting: Waiting) -> Iterator[Outcome]:
        while waiting.first() is not None:
            talk = self._wide()
            if talk is not None and talk.has_more():
                self._drop()  # no answer is due: it has ended, or its answers would be taken for others
                talk = None
            # Several only where that was told before. And a connection that was silent for long may have gone without a word: one
            # message finds out, whose content waits for an answer.
            sound = talk is not None and self.in_flight > 1 and not talk.was_silent()
            some = waiting.take_several(self._most, BYTES_MAX) if sound else ()
            if talk is None or not some:
                self.in_flight = 1
                yield from self._in_turn(waiting)
            elif (yield from self._together(talk, waiting, some)):
                return

    def _together(self, talk: Talk, waiting: Waiting, some: Sequence[Ready]) -> Generator[Outcome, None, bool]:
        """Keep a few messages on their way, until the next has to go by itself; return whether nothing more may go from here."""
        flight = self._flight = Flight(talk, self._server.place)
        waiting.put_back(flight.give(some))
        while flight:
            outcome = flight.outcome()
            if outcome is None:
                waiting.put_back(flight.not_taken())
                break
            flight.is_last = flight.is_last or isinstance(outcome, Unavailable)
            free = self._most - 1 - len(flight)
            if flight.takes_more and free >= len(flight) and (more := waiting.take_several(free, BYTES_MAX)):
                waiting.put_back(flight.give(more))
            if not flight:
                self._landed(talk, flight, clean=isinstance(outcome, Accepted))
            yield outcome
        if self._flight is not None:
            self._landed(talk, flight, clean=False)
        return flight.is_last

    def _landed(self, talk: Talk, flight: Flight, *, clean: bool) -> None:
        """Leave the connection so that a message can go in turn; `clean`: the last one was not refused."""
        self._flight = None
        if flight.state == "open" and not talk.has_more() and (clean or _is_reset(talk)):
            return
        if flight.state == "lost" or (flight.state == "open" and not (talk.has_more() and talk.says_goodbye())):
            self._most = 1  # its answers were not in step with the commands: one too many, or not the one that was due
        self._drop()

    def _in_turn(self, waiting: Waiting) -> Iterator[Outcome]:
        """Send them one after the other, until it turns out that several can go together."""
        mail = waiting.take()
        self._begin(mail)
        while mail is not None:
            following = None if self._wide() else waiting.take()
            if self._given is not None:
                yield self._answered(self._given)
            outcome = self._tried(mail, following)
            if outcome is not None:
                yield outcome
                self._begin(following)
            mail = following
        if self._given is not None:
            yield self._answered(self._given)

    def close(self) -> None:
        """Say goodbye to the server."""
        if self._talk is not None:
            with contextlib.suppress(*BROKEN):
                self._talk.quit()
            self._drop()

    def _drop(self) -> None:
        if self._talk is not None:
            self._talk.close()
        self._talk = self._begun = self._given = self._flight = None

    def _connected(self) -> Talk | Unavailable:
        if self._talk is None:
            place = self._server.place
            try:
                self._talk = Talk(self._server.connect(self._mailbox))
            except (LoginError, SecretError) as error:
                return Unavailable(str(error))
            except smtplib.SMTPResponseException as error:
                return closed_to_us(place, error.smtp_code, error.smtp_error)
            except BROKEN as error:
                return Unavailable(f"{place} cannot be reached: {reason(error) or type(error).__name__}")
        return self._talk

    # --------------------------------------------------------------------------------------------------------- one message

    def _begin(self, mail: Made | None) -> None:
        """Say the envelope early, where there is a connection that takes it; that it has gone shows when the answers are read."""
        talk = self._talk
        if talk is None or not talk.at_once or self._wide():
            return
        if isinstance(mail, Ready) and mail.envelope is not None:
            with contextlib.suppress(OSError):
                talk.say(mail.envelope + _DATA)
            self._begun = mail

    def _tried(self, mail: Made, following: Made | None) -> Outcome | None:
        """Give a message to the server; None: its answer is still to come. A connection that had served is opened once more."""
        if isinstance(mail, Exception):
            raise mail
        if not isinstance(mail, Ready):
            return mail
        while True:
            fresh = self._talk is None
            talk = self._connected()
            if isinstance(talk, Unavailable):
                return talk
            try:
                return self._converse(talk, mail, following, fresh=fresh)
            except BROKEN as error:
                self._drop()
                if fresh:
                    return Retry(f"the connection to {self._server.place} broke: {reason(error)}")

    def _converse(self, talk: Talk, mail: Ready, following: Made | None, *, fresh: bool) -> Outcome | None:
        try:
            if talk.at_once and mail.envelope is not None:
                outcome = self._envelope_at_once(talk, mail, mail.envelope)
            else:
                outcome = self._envelope_in_turn(talk, mail)
        except _LeavingError as error:
            self._drop()
            if not fresh:  # it was idle for too long, or has taken as many as it takes on one connection
                raise smtplib.SMTPServerDisconnected(str(error)) from None
            return Unavailable(f"{self._server.place} is busy: {error}", _BUSY)
        if outcome is not None:
            return outcome
        ahead = following if talk.at_once and isinstance(following, Ready) and following.envelope is not None else None
        more = ahead.envelope + _DATA if ahead is not None and ahead.envelope is not None else b""
        # When this fails, the end of the message has not left the machine: the server has nothing.
        talk.give(mail.quoted, more)
        self._given, self._begun = mail, ahead
        return None

    def _envelope_at_once(self, talk: Talk, mail: Ready, envelope: bytes) -> Outcome | None:
        if self._begun is not mail:
            talk.say(envelope + _DATA)
        self._begun = mail
        mail_code, mail_answer = _welcome(talk.answer())
        code, answer = talk.answer()
        if mail_code < 400 and code == LEAVING:
            self._drop()
            return refused("recipient", code, answer)
        data_code, data_answer = talk.answer()
        self._begun = None
        if data_code == 354 and (mail_code >= 400 or code >= 400):
            # It waits for content though nobody is to get it: an empty one, which it refuses or drops.
            talk.ask(".")
        if mail_code >= 400:
            return self._sender_refused(talk, mail.letter, mail_code, mail_answer)
        if code >= 400:
            self._reset(talk, code)
            return refused("recipient", code, answer)
        if data_code != 354:
            self._reset(talk, data_code)
            return refused("message", data_code, data_answer)
        return None

    def _envelope_in_turn(self, talk: Talk, mail: Ready) -> Outcome | None:
        letter = mail.letter
        wide = not all(address.isascii() for address in (letter.envelope_from, *letter.recipients))
        if wide and not talk.wide:
            return Rejected("the mail server takes no address with letters beyond ASCII")
        code, answer = _welcome(talk.ask(f"mail FROM:<{letter.envelope_from}>{' SMTPUTF8 BODY=8BITMIME' if wide else ''}"))
        if code >= 400:
            return self._sender_refused(talk, letter, code, answer)
        first = len(letter.to)
        mail.missed.clear()
        for number, address in enumerate(letter.recipients):
            code, answer = talk.ask(f"rcpt TO:<{address}>")
            if code < 400:
                continue
            # The contact comes first: without the contact nobody else gets the message either.
            if number < first:
                self._reset(talk, code)
                return refused("recipient", code, answer)
            mail.missed.append(f"{address}: {said(code, answer)}")
        code, answer = talk.ask("data")
        if code != 354:
            self._reset(talk, code)
            return refused("message", code, answer)
        return None

    def _answered(self, mail: Ready) -> Outcome:
        """Return what the server says of a message that it has whole."""
        assert self._talk is not None
        try:
            code, answer = self._talk.answer()
        except BROKEN as error:
            self._drop()
            return Unclear(f"{self._server.place} took the whole message and did not say what became of it ({reason(error)})")
        self._given = None
        if code == LEAVING:
            self._drop()
        if code >= 400:
            return refused("message", code, answer)
        return Accepted(mail.letter.message_id, "; ".join([said(code, answer), *mail.missed]))

    def _sender_refused(self, talk: Talk, letter: Letter, code: int, answer: bytes) -> Outcome:
        self._reset(talk, code)
        return sender_refused(self._server.place, letter.envelope_from, code, answer)

    def _reset(self, talk: Talk, code: int) -> None:
        if code == LEAVING:
            self._drop()
            return
        try:
            talk.ask("rset")
        except BROKEN:
            self._drop()


def _welcome(answer: Answer) -> Answer:
    if answer[0] == LEAVING:
        raise _LeavingError(said(*answer))
    return answer


def _is_reset(talk: Talk) -> bool:
    """Leave a transaction in which a message was refused, and tell whether the server says yes to that."""
    try:
        return 200 <= talk.ask("rset")[0] < 300
    except BROKEN:
        return False


def _in_flight_of(mailbox: MailboxSettings) -> int:
    """Return how many messages the mailbox lets be on their way at a time. ValueError: what is set is no such number."""
    found = mailbox.get("in_flight", 1)
    if isinstance(found, bool) or not isinstance(found, int | float) or found not in range(1, _FLIGHT_MAX + 1):
        raise ValueError(f"`in_flight` is a whole number from 1 to {_FLIGHT_MAX}")
    return int(found)
