"""All that a plugin may import: hooks, messages, outcomes and mailbox settings; light, so that plugins load fast."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from seqlang.sdk.version import ENTRY_POINT_GROUP, MANIFEST_NAME, SDK_VERSION

if TYPE_CHECKING:
    from seqlang.sdk.hooks import Channel, Inbox, PipelinedChannel, Source, hookimpl
    from seqlang.sdk.incoming import Incoming
    from seqlang.sdk.linting import LintFinding, LintFlow, LintProject, LintStep
    from seqlang.sdk.mailbox import MailboxSettings, Secret, SecretError
    from seqlang.sdk.messages import MARK, Attachment, Body, Message, Person, Thread, Tracking, Value, fill
    from seqlang.sdk.outcomes import Accepted, Outcome, Rejected, Retry, Unavailable, Unclear
    from seqlang.sdk.redaction import Redacting, redact
    from seqlang.sdk.sources import BatchRefusedError, SourceBatch, SourceRow, SourceSettings, cell_of
    from seqlang.vocabulary.channels import ChannelSpec, OptionSpec, SettingSpec
    from seqlang.vocabulary.policies import PolicyLimit, PolicySpec

__all__ = [
    "ENTRY_POINT_GROUP",
    "MANIFEST_NAME",
    "MARK",
    "SDK_VERSION",
    "Accepted",
    "Attachment",
    "BatchRefusedError",
    "Body",
    "Channel",
    "ChannelSpec",
    "Inbox",
    "Incoming",
    "LintFinding",
    "LintFlow",
    "LintProject",
    "LintStep",
    "MailboxSettings",
    "Message",
    "OptionSpec",
    "Outcome",
    "Person",
    "PipelinedChannel",
    "PolicyLimit",
    "PolicySpec",
    "Redacting",
    "Rejected",
    "Retry",
    "Secret",
    "SecretError",
    "SettingSpec",
    "Source",
    "SourceBatch",
    "SourceRow",
    "SourceSettings",
    "Thread",
    "Tracking",
    "Unavailable",
    "Unclear",
    "Value",
    "cell_of",
    "fill",
    "hookimpl",
    "redact",
]

# Where a name lives; its module is loaded when the name is asked for: `check` needs none of them.
_HOMES = {
    "seqlang.sdk.hooks": ("Channel", "Inbox", "PipelinedChannel", "Source", "hookimpl"),
    "seqlang.sdk.incoming": ("Incoming",),
    "seqlang.sdk.linting": ("LintFinding", "LintFlow", "LintProject", "LintStep"),
    "seqlang.sdk.mailbox": ("MailboxSettings", "Secret", "SecretError"),
    "seqlang.sdk.messages": ("MARK", "Attachment", "Body", "Message", "Person", "Thread", "Tracking", "Value", "fill"),
    "seqlang.sdk.outcomes": ("Accepted", "Outcome", "Rejected", "Retry", "Unavailable", "Unclear"),
    "seqlang.sdk.redaction": ("Redacting", "redact"),
    "seqlang.sdk.sources": ("BatchRefusedError", "SourceBatch", "SourceRow", "SourceSettings", "cell_of"),
    "seqlang.vocabulary.channels": ("ChannelSpec", "OptionSpec", "SettingSpec"),
    "seqlang.vocabulary.policies": ("PolicyLimit", "PolicySpec"),
}


def __getattr__(name: str) -> object:
    """Load the module where the name lives, and keep what it stands for."""
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(home), name)
    return found
