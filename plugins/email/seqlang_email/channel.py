"""The channel: one connection, kept, and the conversation for one message with its outcome."""

from __future__ import annotations

import contextlib
import smtplib
from datetime import timedelta

from seqlang.sdk import Accepted, MailboxSettings, Message, Outcome, Rejected, Retry, SecretError, Unavailable, Unclear
from seqlang_email.answers import closed_to_us, refused, said, sender_refused
from seqlang_email.bodies import MissingPartError
from seqlang_email.dkim import Signer
from seqlang_email.letter import Letter, LetterError, letter_of
from seqlang_email.mime import to_bytes
from seqlang_email.server import LoginError, Server

_BUSY = timedelta(minutes=1)
_ANSWER_BYTES_MAX = 8192  # of one line
_ANSWER_LINES_MAX = 100


class LostError(Exception):
    """The connection broke before the message was given away."""


class Mail:
    """One mailbox, one connection; used by one thread."""

    def __init__(self, mailbox: MailboxSettings, server: Server, *, dry_run: bool) -> None:
        self._mailbox = mailbox
        self._server = server
        self._dry_run = dry_run
        self._smtp: smtplib.SMTP | None = None
        self._signer = Signer.of(mailbox)

    def deliver(self, message: Message) -> Outcome:
        """Send one message; a connection that the server has closed meanwhile is opened once more."""
        try:
            letter = letter_of(message, self._mailbox)
            raw = to_bytes(letter)
            if self._signer is not None:
                raw = self._signer.signed(raw, letter.sender.domain)
        except (MissingPartError, SecretError) as error:
            return Unavailable(str(error))
        except (LetterError, ValueError) as error:
            return Rejected(str(error))
        if self._dry_run:
            return Accepted(letter.message_id, raw.decode("ascii"))
        kept = self._smtp is not None
        try:
            return self._send(letter, raw)
        except LostError as error:
            if not kept:
                return Retry(str(error))
        try:
            return self._send(letter, raw)
        except LostError as error:
            return Retry(str(error))

    def close(self) -> None:
        """Say goodbye to the server."""
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
            self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            with contextlib.suppress(OSError):
                self._smtp.close()
            self._smtp = None

    def _connected(self) -> smtplib.SMTP | Unavailable:
        if self._smtp is None:
            place = self._server.place
            try:
                self._smtp = self._server.connect(self._mailbox)
            except (LoginError, SecretError) as error:
                return Unavailable(str(error))
            except smtplib.SMTPResponseException as error:
                return closed_to_us(place, error.smtp_code, error.smtp_error)
            except (OSError, smtplib.SMTPException) as error:
                return Unavailable(f"{place} cannot be reached: {' '.join(str(error).split()) or type(error).__name__}")
        return self._smtp

    def _send(self, letter: Letter, raw: bytes) -> Outcome:
        smtp = self._connected()
        if isinstance(smtp, Unavailable):
            return smtp
        try:
            return self._converse(smtp, letter, raw)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise LostError(f"the connection to {self._server.place} broke: {' '.join(str(error).split())}") from None

    def _converse(self, smtp: smtplib.SMTP, letter: Letter, raw: bytes) -> Outcome:
        recipients = letter.recipients
        wide = not all(address.isascii() for address in (letter.envelope_from, *recipients))
        if wide and not smtp.has_extn("smtputf8"):
            return Rejected("the mail server takes no address with letters beyond ASCII")
        if not wide and len(recipients) == 1 and smtp.has_extn("pipelining"):
            return self._at_once(smtp, letter, recipients[0], raw)
        code, answer = smtp.mail(letter.envelope_from, ("SMTPUTF8", "BODY=8BITMIME") if wide else ())
        if code >= 400:
            return self._sender_refused(smtp, letter, code, answer)
        first = len(letter.to)
        missed: list[str] = []
        for number, address in enumerate(recipients):
            code, answer = smtp.rcpt(address)
            if code < 400:
                continue
            # The contact comes first: without the contact nobody else gets the message either.
            if number < first:
                self._reset(smtp, code)
                return refused("recipient", code, answer)
            missed.append(f"{address}: {said(code, answer)}")
        return self._give(smtp, raw, letter, missed)

    def _at_once(self, smtp: smtplib.SMTP, letter: Letter, address: str, raw: bytes) -> Outcome:
        """Say sender, recipient and DATA in one breath (RFC 2920): two turns of the network instead of four."""
        sender = letter.envelope_from
        smtp.send(f"mail FROM:<{sender}>\r\nrcpt TO:<{address}>\r\ndata\r\n".encode("ascii"))
        mail_code, mail_answer = _reply(smtp)
        code, answer = _reply(smtp)
        data_code, data_answer = _reply(smtp)
        if data_code == 354 and (mail_code >= 400 or code >= 400):
            # It waits for content though nobody is to get it: an empty one, which it refuses or drops.
            smtp.send(b".\r\n")
            smtp.getreply()
        if mail_code >= 400:
            return self._sender_refused(smtp, letter, mail_code, mail_answer)
        if code >= 400:
            self._reset(smtp, code)
            return refused("recipient", code, answer)
        if data_code != 354:
            self._reset(smtp, data_code)
            return refused("message", data_code, data_answer)
        return self._content(smtp, raw, letter, [])

    def _give(self, smtp: smtplib.SMTP, raw: bytes, letter: Letter, missed: list[str]) -> Outcome:
        code, answer = smtp.docmd("data")
        if code != 354:
            self._reset(smtp, code)
            return refused("message", code, answer)
        return self._content(smtp, raw, letter, missed)

    def _content(self, smtp: smtplib.SMTP, raw: bytes, letter: Letter, missed: list[str]) -> Outcome:
        quoted = raw.replace(b"\r\n.", b"\r\n..")
        # When this fails, the end of the message has not left the machine: the server has nothing.
        smtp.send((b"." + quoted if quoted.startswith(b".") else quoted) + b".\r\n")
        try:
            code, answer = _reply(smtp)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Unclear(f"{self._server.place} took the whole message and did not say what became of it"
                           f" ({' '.join(str(error).split())})")
        if code >= 400:
            if code == 421:
                self._drop()
            return refused("message", code, answer)
        return Accepted(letter.message_id, "; ".join([said(code, answer), *missed]))

    def _sender_refused(self, smtp: smtplib.SMTP, letter: Letter, code: int, answer: bytes) -> Outcome:
        self._reset(smtp, code)
        if code == 421:
            return Unavailable(f"{self._server.place} is busy: {said(code, answer)}", _BUSY)
        return sender_refused(self._server.place, letter.envelope_from, code, answer)

    def _reset(self, smtp: smtplib.SMTP, code: int) -> None:
        if code == 421:  # the server closes the connection
            self._drop()
            return
        try:
            smtp.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()


def _reply(smtp: smtplib.SMTP) -> tuple[int, bytes]:
    """Return the next answer, as `smtplib.SMTP.getreply` does, which takes three times as long; each message has four of them."""
    file = smtp.file
    if file is None:
        return smtp.getreply()
    said_so_far: list[bytes] = []
    while True:
        line = file.readline(_ANSWER_BYTES_MAX + 1)
        if not line:
            raise smtplib.SMTPServerDisconnected("connection unexpectedly closed")
        if len(line) > _ANSWER_BYTES_MAX or len(said_so_far) > _ANSWER_LINES_MAX:
            raise smtplib.SMTPServerDisconnected("an answer without end")
        said_so_far.append(line[4:].strip())
        if line[3:4] != b"-":
            break
    if not line[:3].isdigit():
        raise smtplib.SMTPServerDisconnected("an answer that is none")  # neither yes nor no: nobody knows what it means
    return int(line[:3]), b"\n".join(said_so_far)
