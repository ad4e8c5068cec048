"""Writes header lines: RFC 5322 with RFC 2047 words where a value is not plain ASCII."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from seqlang_email.addresses import CONTROL, Address

_LINE_MAX = 900  # RFC 5322 forbids lines over 998
_LINE_GOOD = 78  # … and asks for no more than this
_CHUNK_BYTES = 42  # 42 bytes are 56 characters of base64: a word of 68, under the 75 of RFC 2047
_WORD = re.compile(r"[ \t]*[^ \t]+")
_SPECIAL = frozenset('()<>[]:;@\\,."')


class HeaderError(ValueError):
    """A header must not hold a line end or another control character: somebody may be smuggling headers in."""


def text_line(name: str, value: str) -> str:
    """Return `Name: value`, folded, with its line end."""
    return f"{name}: {_words(refuse_control(name, value), len(name) + 2)}\r\n"


def address_line(name: str, addresses: Sequence[Address]) -> str:
    """Return a line of addresses, each on a line of its own where there are several."""
    return f"{name}: " + ",\r\n ".join([_address(name, address) for address in addresses]) + "\r\n"


def ids_line(name: str, ids: Sequence[str]) -> str:
    """Return a line of Message-IDs, each on a line of its own."""
    return f"{name}: " + "\r\n ".join([refuse_control(name, i) for i in ids]) + "\r\n"


def date_line(at: datetime) -> str:
    """Return the Date line."""
    return _date_line(at)


@lru_cache(maxsize=16)  # messages of a batch have one instant
def _date_line(at: datetime) -> str:
    return f"Date: {format_datetime(at)}\r\n"


def refuse_control(name: str, value: str) -> str:
    """Return the value without spaces around it; HeaderError where it has a line end or a control character."""
    value = value.strip(" \t")
    if CONTROL.search(value):
        raise HeaderError(f"the {name.lower()} must not hold a line end or a control character")
    return value


def _words(value: str, used: int) -> str:
    if value.isascii() and "=?" not in value:
        folded = value if used + len(value) <= _LINE_GOOD else _folded(value, used)
        if len(folded) <= _LINE_GOOD or max(map(len, folded.split("\r\n"))) <= _LINE_MAX:
            return folded
    return "\r\n ".join(_encoded(chunk) for chunk in _chunks(value))


def _folded(value: str, used: int) -> str:
    """Break before words: whoever takes the line ends out again has the same text."""
    lines: list[str] = []
    line, room = "", _LINE_GOOD - used
    for word in _WORD.findall(value):
        if line and len(line) + len(word) > room:
            lines.append(line)
            line, room = "", _LINE_GOOD
        line += word
    return "\r\n".join([*lines, line])


def _encoded(raw: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(raw).decode('ascii')}?="


def _chunks(value: str) -> list[bytes]:
    """Cut between characters, never inside one."""
    chunks: list[bytes] = [b""]
    for character in value:
        raw = character.encode("utf-8", "replace")
        if len(chunks[-1]) + len(raw) > _CHUNK_BYTES:
            chunks.append(b"")
        chunks[-1] += raw
    return chunks


def _address(header: str, address: Address) -> str:
    return _named(header, address) if address.name else address.address


@lru_cache(maxsize=256)  # our own: the contacts' bear no names
def _named(header: str, address: Address) -> str:
    name = refuse_control(header, address.name)
    if not name:
        return address.address
    if not name.isascii() or "=?" in name or len(name) > 200:
        words = "\r\n ".join(_encoded(chunk) for chunk in _chunks(name))
        return f"{words}\r\n <{address.address}>"
    if _SPECIAL.intersection(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    between = " " if len(header) + len(name) + len(address.address) + 5 <= _LINE_GOOD else "\r\n "
    return f"{name}{between}<{address.address}>"
