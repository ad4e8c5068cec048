"""A diagnostic: one mistake, its place, its words and its mend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from seqlang.diagnostics.source import Source, Span

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `text`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits of the diagnostic's own source that mend it."""

    title: str  # in the imperative: "write `score`"
    edits: tuple[Edit, ...]
    safe: bool = False  # safe: keeps what the author meant; `check --fix` applies only these


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that belongs to the mistake."""

    message: str
    source: Source
    span: Span


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake. `message`: one sentence, lower case, no full stop, input in backticks, no Python names."""

    code: str  # "SEQ203"; the catalogue lists all
    severity: Severity
    message: str
    source: Source
    span: Span
    hint: str | None = None  # what to do, apart from the message
    fix: Fix | None = None
    related: tuple[Related, ...] = ()
