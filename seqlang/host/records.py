"""What the host tells of plugins."""

from __future__ import annotations

from seqlang.frozen import Record
from seqlang.vocabulary.channels import ChannelSpec
from seqlang.vocabulary.plugging import FunctionSpec, RuleSpec, SourceSpec
from seqlang.vocabulary.policies import PolicySpec


class Problem(Record):
    """Why a plugin, or a part of it, was left out."""

    plugin: str  # the name of its entry point
    reason: str  # one sentence, lower case, no full stop

    def __str__(self) -> str:
        return f"plugin `{self.plugin}`: {self.reason}"


class PluginInfo(Record):
    """One installed plugin, for `plugin list`."""

    name: str  # of its entry point
    module: str
    distribution: str  # what was installed; "" where nobody knows
    version: str
    help: str
    channels: tuple[ChannelSpec, ...]
    policies: tuple[PolicySpec, ...]
    problem: str | None  # why it was left out
    sources: tuple[SourceSpec, ...] = ()
    rules: tuple[RuleSpec, ...] = ()
    functions: tuple[FunctionSpec, ...] = ()
    lacking: tuple[str, ...] = ()  # what its manifest promises and its code does not have; known where the code is loaded
