"""E-mail over SMTP: the channels `email`, `email_reminder` (once released) and `notify`."""

from __future__ import annotations

from collections.abc import Iterator

from seqlang.sdk import Channel, LintFinding, LintProject, MailboxSettings, hookimpl


@hookimpl
def open_channel(word: str, mailbox: MailboxSettings, dry_run: bool) -> Channel:  # noqa: FBT001  the hook is so
    """Open a mailbox; it connects on the first message."""
    from seqlang_email.channel import Mail
    from seqlang_email.server import Server

    return Mail(mailbox, Server.of(mailbox), dry_run=dry_run)


@hookimpl
def lint(project: LintProject) -> Iterator[LintFinding]:
    """Tell of templates in MJML that no mail can be made of."""
    from seqlang_email.rules import broken_templates

    return broken_templates(project)
