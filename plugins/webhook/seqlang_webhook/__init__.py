"""Calls another system over HTTP: JSON, signed as Standard Webhooks, never into a private network unless that is allowed."""

from __future__ import annotations

from seqlang.sdk import Channel, MailboxSettings, hookimpl


@hookimpl
def open_channel(word: str, mailbox: MailboxSettings, dry_run: bool) -> Channel:  # noqa: FBT001  the hook is so
    """Open the channel; every message has a connection of its own."""
    from seqlang_webhook.channel import Webhook

    return Webhook(mailbox, dry_run=dry_run)
