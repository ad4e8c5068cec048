"""A project as rules see it: what its flows say, as plain data, and what a rule found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class LintStep:
    """One step of a flow, as the file has it."""

    name: str
    channel: str  # "email", "sms", …
    options: Mapping[str, Any]  # texts, numbers, truths, lists of these as they stand; anything else as its source text
    day: int | None = None  # `on day N`
    condition: str | None = None  # behind `when`, as source text


@dataclass(frozen=True, slots=True)
class LintFlow:
    """One flow."""

    name: str
    kind: str  # classic smart outbound cadence workflow journey
    record: str  # `for contact`
    path: str  # of its file
    owner: str | None  # as a text; None: none is named, or by a constant
    steps: tuple[LintStep, ...]  # in file order, those in branches and splits too
    settings: Mapping[str, str] = field(default_factory=dict)  # "run", "window", "goal", … -> source text of the first such
    exits: tuple[str, ...] = ()  # the conditions behind `exit when`, as source text


@dataclass(frozen=True, slots=True)
class LintProject:
    """All flows of a project, in the order of its files."""

    name: str
    plan: str | None
    flows: tuple[LintFlow, ...]
    templates: Mapping[str, str]  # name in `templates/` -> text


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One thing that breaks a rule."""

    code: str  # of a rule in the manifest
    message: str  # one sentence, lower case, no full stop, names in backticks
    flow: str  # its name
    step: str | None = None  # None: the flow as a whole
    option: str | None = None  # of that step: the place of this option
    hint: str | None = None
