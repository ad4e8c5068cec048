"""The telling parts of a secret: who repeats a token leaves out its scheme, who repeats an address its host."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote, unquote_plus, urlsplit

_PART_MIN = 8  # a shorter piece of a path would take words out of the middle of sentences
_LONE_MIN = 16  # of a host or user that may be a token: most are names
_SHORTEST = 4  # of what is a secret by itself, as the password of an address is
_SCHEME = re.compile(r"bearer|basic|token|api-?key|genie-?key|bot|splunk|oauth|dpop", re.IGNORECASE)
_AFTER_SCHEME = re.compile(r"(?:authorization:\s*)?([a-z][\w-]*)[\s:=]+(\S.*)", re.IGNORECASE | re.DOTALL)
_NAMED = re.compile(
    r"(?:password|passwd|pwd|pass|secret|token|key|auth|sig|signature|session|sid|code)\s*=\s*[\"']?([^\s;,&\"'#]{6,})",
    re.IGNORECASE,
)
_WORD = r"(?:v\d+|[A-Z]{1,15}|[A-Z]?[a-z]{1,15}(?:[A-Z][a-z]{2,15})*)"
_ORDINARY = re.compile(rf"{_WORD}(?:[-_.~+/ ]{_WORD})*")


def parts(secret: str) -> frozenset[str]:
    """Return what of a secret gives it away: behind a scheme word, behind `NAME=`, and of an address all but who and where."""
    found = {*_of_address(secret)} if "://" in secret else {*_of_scheme(secret.strip())}
    for value in _NAMED.findall(secret):
        found |= {value, unquote_plus(value)}
    return frozenset(part for part in found if len(part) >= _SHORTEST and part != secret)


def telling(part: str, at_least: int = _PART_MIN) -> bool:
    """Tell whether a piece is long enough and no ordinary word, so that it stands in no sentence by chance."""
    return len(part) >= at_least and _ORDINARY.fullmatch(part) is None


def password_of(address: str) -> str:
    """Return the password of an address as it is written, also where its `/` and `@` should have been escaped; "": none."""
    scheme, _, rest = address.partition("://")
    rest = re.split("[?#]", rest, maxsplit=1)[0]
    before = rest.partition("/")[0]
    if scheme.startswith("http") and "@" in before:  # paths of the web have an `@` now and then, those of databases have none
        rest = before
    known, at, _ = rest.rpartition("@")
    user, colon, password = known.partition(":")
    if not at or not colon or "/" in user or re.match(r"\d{1,5}/", password):
        return ""  # behind digits and a `/` it is a path: they are a port
    return password


def of_password(address: str) -> frozenset[str]:
    """Return the password of an address in the forms in which it is repeated, also its pieces where it was not escaped."""
    password = password_of(address)
    pieces = {password, *_NAMED.findall(address.partition("?")[2])}
    if "@" in password:  # whoever reads the address takes the rest for a host and a path
        pieces |= {*password.split("@"), *re.split("[@/]", password)}
    return frozenset(form for piece in pieces for form in (piece, unquote(piece)) if len(form) >= _SHORTEST)


def _of_scheme(secret: str) -> Iterator[str]:
    yield secret.removeprefix("whsec_")  # the prefix of Standard Webhooks
    hit = _AFTER_SCHEME.fullmatch(secret)
    if hit is None:
        return
    rest = hit[2].strip()
    if _SCHEME.fullmatch(hit[1]) or (telling(rest) and " " not in rest):
        yield rest
    if hit[1].lower() == "basic":
        yield from _of_basic(rest)


def _of_basic(text: str) -> Iterator[str]:
    try:
        pair = base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return
    yield pair
    yield pair.partition(":")[2]


def _of_address(address: str) -> Iterator[str]:
    yield from of_password(address)
    try:
        split = urlsplit(address)
    except ValueError:  # brackets that do not belong there
        return
    if "/" in password_of(address):
        return  # what looks like host and path is the password
    yield from _of_host(split.netloc)
    pieces = [*split.path.split("/"), *re.split("[&;/]", split.fragment)]
    pieces += [pair.partition("=")[2] or pair for pair in re.split("[&;]", split.query)]
    for piece in pieces:
        if telling(unquote_plus(piece)):
            yield from (piece, unquote(piece), unquote_plus(piece))
    whole = split.path + (f"?{split.query}" if split.query else "")
    if any(sign.isdigit() for sign in whole) and telling(whole):  # short pieces of a path tell together
        yield from (whole, unquote(whole))


def _of_host(netloc: str) -> Iterator[str]:
    """Yield what stands in the place of user, host or port and is none: `slack://TOKEN/…`, `https://TOKEN@host`."""
    known, _, place = netloc.rpartition("@")
    user, (host, _, port) = unquote(known.partition(":")[0]), place.partition(":")
    if telling(user, _LONE_MIN) and "@" not in user:
        yield user
    if telling(host, _LONE_MIN) and "." not in host:
        yield host
    if not port.isdigit() and "[" not in place and telling(port):
        yield port
