"""`seqlang simulate`."""

from __future__ import annotations

import sys

import click

from seqlang.cli.options import format_option, note, project_option


@click.command(short_help="Play the project over a span of time; nothing is sent.")
@click.option("--sequence", "flows", multiple=True, metavar="NAME", help="Only these flows; the others count as absent.")
@click.option("--contacts", required=True, metavar="FILE.csv", help="The contacts.")
@click.option("--accounts", metavar="FILE.csv", help="The accounts.")
@click.option("--deals", metavar="FILE.csv", help="The deals.")
@click.option("--events", metavar="FILE.csv", help="What happens on the way: at,contact,kind,sequence,step,value.")
@click.option("--from", "since", required=True, metavar="INSTANT", help="The flows are active from here.")
@click.option("--until", required=True, metavar="INSTANT", help="The end, excluded.")
@click.option("--summary", "summary_only", is_flag=True, help="Only the forecast: a day and owner each.")
@format_option
@project_option
def simulate(
    flows: tuple[str, ...],
    contacts: str,
    accounts: str | None,
    deals: str | None,
    events: str | None,
    since: str,
    until: str,
    summary_only: bool,
    layout: str,
    project: str | None,
) -> int:
    """Play the project on a store in memory with a clock of its own; nothing is delivered, nothing outside changes.

    \b
    Examples:
      seqlang simulate --contacts contacts.csv --from 2026-03-02 --until 2026-04-01
      seqlang simulate --contacts c.csv --events e.csv --from 2026-03-02 --until 2026-03-20 --format json
    """
    from functools import partial

    from seqlang.app.simulating import Wanted, play
    from seqlang.app.workspace import open_workspace
    from seqlang.simulation.forecast import Forecast, forecast_json, forecast_text
    from seqlang.simulation.lines import json_line, text_line

    wanted = Wanted(contacts=contacts, accounts=accounts, deals=deals, events=events, since=since, until=until, flows=flows)
    played = play(open_workspace(project), wanted, lambda text: note(f"warning: {text}"))
    forecast = Forecast(played.owners, played.contacts)
    shown = json_line if layout == "json" else partial(text_line, statements=played.statements)
    write = sys.stdout.write
    for line in played.lines:
        forecast.count(line)
        if not summary_only:
            write(shown(line) + "\n")
    if summary_only and layout == "json":
        click.echo(forecast_json(forecast))
    elif layout == "text":
        click.echo(("" if summary_only else "\n") + forecast_text(forecast))
    return 1 if played.reading.bad or played.reading.failed else 0
