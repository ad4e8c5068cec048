"""E-mail over SMTP: the channels `email`, `email_reminder` (once released) and `notify`."""

from __future__ import annotations

from seqlang.sdk import Channel, MailboxSettings, hookimpl


@hookimpl
def open_channel(word: str, mailbox: MailboxSettings, dry_run: bool) -> Channel:  # noqa: FBT001  the hook is so
    """Open a mailbox; it connects on the first message."""
    from seqlang_email.channel import Mail
    from seqlang_email.server import Server

    return Mail(mailbox, Server.of(mailbox), dry_run=dry_run)
