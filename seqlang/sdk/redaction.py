"""Keeps secrets out of what people read: every secret that was fetched is known here, and taken out of messages and logs."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from seqlang.sdk.secret_parts import of_password, parts

if TYPE_CHECKING:
    import logging

HIDDEN = "•••"
_SHORTEST = 4  # a shorter secret would take words out of the middle of sentences
# Up to the last `@`, so that a password whose `/` or `@` is not escaped does not stay in part; digits and a `/` are a port.
_IN_ADDRESS = re.compile(r"(?<=://)([^\s/:@\[]{0,256}):(?:(?!\d{1,5}[/?#])[^\s`\"'<>]{1,256}|[^\s/@]{1,256})@")
_BEARER = re.compile(r"\b(Bearer|auth=Bearer)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_known: set[str] = set()
_lock = threading.Lock()
_pattern: re.Pattern[str] | None = None


def remember(secret: str) -> None:
    """Note a secret, so that `redact` takes it out from now on, also as it stands in addresses, in JSON and in base64.

    Its telling parts are taken out, too: a token without the word before it, of an address the password, path and query.
    """
    lines = {line for line in secret.splitlines() if len(line) > 2 * _SHORTEST and not line.startswith("-----")}  # a key in PEM
    _note({secret, *parts(secret)}, lines)


def remember_password(address: str) -> None:
    """Note the password of an address that is no secret itself: the database's, which messages may name.

    One that is the user's name (`postgres:postgres`) stays: every sentence on that user has it.
    """
    user = address.partition("://")[2].partition(":")[0]
    _note(of_password(address) - {user})


def _note(secrets: Iterable[str], more: Iterable[str] = ()) -> None:
    global _pattern  # noqa: PLW0603  one set for the process: whoever writes must know all that were fetched
    forms = set(more)
    for secret in secrets:
        forms |= {secret, quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1], *_in_base64(secret.encode())}
    with _lock:
        fresh = {form for form in forms if len(form) >= _SHORTEST} - _known
        if fresh:
            _known.update(fresh)
            _pattern = re.compile("|".join(re.escape(form) for form in sorted(_known, key=len, reverse=True)))


def _in_base64(secret: bytes) -> set[str]:
    """Return how it looks alone, and behind a user, as a server that repeats `AUTH PLAIN` has it."""
    found = {base64.b64encode(secret).decode("ascii")}
    for before in (1, 2):
        whole = base64.b64encode(bytes(before) + secret).decode("ascii")
        inner = whole[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]  # the signs that say nothing of what is around it
        found |= {inner} if len(inner) > 2 * _SHORTEST else set()
    return found


def redact(text: str) -> str:
    """Return the text without any secret that was fetched, any password in an address and any bearer token."""
    if _pattern is not None:
        text = _pattern.sub(HIDDEN, text)
    if "://" in text:
        text = _IN_ADDRESS.sub(rf"\1:{HIDDEN}@", text)
    return _BEARER.sub(rf"\1 {HIDDEN}", text) if "bearer" in text.lower() else text  # an expression that ignores case is slow


class Redacting:
    """Takes secrets out of every record of a log: a filter for handlers, so that records of all loggers pass it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Write the record's text anew where it holds a secret; what it says of an exception too."""
        said = record.getMessage()
        clean = redact(said)
        if clean != said:
            record.msg, record.args = clean, None
        if record.exc_info is not None and record.exc_info[0] is not None:
            import traceback

            record.exc_text = redact("".join(traceback.format_exception(*record.exc_info)).rstrip())
            record.exc_info = None
        return True
