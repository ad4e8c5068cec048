"""E-mail addresses as authors write them: "kim@example.com" or "Kim Doe <kim@example.com>"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")
_PLAIN = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9]{2,}")
_NAMED = re.compile(r'((?:"(?:[^"\\]|\\.)*"|[^<>"])*)<\s*([^<>\s]+)\s*>\s*')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_LOCAL = re.compile(r"^[^\s@<>()\[\],;:\\\"]+$")
_DOMAIN = re.compile(r"^(?!-)[^\s@<>()\[\],;:\\\"/]+(?<!-)$")


class AddressError(ValueError):
    """That is no e-mail address."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address and, where it is known, the name before it."""

    address: str  # its domain in ASCII
    name: str = ""

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]


@lru_cache(maxsize=1024)  # the sender's is read for every message
def parse(text: str) -> Address:
    """Read one address; AddressError where it is none, also where it hides a line end."""
    if _PLAIN.fullmatch(text) and len(text) <= 254:
        return Address(text)
    if CONTROL.search(text):
        raise AddressError("an address must not hold a line end or a control character")
    named = _NAMED.fullmatch(text)
    name, address = ("", text.strip())
    if named is not None:
        name, address = named[1].strip(), named[2]
        quoted = _QUOTED.fullmatch(name)
        # Quotes around all of it are there for the reader of addresses; those within, around a nickname, are part of the name.
        name = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted is not None else name
    local, at, domain = address.rpartition("@")
    if not at or not _LOCAL.match(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        raise AddressError(f"`{address}` is no e-mail address")
    return Address(f"{local}@{_ascii_domain(domain, address)}", name)


def _ascii_domain(domain: str, address: str) -> str:
    if not _DOMAIN.match(domain) or ".." in domain or domain.startswith(".") or len(address) > 254:
        raise AddressError(f"`{address}` is no e-mail address")
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise AddressError(f"`{address}` has a domain that cannot be") from None


def parse_all(values: object) -> tuple[Address, ...]:
    """Read a text (several behind commas), a list of texts, or nothing; each address once, in order."""
    if values is None or values == "":
        return ()
    if isinstance(values, str) and "," not in values:
        return (parse(values),)
    texts: Iterable[object] = values if isinstance(values, list | tuple) else _split(str(values))
    found = [parse(str(text)) for text in texts if text is not None and str(text).strip()]
    return tuple({address.address.lower(): address for address in reversed(found)}.values())[::-1]


def _split(text: str) -> list[str]:
    """Split at commas that stand outside quotes; "Doe, Kim <kim@example.com>" is one."""
    found: list[str] = []
    for piece in re.findall(r'(?:"(?:[^"\\]|\\.)*"|[^,"])+', text):
        if found and found[-1].strip() and "@" not in found[-1]:
            found[-1] += f",{piece}"
        else:
            found.append(piece)
    return found
