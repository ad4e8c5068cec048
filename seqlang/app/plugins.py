"""`plugin list`: what is installed, with every option."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seqlang.app.workspace import Workspace

if TYPE_CHECKING:
    from seqlang.diagnostics.explain import Explanation


@dataclass(frozen=True, slots=True)
class OptionShown:
    """One option of a channel."""

    name: str
    type: str
    required: bool
    default_text: str
    help: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChannelShown:
    """One channel word."""

    word: str
    help: str
    options: tuple[OptionShown, ...]


@dataclass(frozen=True, slots=True)
class PluginShown:
    """One plugin."""

    name: str
    version: str
    distribution: str
    help: str
    channels: tuple[ChannelShown, ...]
    policies: tuple[str, ...]
    problem: str | None
    further: tuple[tuple[str, str, str], ...] = ()  # "source", "rule" or "condition", its name, what it is

    def record(self) -> dict[str, Any]:
        """Return it as data."""
        return {
            "name": self.name,
            "version": self.version,
            "distribution": self.distribution,
            "help": self.help,
            "channels": [
                {
                    "word": c.word,
                    "help": c.help,
                    "options": [
                        {
                            "name": o.name,
                            "type": o.type,
                            "required": o.required,
                            "default": o.default_text or None,
                            "words": list(o.words),
                            "help": o.help,
                        }
                        for o in c.options
                    ],
                }
                for c in self.channels
            ],
            "plans": list(self.policies),
            "further": [{"kind": kind, "name": name, "help": told} for kind, name, told in self.further],
            "problem": self.problem,
        }


def installed(workspace: Workspace) -> list[PluginShown]:
    """Return every plugin that the project uses; broken ones with their reason."""
    from seqlang.host import load

    host = load(workspace.settings)
    host.verify()
    found = []
    for item in host.plugins():
        channels = tuple(
            ChannelShown(
                c.word,
                c.help,
                tuple(
                    OptionShown(
                        o.name,
                        " ".join([o.type, *(f"({', '.join(o.words)})" if o.words else "",)]).strip(),
                        o.required,
                        _text(o.default),
                        o.help,
                        o.words,
                    )
                    for o in c.options
                ),
            )
            for c in item.channels
        )
        found.append(
            PluginShown(
                item.name,
                item.version,
                item.distribution,
                item.help,
                channels,
                tuple(p.name for p in item.policies),
                item.problem,
                (
                    *(("source", s.word, s.help) for s in item.sources),
                    *(("rule", r.code, r.title) for r in item.rules),
                    *(("condition", f.name, f.help) for f in item.functions),
                ),
            )
        )
    known = {p.name for p in found if p.problem}
    return [*found, *(PluginShown(p.plugin, "", "", "", (), (), p.reason) for p in host.problems if p.plugin not in known)]


def explain_rule(code: str) -> Explanation | None:
    """Return what a rule of an installed plugin means; None where none has that code."""
    from seqlang.diagnostics.explain import Explanation
    from seqlang.host import load

    rule = next((r for r in load().words.rules if r.code == code), None)
    if rule is None:
        return None
    page = f"# {rule.code}: {rule.title}\n\n{rule.help}\n"
    return Explanation(rule.code, rule.severity, rule.title, rule.help, rule.bad or None, rule.good or None, None, page)


def _text(default: object) -> str:
    if default is None:
        return ""
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, tuple):
        return ", ".join(str(d) for d in default)
    return str(default)
