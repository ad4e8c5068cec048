"""What is unknown because a plugin was left out: no mistake of the file's, or none that can be told."""

from __future__ import annotations

from seqlang.vocabulary.policies import Words


def may_bring_it(words: Words) -> str | None:
    """Return the hint for a word that nobody brings, where plugins are left out; None where all are there."""
    if not words.left_out:
        return None
    names = " or ".join(f"`{name}`" for name in words.left_out)
    return f"the plugin {names} is left out, and may bring it: `seqlang plugin list` says why"
