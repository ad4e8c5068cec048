"""What the names of a path stand for, one by one: records, fields, properties, constants; in placeholders, too."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seqlang.editing.symbols import Kind
from seqlang.semantics.names import Names

_EXPRESSION = re.compile(r"\{[{%](.*?)[%}]\}", re.DOTALL)
_PATH = re.compile(r"""'[^'\n]*'|"[^"\n]*"|(?<![\w.])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+""")
ROOTS = ("contact", "account", "deal")


def find_in_text(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the dotted paths in the placeholders of a text: their offset and names."""
    for expression in _EXPRESSION.finditer(text):
        for path in _PATH.finditer(expression[1]):
            if path[0][0] not in "'\"":
                yield expression.start(1) + path.start(), tuple(path[0].split("."))


def walk_path(
    names: Names, record: str, parts: tuple[str, ...], *, template: bool = False
) -> Iterator[tuple[Kind, str, str]]:
    """Yield (kind, name, holder) of each name of a path, as far as it leads.

    `record`: whose fields stand bare. In a template every path begins with a record.
    """
    here: str | None = record
    first = parts[0]
    if record.startswith("event:"):
        yield ("property", first, record.removeprefix("event:"))
        return
    rest = parts
    if template or (first not in names.fields.get(record, {}) and len(parts) > 1):
        if template and first in {"owner", "sender"}:
            here, rest = ("user" if first == "owner" else None), parts[1:]
            yield ("record", first, "")
        elif first in names.records and (not template or first in ROOTS):
            yield ("record", first, "")
            here, rest = first, parts[1:]
        elif template:
            return
    elif first not in names.fields.get(record, {}) and first in names.lets:
        yield ("constant", first, "")
        return
    for name in rest:
        field = names.fields.get(here, {}).get(name) if here is not None else None
        if field is not None and here is not None:
            yield ("field", name, here)
            here = field.link
        elif name in names.records and here is not None and names.link_to(name, here):
            yield ("record", name, "")
            here = name
        else:
            return
