"""`seqlang init`, `seqlang fmt`."""

from __future__ import annotations

import sys

import click

from seqlang.cli.options import coloured, format_option, note, project_option
from seqlang.cli.plain import shown_prefix


@click.command(short_help="Make a new project.")
@click.argument("folder", metavar="DIR")
def init(folder: str) -> int:
    """Make a new project in DIR: settings, one sequence, its templates, a test, CI; it passes its own checks and tests.

    \b
    Example:
      seqlang init outreach
    """
    from seqlang.app.starting import make_project

    for path in make_project(folder):
        click.echo(path)
    shown = "" if folder in (".", "./") else f"cd {folder} && "
    note(f"next: {shown}seqlang check && seqlang test")
    return 0


@click.command(short_help="Write files in the one canonical layout.")
@click.argument("paths", nargs=-1, metavar="[PATH|-]...")
@click.option("--check", "check_only", is_flag=True, help="Change nothing; exit code 1 where a file would change.")
@click.option("--diff", "show_diff", is_flag=True, help="Change nothing; show what would change.")
@project_option
def fmt(paths: tuple[str, ...], check_only: bool, show_diff: bool, project: str | None) -> int:
    """Write files in the one canonical layout; `-` reads stdin and writes stdout. Comments stay, the meaning too.

    \b
    Examples:
      seqlang fmt
      seqlang fmt --check --diff
      seqlang fmt - < draft.seq
    """
    from seqlang.app.checking import targets
    from seqlang.app.formatting import format_targets, write_formatted

    if "-" in paths:
        if len(paths) > 1:
            raise click.UsageError("`-` stands alone: it is stdin")
        return _stdin(check_only, show_diff)
    items = targets(paths, project)
    changed = broken = 0
    found = format_targets(items, [shown_prefix(t.folder) if project is None else "" for t in items])
    for item in found:
        if item.after is None:
            broken += 1
            _complain(item.path, item.diagnostics)
        elif item.changed:
            changed += 1
            if show_diff:
                click.echo(_painted(item.difference()), nl=False)
            if check_only:
                note(f"{item.path} would change")
            elif not show_diff:
                write_formatted(item)
                click.echo(item.path)
    rest = f", {broken} cannot be read" if broken else ""
    if changed or broken or sys.stderr.isatty():
        note(f"{_files(len(found))}: {changed} {'would change' if check_only or show_diff else 'changed'}{rest}")
    return 1 if broken or (changed and (check_only or show_diff)) else 0


@click.command(short_help="What a diagnostic means, a bad and a good example.")
@click.argument("code")
@format_option
def explain(code: str, layout: str) -> int:
    """Say what a diagnostic's CODE means, with a bad and a good example.

    \b
    Example:
      seqlang explain SEQ211
    """
    import json
    from dataclasses import asdict
    from difflib import get_close_matches

    from seqlang.diagnostics.catalogue import CATALOGUE
    from seqlang.diagnostics.explain import explain as find
    from seqlang.errors import NotFoundError

    found = find(code)
    if found is None and not code.upper().startswith("SEQ"):
        from seqlang.app.plugins import explain_rule

        found = explain_rule(code.upper())
    if found is None:
        alike = [known for known in CATALOGUE if known[:4] == code.upper()[:4] or sorted(known) == sorted(code.upper())]
        near = get_close_matches(code.upper(), alike, n=1)
        known = f"codes are `{min(CATALOGUE)}` to `{max(CATALOGUE)}`; `seqlang check` names those of your files"
        raise NotFoundError(f"there is no diagnostic `{code}`", hint=f"did you mean `{near[0]}`?" if near else known)
    if layout == "json":
        data = {key: value for key, value in asdict(found).items() if key != "frame"}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return 0
    click.echo(f"{found.code} ({found.severity}): {found.title}")
    for title, text in (("", found.meaning), ("wrong:", found.bad), ("right:", found.good)):
        if text:
            shown = text if not title else title + "\n" + "\n".join(f"  {line}" for line in text.split("\n"))
            click.echo(f"\n{shown}")
    return 0


def _stdin(check_only: bool, show_diff: bool) -> int:
    from pathlib import Path

    from seqlang.app.formatting import Formatted, format_source
    from seqlang.diagnostics.source import Source
    from seqlang.errors import UsageError

    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise UsageError("stdin is not UTF-8 text") from None
    after, why = format_source(Source("-", text))
    if after is None:
        _complain("stdin", why)
        return 1
    if check_only or show_diff:
        item = Formatted("stdin", Path("-"), text, after)
        if show_diff:
            click.echo(_painted(item.difference()), nl=False)
        return 1 if item.changed else 0
    click.echo(after, nl=False)
    return 0


def _complain(path: str, diagnostics: tuple) -> None:  # type: ignore[type-arg]
    from seqlang.diagnostics.faces import Report, face_concise

    lines = face_concise(Report((path,), diagnostics)).split("\n")
    note("\n".join(lines[:-1]))


def _painted(difference: str) -> str:
    if not coloured():
        return difference
    tones = {"+": "32", "-": "31", "@": "36"}
    lines = difference.splitlines(keepends=True)
    return "".join(f"\x1b[{tones[line[0]]}m{line}\x1b[0m" if line[:1] in tones else line for line in lines)


def _files(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"
