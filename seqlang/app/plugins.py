"""`plugin list`: what is installed, with every option and setting, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seqlang.app.workspace import Workspace
from seqlang.frozen import Record
from seqlang.vocabulary.channels import ChannelSpec, OptionSpec, SettingSpec
from seqlang.vocabulary.plugging import SourceSpec

if TYPE_CHECKING:
    from seqlang.diagnostics.explain import Explanation
    from seqlang.host import PluginInfo


class PluginShown(Record):
    """One plugin, as people and programs are shown it."""

    name: str
    version: str = ""
    distribution: str = ""
    help: str = ""
    channels: tuple[ChannelSpec, ...] = ()
    policies: tuple[str, ...] = ()
    sources: tuple[SourceSpec, ...] = ()
    problem: str | None = None  # why it is left out: nothing that it brings can be used
    lacking: tuple[str, ...] = ()  # what its manifest promises and its code does not have, in a sentence each
    further: tuple[tuple[str, str, str], ...] = ()  # "rule" or "condition", its name, what it is

    def record(self) -> dict[str, Any]:
        """Return it as data. `type` of an option is for people; `kind` and `choices` are for programs."""
        further = [*(("source", s.word, s.help) for s in self.sources), *self.further]
        return {
            "name": self.name,
            "version": self.version,
            "distribution": self.distribution,
            "help": self.help,
            "channels": [_channel(c) for c in self.channels],
            "plans": list(self.policies),
            "sources": [
                {"word": s.word, "help": s.help, "every_seconds": s.every_seconds, "settings": [_setting(o) for o in s.settings]}
                for s in self.sources
            ],
            "further": [{"kind": kind, "name": name, "help": told} for kind, name, told in further],
            "left_out": self.problem is not None,
            "problem": self.problem,
            "lacking": list(self.lacking),
        }

    @property
    def sound(self) -> bool:
        """Whether all that it promises can be used."""
        return self.problem is None and not self.lacking


def installed(workspace: Workspace) -> list[PluginShown]:
    """Return every plugin that the project uses; broken ones with their reason."""
    from seqlang.host import load

    host = load(workspace.settings)
    host.verify()
    found = [_shown(item) for item in host.plugins()]
    known = {p.name for p in found if p.problem}
    return [*found, *(PluginShown(p.plugin, problem=p.reason) for p in host.problems if p.plugin not in known)]


def option_type(option: OptionSpec) -> str:
    """Return the type of an option for people: "word (sales, support)"."""
    return f"{option.type} ({', '.join(option.words)})" if option.words else option.type


def default_text(default: object) -> str:
    """Return a default as a file would have it; "" for none."""
    if default is None:
        return ""
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, tuple):
        return ", ".join(str(d) for d in default)
    return str(default)


def _shown(item: PluginInfo) -> PluginShown:
    further = (*(("rule", r.code, r.title) for r in item.rules), *(("condition", f.name, f.help) for f in item.functions))
    return PluginShown(item.name, item.version, item.distribution, item.help, item.channels, tuple(p.name for p in item.policies),
                       item.sources, item.problem, item.lacking, further)  # fmt: skip


def _channel(channel: ChannelSpec) -> dict[str, Any]:
    options = [
        {
            "name": o.name,
            "type": option_type(o),
            "kind": o.type,
            "required": o.required,
            "default": default_text(o.default) or None,
            "words": list(o.words),
            "choices": list(o.words),
            "help": o.help,
        }
        for o in channel.options
    ]
    settings = [_setting(s) for s in channel.settings]
    return {"word": channel.word, "help": channel.help, "effect": channel.effect, "options": options, "settings": settings}


def _setting(setting: SettingSpec) -> dict[str, Any]:
    """Return all that a manifest may say of a setting, under the manifest's own keys."""
    found: dict[str, Any] = setting.model_dump()
    return {**found, "kind": setting.type}


def explain_rule(code: str) -> Explanation | None:
    """Return what a rule of an installed plugin means; None where none has that code."""
    from seqlang.diagnostics.explain import Explanation
    from seqlang.host import load

    rule = next((r for r in load().words.rules if r.code == code), None)
    if rule is None:
        return None
    page = f"# {rule.code}: {rule.title}\n\n{rule.help}\n"
    return Explanation(rule.code, rule.severity, rule.title, rule.help, rule.bad or None, rule.good or None, None, page)

