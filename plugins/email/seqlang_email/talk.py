"""What is said on one connection, and what the server answers: several commands in one breath where it allows that (RFC 2920)."""

from __future__ import annotations

import contextlib
import os
import selectors
import smtplib
import socket
import ssl
import struct
import time
from collections import deque

_ANSWER_BYTES_MAX = 8192  # of one line
_ANSWER_LINES_MAX = 100
_PIECE_BYTES = 1 << 16
_SILENT_SECONDS = 5.0
_RECORD_BYTES = 16_384  # of TLS: what fits into one arrives whole or not at all

Answer = tuple[int, bytes]
BROKEN = (OSError, smtplib.SMTPException)
LEAVING = 421  # the server closes the connection
GOODBYES = (LEAVING, 521)


class Talk:
    """The conversation on a connection that `Server.connect` has opened; it alone reads and writes there until `quit`."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp
        assert smtp.sock is not None
        self._sock = smtp.sock
        _let_the_system_watch(smtp.sock)
        self._lines: deque[bytes] = deque()  # that have come and were not read yet
        self._rest = b""  # the beginning of the next one
        self.at_once = smtp.has_extn("pipelining")
        self.chunking = self.at_once and smtp.has_extn("chunking")
        self.wide = smtp.has_extn("smtputf8")
        self._heard = time.monotonic()  # when something came last

    def has_more(self) -> bool:
        """Tell whether something has come that was not read: where no answer is due, a goodbye, or the end of the connection."""
        if self._lines or self._rest or (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending()):
            return True
        with selectors.DefaultSelector() as found:
            found.register(self._sock, selectors.EVENT_READ)
            return bool(found.select(0))

    def was_silent(self) -> bool:
        """Tell whether nothing has come for long, so that the connection may have gone without a word."""
        return time.monotonic() - self._heard > _SILENT_SECONDS

    def says_goodbye(self) -> bool:
        """Read what has come without a question, and tell whether the server goes: it says so, or has gone."""
        try:
            return self.answer()[0] in GOODBYES
        except BROKEN:
            return True

    def has_ended(self) -> bool:
        """Wait for what comes next, and tell whether it is the end of the connection. OSError: nothing comes."""
        if self._lines or self._rest:
            return False
        try:
            self._rest = self._sock.recv(_PIECE_BYTES)
        except ConnectionError:
            return True
        return not self._rest

    def say(self, commands: bytes) -> None:
        """Send commands, each with its line end. OSError: the connection broke."""
        self._sock.sendall(commands)

    def ask(self, command: str) -> Answer:
        """Send one command and return its answer. OSError, smtplib.SMTPException: the connection broke."""
        self.say(f"{command}\r\n".encode())
        return self.answer()

    def give(self, content: bytes, more: bytes) -> None:
        """Send a whole message, its last dot included, and in the same breath the commands that come after it.

        OSError: the end of the message has not left the machine, so that the server has nothing. Where only the commands could
        not be sent, that is no error: the answers are asked for anyway, and the first of them may still come.
        """
        if isinstance(self._sock, ssl.SSLSocket) and len(content) + len(more) > _RECORD_BYTES:
            sent = 0
        else:
            sent = self._sock.send(content + more)
        if sent < len(content):
            self._sock.sendall(content[sent:])
            sent = len(content)
        if sent < len(content) + len(more):
            with contextlib.suppress(OSError):
                self._sock.sendall(more[sent - len(content) :])

    def pour(self, whole: bytes) -> int:
        """Send as much as goes, and return how many bytes may have left the machine: all, or the connection broke."""
        left = 0
        size = _RECORD_BYTES if isinstance(self._sock, ssl.SSLSocket) else len(whole)
        rest = memoryview(whole)
        with contextlib.suppress(OSError):
            while left < len(whole):
                left += self._sock.send(rest[left : left + size])
        return left

    def answer(self) -> Answer:
        """Return the next answer: its number and its text. OSError, smtplib.SMTPException: there is none, or it is no answer."""
        line = self._lines.popleft() if self._lines else self._line()
        if line[3:4] == b" " and line[:3].isdigit() and len(line) <= _ANSWER_BYTES_MAX:  # nearly every answer is one line
            return int(line[:3]), line[4:].strip()
        text: list[bytes] = []
        while True:
            if len(line) > _ANSWER_BYTES_MAX or len(text) > _ANSWER_LINES_MAX:
                raise smtplib.SMTPServerDisconnected("an answer without end")
            text.append(line[4:].strip())
            if line[3:4] != b"-":
                break
            line = self._line()
        if not line[:3].isdigit():
            raise smtplib.SMTPServerDisconnected("an answer that is none")  # neither yes nor no: nobody knows what it means
        return int(line[:3]), b"\n".join(text)

    def quit(self) -> None:
        """Say goodbye. OSError, smtplib.SMTPException: nobody is there any more."""
        self._smtp.quit()

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._smtp.close()

    def _line(self) -> bytes:
        while not self._lines:
            if b"\n" not in self._rest:
                piece = self._sock.recv(_PIECE_BYTES)
                if not piece:
                    raise smtplib.SMTPServerDisconnected("connection unexpectedly closed")
                self._heard = time.monotonic()
                self._rest += piece
            *whole, self._rest = self._rest.split(b"\n")
            if len(self._rest) > _ANSWER_BYTES_MAX:
                raise smtplib.SMTPServerDisconnected("an answer without end")
            self._lines.extend(whole)
        return self._lines.popleft()


def reason(error: Exception) -> str:
    """Return in words why a connection broke."""
    return "timed out" if isinstance(error, BlockingIOError) else " ".join(str(error).split())


def _let_the_system_watch(sock: socket.socket) -> None:
    """Leave the time limit to the system: Python asks it before each call whether the call would wait, which doubles the calls.

    What takes too long raises BlockingIOError then. TLS has more to wait for than one call, and keeps Python's watch.
    """
    seconds = sock.gettimeout()
    if not seconds or isinstance(sock, ssl.SSLSocket) or os.name != "posix":
        return
    span = struct.pack("@ll", int(seconds), int(seconds % 1 * 1_000_000))
    with contextlib.suppress(OSError):  # a system that counts the seconds otherwise
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, span)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, span)
        sock.settimeout(None)
