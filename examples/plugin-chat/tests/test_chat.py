"""The conformance suite on this channel, and what it posts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from seqlang.sdk import Accepted, MailboxSettings
from seqlang.sdk.testing import ChannelConformance, SetEnv, sample_message


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
