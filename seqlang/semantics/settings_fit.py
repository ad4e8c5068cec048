"""Whether what stands in a table of the settings can work: by what a plugin says of its keys, without any of its code."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from seqlang.diagnostics.source import Span
from seqlang.semantics.moments import usual_zone
from seqlang.semantics.policies import settings_place
from seqlang.semantics.project import ProjectText
from seqlang.semantics.report import Reporter, nearest
from seqlang.semantics.settings import in_the_clear
from seqlang.semantics.values import ADDRESS
from seqlang.vocabulary.channels import SettingSpec
from seqlang.vocabulary.mailboxes import DEFAULT

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
    "address": (str,),
    "user": (str,),
}
TYPE_WORDS = {
    "text": "a text",
    "boolean": "`true` or `false`",
    "texts": "a list of texts",
    "secret": 'found elsewhere: `{ env = "NAME" }`',
    "zone": 'a timezone: `"Europe/Berlin"`',
    "hours": 'opening hours: `"mon-fri 08:00-18:00"`',
    "date": 'a date: `"2026-03-02"`',
    "secrets": 'a table of secrets: `crm = { env = "NAME" }`',
    "address": 'an e-mail address: `"Acme <hello@example.com>"`',
    "user": "a user's address, or `default`",
}
Place = Callable[[str], Span]  # of a key, where it stands; of "": the table


def place_in(text: ProjectText, *table: str) -> Place:
    """Return where the keys of a table of `seqlang.toml` stand."""
    return lambda key: settings_place(text, *table, *([key] if key else ()))


def check_table(  # noqa: PLR0917  each is a different question
    report: Reporter, place: Place, specs: Sequence[SettingSpec], table: Mapping[str, Any], kind: str, what: str,
    common: Sequence[str] = (),
) -> None:  # fmt: skip
    """Report keys that are none, are missing or too many, and values that cannot be.

    `kind`: of what the keys are ("a mailbox of the channel sms"), `what`: the one at hand ("this mailbox"), `common`: keys that
    stand beside the plugin's own.
    """
    known = [spec.name for spec in specs]
    for key in table:
        if key not in known:
            report.unknown("SEQ801", place(key), f"{kind} has no key `{key}`", key, [*known, *common], text=False)
    for spec in specs:
        if spec.name in table:
            _check_value(report, place(spec.name), spec, table[spec.name])
            _check_others(report, place(spec.name), spec, table)
        elif spec.required:
            report.error("SEQ803", place(""), f"{what} needs `{spec.name}`", hint=spec.help or None)


def check_one_of(report: Reporter, place: Place, groups: Sequence[Sequence[str]], table: Mapping[str, Any], what: str) -> None:
    """Report groups of keys of which not exactly one is there."""
    for group in groups:
        there = [name for name in group if name in table]
        if not there:
            report.error("SEQ803", place(""), f"{what} needs {' or '.join(f'`{name}`' for name in group)}")
        for name in there[1:]:
            _tell_excluded(report, place(name), name, there[0])


def _check_value(report: Reporter, at: Span, spec: SettingSpec, value: Any) -> None:
    if isinstance(value, TYPES[spec.type]) and _fits(spec, value):
        return
    if spec.type == "secret" and isinstance(value, str):
        if not in_the_clear(spec.name, value):  # what its name or its looks give away is told already
            told = f"`{spec.name}` is in the clear in a file of the project"
            report.error("SEQ805", at, told, hint=f'write `{spec.name} = {{ env = "NAME" }}`')
        return
    hint = _near_zone(value) if spec.type == "zone" and isinstance(value, str) else None
    report.error("SEQ802", at, f"`{spec.name}` must be {_wanted(spec)}", hint=hint)


def _near_zone(value: str) -> str | None:
    from zoneinfo import available_timezones

    near = usual_zone(value) or nearest(value, available_timezones())
    return f"did you mean `{near}`?" if near else None


def _check_others(report: Reporter, at: Span, spec: SettingSpec, table: Mapping[str, Any]) -> None:
    for name in spec.needs:
        if name not in table:
            report.error("SEQ803", at, f"`{spec.name}` means nothing without `{name}`", hint=f"add `{name}`, or leave it out")
    for name in spec.excludes:
        if name in table:
            _tell_excluded(report, at, spec.name, name)


def _tell_excluded(report: Reporter, at: Span, one: str, other: str) -> None:
    report.error("SEQ810", at, f"`{one}` and `{other}` exclude each other", hint="leave one of them out")


def _fits(spec: SettingSpec, value: Any) -> bool:
    """Tell whether a value of the right type says something."""
    match spec.type:
        case "number":
            return _is_number(spec, value)
        case "zone":
            from seqlang.schedule.zones import zone_exists

            return zone_exists(value)
        case "address":
            return ADDRESS.match(value) is not None
        case "user":
            return value.lower() == DEFAULT or ("<" not in value and ADDRESS.match(value) is not None)
        case "hours" | "date":
            return _is_read(spec.type, value)
        case "text":
            return (not spec.schemes or _is_server(spec.schemes, value)) and (
                spec.pattern is None or re.fullmatch(spec.pattern, value) is not None
            )
        case _:
            return True


def _is_number(spec: SettingSpec, value: float) -> bool:
    if isinstance(value, bool) or not math.isfinite(value) or (spec.whole and value != int(value)):
        return False
    return (spec.minimum is None or value >= spec.minimum) and (spec.maximum is None or value <= spec.maximum)


def _is_read(kind: str, value: str) -> bool:
    try:
        if kind == "hours":
            from seqlang.schedule.hours import read_hours

            read_hours(value)
        else:
            date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_server(schemes: Sequence[str], value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none
        return False


def _wanted(spec: SettingSpec) -> str:
    if spec.type == "number":
        words = "a whole number" if spec.whole else "a number"
        words += f" from {spec.minimum:g}" if spec.minimum is not None else ""
        return words + (f" to {spec.maximum:g}" if spec.maximum is not None else "")
    if spec.form:
        return spec.form
    if spec.schemes:
        *others, last = [f"`{scheme}://HOST`" for scheme in spec.schemes]
        return f"the address of a server: {', '.join(others)}{' or ' if others else ''}{last}"
    return TYPE_WORDS[spec.type]
