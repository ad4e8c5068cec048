"""A diagnostic: one mistake, its place, its words and its mend."""

from __future__ import annotations

from typing import Literal

from seqlang.diagnostics.source import Source, Span
from seqlang.frozen import Record

Severity = Literal["error", "warning"]


class Edit(Record):
    """Replace the text of `span` by `text`."""

    span: Span
    text: str


class Fix(Record):
    """Edits of the diagnostic's own source that mend it."""

    title: str  # in the imperative: "write `score`"
    edits: tuple[Edit, ...]
    safe: bool = False  # safe: keeps what the author meant; `check --fix` applies only these


class Related(Record):
    """Another place that belongs to the mistake."""

    message: str
    source: Source
    span: Span


class Diagnostic(Record):
    """One mistake. `message`: one sentence, lower case, no full stop, input in backticks, no Python names."""

    code: str  # "SEQ203"; the catalogue lists all
    severity: Severity
    message: str
    source: Source
    span: Span
    hint: str | None = None  # what to do, apart from the message
    fix: Fix | None = None
    related: tuple[Related, ...] = ()
