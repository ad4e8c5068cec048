"""A mail server that takes everything and keeps nothing but a count: fast enough not to be what is measured."""

from __future__ import annotations

import multiprocessing
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from typing import Any

ANSWERS = {b"EHLO": b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


@dataclass(frozen=True, slots=True)
class Sink:
    """A running sink."""

    port: int
    taken: Synchronized[int]  # messages


@contextmanager
def sink() -> Iterator[Sink]:
    """Run a sink in a process of its own, on a free port of the loopback."""
    context: Any = multiprocessing.get_context("spawn")
    taken = context.Value("q", 0)
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, taken), daemon=True)
    process.start()
    try:
        yield Sink(ours.recv(), taken)
    finally:
        process.terminate()
        process.join()


def _serve(told: Any, taken: Synchronized[int]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        told.send(server.getsockname()[1])
        while True:
            connection, _ = server.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_talk, args=(connection, taken), daemon=True).start()


def _talk(connection: socket.socket, taken: Synchronized[int]) -> None:
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"220 sink\r\n")
        while line := lines.readline():
            word = line[:4].upper()
            connection.sendall(ANSWERS.get(word, b"250 ok\r\n"))
            if word == b"QUIT":
                return
            if word == b"DATA":
                while lines.readline() not in {b".\r\n", b""}:
                    pass
                connection.sendall(b"250 taken\r\n")
                with taken.get_lock():
                    taken.value += 1
