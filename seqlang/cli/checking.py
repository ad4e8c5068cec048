"""`seqlang check`."""

from __future__ import annotations

import click

from seqlang.cli.options import coloured, note, project_option
from seqlang.cli.plain import FORMATS, Wanted, check_once
from seqlang.errors import SeqlangError

WATCH_SECONDS = 0.3


@click.command(short_help="Report every mistake of every file.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--format",
    "layout",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How to print what was found.",
)
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.option("--fix", is_flag=True, help="Apply the safe fixes.")
@click.option("--unsafe-fixes", "unsafe", is_flag=True, help="Apply all fixes, also those that may change what is meant.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes.")
@click.option("--no-cache", "fresh", is_flag=True, help="Look at every file, though nothing has changed since the last check.")
@project_option
def check(
    paths: tuple[str, ...],
    layout: str,
    strict: bool,
    fix: bool,
    unsafe: bool,
    watch: bool,
    fresh: bool,
    project: str | None,
) -> int:
    """Report every mistake of every file, in file order; exit code 1 where there are errors.

    \b
    Examples:
      seqlang check
      seqlang check sequences/welcome.seq --format json
      seqlang check --strict --fix
    """
    wanted = Wanted(paths, layout, strict=strict, fix=fix, unsafe=unsafe, fresh=fresh, project=project)
    if not watch:
        return check_once(wanted)
    import time

    from seqlang.app.checking import targets, watched_state

    items = targets(paths, project)
    seen: object = None
    while True:
        state = watched_state(items)
        if state != seen:
            seen = state
            if coloured():
                click.clear()
            try:
                check_once(wanted)
            except SeqlangError as broken:  # a file is gone for a moment, or half saved: it is looked at again when it changes
                note(f"error: {broken.message}")
            note("watching for changes; Ctrl-C ends it")
        time.sleep(WATCH_SECONDS)
