"""All that a plugin may import: hooks, messages, outcomes and mailbox settings; light, so that plugins load fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqlang.sdk.mailbox import MailboxSettings, Secret, SecretError
from seqlang.sdk.messages import MARK, Attachment, Body, Message, Person, Thread, Tracking, Value, fill
from seqlang.sdk.outcomes import Accepted, Outcome, Rejected, Retry, Unavailable, Unclear
from seqlang.sdk.redaction import Redacting, redact
from seqlang.sdk.version import ENTRY_POINT_GROUP, MANIFEST_NAME, SDK_VERSION

if TYPE_CHECKING:
    from seqlang.sdk.hooks import Channel, hookimpl
    from seqlang.vocabulary.channels import ChannelSpec, OptionSpec, SettingSpec
    from seqlang.vocabulary.policies import PolicyLimit, PolicySpec

__all__ = [
    "ENTRY_POINT_GROUP",
    "MANIFEST_NAME",
    "MARK",
    "SDK_VERSION",
    "Accepted",
    "Attachment",
    "Body",
    "Channel",
    "ChannelSpec",
    "MailboxSettings",
    "Message",
    "OptionSpec",
    "Outcome",
    "Person",
    "PolicyLimit",
    "PolicySpec",
    "Redacting",
    "Rejected",
    "Retry",
    "Secret",
    "SecretError",
    "SettingSpec",
    "Thread",
    "Tracking",
    "Unavailable",
    "Unclear",
    "Value",
    "fill",
    "hookimpl",
    "redact",
]

_HOOKS = ("Channel", "hookimpl")
_CHANNELS = ("ChannelSpec", "OptionSpec", "SettingSpec")
_POLICIES = ("PolicyLimit", "PolicySpec")


def __getattr__(name: str) -> object:
    """Load what not every reader of this package needs: `check` needs no hooks, and few plugins build specifications."""
    if name in _HOOKS:
        from seqlang.sdk import hooks

        return getattr(hooks, name)
    if name in _CHANNELS:
        from seqlang.vocabulary import channels

        return getattr(channels, name)
    if name in _POLICIES:
        from seqlang.vocabulary import policies

        return getattr(policies, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
