"""`seqlang plugin list` and `plugin new`."""

from __future__ import annotations

import json

import click

from seqlang.cli.options import coloured, format_option, note, project_option
from seqlang.cli.tables import table


@click.group(short_help="Show what is installed.")
def plugin() -> None:
    """Show what is installed, or begin a plugin of your own.

    \b
    Examples:
      seqlang plugin list
      seqlang plugin new team-chat
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
        for kind, name, told in item.further:
            click.echo(f"\n  {kind} {name}: {told}")
        click.echo("")
    note(f"{len(found)} {'plugin' if len(found) == 1 else 'plugins'}")
    return 1 if any(p.problem for p in found) else 0


@plugin.command("new")
@click.argument("name")
@click.option("--in", "folder", metavar="DIR", help="Where it is written (default: `seqlang-NAME` here).")
def new(name: str, folder: str | None) -> int:
    """Write a distribution with a channel of that name: it installs, and passes its own tests.

    \b
    Example:
      seqlang plugin new team-chat && pip install -e './seqlang-team-chat[dev]' && pytest seqlang-team-chat
    """
    from seqlang.app.plugin_making import make_plugin

    made = make_plugin(name, folder)
    click.echo("\n".join(made))
    where = made[0].removesuffix("pyproject.toml").rstrip("/\\") or "."
    note(f"next: pip install -e '{where}[dev]', then pytest {where}, then seqlang plugin list")
    return 0
