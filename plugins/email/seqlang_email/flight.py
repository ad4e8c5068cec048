"""Messages that are on their way over one connection, several at a time, where the server takes chunks (RFC 3030).

Each goes whole, in one breath with its envelope, and nothing waits for an answer in between. RSET comes first, for the refusal of
one must not cost those behind it theirs. Answers come in the order of the commands, so each belongs to one message.
"""

from __future__ import annotations

import smtplib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal

from seqlang.sdk import Accepted, Outcome, Unclear
from seqlang_email.answers import refused, said, sender_refused
from seqlang_email.letter import Letter
from seqlang_email.talk import Talk

BROKEN = (OSError, smtplib.SMTPException)
LEAVING = 421  # the server closes the connection
_COMMANDS = ("rset", "mail", "rcpt", "bdat")
_BYTES_MAX = 1 << 16  # longer ones go by themselves: a recipient who is refused should not cost as much of the line


@dataclass(slots=True, eq=False)
class Ready:
    """One message that can go."""

    letter: Letter
    raw: bytes
    envelope: bytes | None  # sender and recipient in one breath; None: only in turn
    missed: list[str] = field(default_factory=list)  # recipients of copies that the server refused, with what it said

    @property
    def content(self) -> bytes:
        """The message as it follows DATA, its last dot included."""
        quoted = self.raw.replace(b"\r\n.", b"\r\n..")
        return (b"." + quoted if quoted.startswith(b".") else quoted) + b".\r\n"

    @property
    def flies(self) -> bool:
        """Whether it can go together with others."""
        return self.envelope is not None and len(self.raw) <= _BYTES_MAX


class Flight:
    """What is on its way over a connection. It ends when it is empty; `over` says that the connection has gone by then."""

    def __init__(self, talk: Talk, place: str) -> None:
        self.over = False  # nothing more can be given
        self._talk, self._place = talk, place
        self._going: deque[Ready] = deque()
        self._left: Literal["no", "said", "broken"] = "no"  # whether the server has gone, and said so
        self._why = ""

    def __len__(self) -> int:
        return len(self._going)

    def give(self, some: Sequence[Ready]) -> Sequence[Ready]:
        """Send messages, each whole; return those that certainly have not gone, for the connection broke."""
        pieces = [b"rset\r\n%bbdat %d last\r\n%b" % (one.envelope or b"", len(one.raw), one.raw) for one in some]
        sent = self._talk.pour(b"".join(pieces))
        whole = sum(end <= sent for end in accumulate(map(len, pieces)))
        self._going.extend(some[:whole])
        self.over = self.over or whole < len(some)
        return some[whole:]

    def outcome(self) -> Outcome | None:
        """Return what became of the oldest; None: the server said that it goes, and has taken none of those that are left."""
        if self._left == "said":
            return None
        oldest = self._going[0]
        told = Unclear(self._why) if self._left == "broken" else self._answered(oldest)
        if told is not None:
            self._going.popleft()
        return told

    def not_taken(self) -> list[Ready]:
        """Take out those that the server did not take: they may go by another connection."""
        rest = list(self._going)
        self._going.clear()
        return rest

    def _answered(self, one: Ready) -> Outcome | None:
        told: Outcome | None = None
        code, answer = 0, b""
        try:
            for command in _COMMANDS:
                code, answer = self._talk.answer()
                if code >= 400 and told is None:
                    told = self._refused(command, one, code, answer)
                if code == LEAVING:
                    self.over, self._left = True, "said"
                    return told
        except BROKEN as error:
            self.over, self._left = True, "broken"
            self._why = f"{self._place} took the whole message and did not say what became of it ({reason(error)})"
            return told or Unclear(self._why)
        return told or Accepted(one.letter.message_id, said(code, answer))

    def _refused(self, command: str, one: Ready, code: int, answer: bytes) -> Outcome | None:
        """Return what a refusal says of the message; None: nothing."""
        if command == "mail":
            return None if code == LEAVING else sender_refused(self._place, one.letter.envelope_from, code, answer)
        return None if command == "rset" else refused("recipient" if command == "rcpt" else "message", code, answer)


def reason(error: Exception) -> str:
    """Return in words why a connection broke."""
    return "timed out" if isinstance(error, BlockingIOError) else " ".join(str(error).split())
