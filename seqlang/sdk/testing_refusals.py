"""The other side refuses: what a server of the suite says over HTTP; of another protocol the author of a channel knows it."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping

from seqlang.sdk.outcomes import Accepted, Outcome, Rejected, Retry, Unavailable
from seqlang.sdk.testing_loopback import Talk

STATUSES = (302, 400, 401, 403, 404, 410, 413, 422, 429, 500, 502, 503)  # 409 may say that it has the message already
LATER = ("HTTP 429", "HTTP 503")
_BODY = b'{"error": "refused"}'
_REST = b"Content-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(_BODY) + _BODY
_REQUEST = re.compile(rb"[A-Z]+ \S+ HTTP/1\.[01]\r\n")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d+)", re.IGNORECASE | re.MULTILINE)


def http_says(status: int) -> Talk:
    """Return a server that answers the request with this status."""

    def talk(there: socket.socket) -> None:
        _read_request(there)
        there.sendall(b"HTTP/1.1 %d Refused\r\n" % status + _REST)

    return talk


def _hang_up(there: socket.socket) -> None:
    _read_request(there)


def _hang_up_half_way(there: socket.socket) -> None:
    _read_request(there)
    there.sendall(b"HTTP/1.")


HANG_UPS: Mapping[str, Talk] = {"a connection that ends without an answer": _hang_up,
                                "a connection that ends within the answer": _hang_up_half_way}  # fmt: skip
HTTP_REFUSALS: Mapping[str, Talk] = {**{f"HTTP {status}": http_says(status) for status in STATUSES}, **HANG_UPS}


def is_http(came: bytes) -> bool:
    """Tell whether somebody spoke HTTP."""
    return _REQUEST.match(came) is not None


def what_is_wrong(refusal: str, outcome: Outcome, *, idempotent: bool) -> str | None:
    """Return why that outcome is none for a refusal of that name; None: it is one."""
    if isinstance(outcome, Accepted):
        return f"{refusal} was taken for a yes"
    if not outcome.reason.strip():
        return f"{refusal} became {type(outcome).__name__} without a reason"
    if refusal in LATER and isinstance(outcome, Rejected):
        return f"{refusal} means later, and it is given up for good: {outcome}"
    if refusal in HANG_UPS and isinstance(outcome, Retry | Unavailable) and not idempotent:
        return f"after {refusal} the message may have gone, and it would go twice: {outcome} instead of Unclear"
    return None


def _read_request(there: socket.socket) -> None:
    """Read one request to its end: a server that closes on bytes that it has not read takes its answer back."""
    came = b""
    while b"\r\n\r\n" not in came:
        piece = there.recv(65536)
        if not piece:
            return
        came += piece
    head, _, body = came.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    chunked = b"transfer-encoding: chunked" in head.lower()
    while (length is not None and len(body) < int(length[1])) or (chunked and not body.endswith(b"0\r\n\r\n")):
        piece = there.recv(65536)
        if not piece:
            return
        body += piece
