"""`seqlang tick` and `seqlang run`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from seqlang.cli.options import at_option, database_options, format_option, note, read_at

if TYPE_CHECKING:
    from seqlang.app.ticking import Ticked


@click.command(short_help="Do everything that is due.")
@click.option("--deliver", is_flag=True, help="Also deliver what is planned.")
@at_option
@format_option
@database_options
def tick(deliver: bool, at_text: str | None, layout: str, project: str | None, database: str | None) -> int:
    """One tick: everything that is due by then. It plans deliveries; `--deliver` also sends them.

    A tick before the last one does nothing and says so.

    \b
    Examples:
      seqlang tick --deliver
      seqlang tick --at 2026-03-02T09:30
    """
    from seqlang.app.ticking import tick_once
    from seqlang.app.workspace import open_workspace

    workspace = open_workspace(project, database)
    done = tick_once(workspace, read_at(at_text, workspace), deliver=deliver)
    show_tick(done, layout)
    return 0


def show_tick(done: Ticked, layout: str, *, idle: bool = True) -> None:
    """Print what a tick did; `idle`: also that nothing was due."""
    for warning in done.warnings:
        note(warning if warning.startswith("ALARM") else f"warning: {warning}")
    if layout == "json":
        click.echo(json.dumps(done.record(), ensure_ascii=False))
        return
    if done.refused is not None:
        click.echo(done.refused)
        return
    for flow, counts in done.flows:
        click.echo(f"{flow}: " + ", ".join(f"{count} {what}" for what, count in counts))
    if idle and not done.flows:
        click.echo("nothing was due")
    if done.delivered is not None:
        nothing = "nothing (`seqlang mailbox list`: which mailboxes are stopped)" if done.warnings else "nothing to deliver"
        said = ", ".join(f"{count} {_called(state, count)}" for state, count in done.delivered) or nothing
        click.echo(f"delivered: {said}")


def _called(state: str, count: int) -> str:
    if state != "todos":
        return state
    return "to-do" if count == 1 else "to-dos"


@click.command(short_help="Tick and deliver until stopped.")
@click.option("--tick-every", default="1 minute", show_default=True, metavar="DURATION", help='How often, e.g. "30 seconds".')
@database_options
def run(tick_every: str, project: str | None, database: str | None) -> int:
    """Tick and deliver until stopped. SIGTERM and Ctrl-C finish the batch in hand; a second Ctrl-C does not wait.

    \b
    Example:
      seqlang run --tick-every "1 minute"
    """
    from seqlang.app.ticking import read_interval, run_until_stopped
    from seqlang.app.workspace import open_workspace

    seconds = read_interval(tick_every)

    def show(done: Ticked) -> None:
        if done.flows or done.delivered or done.warnings:
            show_tick(done, "text", idle=False)  # it may tell of a delivery alone

    run_until_stopped(open_workspace(project, database), seconds, show, note)
    note("stopped")
    return 0
