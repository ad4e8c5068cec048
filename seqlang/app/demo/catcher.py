"""A mail server on the loopback that keeps what it gets: each message becomes a file, nothing ever leaves this machine."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

LINE_BYTES_MAX = 64 * 1024
MESSAGE_BYTES_MAX = 25 * 1024 * 1024
_ADDRESS = re.compile(rb"<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class Caught:
    """One message as it came."""

    recipients: tuple[str, ...]  # of the envelope, lower case
    raw: bytes  # the message, CRLF line ends
    path: Path  # where it lies


class Catcher:
    """Serves SMTP on a free port of 127.0.0.1 while it is entered; `refuse` says which recipients do not exist."""

    def __init__(self, folder: Path, refuse: Callable[[str], bool]) -> None:
        self.folder = folder
        self._refuse = refuse
        self._caught: list[Caught] = []
        self._lock = threading.Lock()
        self._count = 0
        outer = self

        class Session(_Session):
            catcher = outer

        self._server = _Server(("127.0.0.1", 0), Session)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    @property
    def count(self) -> int:
        """How many messages it has got."""
        return self._count

    def drain(self) -> list[Caught]:
        """Return what came since the last call, in the order of arrival."""
        with self._lock:
            caught, self._caught = self._caught, []
        return caught

    def keep(self, recipients: tuple[str, ...], raw: bytes) -> None:
        """Write a message down."""
        with self._lock:
            self._count += 1
            name = re.sub(r"[^a-z0-9@._-]", "_", recipients[0])[:80]
            path = self.folder / f"{self._count:05d}-{name}.eml"
            path.write_bytes(raw)
            self._caught.append(Caught(recipients, raw, path))

    def unknown(self, address: str) -> bool:
        """Whether there is no such mailbox."""
        return self._refuse(address)

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class _Session(socketserver.StreamRequestHandler):
    """One connection: the few commands of RFC 5321 that a client needs."""

    catcher: Catcher
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer until the client leaves."""
        self._recipients: list[str] = []
        self._say(b"220 seqlang demo catcher")
        while line := self.rfile.readline(LINE_BYTES_MAX):
            verb = line[:4].upper()
            if verb == b"QUIT":
                self._say(b"221 good bye")
                return
            self._answer(verb, line)

    def _answer(self, verb: bytes, line: bytes) -> None:
        match verb:
            case b"EHLO":
                self._say(b"250-catcher", b"250-8BITMIME", b"250-SMTPUTF8", b"250-PIPELINING", b"250 SIZE %d" % MESSAGE_BYTES_MAX)
            case b"HELO" | b"NOOP" | b"MAIL" | b"RSET":
                if verb != b"NOOP":
                    self._recipients = []
                self._say(b"250 ok")
            case b"RCPT":
                found = _ADDRESS.search(line)
                address = (found.group(1) if found else line[8:].strip()).decode("utf-8", "replace").lower()
                if self.catcher.unknown(address):
                    self._say(b"550 5.1.1 no such mailbox here")
                else:
                    self._recipients.append(address)
                    self._say(b"250 ok")
            case b"DATA":
                self._take() if self._recipients else self._say(b"503 no recipients")
            case _:
                self._say(b"502 not here")

    def _take(self) -> None:
        self._say(b"354 go on")
        lines = []
        while (line := self.rfile.readline(LINE_BYTES_MAX)) and line != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        self.catcher.keep(tuple(self._recipients), b"".join(lines))
        self._recipients = []
        self._say(b"250 ok")

    def _say(self, *lines: bytes) -> None:
        self.wfile.write(b"".join(line + b"\r\n" for line in lines))
