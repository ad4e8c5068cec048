"""What completion offers: one thing that may be written, and all of them."""

from __future__ import annotations

from typing import Literal

from seqlang.diagnostics.source import Span
from seqlang.frozen import Record

ItemKind = Literal[
    "word", "snippet", "field", "record", "step", "flow", "view", "list", "calendar", "event", "constant", "template", "channel",
    "option", "value", "user", "zone", "who", "tag", "side", "split", "type",
]  # fmt: skip


class Proposal(Record):
    """One thing that may be written."""

    label: str
    kind: ItemKind
    detail: str = ""  # a few words beside it
    text: str = ""  # Markdown below it
    insert: str = ""  # what is written, if it is not the label; of a snippet with `${1:places}`


class Proposals(Record):
    """All that may be written, and what it replaces."""

    items: tuple[Proposal, ...]
    replace: Span
