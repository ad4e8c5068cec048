"""Takes secrets out of what a channel said: servers repeat what they are told, and what they say is kept and shown."""

from __future__ import annotations

from dataclasses import replace

from seqlang.sdk.outcomes import Accepted, Outcome
from seqlang.sdk.redaction import redact


def scrubbed(outcome: Outcome) -> Outcome:
    """Return the outcome without any secret in its words."""
    if isinstance(outcome, Accepted):
        clean = redact(outcome.detail)
        return outcome if clean == outcome.detail else replace(outcome, detail=clean)
    clean = redact(outcome.reason)
    return outcome if clean == outcome.reason else replace(outcome, reason=clean)
