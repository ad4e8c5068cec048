"""`seqlang status`, `metrics`, `log`, `why`."""

from __future__ import annotations

import json

import click

from seqlang.cli.options import coloured, database_options, format_option, note
from seqlang.cli.tables import table


@click.command(short_help="All flows with their counts.")
@format_option
@database_options
def status(layout: str, project: str | None, database: str | None) -> int:
    """All flows with their state, how many are and were in them, and when they run next.

    \b
    Example:
      seqlang status
    """
    from seqlang.app.reports import read_status
    from seqlang.app.workspace import open_workspace

    found = read_status(open_workspace(project, database))
    if layout == "json":
        click.echo(json.dumps(found.record(), ensure_ascii=False, indent=2))
        return 0
    if found.flows:
        rows = [(f.name, f.kind, f.state, f.active, f.entered, f.exited, f.due, f.next_run) for f in found.flows]
        click.echo(table(("flow", "kind", "state", "in", "entered", "left", "due", "next run"), rows, colour=coloured()))
    else:
        click.echo("no flows: `seqlang apply` puts the project's into the database")
    for line in found.notes:
        click.echo(line)
    return 0


@click.command(short_help="The funnel of a flow, per step and split side.")
@click.argument("name")
@format_option
@database_options
def metrics(name: str, layout: str, project: str | None, database: str | None) -> int:
    """The funnel of a flow: how many had each step, opened, clicked, replied; each side of its splits; why people left.

    \b
    Example:
      seqlang metrics "Qualify new leads"
    """
    from seqlang.app.reports import read_metrics
    from seqlang.app.workspace import open_workspace

    found = read_metrics(open_workspace(project, database), name)
    if layout == "json":
        click.echo(json.dumps(found.record(), ensure_ascii=False, indent=2))
        return 0
    for title, head, rows in found.tables():
        click.echo(f"{title}\n{table(head, rows, colour=coloured())}\n")
    return 0


@click.command(short_help="The timeline: what happened to whom, and why.")
@click.option("--contact", metavar="E", help="Of this contact.")
@click.option("--sequence", metavar="S", help="Of this flow.")
@click.option("--follow", is_flag=True, help="Go on as more happens; Ctrl-C ends it.")
@format_option
@database_options
def log(contact: str | None, sequence: str | None, follow: bool, layout: str, project: str | None, database: str | None) -> int:
    """The timeline, in json one object a line as in `simulate`.

    \b
    Examples:
      seqlang log --contact kim@acme.example
      seqlang log --sequence "Qualify new leads" --format json
    """
    from functools import partial

    from seqlang.app.reports import follow_log, statements_now
    from seqlang.app.workspace import open_workspace
    from seqlang.simulation.lines import json_line, text_line

    workspace = open_workspace(project, database)
    shown = json_line if layout == "json" else partial(text_line, statements=statements_now(workspace))
    for line in follow_log(workspace, contact=contact, sequence=sequence, follow=follow):
        click.echo(shown(line))
    return 0


@click.command(short_help="Why a contact did or did not get each step.")
@click.argument("who", metavar="EMAIL")
@click.argument("name", metavar="SEQUENCE")
@format_option
@database_options
def why(who: str, name: str, layout: str, project: str | None, database: str | None) -> int:
    """Why this contact did or did not come in, and did or did not get each step, condition by condition.

    \b
    Example:
      seqlang why kim@acme.example "Qualify new leads"
    """
    from seqlang.app.why import explain
    from seqlang.app.workspace import open_workspace

    found = explain(open_workspace(project, database), who, name)
    if layout == "json":
        click.echo(json.dumps(found.record(), ensure_ascii=False, indent=2))
        return 0
    click.echo(found.text())
    for line in found.notes:
        note(line)
    return 0
