"""`seqlang db upgrade`, `seqlang db check`."""

from __future__ import annotations

import click

from seqlang.cli.options import database_options, note


@click.group(short_help="Migrate or check the database.")
def db() -> None:
    """Migrate or check the database.

    \b
    Example:
      seqlang db upgrade && seqlang db check
    """


@db.command()
@database_options
def upgrade(project: str | None, database: str | None) -> int:
    """Bring the database to this program's version; a new one is made where there is none.

    \b
    Example:
      seqlang db upgrade
    """
    from seqlang.app.upkeep import upgrade_database
    from seqlang.app.workspace import open_workspace

    click.echo(upgrade_database(open_workspace(project, database)))
    return 0


@db.command()
@database_options
def check(project: str | None, database: str | None) -> int:
    """Check the integrity of the data; exit code 1 where something is wrong.

    \b
    Example:
      seqlang db check
    """
    from seqlang.app.upkeep import check_database
    from seqlang.app.workspace import open_workspace

    problems = check_database(open_workspace(project, database))
    for problem in problems:
        click.echo(problem)
    note("nothing wrong" if not problems else f"{len(problems)} found")
    return 1 if problems else 0
