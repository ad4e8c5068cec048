"""DKIM signatures that verify, logins by token, pictures that stand in the page."""

from __future__ import annotations

import base64
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dkim
import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from seqlang_email import open_channel

from seqlang.sdk import Accepted, Attachment, Body, MailboxSettings, Message, Person, Unavailable
from tests.plugins.mail_server import Box, running

AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
ANA = Person("ana@example.com", "Ana")


def message(**options: Any) -> Message:
    given = {"subject": "Grüße 😀", "text": "Hi Kim", "unsubscribe": True, **options}
    return Message("k-1", "email", "kim@example.com", given, AT, sender=ANA, owner=ANA, unsubscribe_url="https://m.example/u/1.x")


def delivered(settings: dict[str, Any], **options: Any) -> tuple[Box, Any]:
    box = Box()
    with running(box) as port:
        channel = open_channel("email", MailboxSettings("email", "ana@example.com", {
            "smtp": f"smtp://127.0.0.1:{port}", "timeout_seconds": 5, **settings,
        }), dry_run=False)
        outcome = channel.deliver(message(**options))
        channel.close()
    return box, outcome


# ---------------------------------------------------------------------------------------------------------------- DKIM


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A private key in a file, and what stands in the DNS for it."""
    place = tmp_path_factory.mktemp("dkim") / "key.pem"
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", str(place), "2048"], check=True, capture_output=True)
    command = ["openssl", "rsa", "-in", str(place), "-pubout", "-outform", "DER"]
    public = subprocess.run(command, check=True, capture_output=True).stdout
    return place, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def test_signature_verifies_and_covers_the_headers_of_one_click(key: tuple[Path, bytes]) -> None:
    place, record = key
    box, outcome = delivered({"dkim_key": {"file": str(place)}, "dkim_selector": "s1"})
    assert isinstance(outcome, Accepted)
    (raw,) = box.raw
    asked: list[bytes] = []

    def answer(name: bytes, **_more: Any) -> bytes:
        asked.append(name)
        return record

    assert dkim.verify(raw, dnsfunc=answer)
    assert asked == [b"s1._domainkey.example.com."]
    signature = " ".join(str(box.mails[0]["DKIM-Signature"]).split())
    signed = signature.partition(" h=")[2].partition(";")[0].replace(" ", "").lower().split(":")
    assert {"from", "subject", "message-id", "list-unsubscribe", "list-unsubscribe-post"} <= set(signed)
    assert not dkim.verify(raw.replace(b"SGkgS2lt", b"SGkgWW91").replace(b"Hi Kim", b"Hi You"), dnsfunc=answer)


def test_key_that_is_none_stops_the_mailbox_without_showing_it(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("-----BEGIN RSA PRIVATE KEY-----\nbm90IGEga2V5\n-----END RSA PRIVATE KEY-----\n")
    box, outcome = delivered({"dkim_key": {"file": str(tmp_path / "key")}, "dkim_selector": "s1"})
    assert (box.raw, type(outcome)) == ([], Unavailable)
    assert outcome.reason.startswith("the `dkim_key` of the mailbox `ana@example.com` cannot sign")
    assert "bm90" not in outcome.reason


def test_key_without_a_selector_is_refused() -> None:
    settings = MailboxSettings("email", "a@b.example", {"smtp": "smtp://x.example", "dkim_key": {"env": "X"}})
    with pytest.raises(ValueError, match="no `dkim_selector`"):
        open_channel("email", settings, dry_run=True)


# ------------------------------------------------------------------------------------------------------------- XOAUTH2


class TokenServer(SMTP):
    """Takes XOAUTH2 as the big providers do: a refusal is a challenge, which the client answers with nothing."""

    tokens: list[str]

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        said = base64.b64decode(args[1]).decode()
        user, _, rest = said.removeprefix("user=").partition("\1")
        token = rest.removeprefix("auth=Bearer ").rstrip("\1")
        self.tokens.append(f"{user} {token}")
        if token == "right-token":
            return AuthResult(success=True)
        refusal = base64.b64encode(json.dumps({"status": "400"}).encode()).decode()
        answer = await self.challenge_auth(refusal, encode_to_b64=False)
        self.tokens.append(repr(answer))
        return AuthResult(success=False, handled=False)


@pytest.mark.parametrize(("token", "lets_in"), [("right-token", True), ("wrong-token", False)])
def test_login_by_the_token_of_a_command(token: str, lets_in: bool) -> None:
    TokenServer.tokens = []
    box = Box()
    with running(box, users={"ana": "-"}, server=TokenServer) as port:
        channel = open_channel("email", MailboxSettings("email", "ana@example.com", {
            "smtp": f"smtp://ana%40example.com@127.0.0.1:{port}", "timeout_seconds": 5,
            "oauth_token": {"command": f"echo {token}"},
        }), dry_run=False)
        outcome = channel.deliver(message())
        channel.close()
    assert TokenServer.tokens[0] == f"ana@example.com {token}"
    if lets_in:
        assert isinstance(outcome, Accepted)
    else:
        assert isinstance(outcome, Unavailable)
        assert "does not accept the access token of `ana@example.com`" in outcome.reason
        assert token not in outcome.reason
        assert TokenServer.tokens[1] == "b''"


# ------------------------------------------------------------------------------------------------------------- pictures

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def test_picture_that_the_page_shows_stands_in_it_and_other_files_beside_it() -> None:
    page = Body("hello.html", "html", '<p>Hi</p><img src="cid:logo ü.png" alt="Acme">')
    files = (Attachment("pictures/logo ü.png", PNG), Attachment("files/prices.pdf", b"%PDF"))
    box, outcome = delivered({}, template=page, text=None, attachments=files)
    assert isinstance(outcome, Accepted)
    (mail,) = box.mails
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        "application/pdf",
    ]
    picture = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    known = picture["Content-ID"].strip("<>")
    html = mail.get_body(("html",))
    assert html is not None
    assert f'src="cid:{known}"' in html.get_content()
    assert (picture.get_content_disposition(), picture.get_filename(), picture.get_content()) == ("inline", "logo ü.png", PNG)
    assert [(part.get_filename(), part.get_content()) for part in mail.iter_attachments()] == [("prices.pdf", b"%PDF")]
    assert not mail.defects
