"""`[channels.WORD.NAME]` of the settings against what the channel says of its mailboxes."""

from __future__ import annotations

from datetime import date
from typing import Any

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Span
from seqlang.semantics.policies import settings_place, settings_source
from seqlang.semantics.project import ProjectText
from seqlang.semantics.report import Reporter
from seqlang.semantics.settings import in_the_clear
from seqlang.vocabulary.channels import ChannelSpec, SettingSpec

TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "texts": (list, tuple),
    "secret": (dict,),
    "secrets": (dict,),
    "zone": (str,),
    "hours": (str,),
    "date": (str,),
}
TYPE_WORDS = {
    "text": "a text",
    "number": "a number",
    "boolean": "`true` or `false`",
    "texts": "a list of texts",
    "secret": 'found elsewhere: `{ env = "NAME" }`',
    "zone": "a timezone",
    "hours": 'opening hours: `"mon-fri 08:00-18:00"`',
    "date": 'a date: `"2026-03-02"`',
    "secrets": 'a table of secrets: `crm = { env = "NAME" }`',
}


def check_mailboxes(text: ProjectText, sink: list[Diagnostic]) -> None:
    """Report mailboxes of no channel, and keys that a channel's mailboxes do not have."""
    report = Reporter(settings_source(text), sink)
    for word, boxes in text.settings.channels.items():
        channel = text.words.channel(word)
        if channel is None:
            pool = [c.word for c in text.words.channels if c.mailbox and c.mailbox_of is None]
            report.unknown(
                "SEQ808",
                settings_place(text, "channels", word),
                f"there is no channel `{word}` with mailboxes",
                word,
                pool,
                text=False,
                warn=text.settings.plugins is not None,
            )
            continue
        for name, box in boxes.items():
            if isinstance(box, dict) and channel.settings:
                _check_box(text, report, channel, name, box)


def fits(kind: str, value: Any) -> bool:
    """Tell whether a value of the right type says something."""
    if kind == "number":
        return not isinstance(value, bool)
    if kind == "zone":
        from seqlang.schedule.zones import zone_exists

        return zone_exists(value)
    try:
        if kind == "hours":
            from seqlang.schedule.hours import read_hours

            read_hours(value)
        elif kind == "date":
            date.fromisoformat(value)
    except ValueError:
        return False
    return True


def tell_misfit(report: Reporter, place: Span, spec: SettingSpec, value: Any) -> None:
    """Report a value of another type; a secret in the clear that its name or its looks give away is told already."""
    if spec.type != "secret" or not isinstance(value, str):
        report.error("SEQ802", place, f"`{spec.name}` must be {TYPE_WORDS[spec.type]}")
    elif not in_the_clear(spec.name, value):
        told = f"`{spec.name}` is in the clear in a file of the project"
        report.error("SEQ805", place, told, hint=f'write `{spec.name} = {{ env = "NAME" }}`')


def _check_box(text: ProjectText, report: Reporter, channel: ChannelSpec, name: str, box: dict[str, Any]) -> None:
    known: dict[str, SettingSpec] = {s.name: s for s in channel.settings}
    for key, value in box.items():
        spec = known.get(key)
        if spec is not None and isinstance(value, TYPES[spec.type]) and fits(spec.type, value):
            continue
        place = settings_place(text, "channels", channel.word, name, key)
        if spec is None:
            report.unknown("SEQ801", place, f"a mailbox of the channel {channel.word} has no key `{key}`", key, known, text=False)
        else:
            tell_misfit(report, place, spec, value)
    for spec in channel.settings:
        if spec.required and spec.name not in box:
            report.error(
                "SEQ803",
                settings_place(text, "channels", channel.word, name),
                f"this mailbox needs `{spec.name}`",
                hint=spec.help or None,
            )
