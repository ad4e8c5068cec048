"""The channel: one connection, kept, and what becomes of each message that goes over it.

Where the server takes chunks, a few messages are on their way at a time (`flight`). Elsewhere two are, and only one of them
can have gone: with the end of one message goes the envelope of the next (RFC 2920 allows it), whose content waits for the answer
to the first. So each answer belongs to one message, and where the connection breaks, few are unclear, or one.
"""

from __future__ import annotations

import contextlib
import smtplib
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from datetime import timedelta

from seqlang.sdk import Accepted, MailboxSettings, Message, Outcome, Rejected, Retry, SecretError, Unavailable, Unclear
from seqlang_email.answers import closed_to_us, refused, said, sender_refused
from seqlang_email.bodies import MissingPartError
from seqlang_email.dkim import Signer
from seqlang_email.flight import BROKEN, LEAVING, Flight, Ready, reason
from seqlang_email.letter import Letter, LetterError, letter_of
from seqlang_email.mime import to_bytes
from seqlang_email.server import LoginError, Server
from seqlang_email.talk import Answer, Talk

_DATA = b"data\r\n"
_BUSY = timedelta(minutes=1)
_AHEAD = 25  # messages that are made in one go
_AHEAD_BYTES = 1 << 18  # … unless they are long: attachments need not all be in memory at a time
_WINDOW = 5  # messages on their way at a time, where the server takes chunks


class _LeavingError(Exception):
    """The server takes no message on this connection."""


_Made = Ready | Outcome | Exception  # … or what became of it before any server was asked


class _Waiting:
    """Messages that are made and have not gone, in their order."""

    def __init__(self, made: Iterator[_Made]) -> None:
        self._made = made
        self._first: deque[_Made] = deque()

    def first(self) -> _Made | None:
        """Return the next one, and leave it there."""
        if not self._first and (made := next(self._made, None)) is not None:
            self._first.append(made)
        return self._first[0] if self._first else None

    def take(self) -> _Made | None:
        """Take the next one out."""
        return self._first.popleft() if self.first() is not None else None

    def take_flying(self, most: int) -> list[Ready]:
        """Take out as many as can go together."""
        some: list[Ready] = []
        while len(some) < most and isinstance(one := self.first(), Ready) and one.flies:
            some.append(one)
            self._first.popleft()
        return some

    def put_back(self, some: Sequence[_Made]) -> None:
        """Put what did not go before all others."""
        self._first.extendleft(reversed(some))


class Mail:
    """One mailbox, one connection; used by one thread."""

    def __init__(self, mailbox: MailboxSettings, server: Server, *, dry_run: bool) -> None:
        self._mailbox = mailbox
        self._server = server
        self._dry_run = dry_run
        self.window = 1
        self._several_go = True  # several at a time, where the server allows it; until a connection that had several broke
        self._talk: Talk | None = None
        self._begun: Ready | None = None  # its envelope and DATA were said; the answers were not read
        self._given: Ready | None = None  # its content was sent; the answer was not read
        self._flight: Flight | None = None
        self._signer = Signer.of(mailbox)

    def deliver(self, message: Message) -> Outcome:
        """Send one message; a connection that the server has closed meanwhile is opened once more."""
        return next(self.deliver_each(iter((message,))))

    def deliver_each(self, messages: Iterator[Message]) -> Generator[Outcome]:
        """Send one message after the other; they are made some at a time, ahead."""
        closed = False
        try:
            for outcome in self._outcomes(_Waiting(self._made_ahead(messages))):
                self.window = _WINDOW if self._chunking else 1
                yield outcome
                closed = closed or isinstance(outcome, Unavailable)
                if closed and not self._flight:
                    return
        finally:
            if self._given is not None or self._begun is not None or self._flight:
                self._drop()  # answers that nobody waits for must not be taken for others

    @property
    def _chunking(self) -> bool:
        return self._talk is not None and self._talk.chunking and self._several_go

    def _outcomes(self, waiting: _Waiting) -> Iterator[Outcome]:
        # Where the connection may have gone, one message finds out: in turn, its content waits for an answer.
        doubtful = self._chunking and self._talk is not None and self._talk.doubtful
        while (first := waiting.first()) is not None:
            if self._chunking and not doubtful and isinstance(first, Ready) and first.flies:
                yield from self._together(waiting)
            else:
                yield from self._in_turn(waiting)
            doubtful = False

    def _together(self, waiting: _Waiting) -> Iterator[Outcome]:
        """Keep a few messages on their way, until the next one has to go by itself or the connection has gone."""
        assert self._talk is not None
        flight = self._flight = Flight(self._talk, self._server.place)
        closed = False
        while True:
            if len(flight) <= self.window // 2 and not flight.over and not closed:
                waiting.put_back(flight.give(waiting.take_flying(self.window - len(flight))))
            if not flight:
                break
            outcome = flight.outcome()
            if outcome is None:
                waiting.put_back(flight.not_taken())
                break
            closed = isinstance(outcome, Unavailable) or closed
            if isinstance(outcome, Unclear):
                self._several_go = False
            if flight.over and not flight:
                self._drop()
            yield outcome
        self._flight = None
        if flight.over:
            self._drop()

    def _in_turn(self, waiting: _Waiting) -> Iterator[Outcome]:
        """Send them one after the other, until it turns out that several can go together."""
        mail = waiting.take()
        self._begin(mail)
        while mail is not None:
            following = None if self._chunking else waiting.take()
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

    # ------------------------------------------------------------------------------------------------------- before the server

    def _made_ahead(self, messages: Iterator[Message]) -> Iterator[_Made]:
        """Make some messages in one go: with a call of the system between any two of them, each takes more than twice as long."""
        while True:
            some: list[_Made] = []
            size = 0
            while len(some) < _AHEAD and size < _AHEAD_BYTES and (mail := self._made(messages)) is not None:
                some.append(mail)
                size += len(mail.raw) if isinstance(mail, Ready) else 0
            if not some:
                return
            yield from some

    def _made(self, messages: Iterator[Message]) -> _Made | None:
        message = next(messages, None)
        if message is None:
            return None
        try:
            letter = letter_of(message, self._mailbox)
            raw = to_bytes(letter)
            if self._signer is not None:
                raw = self._signer.signed(raw, letter.sender.domain)
        except (MissingPartError, SecretError) as error:
            return Unavailable(str(error))
        except (LetterError, ValueError) as error:
            return Rejected(str(error))
        except Exception as error:  # noqa: BLE001  raised when its turn comes: those before it have nothing to do with it
            return error
        if self._dry_run:
            return Accepted(letter.message_id, raw.decode("ascii"))
        return Ready(letter, raw, _envelope(letter))

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

    def _begin(self, mail: _Made | None) -> None:
        """Say the envelope early, where there is a connection that takes it; that it has gone shows when the answers are read."""
        talk = self._talk
        if talk is not None and talk.at_once and not self._chunking and isinstance(mail, Ready) and mail.envelope is not None:
            with contextlib.suppress(OSError):
                talk.say(mail.envelope + _DATA)
            self._begun = mail

    def _tried(self, mail: _Made, following: _Made | None) -> Outcome | None:
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

    def _converse(self, talk: Talk, mail: Ready, following: _Made | None, *, fresh: bool) -> Outcome | None:
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
        talk.give(mail.content, more)
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


def _envelope(letter: Letter) -> bytes | None:
    """Return sender and recipient in one breath; None where they have to be said in turn.

    So with several recipients: were the contact refused, the server would wait for content that the others must not get.
    """
    recipients = letter.recipients
    if len(recipients) > 1 or not recipients[0].isascii() or not letter.envelope_from.isascii():
        return None
    return f"mail FROM:<{letter.envelope_from}>\r\nrcpt TO:<{recipients[0]}>\r\n".encode("ascii")
