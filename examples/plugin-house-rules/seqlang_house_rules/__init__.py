"""Rules of a house: subjects that shout, sequences that write on weekends."""

from __future__ import annotations

from collections.abc import Iterator

from seqlang.sdk import LintFinding, LintFlow, LintProject, hookimpl

LETTERS_MIN = 8  # shorter ones may be a name


@hookimpl
def lint(project: LintProject) -> Iterator[LintFinding]:
    """Look at every flow."""
    for flow in project.flows:
        yield from _shouting(flow)
        if flow.kind in ("classic", "smart", "outbound", "cadence"):
            yield from _weekends(flow)


def _shouting(flow: LintFlow) -> Iterator[LintFinding]:
    for step in flow.steps:
        subject = step.options.get("subject")
        letters = [sign for sign in subject if sign.isalpha()] if isinstance(subject, str) else []
        if len(letters) >= LETTERS_MIN and all(sign.isupper() for sign in letters):
            said = f"the subject of `{step.name}` is in capital letters"
            yield LintFinding("HOUSE101", said, flow.name, step.name, "subject", f'write "{subject.capitalize()}"')


def _weekends(flow: LintFlow) -> Iterator[LintFinding]:
    run = flow.settings.get("run", "")
    if run and "except weekends" not in run and "on calendar" not in run and "cron" not in run:
        yield LintFinding("HOUSE102", f"`{flow.name}` writes on weekends, too", flow.name, hint="add `except weekends`")
