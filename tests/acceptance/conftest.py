"""A person at a terminal: commands in a project's folder, their output and their exit codes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from seqlang.cli.main import main

PROJECT = {
    "seqlang.toml": """\
name = "acceptance"
timezone = "Europe/Berlin"

[[users]]
email = "ana@acme.example"
first_name = "Ana"

[channels.email.default]
smtp = "smtp://127.0.0.1:9"
from = "ana@acme.example"
""",
    "leads.seq": """\
record contact {
  score number default 0
  stage choice ["Lead", "Customer"] default "Lead"
  newsletter boolean
  trial_ends date
}

event "page_view" { url text }

view "Leads" of contact where stage = "Lead"

classic sequence "Leads" {
  owner "ana@acme.example"
  run daily at 09:30 in "Europe/Berlin" except weekends
  audience {
    view "Leads"
    where score >= 20
  }
  step hello: email on day 1 { template: "hello.html", unsubscribe: yes }
  step ring: call on day 2 { script: "Hello?", due: 1 day }
  step draft: email on day 3 when not replied { text: "Hi {{ contact.first_name }}", subject: "Once more", review: yes }
  exit when finished, replied, unsubscribed, bounced
}

cadence "Quotes" {
  owner "ana@acme.example"
  run daily at 10:00 in "Europe/Berlin"
  step quote: task on day 1 { title: "Send the quote" }
  exit when finished
}
""",
    "templates/hello.html": "<title>Hello</title><p>Hello {{ contact.first_name | default('there') }}</p>\n",
    "contacts.csv": """\
email,first_name,score,stage
kim@x.example,Kim,50,Lead
lou@x.example,Lou,10,Lead
max@y.example,Max,90,Customer
""",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output as one document."""
        return json.loads(self.out)

    @property
    def rows(self) -> list[Any]:
        """Its output as an object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Cli(Protocol):
    """Calls the program."""

    def __call__(self, *args: str, code: int | None = 0) -> Said:
        """Run it with these arguments and see that it leaves with `code` (None: any)."""
        ...


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    def call(*args: str, code: int | None = 0) -> Said:
        capsys.readouterr()
        found = main(list(args))
        said = Said(found, *capsys.readouterr())
        assert "Traceback" not in said.err
        assert "a mistake of seqlang itself" not in said.err, said.err
        assert code is None or found == code, f"{args}: {found}\n{said.out}\n{said.err}"
        if found == 2:
            assert len(said.err.strip().splitlines()) == 1, said.err
        return said

    return call


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str) -> Path:
    folder = tmp_path / "project"
    for name, text in PROJECT.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    if database == "sqlite":
        monkeypatch.delenv("SEQLANG_DATABASE", raising=False)
    return folder


@pytest.fixture
def started(project: Path, cli: Cli) -> Path:
    """A project that is applied, with contacts, its sequence started."""
    cli("apply", "--yes", "--at", "2026-03-02T08:00")
    cli("import", "contacts.csv", "--at", "2026-03-02T08:00")
    cli("start", "Leads", "--at", "2026-03-02T08:00")
    return project


@pytest.fixture
def no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


__all__ = ["PROJECT", "Cli", "Said"]
