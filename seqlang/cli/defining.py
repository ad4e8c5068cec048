"""`seqlang diff` and `seqlang apply`: from the files to the database."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from seqlang.cli.options import at_option, database_options, format_option, note, read_at

if TYPE_CHECKING:
    from seqlang.app.defining import Changes


@click.command(short_help="What `apply` would change, and for whom.")
@format_option
@database_options
def diff(layout: str, project: str | None, database: str | None) -> int:
    """Say what `apply` would change in the database's active definitions, and for whom who is under way.

    Exit code 1 where `apply` would be refused.

    \b
    Example:
      seqlang diff
    """
    from seqlang.app.defining import find_changes
    from seqlang.app.workspace import open_workspace

    changes = find_changes(open_workspace(project, database))
    _show(changes, layout)
    return 1 if changes.refusals else 0


@click.command(short_help="Put the project's definitions into the database.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@at_option
@format_option
@database_options
def apply(yes: bool, at_text: str | None, layout: str, project: str | None, database: str | None) -> int:
    """Put the project's definitions into the database, all or nothing; they take effect at each flow's next run.

    \b
    Example:
      seqlang apply --yes
    """
    from seqlang.app.defining import apply_changes, find_changes
    from seqlang.app.workspace import open_workspace
    from seqlang.errors import RefusedError

    workspace = open_workspace(project, database)
    changes = find_changes(workspace, create=True)
    if changes.refusals:
        raise RefusedError("; ".join(changes.refusals))
    if not yes and changes.lines and sys.stdin.isatty():
        _show(changes, "text")
        if not click.confirm("apply this?", err=True):
            note("nothing was changed")
            return 0
    apply_changes(workspace, changes, read_at(at_text, workspace))
    _show(changes, layout)
    note("applied" if changes.lines else "nothing to apply")
    return 0


def _show(changes: Changes, layout: str) -> None:
    if layout == "json":
        lines = [{"kind": c.kind, "name": c.name, "what": c.what, "details": list(c.details)} for c in changes.lines]
        document = {"changes": lines, "refusals": list(changes.refusals)}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for change in changes.lines:
        click.echo(f"{change.what} {change.kind} {change.name}".strip())
        for detail in change.details:
            click.echo(f"  {detail}")
    if not changes.lines:
        click.echo("no changes")
    for refusal in changes.refusals:
        note(f"refused: {refusal}")
