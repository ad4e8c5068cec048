"""Options that are of the right type and say nothing, or what their place cannot bear: each message would fail for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from seqlang.plan.conditions import Choose, ListValue, Literal_, PlanValue, Template
from seqlang.semantics.report import Reporter
from seqlang.semantics.values import CONTROL
from seqlang.syntax import tree
from seqlang.vocabulary.channels import ChannelSpec, OptionSpec

_JINJA = r"(?s)\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}"  # line ends within are not the text's


def check_said(report: Reporter, node: tree.Step, channel: ChannelSpec, given: Mapping[str, PlanValue | None]) -> bool:
    """Report such options of a step; tell whether there are none."""
    fine = True
    for option in node.options:
        spec, value = channel.option(option.name.text), given.get(option.name.text)
        if spec is None or value is None:
            continue
        if spec.one_line and _any(value, _has_lines):
            report.error(
                "SEQ416", option.value, f"`{spec.name}` is one line, and this has several", hint="leave the line break out"
            )
            fine = False
        elif _must_say(channel, spec) and _any(value, _says_nothing):
            report.error("SEQ417", option.value, f"`{spec.name}` says nothing", hint=_remedy(channel, spec))
            fine = False
        elif spec.name == "review" and channel.draft and isinstance(value, Literal_) and value.value is False:
            told = f"`{channel.word}` always makes a draft that a person releases"
            report.error("SEQ418", option.value, told, hint=f"leave `review` out, or write `{channel.mailbox_of or 'email'}`")
            fine = False
    return fine


def _must_say(channel: ChannelSpec, spec: OptionSpec) -> bool:
    """Return whether something is sent, shown or asked for that is empty where the option is."""
    if spec.type in ("texts", "addresses"):
        return spec.type == "texts" or spec.required or spec.name == "to"
    return spec.type == "text" and (spec.required or spec.one_line or any(spec.name in group for group in channel.one_of))


def _remedy(channel: ChannelSpec, spec: OptionSpec) -> str | None:
    if spec.required or any(spec.name in group for group in channel.one_of):
        return spec.help or None
    return f"leave `{spec.name}` out, or write something"


def _any(value: PlanValue, holds: Callable[[PlanValue], bool]) -> bool:
    if isinstance(value, Choose):
        return any(_any(case.value, holds) for case in value.cases)
    return holds(value)


def _says_nothing(value: PlanValue) -> bool:
    if isinstance(value, ListValue):
        return not value.items or any(_says_nothing(item) for item in value.items)
    return isinstance(value, Literal_) and isinstance(value.value, str) and not value.value.strip()


def _has_lines(value: PlanValue) -> bool:
    if isinstance(value, Template):
        return re.search(CONTROL, re.sub(_JINJA, "", value.source).strip()) is not None
    return isinstance(value, Literal_) and isinstance(value.value, str) and re.search(CONTROL, value.value.strip()) is not None
