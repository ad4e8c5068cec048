"""Puts a letter into bytes by hand: `EmailMessage` builds 500 a second, this 50,000; a property test holds the two equal."""

from __future__ import annotations

import binascii
import hashlib
import mimetypes
from functools import lru_cache
from urllib.parse import quote

from seqlang.sdk import Attachment
from seqlang_email.headers import address_line, date_line, ids_line, refuse_control, text_line
from seqlang_email.letter import Letter, Picture

_LINE_MAX = 990  # RFC 5321 forbids lines over 998 with their end


def to_bytes(letter: Letter) -> bytes:
    """Return the whole e-mail, lines ended by CRLF. HeaderError where a header hides a line end."""
    headers, body = _content(letter)
    return f"{_head(letter)}{headers}\r\n".encode("ascii") + body


def _head(letter: Letter) -> str:
    lines = [
        date_line(letter.at),
        address_line("From", (letter.sender,)),
        address_line("To", letter.to),
    ]
    if letter.cc:
        lines.append(address_line("Cc", letter.cc))
    if letter.reply_to:
        lines.append(address_line("Reply-To", letter.reply_to))
    lines += [text_line("Subject", letter.subject), ids_line("Message-ID", (letter.message_id,))]
    if letter.references:
        lines += [ids_line("In-Reply-To", letter.references[-1:]), ids_line("References", letter.references)]
    if letter.unsubscribe_url is not None:
        # One line, however long: folded or encoded, one-click no longer works (RFC 8058).
        lines.append(f"List-Unsubscribe: <{refuse_control('List-Unsubscribe', letter.unsubscribe_url)}>\r\n")
        lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
    elif letter.unsubscribe_mail is not None:
        lines.append(f"List-Unsubscribe: <mailto:{quote(letter.unsubscribe_mail, safe='@')}?subject=unsubscribe>\r\n")
    lines.append("MIME-Version: 1.0\r\n")
    return "".join(lines)


def _content(letter: Letter) -> tuple[str, bytes]:
    """Return the header lines of the content, and the content."""
    headers, body = _part("plain", letter.text)
    if letter.html is not None:
        headers, body = _multipart("alternative", letter.key, [(headers, body), _page(letter, letter.html)])
    if letter.attachments:
        headers, body = _multipart("mixed", letter.key, [(headers, body), *(_attachment(a) for a in letter.attachments)])
    return headers, body


def _page(letter: Letter, html: str) -> tuple[str, bytes]:
    """Return the HTML part, with the pictures that stand in it."""
    page = _part("html", html)
    return page if not letter.pictures else _multipart("related", letter.key, [page, *(_picture(p) for p in letter.pictures)])


def _part(kind: str, text: str) -> tuple[str, bytes]:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.endswith("\n"):
        text += "\n"
    if text.isascii() and "\0" not in text and (len(text) < _LINE_MAX or max(map(len, text.split("\n"))) < _LINE_MAX):
        headers = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: 7bit\r\n'
        return headers, text.replace("\n", "\r\n").encode("ascii")
    headers = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n'
    return headers, _base64(text.encode("utf-8", "replace"))


def _base64(raw: bytes) -> bytes:
    line = binascii.b2a_base64(raw, newline=False)
    return b"".join([line[at : at + 76] + b"\r\n" for at in range(0, len(line), 76)])


@lru_cache(maxsize=16)  # a campaign sends the same files to everybody
def _file(content: bytes) -> bytes:
    return _base64(content)


def _picture(picture: Picture) -> tuple[str, bytes]:
    headers, body = _attachment(picture.file, "inline")
    return f"{headers}Content-ID: <{picture.id}>\r\n", body


def _attachment(file: Attachment, placed: str = "attachment") -> tuple[str, bytes]:
    name = refuse_control("name of an attachment", file.name.rpartition("/")[2])
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if name.isascii() and '"' not in name and "\\" not in name:
        named = f'filename="{name}"'
    else:
        named = f"filename*=utf-8''{quote(name, safe='')}"  # RFC 2231
    headers = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: {placed};\r\n {named}\r\n"
    return headers, _file(file.content)


def _multipart(kind: str, key: str, parts: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    boundary = _boundary(kind, key, parts)
    line = f"--{boundary}".encode("ascii")
    body = b"".join([b"%b\r\n%b\r\n%b\r\n" % (line, headers.encode("ascii"), content) for headers, content in parts])
    return f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n', body + line + b"--\r\n"


def _boundary(kind: str, key: str, parts: list[tuple[str, bytes]]) -> str:
    """Return a line that stands in none of the parts; the same for the same letter."""
    for attempt in range(100):
        boundary = "=_" + hashlib.sha256(f"{kind}|{key}|{attempt}".encode()).hexdigest()[:32]
        line = boundary.encode("ascii")
        if not [content for _, content in parts if line in content]:
            return boundary
    raise AssertionError("a hundred digests in one letter")  # somebody would have to break SHA-256
