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

ANSWERS = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


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
    """Answer what came in one piece in one piece, as servers that announce PIPELINING do: it costs least."""
    with connection:
        connection.sendall(b"220 sink\r\n")
        had = b""
        data = False  # inside a message that ends with a dot
        while piece := connection.recv(1 << 16):
            had += piece
            answers = []
            at, came = 0, 0
            while (end := had.find(b"\r\n.\r\n" if data else b"\r\n", at)) >= 0:
                word = had[at : at + 4].upper()
                chunk = int(had[at + 5 : end].split()[0]) if word == b"BDAT" and not data else 0
                if len(had) < end + 2 + chunk:
                    break
                at = end + (5 if data else 2) + chunk
                if data or chunk:
                    data = False
                    answers.append(b"250 taken\r\n")
                    came += 1
                else:
                    data = word == b"DATA"
                    answers.append(ANSWERS.get(word, b"250 ok\r\n"))
            had = had[at:]
            if came:
                with taken.get_lock():
                    taken.value += came
            if answers:
                connection.sendall(b"".join(answers))
            if answers[-1:] == [ANSWERS[b"QUIT"]]:
                return
