"""Connects to public addresses alone: a name is resolved once, every address is looked at, and that address is called."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

LABEL_MAX = 63  # signs of a part of a name (RFC 1035)
NAME_MAX = 253


class PrivateAddressError(ValueError):
    """The address lies inside a private network."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL, taken apart."""

    scheme: str
    host: str
    port: int
    path: str  # with its query

    @property
    def host_header(self) -> str:
        """What the request says the host is."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return shown if self.port == {"https": 443, "http": 80}[self.scheme] else f"{shown}:{self.port}"


def target_of(url: str) -> Target:
    """Read the URL; ValueError with one plain sentence where it cannot be called."""
    if any(ord(sign) <= 32 or ord(sign) == 127 for sign in url):
        raise ValueError("the url has a space or a control character in it")
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets that do not belong there, signs that look like others
        raise ValueError(f"`{url}` is no url") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"`{url}` is no url: it begins with https:// or http://")
    if parts.username is not None:
        raise ValueError("a url holds no password: use `headers` or `secret`")
    try:
        port = parts.port or {"https": 443, "http": 80}[parts.scheme]
        host = parts.hostname if parts.hostname.isascii() else parts.hostname.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise ValueError(f"`{url}` is no url") from None
    if not _is_name(host):
        raise ValueError(f"`{parts.hostname}` is no name of a host: it has parts of 1 to {LABEL_MAX} signs, {NAME_MAX} in all")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path.encode("ascii", "ignore").decode())


def _is_name(host: str) -> bool:
    if ":" in host:
        return True  # an address of IPv6; the look-up says whether it is a right one
    labels = host.removesuffix(".").split(".")
    return len(host) <= NAME_MAX and all(0 < len(label) <= LABEL_MAX for label in labels)


def connect(
    target: Target, timeout_seconds: float, *, allow_private: bool, ca_file: str | None = None
) -> http.client.HTTPConnection:
    """Return an open connection. ValueError: it may not be called, or its name is none; OSError: out of reach."""
    sock = _socket(target, timeout_seconds, allow_private=allow_private)
    connection = http.client.HTTPConnection(target.host, target.port, timeout=timeout_seconds)
    if target.scheme == "https":
        try:
            sock = ssl.create_default_context(cafile=ca_file).wrap_socket(sock, server_hostname=target.host)
        except BaseException:
            sock.close()
            raise
    connection.sock = sock
    return connection


def _socket(target: Target, timeout_seconds: float, *, allow_private: bool) -> socket.socket:
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except UnicodeError:  # names are encoded before they are looked up
        raise ValueError(f"`{target.host}` is no name of a host") from None
    # All of them first: a name with one public and one private address is a trap, whichever answers.
    inside = next((str(address[0]) for *_, address in found if not is_public(str(address[0]))), None)
    if inside is not None and not allow_private:
        raise PrivateAddressError(f"{target.host} lies in a private network ({inside}): "
                                  "set `allow_private = true` in [channels.webhook.default] if that is meant")
    last: OSError | None = None
    for family, kind, protocol, _, address in found:
        sock = socket.socket(family, kind, protocol)
        sock.settimeout(timeout_seconds)
        try:
            # To the very address that was looked at: a second look-up of the name may say another one.
            sock.connect(address)
        except OSError as error:
            sock.close()
            last = error
            continue
        return sock
    raise last or OSError("no address")


def is_public(address: str) -> bool:
    """Tell whether an address belongs to the public internet; those that hide a private one in them do not."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv4Address):
        return _open(found)
    inner = found.ipv4_mapped or found.sixtofour
    if inner is None and found in _TRANSLATED:
        inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    if inner is not None:
        return _open(inner)
    return _open(found)


_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # an address of IPv4, for networks that have none (RFC 6052)
_GLOBAL = ipaddress.ip_network("2000::/3")  # all of IPv6 that has been given to anybody (RFC 4291)


@cache
def _special() -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Return the networks that nobody calls, whatever this Python thinks of them."""
    data = tomllib.loads((files("seqlang_webhook") / "special.toml").read_text("utf-8"))
    return tuple(ipaddress.ip_network(text) for name in ("ipv4", "ipv6", "platforms") for text in data[name])


def _open(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(found, ipaddress.IPv6Address) and found not in _GLOBAL:
        return False
    return found.is_global and not any(found in network for network in _special())
