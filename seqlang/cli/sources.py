"""`seqlang source list`, `source read`, `source bad`: records from elsewhere."""

from __future__ import annotations

import json

import click

from seqlang.cli.options import at_option, coloured, database_options, format_option, note, read_at
from seqlang.cli.tables import table


@click.group(short_help="Records from elsewhere.")
def source() -> None:
    """Records from elsewhere: the `[sources.NAME]` of `seqlang.toml`. `seqlang run` reads them on their schedule.

    \b
    Example:
      seqlang source read leads
    """


@source.command("list")
@format_option
@database_options
def list_(layout: str, project: str | None, database: str | None) -> int:
    """List the sources, when they were read and what is wrong with them. Exit code 1 where one could not be read.

    \b
    Example:
      seqlang source list --format json
    """
    from seqlang.app.sourcing import list_sources
    from seqlang.app.workspace import open_workspace

    found = list_sources(open_workspace(project, database))
    if layout == "json":
        click.echo(json.dumps([s.data() for s in found], ensure_ascii=False, indent=2))
    elif found:
        rows = [
            (s.name, s.kind, s.record, s.rows, s.bad, s.read_at.isoformat(timespec="seconds") if s.read_at else "never",
             s.problem or "")
            for s in found
        ]
        click.echo(table(("source", "kind", "as", "rows", "set aside", "read at", "problem"), rows, colour=coloured()))
    return 1 if any(s.problem for s in found) else 0


@source.command("read")
@click.argument("names", nargs=-1, metavar="[NAME]…")
@at_option
@format_option
@database_options
def read(names: tuple[str, ...], at_text: str | None, layout: str, project: str | None, database: str | None) -> int:
    """Read what is new in the sources now (none named: in all). Exit code 1 where one cannot be read or rows are set aside.

    \b
    Example:
      seqlang source read leads crm
    """
    from seqlang.app.sourcing import read_sources
    from seqlang.app.workspace import open_workspace

    workspace = open_workspace(project, database)
    done = read_sources(workspace, names, read_at(at_text, workspace), note)
    for one in done:
        if layout == "json":
            click.echo(json.dumps(one.record(), ensure_ascii=False))
        elif one.problem is None or one.came:
            click.echo(f"{one.name}: {one.line()}")
    return 1 if any(one.problem or one.bad for one in done) else 0


@source.command("bad")
@click.argument("names", nargs=-1, metavar="[NAME]…")
@format_option
@database_options
def bad(names: tuple[str, ...], layout: str, project: str | None, database: str | None) -> int:
    """List the rows that sources set aside (none named: all of them), each with its place and why it could not be taken in.

    \b
    Example:
      seqlang source bad leads
    """
    from seqlang.app.set_aside import list_aside
    from seqlang.app.workspace import open_workspace

    found = list_aside(open_workspace(project, database), names)
    if layout == "json":
        click.echo(json.dumps([row.data() for row in found], ensure_ascii=False, indent=2))
    elif found:
        rows = [(row.source, row.at.isoformat(timespec="seconds"), row.reason) for row in found]
        click.echo(table(("source", "since", "what"), rows, colour=coloured()))
    return 0
