"""What a plugin's manifest promises and its code does not have: known once the code is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pluggy

    from seqlang.host.manifest import Manifest


def lacking(manifest: Manifest, hooks: pluggy.PluginManager) -> tuple[str, ...]:
    """Return a sentence for each hook that the manifest needs and the code does not have."""
    return tuple(
        f"its manifest has {what}, and its code has no hook `{hook}`"
        for hook, what in _needed(manifest)
        if not getattr(hooks.hook, hook).get_hookimpls()
    )


def _needed(manifest: Manifest) -> Iterator[tuple[str, str]]:
    channel = next((c.word for c in manifest.channels if c.effect != "todo"), None)  # to-dos are seqlang's own work
    if channel is not None:
        yield "open_channel", f"the channel `{channel}`"
    inbox = next((c.word for c in manifest.channels if c.inbox), None)
    if inbox is not None:
        yield "open_inbox", f"the channel `{inbox}` with an inbox"
    if manifest.sources:
        yield "open_source", f"the source `{manifest.sources[0].word}`"
    if manifest.rules:
        yield "lint", f"the rule `{manifest.rules[0].code}`"
