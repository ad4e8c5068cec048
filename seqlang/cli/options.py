"""Options that many commands share, and the instants and texts that they bring."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from datetime import datetime

    from seqlang.app.workspace import Workspace

F = TypeVar("F", bound=Callable[..., Any])


def project_option(command: F) -> F:
    """Add `--project DIR`."""
    return click.option("--project", metavar="DIR", help="The project's folder (default: the nearest one upwards).")(command)


def database_options(command: F) -> F:
    """Add `--project DIR` and `--database URL`."""
    url = click.option("--database", metavar="URL", help="The database (default: as seqlang.toml says, else seqlang.db).")
    return project_option(url(command))


def at_option(command: F) -> F:
    """Add `--at INSTANT`."""
    return click.option("--at", "at_text", metavar="INSTANT", help="The instant that counts (default: now).")(command)


def format_option(command: F) -> F:
    """Add `--format text|json`."""
    return click.option(
        "--format",
        "layout",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How to print the result.",
    )(command)


def read_at(text: str | None, workspace: Workspace) -> datetime:
    """Return the instant that `--at` names (without an offset: of the project's zone), or the present one."""
    from seqlang.app.instants import read_instant
    from seqlang.clock import SystemClock

    if text is None:
        return SystemClock().now()
    return read_instant(text, workspace.settings.timezone, "--at")


def coloured() -> bool:
    """Return whether to colour what is written to stdout."""
    import os

    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def note(message: str) -> None:
    """Write a line of progress or explanation to stderr."""
    from seqlang.cli.tables import visible
    from seqlang.sdk.redaction import redact

    click.echo(visible(redact(message)), err=True)
