"""`[channels.WORD.NAME]` of the settings against what the channel says of its mailboxes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Span
from seqlang.semantics.left_out import may_bring_it
from seqlang.semantics.names import Names
from seqlang.semantics.policies import settings_place, settings_source
from seqlang.semantics.project import ProjectText
from seqlang.semantics.report import Reporter, nearest
from seqlang.semantics.settings_fit import check_one_of, check_table, place_in
from seqlang.vocabulary.channels import ChannelSpec
from seqlang.vocabulary.mailboxes import DEFAULT


def check_mailboxes(text: ProjectText, names: Names, sink: list[Diagnostic]) -> None:
    """Report mailboxes of no channel and of nobody, and keys and values that a channel's mailboxes cannot have."""
    report = Reporter(settings_source(text), sink)
    users = _users(text, names)
    for word, boxes in text.settings.channels.items():
        channel = text.words.channel(word)
        if channel is None:
            pool = [c.word for c in text.words.channels if c.mailbox and c.mailbox_of is None]
            report.unknown(
                "SEQ808",
                _place_of_word(text, word, boxes),
                f"there is no channel `{word}` with mailboxes",
                word,
                pool,
                text=False,
                none=may_bring_it(text.words),
                warn=text.settings.plugins is not None or bool(text.words.left_out),
            )
            continue
        if channel.mailbox_of is not None or channel.effect == "todo":
            _tell_no_mailboxes(report, settings_place(text, "channels", word), channel)
            continue
        for name, box in boxes.items():
            if isinstance(box, dict) and channel.settings:
                _check_box(text, report, channel, name, box)
                if users:
                    _check_whose(text, report, users, channel, name, box)


def _place_of_word(text: ProjectText, word: str, boxes: Iterable[str]) -> Span:
    """Return where the word stands: `[channels.WORD.NAME]` is one key, and its middle is meant."""
    at = settings_place(text, "channels", word, *list(boxes)[:1])
    source = settings_source(text).text
    table = "channels"
    start = at.start + len(table) if source.startswith(table, at.start) else at.start
    found = source.find(word, start, at.end)
    return Span(found, found + len(word)) if found >= 0 else at


def _tell_no_mailboxes(report: Reporter, at: Span, channel: ChannelSpec) -> None:
    told, of = f"the channel `{channel.word}` has no mailboxes of its own", channel.mailbox_of
    if of is None:
        report.error("SEQ808", at, told, hint="leave it out: nothing is sent from there")
    else:
        report.error("SEQ808", at, f"{told}: it sends from those of `{of}`", hint=f"write `[channels.{of}.default]`")


def _check_box(text: ProjectText, report: Reporter, channel: ChannelSpec, name: str, box: dict[str, Any]) -> None:
    place = place_in(text, "channels", channel.word, name)
    check_table(report, place, channel.settings, box, f"a mailbox of the channel {channel.word}", "this mailbox")
    check_one_of(report, place, channel.settings_one_of, box, "this mailbox")


def _users(text: ProjectText, names: Names) -> set[str]:
    """Return whose mailboxes may be: of who is listed, of who owns a flow, of the organisation; none where nobody is listed."""
    if not text.settings.users or not text.settings.channels:
        return set()
    from seqlang.semantics.colleagues import owners  # few projects list them

    return {user.email.casefold() for user in text.settings.users} | owners(names) | {DEFAULT}


def _check_whose(
    text: ProjectText, report: Reporter, users: set[str], channel: ChannelSpec, name: str, box: dict[str, Any]
) -> None:
    """Report a further mailbox of somebody who is no user."""
    for spec in channel.settings:
        whose = box.get(spec.name)
        if spec.type == "user" and isinstance(whose, str) and "@" in whose and whose.casefold() not in users:
            near = nearest(whose, [user.email for user in text.settings.users])
            report.warning(
                "SEQ811",
                settings_place(text, "channels", channel.word, name, spec.name),
                f"`{whose}` is no user of the project, so nothing is sent from this mailbox",
                hint=f"did you mean `{near}`?" if near else "write the address of somebody whom `[[users]]` lists",
            )
