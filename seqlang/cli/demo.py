"""`seqlang demo`."""

from __future__ import annotations

import sys

import click

from seqlang.cli.options import coloured, note
from seqlang.cli.tables import table


@click.command(short_help="The quickstart, end to end, on this machine.")
@click.argument("folder", default=".seqlang-demo", metavar="[DIR]")
@click.option("--weeks", type=click.IntRange(1, 52), default=4, show_default=True, help="How long it plays.")
def demo(folder: str, weeks: int) -> int:
    """The quickstart, end to end: a project, contacts, SQLite on disk, every e-mail really sent, to a catcher on this machine.

    \b
    Example:
      seqlang demo
    """
    from seqlang.app.demo.playing import play_demo

    shown = sys.stderr.isatty()
    with click.progressbar(length=weeks * 7, label="playing", file=sys.stderr, hidden=not shown) as bar:
        result = play_demo(folder, weeks, note, lambda day: bar.update(day - bar.pos))
    for title, head, rows in result.tables:
        click.echo(f"\n{title}\n{table(head, rows, colour=coloured())}")
    click.echo("")
    for line in result.closing:
        click.echo(line)
    return 0
