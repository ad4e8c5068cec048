"""`seqlang start`, `stop`, `clone`, `archive`: the life of a flow."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from seqlang.cli.options import at_option, database_options, note, project_option, read_at

if TYPE_CHECKING:
    from datetime import datetime

    from seqlang.app.workspace import Workspace


@click.command(short_help="Start a flow, or go on with it.")
@click.argument("name")
@at_option
@database_options
def start(name: str, at_text: str | None, project: str | None, database: str | None) -> int:
    """Start a flow that was applied; one that was stopped goes on as after an outage.

    \b
    Example:
      seqlang start "Qualify new leads"
    """
    from seqlang.app.lifecycle import start_flow, warnings_of
    from seqlang.app.workspace import open_workspace

    code = _change(start_flow, name, at_text, project, database)
    for warning in warnings_of(open_workspace(project, database), name):
        note(f"warning: {warning}")
    return code


@click.command(short_help="Freeze a flow.")
@click.argument("name")
@at_option
@database_options
def stop(name: str, at_text: str | None, project: str | None, database: str | None) -> int:
    """Freeze a flow; `start` goes on with it.

    \b
    Example:
      seqlang stop "Qualify new leads"
    """
    from seqlang.app.lifecycle import stop_flow

    return _change(stop_flow, name, at_text, project, database)


@click.command(short_help="End a flow and all its enrolments.")
@click.argument("name")
@at_option
@database_options
def archive(name: str, at_text: str | None, project: str | None, database: str | None) -> int:
    """End a flow for good, with all its enrolments.

    \b
    Example:
      seqlang archive "Qualify new leads"
    """
    from seqlang.app.lifecycle import archive_flow

    return _change(archive_flow, name, at_text, project, database)


@click.command(short_help="Copy a flow below the original, as a draft.")
@click.argument("name")
@click.argument("new")
@project_option
def clone(name: str, new: str, project: str | None) -> int:
    """Write a copy of the flow NAME, called NEW, below the original in its file.

    The copy is a draft until it is applied and started.

    \b
    Example:
      seqlang clone "Call first" "Call first, again"
    """
    from seqlang.app.cloning import clone_flow
    from seqlang.app.workspace import open_workspace

    path, line = clone_flow(open_workspace(project), name, new)
    click.echo(f"{path}:{line}: `{new}` is a copy of `{name}`")
    return 0


def _change(
    use_case: Callable[[Workspace, str, datetime], str], name: str, at_text: str | None, project: str | None, database: str | None
) -> int:
    from seqlang.app.workspace import open_workspace

    workspace = open_workspace(project, database)
    click.echo(use_case(workspace, name, read_at(at_text, workspace)))
    return 0
