"""Connects to public addresses alone: a name is resolved once, every address is looked at, and that address is called."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit


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
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"`{url}` is no url: it begins with https:// or http://")
    if parts.username is not None:
        raise ValueError("a url holds no password: use `headers` or `secret`")
    try:
        port = parts.port or {"https": 443, "http": 80}[parts.scheme]
        host = parts.hostname if parts.hostname.isascii() else parts.hostname.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise ValueError(f"`{url}` is no url") from None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path.encode("ascii", "ignore").decode())


def connect(
    target: Target, timeout_seconds: float, *, allow_private: bool, ca_file: str | None = None
) -> http.client.HTTPConnection:
    """Return an open connection. PrivateAddressError: the name leads into a private network; OSError: out of reach."""
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
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
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
    return _open(found) and not found.is_site_local and not any(found in network for network in _NOBODY)


_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # an address of IPv4, for networks that have none (RFC 6052)
# Nobody to call lives here, whatever an older Python thinks of it: tunnels, translation, discarding, routing, documentation.
_NOBODY = tuple(ipaddress.ip_network(text) for text in (
    "::/8", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
))  # fmt: skip


def _open(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return found.is_global and not found.is_multicast and not found.is_unspecified
