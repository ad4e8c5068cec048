"""Servers of the conformance suite, on the loopback; no network at all; and a limit for what may hang."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

T = TypeVar("T")
Talk = Callable[[socket.socket], None]  # what a server does with one connection; then it hangs up
TALK_SECONDS = 10.0


@contextmanager
def no_network() -> Iterator[None]:
    """Make every attempt to connect fail the test, also where whoever tried keeps quiet about it."""
    kept = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo
    tried: list[AssertionError] = []

    def refuse(*_args: object, **_named: object) -> Any:
        tried.append(AssertionError("a dry run touched the network"))
        raise tried[-1]

    socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo = refuse, refuse, refuse  # type: ignore[method-assign]
    try:
        yield
    finally:
        socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo = kept  # type: ignore[method-assign]
    if tried:
        raise tried[0]


def within(seconds: float, call: Callable[[], T], late: str) -> T:
    """Return what the call returns, or raise what it raises; AssertionError, which says `late`, when the time is over.

    Nothing ends a thread that hangs; but the tests go on, and it does not keep the process.
    """
    found: list[T] = []
    broke: list[BaseException] = []

    def run() -> None:
        try:
            found.append(call())
        except BaseException as error:  # noqa: BLE001  raised again where it is waited for
            broke.append(error)

    thread = threading.Thread(target=run, daemon=True, name="conformance")
    thread.start()
    thread.join(seconds)
    if broke:
        raise broke[0]
    if not found:
        raise AssertionError(late)
    return found[0]


class Listener:
    """A server on the loopback that keeps what it gets, and says one thing to everybody; None: nothing, for ever.

    With a `Talk` that is what it does with each connection, and what came is not kept.
    """

    def __init__(self, says: bytes | Talk | None) -> None:
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
            if callable(self._says):
                there.settimeout(TALK_SECONDS)
                with suppress(OSError):
                    self._says(there)
                return
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
def listening(says: bytes | Talk | None) -> Iterator[Listener]:
    """Run a server while the block does."""
    there = Listener(says)
    try:
        yield there
    finally:
        there.close()
