"""Mail comes from anybody: nothing of it raises, nothing of it takes long, and the order of the signs holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlang.inbox import understand
from seqlang.inbox.letters import own_words, without_markup
from tests.laws import examples

TODAY = date(2026, 3, 2)
CORPUS = [p.read_bytes() for p in sorted((Path(__file__).parent / "corpus").glob("*.eml"))]
HEADERS = [b"From", b"Subject", b"Message-ID", b"In-Reply-To", b"References", b"Content-Type", b"Content-Transfer-Encoding",
           b"Auto-Submitted", b"Precedence", b"Return-Path", b"X-Failed-Recipients", b"Date", b"To"]
VALUES = [b"multipart/report; report-type=delivery-status; boundary=x", b"multipart/mixed; boundary=x",
           b"message/delivery-status",
          b"message/rfc822", b"message/feedback-report", b"text/html; charset=utf-7", b"text/plain; charset=\xff", b"base64",
          b"quoted-printable", b"uuencode", b"=?utf-8?b?////?=", b"=?x?q?=ZZ?=", b"<a@b> <c@d>", b"<>", b"auto-replied", b"bulk",
          b"mailer-daemon@x", b'"\\" <@,;:', b"text/calendar; method=REPLY", b"text/plain; charset=punycode", b"Undelivered mail"]
LINES = [b"--x", b"--x--", b"", b"Final-Recipient: rfc822; a@b", b"Status: 5.1.1", b"Action: failed", b"begin 644 x",
           b"=", b"\xff\xfe",
         b"back on 31.02.2026", b"<a@b>:", b"550 5.1.1 no", b"Feedback-Type: abuse", b"METHOD:REPLY",
           b"Content-Type: message/rfc822"]
pieces = st.one_of(st.binary(max_size=40), st.sampled_from(VALUES))
heads = st.lists(st.builds(lambda n, v: n + b": " + v, st.sampled_from(HEADERS), pieces), max_size=12)
bodies = st.lists(st.one_of(st.sampled_from(LINES), st.binary(max_size=60)), max_size=30)


@given(heads, bodies)
@settings(max_examples=examples(300))
def test_no_mail_that_anybody_can_make_up_raises(head: list[bytes], body: list[bytes]) -> None:
    raw = b"\n".join((*head, b"", *body))
    assert understand(raw, TODAY).key == understand(raw, TODAY).key


@given(st.sampled_from(CORPUS), st.data())
@settings(max_examples=examples(300))
def test_no_damaged_mail_raises(raw: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, len(raw)))
    found = understand(raw[:start] + data.draw(st.binary(max_size=20)) + raw[end:], TODAY)
    assert found.kind != "unreadable", found.why


@pytest.mark.parametrize("raw", [
    b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\nContent-Type: multipart/mixed; boundary=x\n\n" * 3_000,
    b"Subject: " + b"=?utf-8?q?" * 20_000 + b"\n\n",
    b"References: " + b"<a@b>" * 50_000 + b"\n\n",
    b"Content-Type: text/html\n\n" + b"<style>" * 9_000,
    b"Content-Type: text/html\n\n" + b"<" * 65_000,
    b"Content-Type: text/html\n\n" + b"<div " * 13_000,
    b"From: mailer-daemon@x\nSubject: Undelivered\n\n" + b"a@" * 30_000,
    b"From: mailer-daemon@x\nSubject: Undelivered\n\n" + b"<a@b.c>:\nuser unknown\n" * 3_000,
    b"Auto-Submitted: auto-replied\n\n" + b"until March 10 " * 4_000,
    b"Subject: Re: x\n\n" + b"On a b c d e f g " * 4_000,
    b"\0" * 500_000,
    b"Subject: x\n\n" + b"x" * 30_000_000,
], ids=["nested", "encoded words", "references", "styles", "brackets", "tags", "addresses", "recipients", "dates",
        "quotes", "zeros",
        "30 MB"])
def test_huge_and_hostile_mails_are_read_in_bounded_steps(raw: bytes) -> None:
    assert understand(raw, TODAY).kind in {"reply", "bounce", "out_of_office", "unreadable"}


def test_the_same_mail_has_the_same_key_wherever_it_is_read() -> None:
    first = b"Received: from a\nMessage-ID: <1@x>\nSubject: x\n\nhello\n"
    second = b"Received: from b\nReceived: from c\nMessage-ID: <1@x>\nSubject: x\n\nhello\n"
    assert understand(first, TODAY).key == understand(second, TODAY).key
    assert understand(b"Subject: x\n\na\n", TODAY).key != understand(b"Subject: x\n\nb\n", TODAY).key


@pytest.mark.parametrize(("header", "kind"), [
    ("Auto-Submitted: no", "reply"),
    ("Auto-Submitted: auto-replied (vacation)", "out_of_office"),
    ("Auto-Submitted: auto-generated", "automatic"),
    ("Auto-Submitted: auto-notified", "automatic"),
    ("X-Autoreply: yes", "out_of_office"),
    ("X-Autorespond: yes", "out_of_office"),
    ("X-Autoreply: no", "reply"),
    ("Precedence: auto_reply", "out_of_office"),
    ("Precedence: bulk", "out_of_office"),  # it answers us
    ("Precedence: first-class", "reply"),
    ("Precedence: list", "reply"),
    ("X-Auto-Response-Suppress: All", "reply"),  # help desks set it on people's mail, too
    ("Return-Path: <>", "out_of_office"),
    ("Return-Path: <kim@acme.example>", "reply"),
])
def test_headers_tell_machines_from_people(header: str, kind: str) -> None:
    raw = f"From: kim@acme.example\nSubject: Re: A question\nIn-Reply-To: <1@us>\n{header}\n\nHello there.\n"
    assert understand(raw.encode(), TODAY).kind == kind


def test_a_broken_charset_and_a_broken_encoding_are_read_as_far_as_they_go() -> None:
    head = b"From: =?nope?q?Kim?= <kim@acme.example>\nSubject: =?utf-8?b?!!!?=\nContent-Type: text/plain; charset=nope\n"
    raw = head + b"\nH\xe9llo\n"
    found = understand(raw, TODAY)
    assert (found.kind, found.sender) == ("reply", "kim@acme.example")


def test_own_words_end_where_the_answered_mail_begins() -> None:
    assert own_words("Yes.\n\nOn Mon, 2 Mar 2026 at 09:30, Ana <ana@x.example>\nwrote:\n> Hi") == "Yes."
    assert own_words("Ja.\n\nAm 02.03.2026 um 09:30 schrieb Ana:\n> Hi") == "Ja."
    assert own_words("Oui.\n\nLe lun. 2 mars 2026 à 09:30, Ana a écrit :\n> Hi") == "Oui."
    assert own_words("Sí.\n\nEl lun, 2 mar 2026 a las 9:30, Ana escribió:\n> Hi") == "Sí."
    assert own_words("Yes.\n________________________________\nFrom: Ana\nSent: Monday\n") == "Yes."
    assert own_words("> quoted\nbelow the quote") == "below the quote"
    assert without_markup("<p>Hi<!-- never --></p><script>x()</script><blockquote>old</blockquote>").split() == ["Hi"]
