"""Servers of the conformance suite, on the loopback; and no network at all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def no_network() -> Iterator[None]:
    """Make every attempt to connect fail the test."""
    kept = socket.socket.connect, socket.getaddrinfo

    def refuse(*_args: object, **_named: object) -> Any:
        raise AssertionError("a dry run touched the network")

    socket.socket.connect, socket.getaddrinfo = refuse, refuse  # type: ignore[method-assign]
    try:
        yield
    finally:
        socket.socket.connect, socket.getaddrinfo = kept  # type: ignore[method-assign]


class Listener:
    """A server on the loopback that keeps what it gets, and says one thing to everybody; None: nothing, for ever."""

    def __init__(self, says: bytes | None) -> None:
        self.got: list[bytes] = []  # of each connection
        self._says = says
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._over = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Hang up on everybody."""
        self._over.set()
        self._server.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                there, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(there,), daemon=True).start()

    def _talk(self, there: socket.socket) -> None:
        place = len(self.got)
        self.got.append(b"")
        with there:
            there.settimeout(0.2)
            quiet = 0
            while not self._over.is_set():
                try:
                    came = there.recv(65536)
                except TimeoutError:
                    quiet += 1
                    if self._says is not None and (self.got[place] or quiet > 1):
                        break
                    continue
                except OSError:
                    return
                if not came:
                    return
                self.got[place] += came
            if self._says is not None:
                try:
                    there.sendall(self._says)
                except OSError:
                    return


@contextmanager
def listening(says: bytes | None) -> Iterator[Listener]:
    """Run a server while the block does."""
    there = Listener(says)
    try:
        yield there
    finally:
        there.close()
