"""The conformance suite on this channel, and what it posts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from seqlang.sdk import Accepted, MailboxSettings
from seqlang.sdk.testing import ChannelConformance, SetEnv, listening, sample_message


class TestChat(ChannelConformance):
    """Every channel runs these on itself."""

    plugin = "chat"
    word = "chat"
    options = {"text": "Kim replied", "room": "sales"}  # noqa: RUF012

    def at(self, host: str, port: int, setenv: SetEnv) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Lead the channel to the suite's server."""
        setenv("CHAT_URL", f"http://{host}:{port}/room")
        return {"url": {"env": "CHAT_URL"}, "timeout_seconds": 1}, {}


def test_message_is_json() -> None:
    """The room gets id, text, room and mention."""
    from seqlang_chat import Chat

    chat = Chat(MailboxSettings("chat", "default"), dry_run=True)
    outcome = chat.deliver(sample_message("chat", {"text": "Hi 😀", "room": "support", "mention": "ana@example.com"}))
    assert isinstance(outcome, Accepted)
    assert json.loads(outcome.detail) == {"id": "sample.1", "text": "Hi 😀", "room": "support", "mention": "ana@example.com"}


def test_key_in_the_address_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some systems have their key behind the question mark."""
    from seqlang_chat import Chat

    with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as there:
        monkeypatch.setenv("CHAT_URL", f"http://127.0.0.1:{there.port}/flows/1?sig=abc")
        chat = Chat(MailboxSettings("chat", "default", {"url": {"env": "CHAT_URL"}}), dry_run=False)
        assert isinstance(chat.deliver(sample_message("chat", {"text": "Hi"})), Accepted)
    assert there.got[0].startswith(b"POST /flows/1?sig=abc HTTP/1.1\r\n")
