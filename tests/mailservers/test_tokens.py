"""Logging in by access tokens (XOAUTH2) at real servers: a command gives the token, a provider vouches for it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.mailservers.conftest import Cli
from tests.mailservers.servers import ANA, Servers

pytestmark = pytest.mark.debian("postfix", "dovecot", "/usr/lib/dovecot/lmtp")
SETTINGS = """\
name = "tokens"

[[users]]
email = "ana@sender.test"

[channels.email."ana@sender.test"]
smtp = "smtp://ana%40sender.test@127.0.0.1:{smtp}"
imap = "imap://ana%40sender.test@127.0.0.1:{imap}"
oauth_token = {{ command = "{command}" }}
"""


@pytest.fixture
def token(started: Path, servers: Servers) -> Path:
    """A file with the token that the command of the project's mailbox prints."""
    file = started / "token"
    (started / "give.py").write_text("from pathlib import Path\nprint(Path('token').read_text())\n", "utf-8")
    settings = SETTINGS.format(smtp=servers.postfix.submission, imap=servers.dovecot.imap, command=f"{sys.executable} give.py")
    (started / "seqlang.toml").write_text(settings, "utf-8")
    (started / "people.csv").write_text("email,score\nkim@acme.test,5\n", "utf-8")
    file.write_text("ya29.good", "utf-8")
    servers.provider.tokens["ya29.good"] = ANA
    return file


def test_a_token_of_a_command_lets_us_send_and_read(token: Path, servers: Servers, cli: Cli) -> None:
    cli("import", "people.csv")
    assert "1 accepted" in cli("tick", "--deliver").out
    sent = servers.world.next()
    assert sent["To"] == "kim@acme.test"
    head = ("From: kim@acme.test", f"To: {ANA}", "Message-ID: <a@acme.test>", f"In-Reply-To: {sent['Message-ID']}")
    servers.postfix.send("\r\n".join((*head, "", "yes", "")), "kim@acme.test")
    servers.dovecot.wait_for(1)
    assert [r["kind"] for r in cli("mailbox", "read", "--format", "json").rows] == ["reply"]
    assert set(servers.provider.asked) == {"ya29.good"}  # both servers asked the provider


def test_a_token_that_is_over_is_said_without_showing_it_and_the_next_one_works(token: Path, servers: Servers, cli: Cli) -> None:
    token.write_text("ya29.expired-long-ago", "utf-8")
    cli("import", "people.csv")
    tried = cli("tick", "--deliver")
    assert f"127.0.0.1:{servers.postfix.submission} does not accept the access token of `{ANA}` (535)" in tried.err
    read = cli("mailbox", "read", code=None)
    assert f"the server does not accept the access token of `{ANA}`" in read.out + read.err
    assert "ya29" not in tried.out + tried.err + read.out + read.err
    token.write_text("ya29.good", "utf-8")
    cli("mailbox", "open", ANA)
    assert "1 accepted" in cli("tick", "--deliver").out
    assert cli("mailbox", "read").code == 0


def test_a_token_of_somebody_else_opens_nothing(token: Path, servers: Servers, cli: Cli) -> None:
    servers.provider.tokens["ya29.good"] = "eve@sender.test"
    cli("import", "people.csv")
    assert "does not accept the access token" in cli("tick", "--deliver").err
    assert "does not accept the access token" in str(cli("mailbox", "read", code=None))
