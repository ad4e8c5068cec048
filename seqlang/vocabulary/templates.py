"""What a template may use, and the parts of one: front matter, title, format. Checked by `check`, rendered by `dispatch`."""

from __future__ import annotations

import re
from typing import Literal

# Of Jinja's own filters those that cannot be made to eat memory or time, or to smuggle markup; `date` and `plural` are ours.
FILTERS = frozenset({
    "abs", "capitalize", "center", "count", "d", "date", "default", "e", "escape", "first", "float", "format", "indent", "int",
    "join", "last", "length", "list", "lower", "max", "min", "reject", "rejectattr", "replace", "reverse", "round", "select",
    "selectattr", "sort", "string", "striptags", "sum", "title", "trim", "truncate", "unique", "upper", "urlencode", "wordcount",
    "wordwrap",
})
TESTS = frozenset({
    "boolean", "defined", "divisibleby", "eq", "equalto", "even", "false", "float", "ge", "gt", "greaterthan", "in", "integer",
    "iterable", "le", "lessthan", "lower", "lt", "mapping", "ne", "none", "number", "odd", "sameas", "sequence", "string", "true",
    "undefined", "upper", "==", "!=", ">", ">=", "<", "<=",
})

_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"<(?:mj-)?title[^>]*>\s*(.*?)\s*</(?:mj-)?title>", re.DOTALL | re.IGNORECASE)

Format = Literal["html", "markdown", "mjml", "text"]
FORMATS: dict[str, Format] = {
    "html": "html", "htm": "html", "md": "markdown", "markdown": "markdown", "mjml": "mjml", "txt": "text",
}
MARKUP: tuple[Format, ...] = ("html", "mjml")  # formats in which values are escaped


def format_of(name: str) -> Format:
    """Return the format that a template's name says: by its ending, else text."""
    return FORMATS.get(name.rpartition(".")[2].lower(), "text")


def split_front(source: str) -> tuple[dict[str, str], str]:
    """Return the front matter (`key: value` lines between two lines of `---`) and the rest; nothing and all without one."""
    found = _FRONT.match(source)
    if found is None:
        return {}, source
    matter: dict[str, str] = {}
    for line in found[1].splitlines():
        key, colon, value = line.partition(":")
        if colon and value.strip():
            matter[key.strip()] = value.strip().strip("\"'")
    return matter, source[found.end() :]


def title_of(source: str) -> str | None:
    """Return what stands in `<title>` (of MJML `<mj-title>`), as markup; None where nothing does."""
    found = _TITLE.search(source)
    return found[1] if found is not None and found[1] else None
