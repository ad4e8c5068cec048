"""`seqlang test`."""

from __future__ import annotations

import click

from seqlang.cli.options import coloured, note, project_option


@click.command(short_help="Run the test blocks.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("-k", "word", metavar="WORD", help="Only tests whose name has this in it.")
@click.option("--junit", metavar="FILE", help="Write a JUnit report.")
@click.option("--coverage", is_flag=True, help="Say which steps and branches no test reaches.")
@project_option
def test(paths: tuple[str, ...], word: str | None, junit: str | None, coverage: bool, project: str | None) -> int:
    """Run the test blocks on the real engine with a clock of their own; exit code 1 where one fails.

    \b
    Examples:
      seqlang test
      seqlang test -k reply --junit report.xml
    """
    from seqlang.app.testing import Suite, junit_report, run_suites
    from seqlang.cli.plain import shown_prefix

    tone = coloured()
    suites: list[Suite] = []
    ran = failed = 0
    for suite in run_suites(paths, word, project, shown_prefix):
        suites.append(suite)
        if suite.broken:
            click.echo("\n".join(suite.broken), err=True)
            failed += 1
            continue
        for result in suite.results():
            ran += 1
            mark = "ok  " if result.passed else "FAIL"
            if tone:
                mark = f"\x1b[{'32' if result.passed else '1;31'}m{mark}\x1b[0m"
            click.echo(f"{mark} {result.path}:{result.line} {result.name}")
            if not result.passed:
                failed += 1
                click.echo("\n".join(f"     {line}" for line in result.report.split("\n")))
    if coverage:
        for suite in suites:
            for line in suite.coverage():
                click.echo(line)
    if junit is not None:
        from pathlib import Path

        Path(junit).write_text(junit_report(suites), encoding="utf-8")
    note(f"{ran} {'test' if ran == 1 else 'tests'}, {failed} failed")
    return 1 if failed else 0
