"""Messages that are on their way over one connection, several at a time, to a server that takes chunks (RFC 3030).

Each goes whole, in one breath with its envelope, and nothing waits for an answer in between. RSET comes first, for the refusal of
one must not cost those behind it theirs. Its answer is always a yes: anything else shows that the answers no longer belong to the
commands. One too many shows where it hides no refusal only at the end, when it is left over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import accumulate
from typing import Literal

from seqlang.sdk import Accepted, Outcome, Unclear
from seqlang_email.answers import refused, said, sender_refused
from seqlang_email.making import Ready
from seqlang_email.talk import BROKEN, GOODBYES, Talk, reason

BYTES_MAX = 1 << 16  # of one breath: longer messages go by themselves
_UNKNOWN = (500, 502, 504)  # the server knows no such command, whatever it announced: it reads the chunk as commands
_COMMANDS = ("rset", "mail", "rcpt", "bdat")


class Flight:
    """What is on its way over a connection.

    `open`: more can be given. `closing`: nothing more, but answers come. `gone`: the server said that it goes, and went: what it
    has not answered it has not taken. `lost`: nobody knows what became of what it has not answered.
    """

    def __init__(self, talk: Talk, place: str) -> None:
        self.state: Literal["open", "closing", "gone", "lost"] = "open"
        self.is_last = False  # nothing more is to go, though more could
        self._talk, self._place = talk, place
        self._going: deque[Ready] = deque()
        self._why = ""

    def __len__(self) -> int:
        return len(self._going)

    @property
    def takes_more(self) -> bool:
        """Whether more may join those that are on their way."""
        return self.state == "open" and not self.is_last

    def give(self, some: Sequence[Ready]) -> Sequence[Ready]:
        """Send messages, each whole; return those that certainly have not gone, for the connection broke."""
        pieces = [b"rset\r\n%bbdat %d last\r\n%b" % (one.envelope or b"", len(one.raw), one.raw) for one in some]
        sent = self._talk.pour(b"".join(pieces))
        whole = sum(end <= sent for end in accumulate(map(len, pieces)))
        self._going.extend(some[:whole])
        if whole < len(some):
            self.state = "closing"
        return some[whole:]

    def outcome(self) -> Outcome | None:
        """Return what became of the oldest, and forget it; None: neither it nor any behind it was taken."""
        told = None if self.state == "gone" else Unclear(self._why) if self.state == "lost" else self._answered(self._going[0])
        if told is not None:
            self._going.popleft()
        return told

    def not_taken(self) -> list[Ready]:
        """Take out those that the server did not take: they may go by another connection."""
        rest = list(self._going)
        self._going.clear()
        return rest

    def _answered(self, one: Ready) -> Outcome | None:
        refusal: Outcome | None = None
        code, answer = 0, b""
        try:
            for command in _COMMANDS:
                code, answer = self._talk.answer()
                before = refusal
                if code >= 400 and refusal is None:
                    refusal = self._refused(command, one, code, answer)
                if code in GOODBYES or (command == "rset" and code >= 400):
                    self.state = "closing"
                    if command == "bdat" and len(self._going) == 1:
                        break  # no other answer is due: it may stay, silent
                    if self._talk.has_ended():
                        self.state = "gone"
                        return before if command == "mail" else refusal  # None: it leaves before it has seen the message
                if not _fits(command, code, refused=before is not None):
                    return self._lose(f"its answers no longer fit ({said(code, answer)})")
        except BROKEN as error:
            unclear = self._lose(reason(error))
            return refusal or unclear
        return refusal or Accepted(one.letter.message_id, said(code, answer))

    def _refused(self, command: str, one: Ready, code: int, answer: bytes) -> Outcome | None:
        """Return what a refusal says of the message; None: nothing, as it came before the message."""
        if command == "mail":
            return sender_refused(self._place, one.letter.envelope_from, code, answer)
        return None if command == "rset" else refused("recipient" if command == "rcpt" else "message", code, answer)

    def _lose(self, why: str) -> Unclear:
        self.state = "lost"
        self._why = f"{self._place} took the whole message and did not say what became of it ({why})"
        return Unclear(self._why)


def _fits(command: str, code: int, *, refused: bool) -> bool:
    """Tell whether that can be the answer: a yes to RSET; nothing but refusals behind a refusal; a chunk is known."""
    if command == "bdat" and code in _UNKNOWN and not refused:
        return False
    return (200 <= code < 300 and not refused) or (code >= 400 and command != "rset")
