"""The filters of templates: those of ours, and those of Jinja that need a bound."""

from __future__ import annotations

import textwrap
from datetime import date
from typing import Any

from jinja2 import StrictUndefined
from jinja2.exceptions import FilterArgumentError

from seqlang.dispatch.shown import shown
from seqlang.limits import RENDERED_CHARS_MAX

_WIDTH_MAX = 1_000
_FORMAT_MAX = 100


def _date(value: Any, form: str = "%Y-%m-%d") -> str:
    """Return a date or instant in a form of strftime; empty where it is empty."""
    if value is None or value == "":
        return ""
    if not isinstance(value, date) or len(form) > _FORMAT_MAX:
        raise FilterArgumentError("`date` is for dates, with a form of at most 100 characters")
    return value.strftime(form)


def _round(value: Any, precision: int = 0, method: str = "common") -> float | None:
    if value is None:
        return None
    if not 0 <= precision <= 12 or method != "common":
        raise FilterArgumentError("`round` takes 0 to 12 places")
    return round(float(value), precision)


def _replace(text: Any, old: str, new: str, count: int = -1) -> str:
    whole = "" if text is None else str(text)
    if whole.count(old) * len(new) > RENDERED_CHARS_MAX:
        raise FilterArgumentError("the text would be too long")
    return whole.replace(str(old), str(new), count)


def _center(text: Any, width: int = 80) -> str:
    return ("" if text is None else str(text)).center(_bounded(width))


def _indent(text: Any, width: int = 4, first: bool = False, blank: bool = False) -> str:  # noqa: FBT001, FBT002  as Jinja's
    lines = ("" if text is None else str(text)).split("\n")
    pad = " " * min(_bounded(width), 100)
    if len(lines) * len(pad) > RENDERED_CHARS_MAX:
        raise FilterArgumentError("the text would be too long")
    return "\n".join(pad + line if (index or first) and (line or blank) else line for index, line in enumerate(lines))


def _wordwrap(text: Any, width: int = 79) -> str:
    lines = ("" if text is None else str(text)).splitlines()
    return "\n".join("\n".join(textwrap.wrap(line, max(1, _bounded(width)))) for line in lines)


def _format(form: Any, *values: Any) -> str:
    """Fill `%s` and `%d` alone: widths are how a short template asks for a gigabyte."""
    parts = str(form).split("%")
    filled, rest = [parts[0]], list(values)
    for part in parts[1:]:
        if part[:1] not in {"s", "d"} or not rest:
            raise FilterArgumentError("`format` fills `%s` and `%d`")
        value = rest.pop(0)
        filled.append((str(int(value)) if part[0] == "d" else shown(value, "UTC")) + part[1:])
    return "".join(filled)


def _join(items: Any, between: str = "") -> str:
    texts = [item if isinstance(item, str) else shown(item, "UTC") for item in items or ()]
    if sum(map(len, texts)) + len(between) * len(texts) > RENDERED_CHARS_MAX:
        raise FilterArgumentError("the text would be too long")
    return str(between).join(texts)


def _sum(items: Any) -> float:
    return float(sum(item for item in items or () if isinstance(item, int | float)))


def _default(value: Any, other: Any = "", boolean: bool = True) -> Any:  # noqa: FBT001, FBT002  as Jinja's
    """Return the other value where this one is empty; an unknown name stays a mistake."""
    if isinstance(value, StrictUndefined):
        str(value)
    return other if value is None or value == "" or (boolean and value is False) else value


def _text(function: Any) -> Any:
    """Make a filter of texts that takes an empty field for an empty text."""
    return lambda value, *args, **kwargs: function("" if value is None else str(value), *args, **kwargs)


def _bounded(width: int) -> int:
    if not isinstance(width, int) or isinstance(width, bool) or width > _WIDTH_MAX:
        raise FilterArgumentError(f"a width is a number up to {_WIDTH_MAX}")
    return width


def _itself(value: Any) -> Any:
    """Return the value: what is written is escaped where it stands, as its place demands."""
    return value


OWN: dict[str, Any] = {
    "e": _itself, "escape": _itself,
    "capitalize": _text(str.capitalize), "center": _center, "d": _default, "date": _date, "default": _default, "format": _format,
    "indent": _indent, "join": _join, "lower": _text(str.lower), "replace": _replace, "round": _round, "sum": _sum,
    "trim": _text(str.strip), "upper": _text(str.upper), "wordwrap": _wordwrap,
}
