"""Private mail servers, and a project that works with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.conftest import Cli, cli
from tests.mailservers.servers import ANA, PASSWORD, Servers

__all__ = ["Cli", "cli"]

SETTINGS = """\
name = "mailservers"
timezone = "Europe/Berlin"

[[users]]
email = "ana@sender.test"
first_name = "Ana"

[channels.email."ana@sender.test"]
smtp = "smtp://127.0.0.1:{smtp}"
imap = "imap://ana%40sender.test@127.0.0.1:{imap}"
imap_password = {{ env = "IMAP_PASSWORD" }}
imap_poll_seconds = 1
"""
FLOW = """\
record contact { score number default 0 }

journey "Trial" {
  owner "ana@sender.test"
  enter when score >= 1
  exit when replied
  exit when bounced
  exit when unsubscribed
  step hello: email { text: "How is it?", subject: "A question", from: "ana@sender.test", unsubscribe: yes }
  wait 3 days
  step again: email { text: "Once more", reply_to_step: hello, from: "ana@sender.test", unsubscribe: yes }
}
"""


@pytest.fixture(scope="session")
def running() -> Iterator[Servers]:
    """Postfix, Dovecot and the world, started once."""
    made = Servers()
    yield made
    made.close()


@pytest.fixture
def servers(running: Servers) -> Servers:
    """The servers, without mail."""
    running.empty()
    return running


@pytest.fixture
def project(servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose mailbox is at the servers."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "seqlang.toml").write_text(SETTINGS.format(smtp=servers.postfix.port, imap=servers.dovecot.imap), "utf-8")
    (folder / "trial.seq").write_text(FLOW, "utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("IMAP_PASSWORD", PASSWORD)
    monkeypatch.delenv("SEQLANG_DATABASE", raising=False)
    return folder


@pytest.fixture
def started(project: Path, cli: Cli) -> Path:
    """The project applied, its journey started, nobody in it yet."""
    assert ANA in (project / "seqlang.toml").read_text("utf-8")
    cli("apply", "--yes")
    cli("start", "Trial")
    return project
