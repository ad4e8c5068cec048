"""The channel: one request, its answer, and what that means."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from datetime import timedelta

from seqlang.sdk import Accepted, MailboxSettings, Message, Outcome, Rejected, Retry, SecretError, Unclear, redact
from seqlang_webhook.network import Target, connect, target_of
from seqlang_webhook.payload import body_of, header_pairs, signature

TIMEOUT_SECONDS = 15.0
ANSWER_BYTES_MAX = 2_000  # as much of the answer as people may want to read
RETRY_MAX = timedelta(hours=6)
AGAIN = (408, 425, 429)


class Webhook:
    """One channel; a request has a connection of its own."""

    def __init__(self, mailbox: MailboxSettings, *, dry_run: bool) -> None:
        self._mailbox = mailbox
        self._dry_run = dry_run
        self._timeout = float(mailbox.get("timeout_seconds") or TIMEOUT_SECONDS)

    def deliver(self, message: Message) -> Outcome:
        """Send the request. It may be sent again with the same `webhook-id`: the other side takes it for the same."""
        try:
            target = target_of(str(message.options.get("url") or ""))
            body, kind = body_of(message, self._secret)
            given = header_pairs(message.options.get("headers"), self._secret)
            theirs = {name.lower() for name in given}
            ours = self._headers(message, target, body, kind)
            headers = {**{name: text for name, text in ours.items() if name.lower() not in theirs}, **given}
        except SecretError as error:
            # Others need none, or another one: this message waits until the author has put it there.
            return Retry(str(error))
        except ValueError as error:
            return Rejected(str(error))
        method = str(message.options.get("method") or "POST")
        if self._dry_run:
            return Accepted(message.key, redact(f"{method} {target.host}{target.path}\n{body.decode(errors='replace')}"))
        return self._call(target, method, headers, body)

    def close(self) -> None:
        """Do nothing: no connection is kept."""

    def _headers(self, message: Message, target: Target, body: bytes, kind: str) -> dict[str, str]:
        found = {"Host": target.host_header, "Content-Type": kind, "User-Agent": "seqlang", "webhook-id": message.key,
                 "Idempotency-Key": message.key, "Connection": "close"}
        name = message.options.get("secret")
        if name:
            found.update(signature(self._secret(str(name)), message.key, message.at, body))
        return found

    def _secret(self, name: str) -> str:
        places = self._mailbox.get("secrets")
        if not isinstance(places, Mapping) or name not in places:
            raise SecretError(f"there is no secret `{name}` in [channels.webhook.default.secrets]")
        return MailboxSettings("webhook", "default", places).secret(name) or ""

    def _call(self, target: Target, method: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        private = bool(self._mailbox.get("allow_private")) or self._mailbox.allow_private
        try:
            connection = connect(target, self._timeout, allow_private=private, ca_file=self._mailbox.get("ca_file"))
        except ssl.SSLCertVerificationError as error:  # a ValueError, too
            return Retry(f"the certificate of {target.host} is not right: {error.verify_message}")
        except ValueError as error:
            return Rejected(str(error))
        except OSError as error:
            return Retry(f"{target.host} cannot be reached: {error}")
        # A time limit of the socket is one for each piece that comes; this one is for all of them together.
        sock = connection.sock
        late = threading.Event()
        watch = threading.Timer(self._timeout, _cut, (sock, late))
        watch.daemon = True
        watch.start()
        try:
            connection.request(method, target.path, body=None if method == "GET" else body, headers=dict(headers))
            answer = connection.getresponse()
            said = answer.read(ANSWER_BYTES_MAX)
            if late.is_set():
                return Unclear(f"{target.host} did not end its answer within {self._timeout:g} seconds")
            return _meaning(answer.status, answer.getheader("Retry-After"), said)
        except (OSError, http.client.HTTPException) as error:
            # It may have been taken; the same `webhook-id` makes another try harmless, and the core knows that.
            return Unclear(f"{target.host} gave no answer: {' '.join(str(error).split()) or type(error).__name__}")
        finally:
            watch.cancel()
            connection.close()


def _cut(sock: socket.socket, late: threading.Event) -> None:
    """End a conversation that takes too long: whoever reads gets the end of it."""
    late.set()
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is over


def _meaning(status: int, retry_after: str | None, answer: bytes) -> Outcome:
    # A secret that the other side repeats goes before the cut, which may take it apart.
    said = redact(f"{status} {' '.join(answer.decode('utf-8', 'replace').split())}".strip())[:500]
    if 200 <= status < 300:
        return Accepted(None, said)
    if 300 <= status < 400:
        return Rejected(f"{said}: redirects are not followed, write the url that it leads to")
    if status >= 500 or status in AGAIN:
        return Retry(said, _after(retry_after))
    return Rejected(said)


def _after(text: str | None) -> timedelta | None:
    """Read `Retry-After` in seconds; a date says nothing without a clock, so the usual schedule serves."""
    if text is None or not text.strip().isdigit():
        return None
    return min(timedelta(seconds=int(text.strip())), RETRY_MAX)


