"""An IMAP server with one folder of ready-made mail: just enough for imaplib, and fast enough not to be what is measured."""

from __future__ import annotations

import multiprocessing
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

RECEIVED = '"02-Mar-2026 12:00:00 +0000"'


@contextmanager
def postbox(mails: Sequence[bytes]) -> Iterator[int]:
    """Serve the mails in a process of its own; give its port. Their numbers start at 1."""
    context: Any = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, list(mails)), daemon=True)
    process.start()
    try:
        yield int(ours.recv())
    finally:
        process.terminate()
        process.join()


def _serve(told: Any, mails: list[bytes]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        told.send(server.getsockname()[1])
        while True:
            connection, _ = server.accept()
            threading.Thread(target=_talk, args=(connection, mails), daemon=True).start()


def _talk(connection: socket.socket, mails: list[bytes]) -> None:
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"* OK ready\r\n")
        for line in lines:
            tag, _, rest = line.decode("ascii", "replace").strip().partition(" ")
            words = rest.upper()
            answer = b""
            if words.startswith("CAPABILITY"):
                answer = b"* CAPABILITY IMAP4rev1\r\n"
            elif words.startswith(("EXAMINE", "SELECT")):
                answer = f"* {len(mails)} EXISTS\r\n* OK [UIDVALIDITY 1] ok\r\n* OK [UIDNEXT {len(mails) + 1}] ok\r\n".encode()
            elif words.startswith("UID SEARCH"):
                answer = b"* SEARCH " + b" ".join(str(n + 1).encode() for n in range(len(mails))) + b"\r\n"
            elif words.startswith("UID FETCH"):
                answer = b"".join(_fetched(int(n), mails) for n in re.findall(r"\d+", words.split()[2]))
            connection.sendall(answer + f"{tag} OK done\r\n".encode())
            if words.startswith("LOGOUT"):
                return


def _fetched(number: int, mails: list[bytes]) -> bytes:
    raw = mails[number - 1]
    return f"* {number} FETCH (UID {number} INTERNALDATE {RECEIVED} BODY[]<0> {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"
