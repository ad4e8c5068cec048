"""Texts to phones: over SMPP, with receipts and answers, or one way through any provider that apprise knows."""

from __future__ import annotations

from seqlang.sdk import Channel, Inbox, MailboxSettings, hookimpl


@hookimpl
def open_channel(word: str, mailbox: MailboxSettings, dry_run: bool) -> Channel:  # noqa: FBT001  the hook is so
    """Open the channel; libraries and connections come with the first message."""
    from seqlang_sms.channel import Sms

    return Sms(mailbox, dry_run=dry_run)


@hookimpl
def open_inbox(word: str, mailbox: MailboxSettings) -> Inbox | None:
    """Return what comes back over SMPP; a provider of apprise's tells nothing back."""
    if not mailbox.get("smpp"):
        return None
    from seqlang_sms.inbox import SmppInbox
    from seqlang_sms.sending import account_from

    return SmppInbox(account_from(mailbox))
