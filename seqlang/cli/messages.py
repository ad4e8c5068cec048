"""`seqlang todo`, `outbox`, `send-test`: what people do, and what goes out."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from seqlang.cli.options import at_option, coloured, database_options, format_option, note, read_at
from seqlang.cli.tables import table


@click.group(invoke_without_command=True, short_help="Calls, tasks and e-mail reminders.")
@click.option("--owner", metavar="U", help="On this person's list.")
@click.option("--contact", metavar="E", help="About this contact.")
@click.option("--sequence", metavar="S", help="Of this flow.")
@click.option("--kind", metavar="K", help="call, task or email_reminder.")
@click.option("--all", "every", is_flag=True, help="Those that are done or cancelled too.")
@at_option
@click.option(
    "--format", "layout", type=click.Choice(["text", "json", "ics", "ics-tasks", "ics-address"]), default="text",
    show_default=True, help="`ics`: a calendar with those that are due; `ics-tasks`: as tasks, all that are open; "
    "`ics-address`: where `seqlang serve` has the calendar.",
)
@database_options
@click.pass_context
def todo(
    ctx: click.Context,
    owner: str | None,
    contact: str | None,
    sequence: str | None,
    kind: str | None,
    every: bool,
    at_text: str | None,
    layout: str,
    project: str | None,
    database: str | None,
) -> int:
    """List calls, tasks and e-mail reminders, and do them.

    \b
    Examples:
      seqlang todo --owner ana@example.com --kind call
      seqlang todo done 12 --outcome "No answer"
      seqlang todo edit 13 --subject "The quote" && seqlang todo release 13
      seqlang todo --owner ana@example.com --format ics > todos.ics
    """
    if ctx.invoked_subcommand is not None:
        ctx.obj = {"project": project, "database": database, "at": at_text}
        return 0
    from seqlang.app.todos import Filter, list_todos
    from seqlang.app.workspace import open_workspace

    workspace = open_workspace(project, database)
    at, wanted = read_at(at_text, workspace), Filter(owner=owner, contact=contact, sequence=sequence, kind=kind, every=every)
    if layout == "ics-address":
        from seqlang.app.todo_calendar import feed_address

        click.echo(feed_address(workspace, owner))
        return 0
    if layout.startswith("ics"):
        from seqlang.app.todo_calendar import ics_feed

        click.echo(ics_feed(workspace, at, wanted, tasks=layout == "ics-tasks"), nl=False)
        return 0
    found = list_todos(workspace, at, wanted)
    if layout == "json":
        click.echo(json.dumps([t.record() for t in found], ensure_ascii=False, indent=2))
        return 0
    if found:
        rows = [t.cells() for t in found]
        head = ("id", "kind", "contact", "title", "due", "owner", "sequence", "step", "state")
        click.echo(table(head, rows, colour=coloured()))
    note(f"{len(found)} to do" if not every else f"{len(found)}")
    return 0


@todo.command()
@click.argument("number", type=int, metavar="ID")
@click.option("--outcome", metavar="O", help="One of the to-do's outcomes (default: its only one).")
@click.option("--note", metavar="TEXT", help="What is worth remembering; `todo --all` shows it.")
@at_option
@database_options
@click.pass_context
def done(
    ctx: click.Context,
    number: int,
    outcome: str | None,
    note: str | None,
    at_text: str | None,
    project: str | None,
    database: str | None,
) -> int:
    """Report a call or a task.

    \b
    Example:
      seqlang todo done 12 --outcome Connected --note "Wants a quote for 50 seats"
    """
    from seqlang.app.todos import finish_todo

    workspace, at = _place(ctx, project, database, at_text)
    click.echo(finish_todo(workspace, number, outcome, at, note))
    return 0


@todo.command()
@click.argument("number", type=int, metavar="ID")
@click.option("--subject", help="A draft's new subject.")
@click.option("--body", help="A draft's new text, HTML or plain; `-` reads stdin. Without any option an editor opens.")
@click.option("--assignee", metavar="U", help="Who does it.")
@click.option("--due", metavar="INSTANT", help="When it is due now.")
@at_option
@database_options
@click.pass_context
def edit(
    ctx: click.Context,
    number: int,
    subject: str | None,
    body: str | None,
    assignee: str | None,
    due: str | None,
    at_text: str | None,
    project: str | None,
    database: str | None,
) -> int:
    """Change a draft before it is released, hand a to-do over, or put it off.

    \b
    Example:
      seqlang todo edit 13 --subject "The quote"
    """
    from seqlang.app.instants import read_instant
    from seqlang.app.todos import edit_todo, read_todo
    from seqlang.errors import RefusedError

    workspace, _ = _place(ctx, project, database, at_text)
    due_at = read_instant(due, workspace.settings.timezone, "--due") if due is not None else None
    if body == "-":
        body = sys.stdin.read()
    if subject is None and body is None and assignee is None and due is None:
        subject, body = _in_an_editor(read_todo(workspace, number))
        if subject is None and body is None:
            raise RefusedError("nothing was changed")
    click.echo(edit_todo(workspace, number, subject=subject, body=body, assignee=assignee, due_at=due_at))
    return 0


def _in_an_editor(found: Any) -> tuple[str | None, str | None]:
    """Let a person write, and return the subject (of a draft) and the text; None for what stayed as it was."""
    head = f"Subject: {found.subject or ''}\n\n" if found.kind == "email_reminder" else ""
    written = click.edit(f"{head}{found.body or ''}", extension=".txt")
    if written is None:
        return None, None
    subject: str | None = None
    if head:
        first, _, written = written.partition("\n")
        if first.lower().startswith("subject:"):
            subject = first.partition(":")[2].strip()
            written = written.removeprefix("\n")
        else:
            written = f"{first}\n{written}"
    return (None if subject == found.subject else subject), (None if written == found.body else written)


@todo.command()
@click.argument("number", type=int, metavar="ID")
@at_option
@database_options
@click.pass_context
def release(ctx: click.Context, number: int, at_text: str | None, project: str | None, database: str | None) -> int:
    """Release a draft: it is sent, unless the contact has left, unsubscribed or replied meanwhile.

    \b
    Example:
      seqlang todo release 13
    """
    from seqlang.app.todos import release_todo

    workspace, at = _place(ctx, project, database, at_text)
    click.echo(release_todo(workspace, number, at))
    return 0


@click.group(invoke_without_command=True, short_help="Messages, and what became of them.")
@click.option("--state", metavar="STATE", help="planned, sending, accepted, rejected, failed, retry, unknown or cancelled.")
@click.option("--contact", metavar="E", help="To this contact.")
@click.option("--sequence", metavar="S", help="Of this flow.")
@click.option("--limit", type=click.IntRange(1), default=200, show_default=True, help="At most so many, the latest first.")
@format_option
@database_options
@click.pass_context
def outbox(
    ctx: click.Context,
    state: str | None,
    contact: str | None,
    sequence: str | None,
    limit: int,
    layout: str,
    project: str | None,
    database: str | None,
) -> int:
    """List messages, and settle those of which nobody knows whether they went out.

    \b
    Examples:
      seqlang outbox --state unknown
      seqlang outbox settle 12 sent
    """
    if ctx.invoked_subcommand is not None:
        ctx.obj = {"project": project, "database": database, "at": None}
        return 0
    from seqlang.app.outbox import list_messages
    from seqlang.app.workspace import open_workspace

    found = list_messages(open_workspace(project, database), state=state, contact=contact, sequence=sequence, limit=limit)
    if layout == "json":
        click.echo(json.dumps([m.record() for m in found], ensure_ascii=False, indent=2))
        return 0
    if found:
        rows = [m.cells() for m in found]
        click.echo(table(("id", "at", "state", "channel", "to", "subject", "sequence", "step", "why"), rows, colour=coloured()))
    note(f"{len(found)} {'message' if len(found) == 1 else 'messages'}")
    return 0


@outbox.command()
@click.argument("number", type=int, metavar="ID")
@click.argument("decision", type=click.Choice(["sent", "resend", "drop"]))
@database_options
@click.pass_context
def settle(ctx: click.Context, number: int, decision: str, project: str | None, database: str | None) -> int:
    """Decide what became of an unclear message: it was `sent`, `resend` it, or `drop` it; one that waits can be dropped, too.

    \b
    Example:
      seqlang outbox settle 12 resend
    """
    from seqlang.app.outbox import settle_message

    workspace, at = _place(ctx, project, database, None)
    click.echo(settle_message(workspace, number, decision, at))
    return 0


@click.command("send-test", short_help="Send a step's message to yourself.")
@click.argument("name")
@click.argument("step")
@click.option("--to", "recipient", required=True, metavar="ADDRESS", help="An address, or of a text a number.")
@click.option("--as", "contact", required=True, metavar="EMAIL", help="The contact as whom it is rendered.")
@database_options
def send_test(name: str, step: str, recipient: str, contact: str, project: str | None, database: str | None) -> int:
    """Send a step's message, as that contact would get it, to yourself; it counts as nothing.

    What was applied is sent. The answer to a text says how many segments it took.

    \b
    Examples:
      seqlang send-test "Qualify new leads" hello --to me@example.com --as kim@acme.example
      seqlang send-test "Qualify new leads" text --to +491701234567 --as kim@acme.example
    """
    from seqlang.app.sending import send_test_message
    from seqlang.app.workspace import open_workspace

    sent = send_test_message(open_workspace(project, database), name, step, recipient, contact)
    click.echo(sent.said)
    if sent.note is not None:
        note(f"warning: {sent.note}")
    return 0


def _place(ctx: click.Context, project: str | None, database: str | None, at_text: str | None) -> tuple[Any, Any]:
    """Return the workspace and the instant; options may stand before or behind the second word."""
    from seqlang.app.workspace import open_workspace

    before = ctx.obj or {}
    workspace = open_workspace(project or before.get("project"), database or before.get("database"))
    return workspace, read_at(at_text or before.get("at"), workspace)
