"""Values between three forms: a cell's text, a Python value, and what a column keeps.

| type | Python | column | text |
| --- | --- | --- | --- |
| text, choice, email, phone, url | str | text | itself |
| number | int or float | real | `50`, `-2.5` |
| boolean | bool | truth | `yes`, `no` |
| date | date | proleptic ordinal | `2026-03-02` |
| datetime | aware datetime | microseconds UTC | `2026-03-02T08:30:00+00:00` |
| set | tuple of texts | `;A;B;`, null where empty | `A;B` |
| link | int, the row's id | the same | the key of the record (looked up by the caller) |
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, cast

from seqlang.clock import from_micros, to_micros
from seqlang.schedule.zones import local_instant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from seqlang.vocabulary.records import FieldSpec

Value = str | int | float | bool | date | datetime | tuple[str, ...] | None
Stored = str | int | float | bool | None
NUMBER = re.compile(r"[+-]?\d[\d_]*(\.\d[\d_]*)?([eE][+-]?\d+)?", re.ASCII)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)
TRUTHS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
WHOLE_MAX = 2**53  # whole numbers up to here are exact in a double


def parse_cell(field: FieldSpec, text: str, zone: str) -> Value:
    """Return the value that a cell of that field stands for; None where it is empty.

    Instants without an offset are local to `zone`. A link's text comes back as it is: the caller looks the record up. A
    choice is one of the field's choices. ValueError with a plain reason where the text is no value of the field's type.
    """
    if not text.strip():
        return None
    if "\x00" in text or any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise ValueError(f"`{field.name}` holds a character that no text may have")
    return _READERS.get(field.type, _text)(field, text, zone)


def _text(field: FieldSpec, text: str, _zone: str) -> Value:
    return text if field.type == "text" else text.strip()


def _number(field: FieldSpec, text: str, _zone: str) -> Value:
    plain = text.strip()
    if not NUMBER.fullmatch(plain):
        raise ValueError(f"`{field.name}` is a number, and `{plain}` is none")
    value = float(plain.replace("_", ""))
    if not math.isfinite(value):
        raise ValueError(f"`{field.name}`: `{plain}` is too large")
    return whole(value)


def _boolean(field: FieldSpec, text: str, _zone: str) -> Value:
    try:
        return TRUTHS[text.strip().lower()]
    except KeyError:
        raise ValueError(f"`{field.name}` is `yes` or `no`, not `{text.strip()}`") from None


def _date(field: FieldSpec, text: str, _zone: str) -> Value:
    plain = text.strip()
    reason = f"`{field.name}` is a date such as `2026-03-02`, and `{plain}` is none"
    if not DATE.fullmatch(plain):
        raise ValueError(reason)
    try:
        return date.fromisoformat(plain)
    except ValueError:
        raise ValueError(reason) from None


def _datetime(field: FieldSpec, text: str, zone: str) -> Value:
    plain = text.strip()
    reason = f"`{field.name}` is an instant such as `2026-03-02T09:30+01:00`, and `{plain}` is none"
    if not INSTANT.fullmatch(plain):
        raise ValueError(reason)
    try:
        at = datetime.fromisoformat(plain)
        return at.astimezone(UTC) if at.tzinfo is not None else local_instant(at.date(), at.time(), zone)
    except (ValueError, OverflowError):
        raise ValueError(reason) from None


def _choice(field: FieldSpec, text: str, _zone: str) -> Value:
    plain = text.strip()
    # The engine's own choices are open: an activity may be a custom one (LANGUAGE 2).
    if field.choices and plain not in field.choices and not field.engine:
        raise ValueError(f"`{field.name}` is one of {', '.join(f'`{c}`' for c in field.choices)}, not `{plain}`")
    return plain


def _set(_field: FieldSpec, text: str, _zone: str) -> Value:
    return members(text.split(";")) or None


_READERS = {"number": _number, "boolean": _boolean, "date": _date, "datetime": _datetime, "choice": _choice, "set": _set}


def members(items: Iterable[str]) -> tuple[str, ...]:
    """Return the members of a set, trimmed, each once (case ignored), in the order given."""
    seen: dict[str, str] = {}
    for item in items:
        if plain := item.strip():
            seen.setdefault(plain.casefold(), plain)
    return tuple(seen.values())


def whole(value: float) -> int | float:
    """Return a number as an int where it is one: `50`, not `50.0`."""
    return int(value) if float(value).is_integer() and abs(value) < WHOLE_MAX else value


def cell_text(field: FieldSpec, value: object) -> str:
    """Return the text of a Python value of that field: what a CSV cell, a timeline or a `changed` event shows; "" for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(whole(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if field.type == "set" and not isinstance(value, str):
        return ";".join(members(cast("Iterable[str]", value)))
    return str(value)


def text_of(kept: Stored) -> str | None:
    """Return what a column keeps as text: so events and `change` rows tell a new value; None where it is empty."""
    if isinstance(kept, bool):
        return "yes" if kept else "no"
    return None if kept is None else str(kept)


def stored(field: FieldSpec, value: object) -> Stored:
    """Return what the field's column keeps for a Python value. ValueError or TypeError where the value is of another type."""
    if value is None or value in ("", ()):
        return None
    match field.type:
        case "date":
            if isinstance(value, datetime) or not isinstance(value, date):
                raise TypeError(f"`{field.name}` takes a date, not {value!r}")
            return value.toordinal()
        case "datetime":
            if not isinstance(value, datetime):
                raise TypeError(f"`{field.name}` takes an instant, not {value!r}")
            return to_micros(value)
        case "set":
            kept = members(value.split(";") if isinstance(value, str) else cast("Iterable[str]", value))
            return f";{';'.join(kept)};" if kept else None
        case "boolean":
            return bool(value)
        case "number":
            return float(value)  # type: ignore[arg-type]  # a wrong type is the caller's TypeError
        case "link":
            return int(value)  # type: ignore[call-overload, no-any-return]
        case _:
            return str(value)


def loaded(field: FieldSpec, kept: Stored) -> Value:
    """Return the Python value of what a column keeps; the inverse of `stored`."""
    if kept is None:
        return None
    match field.type:
        case "date":
            return date.fromordinal(int(kept))
        case "datetime":
            return from_micros(int(kept))
        case "set":
            return tuple(str(kept).strip(";").split(";"))
        case "boolean":
            return bool(kept)
        case "number":
            return whole(float(kept))
        case _:
            return kept
