"""The hooks of a plugin; a plugin implements those it needs, and none has to be implemented.

A plugin is a module named by an entry point of the group `seqlang.plugins`. What it brings (channel words with their options,
plans of a customer) stands as data in `seqlang-plugin.toml` beside the module, so that checking a file runs none of its code.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import pluggy

from seqlang.sdk.incoming import Incoming
from seqlang.sdk.linting import LintFinding, LintProject
from seqlang.sdk.mailbox import MailboxSettings
from seqlang.sdk.messages import Message
from seqlang.sdk.outcomes import Outcome
from seqlang.sdk.sources import SourceBatch, SourceSettings

if TYPE_CHECKING:
    from seqlang.vocabulary.channels import ChannelSpec
    from seqlang.vocabulary.policies import PolicySpec

PROJECT = "seqlang"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@runtime_checkable
class Channel(Protocol):
    """An open way out for one mailbox. One thread uses it, for many messages, one after the other."""

    def deliver(self, message: Message) -> Outcome:
        """Deliver one message and say what became of it.

        Return `Accepted`, `Rejected`, `Retry`, `Unavailable` or `Unclear`. An exception counts as `Unclear`: nobody knows
        whether the message went. A call that takes longer than a minute is given up and counts as `Unclear` too.
        """
        ...

    def close(self) -> None:
        """Give back what it holds (connections); called once, and never while `deliver` runs."""
        ...


@runtime_checkable
class PipelinedChannel(Channel, Protocol):
    """A channel that takes messages before the other side has answered those before them; no channel has to."""

    def deliver_each(self, messages: Iterator[Message]) -> Generator[Outcome]:
        """Deliver one message after the other, and yield what became of each, in their order.

        Messages may be taken early. But the outcome of one is yielded before the next one can have gone: so, whatever happens,
        at most one is unclear. After an exception, and after `Unavailable`, the rest comes again, by another call or not at all;
        closed half-way, the channel forgets what it has begun. The time limit is that of `deliver`, for each outcome.

        Only a channel with an attribute `in_flight` may have more on their way: it is how many messages, from the next one to be
        told of, can have gone by the time that it is. It is 1 at first, grows right before an outcome is yielded and never in
        between, and may fall whenever fewer are on their way; so many are unclear when the channel raises or hangs. After
        `Unavailable` come the outcomes of those that are on their way, and no others.
        """
        ...


@runtime_checkable
class Inbox(Protocol):
    """What comes back to one mailbox. One thread uses it, for as long as `seqlang run` does."""

    def receive(self, seconds: float) -> Sequence[Incoming]:
        """Wait for something to come, for at most so many seconds, and return all of it; nothing is an empty sequence.

        Raise `ConnectionError` with one plain sentence where the other side cannot be reached, `ValueError` where the settings
        cannot work (a wrong password): the inbox is closed and opened anew later.
        """
        ...

    def confirm(self) -> None:
        """Tell the other side that all that `receive` returned is safe now; called once it is committed."""
        ...

    def close(self) -> None:
        """Give back what it holds; what was not confirmed comes again."""
        ...


@runtime_checkable
class Source(Protocol):
    """Records from elsewhere, for one reading. One thread uses it."""

    def read(self, mark: str | None) -> Iterator[SourceBatch]:
        """Yield what is new since `mark`, in batches of a size that memory bears; nothing, where nothing is new.

        `mark` is that of the last batch that was taken in, also of an earlier process, None at the very beginning. Raise
        `ConnectionError` or `ValueError` with one plain sentence where it cannot be read: what was yielded before stays.
        """
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


@hookspec
def channels() -> Iterable[ChannelSpec]:  # type: ignore[empty-body]
    """Return the channels of this plugin: only for plugins without a manifest."""


@hookspec
def policies() -> Iterable[PolicySpec]:  # type: ignore[empty-body]
    """Return the plans of this plugin: only for plugins without a manifest."""


@hookspec(firstresult=True)
def open_channel(word: str, mailbox: MailboxSettings, dry_run: bool) -> Channel | None:  # noqa: FBT001  hooks pass by name
    """Return an open channel for one of this plugin's words.

    `mailbox` holds the settings of `[channels.WORD.NAME]` (empty where the project has none). With `dry_run` the channel
    checks and builds everything and touches no network: `deliver` then returns `Accepted` with the built text as its detail.
    Raise `ValueError` with one plain sentence where the settings cannot work; connect on the first message, not here.
    """


@hookspec(firstresult=True)
def open_source(kind: str, settings: SourceSettings) -> Source | None:
    """Return a source of one of this plugin's kinds, for one reading.

    `settings` holds the keys of `[sources.NAME]` that are the plugin's own. Raise `ValueError` with one plain sentence where they
    cannot work.
    """


@hookspec
def lint(project: LintProject) -> Iterable[LintFinding]:  # type: ignore[empty-body]
    """Return what breaks this plugin's rules; asked by `check`, only of plugins whose manifest has rules.

    Whatever is not in `project` is not for a rule: no files, no network, no clock. The same project gives the same findings.
    """


@hookspec(firstresult=True)
def open_inbox(word: str, mailbox: MailboxSettings) -> Inbox | None:
    """Return what comes back to that mailbox; None where its settings name no way back.

    Asked for words whose manifest says `inbox = true`, by `seqlang run`. Raise `ValueError` where the settings cannot work;
    connect in `receive`, not here.
    """


@hookspec(firstresult=True)
def read_call(provider: str, secret: str, headers: Mapping[str, str], body: bytes) -> Iterable[Mapping[str, Any]] | None:
    """Return what a provider's call to `/hooks/…` says, as events in the plain form of the guide to e-mail.

    Asked of the plugin that `[web.hooks.PROVIDER]` names; `headers` by their names in lower case. Raise `PermissionError` where
    whoever calls does not know the secret, `ValueError` with one plain sentence where the call says nothing that is understood.
    """
