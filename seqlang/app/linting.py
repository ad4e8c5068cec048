"""Rules that plugins bring: the project as plain data for them, and what they found as diagnostics at its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source, Span
from seqlang.sdk.linting import LintFinding, LintFlow, LintProject, LintStep
from seqlang.semantics.walks import statements
from seqlang.syntax import tree
from seqlang.syntax.node import Node

if TYPE_CHECKING:
    from seqlang.host import Host
    from seqlang.semantics.project import ProjectText

MESSAGE_CHARS_MAX = 500


def plugin_findings(host: Host, text: ProjectText) -> tuple[tuple[Diagnostic, ...], tuple[str, ...]]:
    """Return what the plugins' rules find in a project, and a sentence for each plugin that could not say."""
    rules = {rule.code: rule for rule in host.words.rules}
    flows = list(_flows(text))
    found, problems = host.lint(LintProject(
        text.settings.name, text.settings.plan, tuple(_flow(source, node) for source, node in flows), dict(text.templates),
    ))  # fmt: skip
    by_name = {node.name.value: (source, node) for source, node in reversed(flows)}
    diagnostics: list[Diagnostic] = []
    strange: list[str] = []
    for finding in found:
        if finding.flow not in by_name:
            strange.append(f"a rule tells {finding.code} of `{finding.flow}`, which is no flow")
            continue
        source, node = by_name[finding.flow]
        message = " ".join(str(finding.message).split()).rstrip(".")[:MESSAGE_CHARS_MAX]
        severity, place = rules[finding.code].severity, _place(node, finding)
        diagnostics.append(Diagnostic(finding.code, severity, message, source, place, finding.hint))
    return tuple(diagnostics), tuple(dict.fromkeys([*(str(p) for p in problems), *strange]))


def _flows(text: ProjectText) -> Iterator[tuple[Source, tree.Flow]]:
    for module in text.modules:
        for node in module.module.declarations:
            if isinstance(node, tree.Flow):
                yield module.source, node


def _flow(source: Source, node: tree.Flow) -> LintFlow:
    def words(part: Node) -> str:
        return source.text[part.span.start : part.span.end]

    settings: dict[str, str] = {}
    for item in node.items:
        if not isinstance(item, tree.Step | tree.Exit):
            settings.setdefault(words(item).split(maxsplit=1)[0], words(item))
    owners = (item.user for item in node.items if isinstance(item, tree.Owner))
    owner = next((user.value for user in owners if isinstance(user, tree.Text)), None)
    exits = tuple(words(condition) for item in node.items if isinstance(item, tree.Exit) for condition in item.conditions)
    steps = tuple(_step(source, item) for item in statements(node.items) if isinstance(item, tree.Step))
    record = node.record.text if node.record is not None else "contact"
    return LintFlow(node.name.value, node.kind, record, source.path, owner, steps, settings, exits)


def _step(source: Source, node: tree.Step) -> LintStep:
    day = int(node.timing.day.value) if isinstance(node.timing, tree.OnDay) else None
    when = source.text[node.when.span.start : node.when.span.end] if node.when is not None else None
    options = {option.name.text: _value(source, option.value) for option in node.options}
    return LintStep(node.name.text, node.channel.text, options, day, when)


def _value(source: Source, node: Node) -> Any:
    match node:
        case tree.Text() | tree.Number() | tree.Truth():
            return node.value
        case tree.ListOf():
            return tuple(_value(source, item) for item in node.items)
        case _:
            return source.text[node.span.start : node.span.end]


def _place(node: tree.Flow, finding: LintFinding) -> Span:
    """Return the option, else the step's name, else the flow's."""
    step = next((s for s in statements(node.items) if isinstance(s, tree.Step) and s.name.text == finding.step), None)
    if step is None:
        return node.name.span
    option = next((o for o in step.options if o.name.text == finding.option), None)
    return option.value.span if option is not None else step.name.span
