"""From messages to what can go over a line: letters, their bytes and envelopes, made some at a time, ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from seqlang.sdk import Accepted, MailboxSettings, Message, Outcome, Rejected, SecretError, Unavailable
from seqlang_email.bodies import MissingPartError
from seqlang_email.dkim import Signer
from seqlang_email.letter import Letter, LetterError, letter_of
from seqlang_email.mime import to_bytes

_AHEAD = 25  # messages that are made in one go
_AHEAD_BYTES = 1 << 18  # … unless they are long: attachments need not all be in memory at a time


@dataclass(slots=True, eq=False)
class Ready:
    """One message that can go."""

    letter: Letter
    raw: bytes
    envelope: bytes | None  # sender and recipient in one breath; None: only in turn
    missed: list[str] = field(default_factory=list)  # recipients of copies that the server refused, with what it said

    @property
    def quoted(self) -> bytes:
        """The message as it follows DATA, its last dot included."""
        quoted = self.raw.replace(b"\r\n.", b"\r\n..")
        return (b"." + quoted if quoted.startswith(b".") else quoted) + b".\r\n"


Made = Ready | Outcome | Exception  # … or what became of it before any server was asked


class Maker:
    """Makes the messages of one mailbox."""

    def __init__(self, mailbox: MailboxSettings, *, dry_run: bool) -> None:
        self._mailbox, self._dry_run = mailbox, dry_run
        self._signer = Signer.of(mailbox)

    def made(self, messages: Iterator[Message]) -> Iterator[Made]:
        """Make some messages in one go: with a call of the system between any two of them, each takes more than twice as long."""
        while True:
            some: list[Made] = []
            size = 0
            while len(some) < _AHEAD and size < _AHEAD_BYTES and (message := next(messages, None)) is not None:
                some.append(one := self._made(message))
                size += len(one.raw) if isinstance(one, Ready) else 0
            if not some:
                return
            yield from some

    def _made(self, message: Message) -> Made:
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
        return Accepted(letter.message_id, raw.decode("ascii")) if self._dry_run else Ready(letter, raw, _envelope(letter))


class Waiting:
    """Messages that are made and have not gone, in their order."""

    def __init__(self, made: Iterator[Made]) -> None:
        self._made = made
        self._first: deque[Made] = deque()

    def first(self) -> Made | None:
        """Return the next one, and leave it there."""
        if not self._first and (made := next(self._made, None)) is not None:
            self._first.append(made)
        return self._first[0] if self._first else None

    def take(self) -> Made | None:
        """Take the next one out."""
        return self._first.popleft() if self.first() is not None else None

    def take_several(self, most: int, size: int) -> list[Ready]:
        """Take out as many as can go together, and are no more bytes than that."""
        some: list[Ready] = []
        while len(some) < most and isinstance(one := self.first(), Ready) and one.envelope is not None and len(one.raw) <= size:
            some.append(one)
            size -= len(one.raw)
            self._first.popleft()
        return some

    def put_back(self, some: Sequence[Made]) -> None:
        """Put what did not go before all others."""
        self._first.extendleft(reversed(some))


def _envelope(letter: Letter) -> bytes | None:
    """Return sender and recipient in one breath; None where they have to be said in turn.

    So with several recipients: were the contact refused, the server would wait for content that the others must not get.
    """
    recipients = letter.recipients
    if len(recipients) > 1 or not recipients[0].isascii() or not letter.envelope_from.isascii():
        return None
    return f"mail FROM:<{letter.envelope_from}>\r\nrcpt TO:<{recipients[0]}>\r\n".encode("ascii")
