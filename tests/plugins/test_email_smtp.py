"""The e-mail channel against a real server: connections, logins, and what each answer becomes."""

from __future__ import annotations

import dataclasses
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from seqlang_email import open_channel

from seqlang.sdk import (
    Accepted,
    Attachment,
    Body,
    Channel,
    MailboxSettings,
    Message,
    Person,
    Rejected,
    Retry,
    Thread,
    Unavailable,
    Unclear,
)
from seqlang.sdk.testing import listening
from tests.plugins.mail_server import Box, free_port, running

ANA = Person("ana@example.com", "Ana", "Müller")


SETTINGS: dict[str, Any] = {"timeout_seconds": 5}  # of every mailbox


def mailbox(port: int, scheme: str = "smtp", user: str = "", **values: Any) -> MailboxSettings:
    at = f"{user}@" if user else ""
    return MailboxSettings("email", "ana@example.com", {"smtp": f"{scheme}://{at}127.0.0.1:{port}", **SETTINGS, **values})


def message(to: str = "kim@example.com", **options: Any) -> Message:
    given = {"subject": "Hello", "text": "Hi Kim", **options}
    return Message("k-1", "email", to, given, datetime(2026, 3, 2, 8, 30, tzinfo=UTC), sender=ANA, owner=ANA)


def opened(settings: MailboxSettings) -> Channel:
    return open_channel("email", settings, dry_run=False)


def test_message_arrives_with_its_headers(box: Box, port: int) -> None:
    channel = opened(mailbox(port))
    outcome = channel.deliver(message(cc=["bo@example.com"], bcc="eve@example.com", reply_to="Desk <desk@example.com>"))
    assert outcome == Accepted("<k-1@example.com>", "250 2.0.0 taken")
    (mail,) = box.mails
    assert mail["From"] == "Ana Müller <ana@example.com>"
    assert (mail["To"], mail["Cc"], mail["Bcc"], mail["Reply-To"]) == (
        "kim@example.com",
        "bo@example.com",
        None,
        "Desk <desk@example.com>",
    )
    assert mail["Message-ID"] == "<k-1@example.com>"
    assert mail["Date"].datetime == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    assert box.envelopes == [("ana@example.com", ("kim@example.com", "bo@example.com", "eve@example.com"))]
    assert mail.get_content().strip() == "Hi Kim"
    channel.close()


def test_many_messages_go_over_one_connection(box: Box, port: int) -> None:
    channel = opened(mailbox(port))
    for number in range(5):
        assert isinstance(channel.deliver(message(f"p{number}@example.com")), Accepted)
    channel.close()
    assert (box.sessions, len(box.raw)) == (1, 5)


def test_reply_stands_in_its_thread(box: Box, port: int) -> None:
    thread = Thread("<b@example.com>", ("<a@example.com>", "<b@example.com>"), "Hello")
    channel = opened(mailbox(port))
    channel.deliver(dataclasses.replace(message(subject="Re: Hello"), thread=thread))
    channel.close()
    (mail,) = box.mails
    assert mail["In-Reply-To"] == "<b@example.com>"
    assert mail["References"].split() == ["<a@example.com>", "<b@example.com>"]


def test_html_template_has_both_parts(box: Box, port: int) -> None:
    body = Body("hello.html", "html", "<style>p{color:red}</style><p>Hello \ue0000\ue001</p>", ("Kim & <b>Co</b>",))
    channel = opened(mailbox(port))
    channel.deliver(message(template=body, text=None, attachments=(Attachment("files/Preisliste März.pdf", b"%PDF"),)))
    channel.close()
    (mail,) = box.mails
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().strip() == "Hello Kim & <b>Co</b>"
    assert 'style="color: red;"' in html.get_content()
    assert "Kim &amp; &lt;b&gt;Co&lt;/b&gt;" in html.get_content()
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_content()) == (
        "Preisliste März.pdf",
        "application/pdf",
        b"%PDF",
    )


def test_unsubscribe_has_its_headers(box: Box, port: int) -> None:
    url = "https://seq.example.com/u/" + "x" * 300
    channel = opened(mailbox(port))
    channel.deliver(dataclasses.replace(message(unsubscribe=True), unsubscribe_url=url))
    channel.deliver(message(unsubscribe=True))
    channel.close()
    assert f"\nList-Unsubscribe: <{url}>\r\n".encode() in box.raw[0]
    assert box.mails[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url in box.mails[0].get_content()
    assert box.mails[1]["List-Unsubscribe"] == "<mailto:ana@example.com?subject=unsubscribe>"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 user unknown", Rejected("550 5.1.1 user unknown", address_is_bad=True)),
        ("550 no such user here", Rejected("550 no such user here", address_is_bad=True)),
        ("550 5.7.1 you are on a block list", Unavailable("550 5.7.1 you are on a block list", blocked=True)),
        ("550 mail from 192.0.2.7 blocked: spamhaus", Unavailable("550 mail from 192.0.2.7 blocked: spamhaus", blocked=True)),
        ("550 5.7.26 unauthenticated: SPF, DKIM", Unavailable("550 5.7.26 unauthenticated: SPF, DKIM", blocked=True)),
        ("554 5.7.1 relay access denied", Unavailable("554 5.7.1 relay access denied", blocked=True)),
        ("550 unknown user, blocked by policy", Rejected("550 unknown user, blocked by policy")),
        ("550 5.7.133 for members only", Rejected("550 5.7.133 for members only")),
        ("554 5.3.4 too big", Rejected("554 5.3.4 too big")),
        ("550 mailbox of kim is full", Retry("550 mailbox of kim is full")),
        ("552 5.2.2 mailbox full", Retry("552 5.2.2 mailbox full")),
        ("451 4.7.1 greylisted, come again", Retry("451 4.7.1 greylisted, come again")),
    ],
)
def test_refused_recipient_and_the_next_message_goes(box: Box, port: int, answer: str, outcome: object) -> None:
    box.recipients["bad@example.com"] = answer
    channel = opened(mailbox(port))
    assert channel.deliver(message("bad@example.com")) == outcome
    assert isinstance(channel.deliver(message()), Accepted)
    channel.close()
    assert box.reached() == ["kim@example.com"]
    assert box.sessions == 1


def test_refused_copy_does_not_keep_the_contact_from_it(box: Box, port: int) -> None:
    box.recipients["bad@example.com"] = "550 5.1.1 user unknown"
    channel = opened(mailbox(port))
    outcome = channel.deliver(message(cc="bad@example.com"))
    channel.close()
    assert isinstance(outcome, Accepted)
    assert "bad@example.com: 550 5.1.1" in outcome.detail


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("451 4.3.0 try later", Retry("451 4.3.0 try later")),
        ("554 5.7.1 this is spam", Unavailable("554 5.7.1 this is spam", blocked=True)),
        ("550 5.7.509 DMARC verification failed", Unavailable("550 5.7.509 DMARC verification failed", blocked=True)),
        ("550 5.1.1 no such user", Rejected("550 5.1.1 no such user")),
    ],
)
def test_refused_content_is_not_blamed_on_the_contact(box: Box, port: int, answer: str, outcome: object) -> None:
    box.after_data.append(answer)
    channel = opened(mailbox(port))
    assert channel.deliver(message()) == outcome
    channel.close()


def test_connection_that_drops_after_the_content_leaves_an_unclear_message(box: Box, port: int) -> None:
    box.after_data.append("drop")
    channel = opened(mailbox(port))
    assert isinstance(channel.deliver(message()), Unclear)
    assert isinstance(channel.deliver(message("next@example.com")), Accepted)
    channel.close()
    assert (box.reached(), box.sessions) == (["next@example.com"], 2)


@pytest.mark.parametrize("answer", ["hello there", "2x0 fine", "250 " + "a" * 9000])
def test_answer_that_is_none_leaves_an_unclear_message(box: Box, port: int, answer: str) -> None:
    box.after_data.append(answer)
    channel = opened(mailbox(port))
    assert isinstance(channel.deliver(message()), Unclear)
    assert isinstance(channel.deliver(message("next@example.com")), Accepted)
    channel.close()


def test_answer_of_several_lines_is_one(box: Box, port: int) -> None:
    box.after_data.append("250-2.0.0 taken\r\n250 as number 7")
    channel = opened(mailbox(port))
    assert channel.deliver(message()).detail.split() == ["250", "2.0.0", "taken", "as", "number", "7"]  # type: ignore[union-attr]
    channel.close()


def test_connection_that_the_server_closed_meanwhile_is_opened_again(box: Box, port: int) -> None:
    channel = opened(mailbox(port))
    assert isinstance(channel.deliver(message()), Accepted)
    box.hang_up()
    assert isinstance(channel.deliver(message()), Accepted)
    channel.close()
    assert box.sessions == 2


@pytest.mark.parametrize(("answer", "after"), [
    ("550 5.4.5 Daily user sending quota exceeded", timedelta(hours=1)),
    ("450 4.7.1 rate limit exceeded", None),
    ("550 5.1.90 you have reached your daily limit for message recipients", timedelta(hours=1)),
])
def test_mailbox_that_has_sent_enough_rests_and_no_message_is_lost(
    box: Box, port: int, answer: str, after: timedelta | None
) -> None:
    box.recipients["kim@example.com"] = answer
    channel = opened(mailbox(port))
    told = f"the mailbox has sent as much as it may for now: {answer}"
    assert channel.deliver(message()) == Unavailable(told, after)
    channel.close()


def test_server_that_turns_our_address_away_at_the_door_blocks_the_mailbox() -> None:
    with listening(b"554 5.7.1 192.0.2.7 is on a block list\r\n") as there:
        outcome = opened(mailbox(there.port)).deliver(message())
    assert isinstance(outcome, Unavailable)
    assert outcome.blocked
    with listening(b"554 no service today\r\n") as there:
        outcome = opened(mailbox(there.port)).deliver(message())
    assert isinstance(outcome, Unavailable)
    assert not outcome.blocked


def test_sender_that_the_server_refuses_blocks_the_mailbox(box: Box, port: int) -> None:
    box.senders["ana@example.com"] = "553 5.7.1 not your address"
    channel = opened(mailbox(port))
    outcome = channel.deliver(message())
    channel.close()
    assert isinstance(outcome, Unavailable)
    assert "takes no mail from ana@example.com" in outcome.reason
    assert outcome.blocked


@pytest.mark.parametrize("answer", ["530 5.7.0 must issue STARTTLS first", "552 5.2.2 over quota"])
def test_server_that_wants_something_else_first_is_asked_again(box: Box, port: int, answer: str) -> None:
    box.senders["ana@example.com"] = answer
    channel = opened(mailbox(port))
    outcome = channel.deliver(message())
    channel.close()
    assert isinstance(outcome, Unavailable)
    assert not outcome.blocked


def test_server_out_of_reach_stops_the_mailbox() -> None:
    port = free_port()
    outcome = opened(mailbox(port)).deliver(message())
    assert isinstance(outcome, Unavailable)
    assert outcome.reason.startswith(f"127.0.0.1:{port} cannot be reached")


# ------------------------------------------------------------------------------------------------------------ TLS, logins


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.mark.parametrize(("scheme", "implicit"), [("smtps", True), ("smtp+starttls", False)])
def test_login_over_tls(
    box: Box, tls: ssl.SSLContext, ca_file: Path, monkeypatch: pytest.MonkeyPatch, scheme: str, implicit: bool
) -> None:
    monkeypatch.setenv("MAILER_PASSWORD", "s3cret")
    with running(box, tls=tls, implicit=implicit, users={"ana@example.com": "s3cret"}) as port:
        settings = mailbox(port, scheme, "ana%40example.com", password={"env": "MAILER_PASSWORD"}, ca_file=str(ca_file))
        channel = opened(settings)
        assert isinstance(channel.deliver(message()), Accepted)
        channel.close()
    assert box.reached() == ["kim@example.com"]


def test_wrong_password_stops_the_mailbox_in_plain_words(box: Box, tls: ssl.SSLContext, ca_file: Path, tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("wrong")
    with running(box, tls=tls, users={"ana": "s3cret"}) as port:
        settings = mailbox(port, "smtp+starttls", "ana", password={"file": str(tmp_path / "pw")}, ca_file=str(ca_file))
        outcome = opened(settings).deliver(message())
    assert outcome == Unavailable(f"127.0.0.1:{port} does not accept the user name or the password of `ana` (535)")


def test_certificate_of_a_stranger_is_refused(box: Box, tls: ssl.SSLContext) -> None:
    with running(box, tls=tls) as port:
        outcome = opened(mailbox(port, "smtp+starttls")).deliver(message())
    assert isinstance(outcome, Unavailable)
    assert "certificate" in outcome.reason
    assert box.raw == []


def test_password_that_is_not_there_stops_the_mailbox(box: Box, port: int) -> None:
    outcome = opened(mailbox(port, user="ana", password={"env": "NOT_SET_ANYWHERE"})).deliver(message())
    assert outcome == Unavailable("the environment variable NOT_SET_ANYWHERE is not set")


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("", "has no server"),
        ("http://x", "no mail server"),
        ("smtp://", "no mail server"),
        ("smtps://ana:pw@mail.example.com", "must not stand"),
        ("smtp://ana@mail.example.com", "in the clear"),
    ],
)
def test_settings_that_cannot_work_are_refused(url: str, part: str) -> None:
    with pytest.raises(ValueError, match=part):
        opened(MailboxSettings("email", "default", {"smtp": url}))


@pytest.mark.parametrize(
    ("to", "options", "part"),
    [
        ("", {}, "no recipient"),
        ("kim", {}, "`kim` is no e-mail address"),
        ("kim@example.com\r\nBcc: eve@x.org", {}, "line end"),
        ("kim@example.com", {"subject": " "}, "no subject"),
        ("kim@example.com", {"subject": "a\r\nBcc: eve@x.org"}, "line end"),
        ("kim@example.com", {"from": "Ana\nX: <ana@example.com>"}, "line end"),
        ("kim@example.com", {"cc": ["x y@example.com"]}, "no e-mail"),
    ],
)
def test_message_that_cannot_become_a_letter_is_rejected(to: str, options: dict[str, Any], part: str) -> None:
    outcome = opened(mailbox(1)).deliver(message(to, **options))
    assert isinstance(outcome, Rejected)
    assert part in outcome.reason
    assert not outcome.address_is_bad


def test_dry_run_builds_the_message_and_touches_no_network() -> None:
    outcome = open_channel("email", mailbox(1), dry_run=True).deliver(message())
    assert isinstance(outcome, Accepted)
    assert "Subject: Hello\r\n" in outcome.detail
