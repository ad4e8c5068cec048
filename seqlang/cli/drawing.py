"""`seqlang graph`."""

from __future__ import annotations

from pathlib import Path

import click

from seqlang.cli.options import database_options, note


@click.command(short_help="A flow as a picture.")
@click.argument("name", required=False)
@click.option("-o", "--output", metavar="FILE", help="Where to write: .svg, .mmd (Mermaid) or .dot (Graphviz).")
@click.option(
    "--format", "form", type=click.Choice(["svg", "mermaid", "dot"]), help="The form (default: as FILE ends, else svg)."
)
@click.option("--counts", is_flag=True, help="With how many came by, from the database.")
@database_options
def graph(name: str | None, output: str | None, form: str | None, counts: bool, project: str | None, database: str | None) -> int:
    """Draw the flow NAME; without a NAME, how the project's flows feed one another.

    \b
    Examples:
      seqlang graph "Qualify new leads" -o leads.svg
      seqlang graph --format mermaid
    """
    from seqlang.app.graphs import Form, draw, form_of
    from seqlang.app.workspace import open_workspace

    wanted: Form = form or (form_of(output) if output else "svg")  # type: ignore[assignment]
    text = draw(open_workspace(project, database), name, wanted, counts=counts)
    if output is None:
        click.echo(text, nl=False)
        return 0
    Path(output).write_text(text, encoding="utf-8")
    note(f"wrote {output}")
    return 0
