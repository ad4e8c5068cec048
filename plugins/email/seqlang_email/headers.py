"""Writes header lines: RFC 5322 with RFC 2047 words where a value is not plain ASCII."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from seqlang_email.addresses import CONTROL, Address

_LINE_MAX = 900  # RFC 5322 forbids lines over 998
_CHUNK_BYTES = 42  # 42 bytes are 56 characters of base64: a word of 68, under the 75 of RFC 2047
_SPECIAL = frozenset('()<>[]:;@\\,."')


class HeaderError(ValueError):
    """A header must not hold a line end or another control character: somebody may be smuggling headers in."""


def text_line(name: str, value: str) -> str:
    """Return `Name: value`, folded, with its line end."""
    return f"{name}: {_words(refuse_control(name, value), len(name) + 2)}\r\n"


def address_line(name: str, addresses: Sequence[Address]) -> str:
    """Return a line of addresses, each on a line of its own where there are several."""
    return f"{name}: " + ",\r\n ".join(_address(name, address) for address in addresses) + "\r\n"


def ids_line(name: str, ids: Sequence[str]) -> str:
    """Return a line of Message-IDs, each on a line of its own."""
    return f"{name}: " + "\r\n ".join(refuse_control(name, i) for i in ids) + "\r\n"


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
    if value.isascii() and "=?" not in value and used + len(value) < _LINE_MAX:
        return value
    return "\r\n ".join(_encoded(chunk) for chunk in _chunks(value))


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
    name = refuse_control(header, address.name)
    if not name:
        return address.address
    if not name.isascii() or "=?" in name or len(name) > 200:
        return f"{_words(name, _LINE_MAX)} <{address.address}>"
    if _SPECIAL.intersection(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{address.address}>"
