"""`seqlang import`, `list`, `enroll`, `unenroll`, `event`: the records and what happens to them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from seqlang.cli.options import at_option, coloured, database_options, format_option, note, read_at
from seqlang.cli.tables import table

if TYPE_CHECKING:
    from datetime import datetime

    from seqlang.app.imports import Imported
    from seqlang.app.lifecycle import ByHand
    from seqlang.app.workspace import Workspace

BAD_ROWS_SHOWN_MAX = 50


@click.command("import", short_help="Add or update records from a CSV file.")
@click.argument("file", metavar="FILE.csv")
@click.option("--as", "record", default="contact", metavar="RECORD", help="contact, account, deal, event or a declared record.")
@click.option("--key", metavar="FIELD", help="The field that tells whether a record is there (default: e-mail, domain, name).")
@click.option("--tag", "tags", multiple=True, metavar="T", help="Tag every record of the file.")
@click.option("--list", "lists", multiple=True, metavar="L", help="Add every record of the file to a list.")
@click.option("--set", "sets", multiple=True, metavar="FIELD=VALUE", help="Set a field of every record of the file.")
@click.option("--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="What a column of the file is called here.")
@at_option
@format_option
@database_options
def import_(
    file: str,
    record: str,
    key: str | None,
    tags: tuple[str, ...],
    lists: tuple[str, ...],
    sets: tuple[str, ...],
    maps: tuple[str, ...],
    at_text: str | None,
    layout: str,
    project: str | None,
    database: str | None,
) -> int:
    """Add or update records from a CSV file, its first line the names of fields.

    A bad row is reported with its line and its reason, good rows stay (exit code 1 where there was a bad one). `--as event`
    takes the columns of events.csv: at,contact,kind,sequence,step,value.

    \b
    Examples:
      seqlang import leads.csv --tag expo --set stage=Lead
      seqlang import crm.csv --as account --map "Company domain=domain"
    """
    from seqlang.app.importing import import_file
    from seqlang.app.imports import Import
    from seqlang.app.workspace import open_workspace

    workspace = open_workspace(project, database)
    wanted = Import(
        record=record,
        key=key,
        tags=tags,
        lists=lists,
        sets=_pairs(sets, "--set", "FIELD=VALUE"),
        maps=_pairs(maps, "--map", "COLUMN=FIELD"),
    )
    shown = sys.stderr.isatty() and layout == "text"
    with click.progressbar(length=1, label=f"importing {file}", file=sys.stderr, hidden=not shown) as bar:

        def progress(done: int, of: int) -> None:
            bar.length = max(of, 1)
            bar.pos = 0
            bar.finished = False
            bar.update(min(done, bar.length))

        result = import_file(workspace, file, wanted, read_at(at_text, workspace), progress)
    _show_import(file, record, result, layout)
    return 1 if result.bad else 0


def _show_import(file: str, record: str, result: Imported, layout: str) -> None:
    for bad in result.bad[:BAD_ROWS_SHOWN_MAX]:
        note(f"{file}:{bad.line}: {bad.reason}")
    if len(result.bad) > BAD_ROWS_SHOWN_MAX:
        note(f"and {len(result.bad) - BAD_ROWS_SHOWN_MAX} more bad rows")
    if layout == "json":
        counts = {"added": result.added, "updated": result.updated, "unchanged": result.unchanged}
        bad_rows = [{"line": b.line, "reason": b.reason} for b in result.bad]
        click.echo(json.dumps({"record": record, **counts, "bad": bad_rows}, ensure_ascii=False))
    else:
        click.echo(f"{result.added} added, {result.updated} updated, {result.unchanged} unchanged, {len(result.bad)} bad")


@click.command("list", short_help="List contacts, accounts or deals.")
@click.argument("record", default="contact", metavar="[contact|account|deal]")
@click.option("--view", metavar="V", help="Who is in this view.")
@click.option("--where", metavar="COND", help="Who meets this condition.")
@click.option("--sequence", metavar="S", help="Who is in this flow now.")
@format_option
@database_options
def list_(
    record: str, view: str | None, where: str | None, sequence: str | None, layout: str, project: str | None, database: str | None
) -> int:
    """List contacts, accounts, deals or records of your own.

    \b
    Examples:
      seqlang list --where 'score >= 20 and account.industry = "Software"'
      seqlang list deal --view "Open deals" --format json
    """
    from seqlang.app.listing import list_records
    from seqlang.app.workspace import open_workspace

    found = list_records(open_workspace(project, database), record, view=view, where=where, sequence=sequence)
    if layout == "json":
        click.echo(json.dumps(found.records(), ensure_ascii=False, indent=2))
        return 0
    if found.rows:
        columns, rows = found.filled()
        click.echo(table(columns, rows, colour=coloured()))
    note(f"{len(found.rows)} {record if len(found.rows) == 1 else record + 's'}")
    return 0


@click.command(short_help="Enroll contacts by hand.")
@click.argument("name")
@click.argument("who", nargs=-1, required=True, metavar="EMAIL...")
@at_option
@database_options
def enroll(name: str, who: tuple[str, ...], at_text: str | None, project: str | None, database: str | None) -> int:
    """Enroll contacts in a flow by hand; in a flow for accounts a domain takes its contacts.

    It takes effect at the flow's next run. One who is refused is named with the reason (exit code 1); the others are enrolled.

    \b
    Example:
      seqlang enroll "Quote follow-up" kim@acme.example lou@acme.example
    """
    from seqlang.app.lifecycle import enroll_by_hand

    return _by_hand(enroll_by_hand, name, who, at_text, project, database)


@click.command(short_help="Take contacts out by hand.")
@click.argument("name")
@click.argument("who", nargs=-1, required=True, metavar="EMAIL...")
@at_option
@database_options
def unenroll(name: str, who: tuple[str, ...], at_text: str | None, project: str | None, database: str | None) -> int:
    """Take contacts out of a flow by hand.

    \b
    Example:
      seqlang unenroll "Quote follow-up" kim@acme.example
    """
    from seqlang.app.lifecycle import unenroll_by_hand

    return _by_hand(unenroll_by_hand, name, who, at_text, project, database)


@click.command(short_help="Record something that a contact did.")
@click.argument("who", metavar="EMAIL")
@click.argument("kind")
@click.option("--sequence", metavar="S", help="The flow that it is about.")
@click.option("--step", metavar="P", help="The step that it is about (default: the latest message).")
@click.option("--value", metavar="V", help="The link, the outcome, the event's name, … as in events.csv.")
@at_option
@database_options
def event(
    who: str,
    kind: str,
    sequence: str | None,
    step: str | None,
    value: str | None,
    at_text: str | None,
    project: str | None,
    database: str | None,
) -> int:
    """Record something that a contact did. EMAIL may be an account's domain, or deal:NAME.

    KIND: opened, clicked, replied, bounced, unsubscribed, completed, event, activity, changed, enrolled, unenrolled.

    \b
    Examples:
      seqlang event kim@acme.example replied --sequence "Qualify new leads" --step hello
      seqlang event kim@acme.example event --value 'page_view {"url": "/pricing"}'
      seqlang event kim@acme.example changed --value "stage=Customer"
    """
    from seqlang.app.events import Happening, record_event
    from seqlang.app.workspace import open_workspace

    workspace = open_workspace(project, database)
    happened = Happening(at=read_at(at_text, workspace), who=who, kind=kind, flow=sequence, step=step, value=value)
    told = record_event(workspace, happened)
    click.echo(told)
    return 0


def _by_hand(
    use_case: Callable[[Workspace, str, tuple[str, ...], datetime], list[ByHand]],
    name: str,
    who: tuple[str, ...],
    at_text: str | None,
    project: str | None,
    database: str | None,
) -> int:
    from seqlang.app.workspace import open_workspace

    workspace = open_workspace(project, database)
    results = use_case(workspace, name, who, read_at(at_text, workspace))
    for result in results:
        if result.refused is None:
            click.echo(f"{result.who}: {result.done}")
        else:
            note(f"{result.who}: refused: {result.refused}")
    return 1 if any(r.refused for r in results) else 0


def _pairs(texts: tuple[str, ...], option: str, shape: str) -> tuple[tuple[str, str], ...]:
    found = []
    for text in texts:
        left, sign, right = text.partition("=")
        if not sign or not left.strip():
            raise click.UsageError(f"`{option} {text}` is not of the form {shape}")
        found.append((left.strip(), right.strip()))
    return tuple(found)
