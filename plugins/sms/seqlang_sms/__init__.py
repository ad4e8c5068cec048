"""Texts through any provider that apprise knows, by its URL."""

from __future__ import annotations

from seqlang.sdk import Channel, MailboxSettings, hookimpl


@hookimpl
def open_channel(word: str, mailbox: MailboxSettings, dry_run: bool) -> Channel:  # noqa: FBT001  the hook is so
    """Open the channel; apprise is loaded with the first message."""
    from seqlang_sms.channel import Sms

    return Sms(mailbox, dry_run=dry_run)
