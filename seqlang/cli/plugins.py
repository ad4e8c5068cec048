"""`seqlang plugin list` and `plugin new`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from seqlang.cli.options import coloured, format_option, note, project_option
from seqlang.cli.tables import table

if TYPE_CHECKING:
    from seqlang.app.plugins import PluginShown
    from seqlang.vocabulary.channels import OptionSpec, SettingSpec


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
    """List the plugins that are installed, with every option and setting (* must be given). Exit code 1 where one is broken.

    \b
    Example:
      seqlang plugin list --format json
    """
    from seqlang.app.plugins import installed
    from seqlang.app.workspace import open_workspace

    found = installed(open_workspace(project))
    broken = sum(not p.sound for p in found)
    if layout == "json":
        click.echo(json.dumps([p.record() for p in found], ensure_ascii=False, indent=2))
    else:
        for item in found:
            click.echo("\n".join(_lines(item)) + "\n")
        note(f"{len(found)} {'plugin' if len(found) == 1 else 'plugins'}{f', {broken} broken' if broken else ''}")
    return 1 if broken else 0


def _lines(item: PluginShown) -> Iterator[str]:
    """Yield what is to be said of a plugin; of one that is left out no more than why, for none of its words can be used."""
    from seqlang.app.plugins import default_text, option_type

    yield f"{item.name} {item.version}".rstrip() + (f"  {item.help}" if item.help else "")
    if item.problem is not None:
        yield f"  left out: {item.problem}"
        return
    yield from (f"  broken: {told}" for told in item.lacking)
    for channel in item.channels:
        yield f"\n  {channel.word}: {channel.help}"
        options = [(_needed(o.name, o), option_type(o), default_text(o.default), o.help) for o in channel.options]
        yield from _table(("option", "type", "default", ""), options)
        if channel.options and channel.settings:
            yield ""
        yield from _settings(channel.settings)
    for source in item.sources:
        yield f"\n  source {source.word}, read every {source.every_seconds} seconds: {source.help}"
        yield from _settings(source.settings)
    yield from (f"\n  plan {policy}" for policy in item.policies)
    yield from (f"\n  {kind} {name}: {told}" for kind, name, told in item.further)


def _settings(settings: Sequence[SettingSpec]) -> Iterator[str]:
    return _table(("setting", "type", ""), [(_needed(s.name, s), s.type, s.help) for s in settings])


def _needed(name: str, spec: OptionSpec | SettingSpec) -> str:
    return f"{name} *" if spec.required else name


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if rows:
        yield from (f"    {line}" for line in table(head, rows, colour=coloured()).split("\n"))


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
