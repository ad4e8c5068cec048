"""What a name can name, and one place where it does."""

from __future__ import annotations

from typing import Literal

from seqlang.diagnostics.source import Span
from seqlang.frozen import Record

Kind = Literal[
    "flow", "view", "list", "calendar", "event", "constant", "record", "field", "property", "step", "template", "channel",
    "option", "goal", "split", "side", "tag", "who", "test",
]  # fmt: skip


class Symbol(Record):
    """What a name names."""

    kind: Kind
    name: str
    holder: str = ""  # of a field its record, of a step its flow, of an option its channel, of a `who` its test


class Occurrence(Record):
    """One place where it is named."""

    symbol: Symbol
    path: str  # of the file or template
    span: Span  # of the bare name: without quotes or backticks where they can be told apart
    form: Literal["bare", "quoted", "placeholder"]
    declares: bool = False
    whole: Span | None = None  # of the declaration as a whole


class Where(Record):
    """The surroundings of a name."""

    record: str  # whose fields stand bare: a record, or "event:NAME"
    flow: str = ""
    test: str = ""
