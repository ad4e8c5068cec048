"""Groups of commands that are imported when they are called: `--help` and the other commands pay nothing for them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

from seqlang.frozen import Record


class Deferred(Record):
    """Where a command lives, and its line in the list of commands."""

    target: str  # "package.module:attribute"
    help: str  # one line
    section: str = "Commands"


class LazyGroup(click.Group):
    """A group whose commands are loaded by name; an unknown one is answered with the nearest."""

    def __init__(self, *args: Any, deferred: Mapping[str, Deferred] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deferred = dict(deferred or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return [*self.deferred, *(n for n in super().list_commands(ctx) if n not in self.deferred)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command of that name."""
        entry = self.deferred.get(cmd_name)
        if entry is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = entry.target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        name = args[0]
        if name not in self.deferred and super().get_command(ctx, name) is None and not name.startswith("-"):
            from difflib import get_close_matches  # few mistype a command

            near = get_close_matches(name, self.list_commands(ctx), n=1, cutoff=0.5)
            meant = f", did you mean `{near[0]}`?" if near else ""
            raise click.UsageError(f"no such command: `{name}`{meant}", ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without loading them."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            entry = self.deferred.get(name)
            if entry is not None:
                sections.setdefault(entry.section, []).append((name, entry.help))
                continue
            command = super().get_command(ctx, name)
            if command is not None and not command.hidden:
                sections.setdefault("Commands", []).append((name, command.get_short_help_str(80)))
        for title, rows in sections.items():
            with formatter.section(title):
                formatter.write_dl(rows)
