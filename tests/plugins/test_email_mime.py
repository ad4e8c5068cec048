"""The fast way to bytes says what the standard library's slow way says, whatever the texts."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address as StdAddress
from email.message import EmailMessage
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqlang_email.addresses import CONTROL, Address
from seqlang_email.headers import HeaderError
from seqlang_email.letter import Letter
from seqlang_email.mime import to_bytes

from seqlang.sdk import Attachment

AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
SLOW = policy.SMTP.clone(max_line_length=998)
HARD = ["😀👩‍👩‍👧", "שלום עולם", "Grüße aus Köln", "a" * 1200, "word " * 300, '"quoted" \\ name', "a, b; c: <d>", "é"]
line = st.one_of(
    st.sampled_from(HARD), st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029"), max_size=80)
)
subjects = line.map(lambda text: " ".join(text.split())).filter(lambda text: text and "=?" not in text)
texts = st.one_of(
    st.sampled_from(["", ".\r\n.\r\n", "From me\n..", "x" * 3000, "\tshalom שלום\n" * 40]),
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), max_size=300
    ),
)


def letter(
    subject: str = "Hello", text: str = "Hi", html: str | None = None, name: str = "", files: tuple[Attachment, ...] = ()
) -> Letter:
    return Letter(
        "k-1",
        "<k-1@example.com>",
        AT,
        Address("ana@example.com", name),
        "ana@example.com",
        (Address("kim@example.com", name),),
        (),
        (),
        (),
        subject,
        text,
        html,
        (),
        None,
        None,
        files,
    )


def slow(item: Letter) -> bytes:
    mail = EmailMessage(policy=SLOW)
    mail["Date"] = format_datetime(item.at)
    for header, address in (("From", item.sender), ("To", item.to[0])):
        local, _, domain = address.address.partition("@")
        mail[header] = StdAddress(address.name, local, domain)
    mail["Subject"] = item.subject
    mail["Message-ID"] = item.message_id
    mail.set_content(item.text)
    if item.html is not None:
        mail.add_alternative(item.html, subtype="html")
    for file in item.attachments:
        mail.add_attachment(file.content, maintype="application", subtype="octet-stream", filename=file.name)
    return mail.as_bytes()


def facts(raw: bytes) -> dict[str, object]:
    mail = message_from_bytes(raw, policy=policy.default)
    assert not mail.defects
    headers = {name: str(mail[name]) for name in ("Date", "From", "To", "Subject", "Message-ID", "MIME-Version")}
    parts = [
        (
            part.get_content_type(),
            part.get_filename(),
            part.get_content().replace("\r\n", "\n") if part.get_content_maintype() == "text" else part.get_content(),
        )
        for part in mail.walk()
        if not part.is_multipart()
    ]
    return {**headers, "kind": mail.get_content_type(), "parts": [tuple(part) for part in parts]}


@settings(max_examples=40, deadline=None)
@given(
    subject=subjects,
    text=texts,
    html=st.none() | texts,
    name=st.sampled_from(["", "Ana", "Ana Müller", "Doe, Kim", 'K "x" D', "山田 太郎"]),
)
def test_fast_way_says_what_the_slow_way_says(subject: str, text: str, html: str | None, name: str) -> None:
    item = letter(subject, text, html, name)
    assert facts(to_bytes(item)) == facts(slow(item))


@settings(max_examples=25, deadline=None)
@given(
    content=st.binary(max_size=400), name=st.sampled_from(["a.bin", "Preis März.bin", 'with "quotes".bin', "x" * 200 + ".bin"])
)
def test_attachment_arrives_as_it_was(content: bytes, name: str) -> None:
    item = letter(html="<p>Hi</p>", files=(Attachment(name, content),))
    assert facts(to_bytes(item)) == facts(slow(item))


@settings(max_examples=60, deadline=None)
@given(subject=line, text=texts, html=texts)
def test_no_line_is_longer_than_allowed_and_all_is_ascii(subject: str, text: str, html: str) -> None:
    raw = to_bytes(letter(subject or "x", text, html))
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


@settings(max_examples=60, deadline=None)
@given(
    subject=st.text(max_size=40),
    where=st.integers(0, 40),
    bad=st.sampled_from(["\r", "\n", "\r\n", "\0", "\x0b", "\x85", "\u2028"]),
)
def test_line_end_in_a_header_is_refused(subject: str, where: int, bad: str) -> None:
    hidden = f"x{subject[:where]}{bad}Bcc: eve@example.org{subject[where:]}"
    with pytest.raises(HeaderError):
        to_bytes(letter(hidden))
    with pytest.raises(HeaderError):
        to_bytes(letter(name=hidden))
    assert CONTROL.search(hidden)


def test_standard_library_refuses_line_ends_too() -> None:
    with pytest.raises(ValueError, match="linefeed"):
        slow(letter("a\r\nBcc: eve@example.org"))


def test_subject_that_looks_like_an_encoded_word_stays_what_it_is() -> None:
    # The standard library takes it for one; a contact's name must not be able to hide what it says.
    assert facts(to_bytes(letter("=?utf-8?q?fake?=")))["Subject"] == "=?utf-8?q?fake?="


def test_lone_surrogate_does_not_stop_a_letter() -> None:
    assert b"?" in to_bytes(letter("broken \ud83d half", "broken \ud83d half"))
