"""`seqlang check`."""

from __future__ import annotations

from pathlib import Path

import click

from seqlang.cli.options import coloured, note, project_option

WATCH_SECONDS = 0.3


@click.command(short_help="Report every mistake of every file.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--format",
    "layout",
    type=click.Choice(["text", "concise", "json", "sarif", "github", "gitlab", "junit"]),
    default="text",
    show_default=True,
    help="How to print what was found.",
)
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.option("--fix", is_flag=True, help="Apply the safe fixes.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes.")
@project_option
def check(paths: tuple[str, ...], layout: str, strict: bool, fix: bool, watch: bool, project: str | None) -> int:
    """Report every mistake of every file, in file order; exit code 1 where there are errors.

    \b
    Examples:
      seqlang check
      seqlang check sequences/welcome.seq --format json
      seqlang check --strict --fix
    """
    from seqlang.app.checking import targets

    items = targets(paths, project)
    if not watch:
        return _once(paths, project, layout, strict, fix)
    import time

    from seqlang.app.checking import watched_state

    seen: object = None
    while True:
        state = watched_state(items)
        if state != seen:
            seen = state
            if coloured():
                click.clear()
            _once(paths, project, layout, strict, fix)
            note("watching for changes; Ctrl-C ends it")
        time.sleep(WATCH_SECONDS)


def _once(paths: tuple[str, ...], project: str | None, layout: str, strict_wanted: bool, fix: bool) -> int:
    from seqlang.app.checking import check_target, fix_target, report_of, strict, targets
    from seqlang.diagnostics.faces import FACES, face_text, summary

    found = []
    for target in targets(paths, project):
        if fix:
            checking, count = fix_target(target)
            note(f"{count} {'fix' if count == 1 else 'fixes'} applied")
        else:
            checking = check_target(target)
        for problem in checking.problems:
            note(f"warning: {problem}")
        found.append((checking, shown_prefix(target.folder) if project is None else ""))
    report = report_of(found)
    if strict_wanted:
        report = strict(report)
    shown = face_text(report, colour=coloured()) if layout == "text" else FACES[layout](report)
    if shown:
        click.echo(shown)
    if layout in ("github", "sarif", "gitlab", "junit"):
        note(summary(report))
    return 1 if report.count("error") else 0


def shown_prefix(folder: Path) -> str:
    """Return what stands before a project's paths to make them paths from here; nothing where the project is not below."""
    here = Path.cwd().resolve()
    return "" if folder == here or not folder.is_relative_to(here) else folder.relative_to(here).as_posix() + "/"
