"""Text of a cell, an option or the command line as a value of a field's type, and the reasons why it is none."""

from __future__ import annotations

import re
from datetime import date, datetime
from difflib import get_close_matches

from seqlang.app.instants import read_instant
from seqlang.errors import UsageError
from seqlang.vocabulary.records import FieldSpec

CellValue = str | int | float | bool | date | datetime | tuple[str, ...] | None
TRUTHS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
ENGINE_KINDS_OPEN = ("last_contacted_mode", "last_activity_type")  # choices that activities may widen
_NUMBER = re.compile(r"[+-]?[0-9][0-9_]*(\.[0-9]+)?")


def read_cell(text: str, field: FieldSpec, zone: str) -> CellValue:
    """Return the value that `text` stands for (empty: None); instants without an offset are of `zone`. ValueError: the reason."""
    if not text:
        return None
    match field.type:
        case "number":
            return _number(text, field)
        case "boolean":
            if text.casefold() not in TRUTHS:
                raise ValueError(f"`{field.name}` is `yes` or `no`, not `{text}`")
            return TRUTHS[text.casefold()]
        case "date":
            return _date(text, field)
        case "datetime":
            try:
                return read_instant(text, zone, field.name)
            except UsageError as wrong:
                raise ValueError(wrong.message) from None
        case "choice":
            return _choice(text, field)
        case "set":
            return tuple(part.strip() for part in text.split(";") if part.strip())
        case _:
            return text


def _number(text: str, field: FieldSpec) -> int | float:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"`{field.name}` is a number, not `{text}`")
    plain = text.replace("_", "")
    return float(plain) if "." in plain else int(plain)


def _date(text: str, field: FieldSpec) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"`{field.name}` is a date such as `2026-03-02`, not `{text}`") from None


def _choice(text: str, field: FieldSpec) -> str:
    if text in field.choices or field.name in ENGINE_KINDS_OPEN:
        return text
    near = get_close_matches(text, field.choices, n=1, cutoff=0.5) or [c for c in field.choices if c.casefold() == text.casefold()]
    meant = f", did you mean `{near[0]}`?" if near else f"; it is one of {', '.join(f'`{c}`' for c in field.choices)}"
    raise ValueError(f"`{field.name}` has no choice `{text}`{meant}")


def write_value(value: object) -> str:
    """Return a value as the text of a cell: truths are `yes` and `no`, sets separated by `;`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, list | tuple | set | frozenset):
        return ";".join(sorted(str(v) for v in value))
    return str(value)
