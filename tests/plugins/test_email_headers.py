"""Headers as RFC 5322 wants them: folded at 78, never over 998, the same to whoever reads them."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqlang_email.addresses import Address, AddressError, parse, parse_all
from seqlang_email.headers import HeaderError, address_line, text_line

HARD = [
    "😀" * 60, "شكرا جزيلا لك على وقتك الثمين " * 6, "שלום עולם " * 12, "Grüße aus Köln — " * 9, "a" * 1_200, "word " * 300,
    "a" * 70 + " b", "tabs\tand  many   spaces between the words of one long subject that must be folded somewhere, please",
    "=?utf-8?b?SGk=?= looks encoded", "👩‍👩‍👧‍👦 " * 20, "x" * 68, "x" * 69, "x" * 70,
]
letters = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])
subjects = st.one_of(st.sampled_from(HARD), st.text(letters, min_size=1, max_size=400))


def read(line: str, name: str) -> str:
    mail = message_from_bytes(f"{line}\r\n".encode("ascii"), policy=policy.default)
    assert not mail.defects
    return str(mail[name])


@given(subject=subjects)
def test_text_is_folded_and_reads_the_same(subject: str) -> None:
    subject = subject.strip()
    line = text_line("Subject", subject)
    assert line.endswith("\r\n")
    lines = line[:-2].split("\r\n")
    assert all(0 < len(one) <= 998 for one in lines)
    assert all(one[0] in " \t" and one.strip() for one in lines[1:])
    words = max((len(word) for word in subject.split(" ")), default=0)
    assert all(len(one) <= 78 for one in lines) or words > 60
    if "=?" not in subject or not subject.isascii():
        assert read(line, "Subject") == subject


@pytest.mark.parametrize("name", ["Ana Müller-Lüdenscheidt " * 4, "😀" * 30, "A" * 150, 'Doe, "Kim" \\ ' * 3])
def test_name_of_a_sender_is_folded_and_reads_the_same(name: str) -> None:
    name = name.strip()
    line = address_line("From", (Address("ana.mueller@department.example.com", name),))
    assert all(len(one) <= 78 or "A" * 100 in one for one in line[:-2].split("\r\n"))
    # The newer policy puts spaces between the encoded words of a name, against RFC 2047; the older one reads them right.
    mail = message_from_bytes(f"{line}\r\n".encode("ascii"))
    shown, address = parseaddr(mail["From"])
    assert (str(make_header(decode_header(shown))), address) == (name, "ana.mueller@department.example.com")


@pytest.mark.parametrize("bad", ["a\r\nBcc: x@evil.example", "a\nb", "a\rb", "a\0b", "a\x85b", "a\u2028b", "a\x0bb", "\x1b[31m"])
def test_line_end_that_smuggles_a_header_is_refused(bad: str) -> None:
    with pytest.raises(HeaderError):
        text_line("Subject", bad)
    with pytest.raises(HeaderError):
        address_line("From", (Address("ana@example.com", bad),))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('Zoë "Z" Ö <zoe@ex.example>', 'Zoë "Z" Ö'),
        ('Zoe "Z" <zoe@ex.example>', 'Zoe "Z"'),
        ('"Doe, Zoë" <zoe@ex.example>', "Doe, Zoë"),
        (r'"Zoe \"Z\" Doe" <zoe@ex.example>', 'Zoe "Z" Doe'),
        ('"Zoe" "Doe" <zoe@ex.example>', '"Zoe" "Doe"'),
        ('"a <b@c.example>" <zoe@ex.example>', "a <b@c.example>"),
        ("Zoe <zoe@ex.example>", "Zoe"),
        ("<zoe@ex.example>", ""),
    ],
)
def test_quotes_in_a_name_are_read_and_written(text: str, name: str) -> None:
    found = parse(text)
    assert (found.name, found.address) == (name, "zoe@ex.example")
    mail = message_from_bytes(f"{address_line('From', [found])}\r\n".encode("ascii"), policy=policy.default)
    shown = mail["From"].addresses[0]
    assert (shown.display_name, shown.addr_spec) == (name, "zoe@ex.example")


def test_name_with_a_comma_is_one_address() -> None:
    found = parse_all('Doe, Kim <kim@x.example>, "Roe, Ben" <ben@x.example>,eva@x.example')
    assert [a.name for a in found] == ["Doe, Kim", "Roe, Ben", ""]
    assert [a.address for a in found] == ["kim@x.example", "ben@x.example", "eva@x.example"]


@pytest.mark.parametrize("text", ['Zoe "Z <zoe@ex.example>', "Zoe <zoe@ex.example", "Zoe zoe@ex.example", "Doe, zoe"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        parse_all(text)
