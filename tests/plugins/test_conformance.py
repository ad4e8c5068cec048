"""Our own channels and sources run the conformance suite that others run on theirs."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqlang.sdk.testing import ChannelConformance, SetEnv, SourceConformance

Where = tuple[Mapping[str, Any], Mapping[str, Any]] | None


class TestEmail(ChannelConformance):
    plugin = "email"
    word = "email"
    options = {"subject": "Hello", "text": "Hi"}  # noqa: RUF012
    settings = {"smtp": "smtp://127.0.0.1:1"}  # noqa: RUF012

    def at(self, host: str, port: int, setenv: SetEnv) -> Where:
        return {"smtp": f"smtp://{host}:{port}", "timeout_seconds": 1}, {}


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
