"""`seqlang plugin list`."""

from __future__ import annotations

import json

import click

from seqlang.cli.options import coloured, format_option, note, project_option
from seqlang.cli.tables import table


@click.group(short_help="Show what is installed.")
def plugin() -> None:
    """Show what is installed.

    \b
    Example:
      seqlang plugin list
    """


@plugin.command("list")
@format_option
@project_option
def list_(layout: str, project: str | None) -> int:
    """List the plugins that are installed, their channels with all options, and their plans. Exit code 1 where one is broken.

    \b
    Example:
      seqlang plugin list --format json
    """
    from seqlang.app.plugins import installed
    from seqlang.app.workspace import open_workspace

    found = installed(open_workspace(project))
    if layout == "json":
        click.echo(json.dumps([p.record() for p in found], ensure_ascii=False, indent=2))
        return 1 if any(p.problem for p in found) else 0
    for item in found:
        click.echo(f"{item.name} {item.version}  {item.help}".rstrip())
        if item.problem:
            note(f"warning: the plugin `{item.name}` is left out: {item.problem}")
        for channel in item.channels:
            click.echo(f"\n  {channel.word}: {channel.help}")
            rows = [(o.name, o.type + (" *" if o.required else ""), o.default_text, o.help) for o in channel.options]
            shown = table(("option", "type", "default", ""), rows, colour=coloured())
            click.echo("\n".join(f"    {line}" for line in shown.split("\n")))
        for policy in item.policies:
            click.echo(f"\n  plan {policy}")
        click.echo("")
    note(f"{len(found)} {'plugin' if len(found) == 1 else 'plugins'}")
    return 1 if any(p.problem for p in found) else 0
