"""Our own channels and sources run the conformance suite that others run on theirs."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from seqlang_sms import pdu

from seqlang.sdk.testing import ChannelConformance, SetEnv, SourceConformance, Talk

Where = tuple[Mapping[str, Any], Mapping[str, Any]] | None
HANGS_UP = -1


def smtp(there: socket.socket, where: bytes, answer: bytes) -> None:
    """Be a mail server that says yes to everything but one command, b"." being the end of a message; no answer: hang up."""
    with there.makefile("rwb", buffering=0) as wire:
        wire.write(answer if where == b"greeting" else b"220 here\r\n")
        content = False
        for line in iter(wire.readline, b""):
            if content and line != b".\r\n":
                continue
            content = False
            if line.upper().startswith(where):
                if not answer:
                    return
                wire.write(answer)
            elif line.upper().startswith(b"DATA"):
                wire.write(b"354 go on\r\n")
                content = True
            else:
                wire.write(b"250 fine\r\n")


def smpp(there: socket.socket, command: int, status: int) -> None:
    """Be an SMS centre that says yes to everything but one command."""
    with there.makefile("rb") as wire:
        while head := wire.read(pdu.HEAD.size):
            length, said, _, sequence = pdu.HEAD.unpack(head)
            wire.read(length - pdu.HEAD.size)
            if said == command and status == HANGS_UP:
                return
            there.sendall(pdu.Packet(said | pdu.RESPONSE, status if said == command else 0, sequence, b"id\0").encode())


class TestEmail(ChannelConformance):
    plugin = "email"
    word = "email"
    options = {"subject": "Hello", "text": "Hi"}  # noqa: RUF012
    settings = {"smtp": "smtp://127.0.0.1:1"}  # noqa: RUF012

    def at(self, host: str, port: int, setenv: SetEnv) -> Where:
        return {"smtp": f"smtp://{host}:{port}", "timeout_seconds": 1}, {}

    def refusals(self) -> Mapping[str, Talk]:
        said = [
            (b"greeting", b"554 5.7.1 no\r\n"), (b"EHLO", b""), (b"MAIL", b"550 5.1.8 no\r\n"),
            (b"RCPT", b"550 5.1.1 nobody\r\n"), (b"RCPT", b"451 4.7.1 later\r\n"), (b"DATA", b"421 4.3.2 going\r\n"),
            (b".", b"552 5.2.2 full\r\n"), (b".", b""),
            (b".", b"451 4.3.0 later\r\n"),
        ]  # fmt: skip
        return {f"{answer!r} to {where!r}": partial(smtp, where=where, answer=answer) for where, answer in said}


class TestNotify(TestEmail):
    word = "notify"
    options = {"subject": "Hello", "text": "Hi", "to": ("ana@example.com",)}  # noqa: RUF012
    to = ""


class TestSms(ChannelConformance):
    plugin = "sms"
    word = "sms"
    options = {"text": "Hi"}  # noqa: RUF012
    to = "+491701234567"

    def at(self, host: str, port: int, setenv: SetEnv) -> Where:
        return {"smpp": f"smpp://acme@{host}:{port}", "timeout_seconds": 1}, {}

    def refusals(self) -> Mapping[str, Talk]:
        said = [(pdu.BIND_TRANSMITTER, 0x0E), (pdu.BIND_TRANSMITTER, HANGS_UP), (pdu.SUBMIT, 0x58), (pdu.SUBMIT, 0x0B),
                (pdu.SUBMIT, 0x45), (pdu.SUBMIT, HANGS_UP)]  # fmt: skip
        return {f"{status:#x} to {command:#x}": partial(smpp, command=command, status=status) for command, status in said}


class TestWebhook(ChannelConformance):
    plugin = "webhook"
    word = "webhook"
    options = {"url": "https://hooks.example.com/x"}  # noqa: RUF012
    to = ""

    def at(self, host: str, port: int, setenv: SetEnv) -> Where:
        return {"allow_private": True, "timeout_seconds": 1}, {"url": f"http://{host}:{port}/hook"}


class TestCsv(SourceConformance):
    plugin = "csv"
    kind = "csv"

    def prepare(self, folder: Path, setenv: SetEnv) -> Mapping[str, Any]:
        (folder / "people.csv").write_text("email,score\nkim@x.example,5\nlou@x.example,6\n", "utf-8")
        return {"file": "people.csv"}


class TestSql(SourceConformance):
    plugin = "sql"
    kind = "sql"

    def prepare(self, folder: Path, setenv: SetEnv) -> Mapping[str, Any]:
        with sqlite3.connect(folder / "crm.db") as crm:
            crm.execute("create table person (id integer, email text)")
            crm.executemany("insert into person values (?, ?)", [(n, f"p{n}@x.example") for n in range(1, 4)])
        setenv("CONFORMANCE_DATABASE", "sqlite:///crm.db")
        query = "select id, email from person where id > :mark order by id"
        return {"database": {"env": "CONFORMANCE_DATABASE"}, "query": query, "mark": "id", "start": 0}
