"""Every code that a diagnostic may bear: its severity and its title. Adding a code is adding a line.

What a code means at length, with a bad and a good example, stands in two data files that `explain.py` reads.
1xx syntax; 2xx to 8xx what a file means: see `meaning_codes.py`.
"""

from __future__ import annotations

from seqlang.diagnostics.diagnostic import Diagnostic, Fix, Related, Severity
from seqlang.diagnostics.meaning_codes import MEANING_CODES
from seqlang.diagnostics.source import Source, Span
from seqlang.frozen import Record


class Entry(Record):
    """One code of the catalogue."""

    code: str  # "SEQ101"
    severity: Severity
    title: str  # what is wrong, without names; lower case, no full stop


_ENTRIES = (
    # syntax
    Entry("SEQ101", "error", "this does not belong here"),
    Entry("SEQ102", "error", "a word is not known here"),
    Entry("SEQ103", "error", "a text is not closed"),
    Entry("SEQ104", "error", "an escape means nothing"),
    Entry("SEQ105", "error", "a number cannot be read"),
    Entry("SEQ106", "error", "a character means nothing"),
    Entry("SEQ107", "error", "quotation marks are not straight ones"),
    Entry("SEQ108", "error", "an operator of another language"),
    Entry("SEQ109", "error", "a number has no unit, or it touches its unit"),
    Entry("SEQ110", "error", "a share has no percent sign"),
    Entry("SEQ111", "error", "a colon and an equals sign are exchanged"),
    Entry("SEQ112", "error", "a bracket is not closed"),
    Entry("SEQ113", "error", "a bracket closes nothing"),
    Entry("SEQ114", "error", "a block is not opened"),
    Entry("SEQ115", "error", "brackets are nested too deep"),
    Entry("SEQ116", "error", "words of the language are lower case"),
    Entry("SEQ117", "error", "a file is not UTF-8 text"),
    Entry("SEQ118", "error", "a file is too large"),
    Entry("SEQ119", "error", "an invisible character"),
    Entry("SEQ120", "error", "a name and a text are exchanged"),
    Entry("SEQ121", "error", "something is missing"),
    Entry("SEQ122", "error", "there are too many mistakes to list"),
    Entry("SEQ123", "error", "two statements are on one line"),
    Entry("SEQ124", "error", "a line ends too early"),
    Entry("SEQ125", "error", "a date or a time cannot be read"),
    Entry("SEQ126", "error", "truths are `yes` and `no`"),
    Entry("SEQ127", "error", "a comment begins with `#`"),
    Entry("SEQ128", "error", "a condition is not complete"),
)

CATALOGUE: dict[str, Entry] = {entry.code: entry for entry in (*_ENTRIES, *(Entry(*parts) for parts in MEANING_CODES))}

# Errors that judge by looks and may be wrong: a comment allows them, and `[rules]` may lower them, as if they were warnings.
YIELDING = frozenset({"SEQ448"})


def yields(code: str) -> bool:
    """Tell whether a diagnostic of this code may be allowed or lowered; False where the catalogue does not list it."""
    return code in YIELDING or (code in CATALOGUE and CATALOGUE[code].severity == "warning")


def problem(
    code: str,
    source: Source,
    span: Span,
    message: str,
    *,
    hint: str | None = None,
    fix: Fix | None = None,
    related: tuple[Related, ...] = (),
) -> Diagnostic:
    """Return a diagnostic of that code, as severe as the catalogue says. Raises `KeyError` for a code that it does not list."""
    return Diagnostic(code, CATALOGUE[code].severity, message, source, span, hint, fix, related)
