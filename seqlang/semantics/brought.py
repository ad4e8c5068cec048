"""Names in `seqlang.toml` that plugins give a meaning to: codes of their rules, and what limits count."""

from __future__ import annotations

from collections.abc import Iterator

from seqlang.diagnostics.catalogue import CATALOGUE
from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Span
from seqlang.semantics.policies import settings_place, settings_source
from seqlang.semantics.project import ProjectText
from seqlang.semantics.report import Reporter, listing, nearest

EVERYTHING = "message"  # what a limit on messages of all channels counts


def check_brought(text: ProjectText, sink: list[Diagnostic]) -> None:
    """Warn of rules and of what limits count where nobody brings it; silent where a plugin that is left out may.

    Warnings, not errors: a project may be checked where not all of its plugins are installed.
    """
    if text.words.left_out:
        return
    report = Reporter(settings_source(text), sink)
    for code in text.settings.rules:
        ours = [rule.code for rule in text.words.rules]
        if code not in CATALOGUE and code not in ours:
            at = settings_place(text, "rules", code)
            none = "no plugin that is installed has rules" if not ours else None
            report.unknown("SEQ801", at, f"no plugin brings a rule `{code}`", code, ours, text=False, none=none, warn=True)
    chosen = text.settings.plugins is not None  # a plan may count what a channel has that this project does without
    counted = {EVERYTHING, *(c.limit for c in text.words.channels if c.limit)}
    for what, whose, at in _limits(text):
        if what not in counted:
            near = nearest(what, counted)
            if near is None and chosen:
                continue
            hint = f"did you mean `{near}`?" if near is not None else f"there are {listing(sorted(counted))}"
            report.warning("SEQ802", at, f"{whose} counts `{what}`, and no channel is counted as that", hint=hint)


def _limits(text: ProjectText) -> Iterator[tuple[str, str, Span]]:
    """Yield what the limits of the project's plans count, in words whose it is, and where that is said."""
    for name, plan in text.settings.plans.items():
        for number, raw in enumerate(plan.limits):
            if isinstance(what := raw.get("what"), str):
                yield what, "this limit", settings_place(text, "plans", name, "limits", number, "what")
    wanted = text.settings.plan
    policy = text.words.policy(wanted) if wanted is not None and wanted not in text.settings.plans else None
    for what in dict.fromkeys(limit.what for limit in policy.limits) if policy is not None else ():
        yield what, f"a limit of the plan `{wanted}`", settings_place(text, "plan")
