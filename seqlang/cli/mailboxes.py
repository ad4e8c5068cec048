"""`seqlang mailbox list`, `mailbox read`, `mailbox open`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from seqlang.cli.options import coloured, database_options, format_option, note
from seqlang.cli.tables import table

if TYPE_CHECKING:
    from seqlang.app.mailboxes import MailboxShown


@click.group(short_help="Mailboxes: their state, reading what came back.")
def mailbox() -> None:
    """Mailboxes: their state, reading what came back, opening one that was stopped.

    \b
    Example:
      seqlang mailbox list
    """


def _problem(box: MailboxShown) -> str:
    problem = box.reason or box.problem or ""
    return f"{problem} (tried again at {box.retry_at:%H:%M}Z)" if box.state == "stopped" and box.retry_at else problem


@mailbox.command("list")
@format_option
@database_options
def list_(layout: str, project: str | None, database: str | None) -> int:
    """All mailboxes: whether they send, when their answers were read last, and what stands in the way.

    \b
    Example:
      seqlang mailbox list --format json
    """
    from seqlang.app.mailboxes import list_mailboxes
    from seqlang.app.workspace import open_workspace

    found = list_mailboxes(open_workspace(project, database))
    if layout == "json":
        click.echo(json.dumps([m.record() for m in found], ensure_ascii=False, indent=2))
        return 0
    rows = [(m.name, m.state, f"{m.read_at:%Y-%m-%d %H:%M}Z" if m.read_at else "", _problem(m)) for m in found]
    click.echo(table(("mailbox", "state", "read", "problem"), rows, colour=coloured()) if rows else "no mailboxes")
    return 0


@mailbox.command()
@format_option
@database_options
def read(layout: str, project: str | None, database: str | None) -> int:
    """Read what came back to all mailboxes now, once; `seqlang run` does it by itself. Exit code 1 where one cannot be read.

    What it means is recorded at once and takes effect at the next tick.

    \b
    Example:
      seqlang mailbox read && seqlang tick --deliver
    """
    from dataclasses import asdict

    from seqlang.app.mailboxes import lines_of, read_mailboxes
    from seqlang.app.workspace import open_workspace
    from seqlang.clock import SystemClock

    done = read_mailboxes(open_workspace(project, database), SystemClock())
    for one in done:
        if layout == "json":
            for mail in one.mails:
                click.echo(json.dumps({"account": one.account, **asdict(mail)}, ensure_ascii=False))
        for line in lines_of(one):
            note(line)
    if not done:
        note('no mailbox has `imap = "imaps://USER@HOST"`')
    return 1 if any(one.problem for one in done) else 0


@mailbox.command("open")
@click.argument("name")
@database_options
def open_(name: str, project: str | None, database: str | None) -> int:
    """Let a mailbox send again that was stopped because its mail was blocked somewhere.

    \b
    Example:
      seqlang mailbox open ana@example.com
    """
    from seqlang.app.mailboxes import open_mailbox
    from seqlang.app.workspace import open_workspace

    click.echo(open_mailbox(open_workspace(project, database), name))
    return 0
