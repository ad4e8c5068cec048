"""A chat channel: posts JSON to a room's incoming webhook."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from seqlang.sdk import (
    Accepted,
    Channel,
    MailboxSettings,
    Message,
    Outcome,
    Rejected,
    Retry,
    SecretError,
    Unavailable,
    Unclear,
    hookimpl,
)

TIMEOUT_SECONDS = 10


@hookimpl
def open_channel(word: str, mailbox: MailboxSettings, dry_run: bool) -> Channel:  # noqa: FBT001
    """Open the channel; it connects for each message."""
    return Chat(mailbox, dry_run=dry_run)


class Chat:
    """One room's server."""

    def __init__(self, mailbox: MailboxSettings, *, dry_run: bool) -> None:
        self._mailbox = mailbox
        self._dry_run = dry_run

    def deliver(self, message: Message) -> Outcome:
        """Post one message; its key is its id, so that posting it again changes nothing."""
        text = str(message.options.get("text") or "").strip()
        if not text:
            return Rejected("the message is empty")
        body = {"id": message.key, "text": text, "room": message.options.get("room") or "sales"}
        if message.options.get("mention"):
            body["mention"] = str(message.options["mention"])
        raw = json.dumps(body, ensure_ascii=False).encode()
        if self._dry_run:
            return Accepted(message.key, raw.decode())
        try:
            url = self._mailbox.secret("url")
        except SecretError as error:
            return Unavailable(str(error))
        if not url:
            return Unavailable('set `url = { env = "NAME" }` in [channels.chat.default]')
        return self._post(url, raw, message.key, float(self._mailbox.get("timeout_seconds") or TIMEOUT_SECONDS))

    def close(self) -> None:
        """Do nothing: no connection is kept."""

    @staticmethod
    def _post(url: str, raw: bytes, key: str, timeout_seconds: float) -> Outcome:
        import http.client  # here, so that a plugin that is only listed loads fast

        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")  # some have their key there
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=timeout_seconds)
        try:
            connection.connect()
        except OSError as error:
            return Unavailable(f"{parts.hostname} cannot be reached: {error}")
        try:
            connection.request("POST", path, body=raw, headers={"Content-Type": "application/json"})
            answer = connection.getresponse()
            said = f"{answer.status} {answer.read(500).decode('utf-8', 'replace')}".strip()
        except (OSError, http.client.HTTPException) as error:
            return Unclear(f"no answer: {error}")
        finally:
            connection.close()
        if answer.status < 300:
            return Accepted(key, said)
        return Retry(said) if answer.status >= 500 or answer.status == 429 else Rejected(said)
