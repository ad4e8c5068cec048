"""All that a check found, before anybody has given it a face."""

from __future__ import annotations

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.frozen import Record


class Report(Record):
    """All that a check found."""

    files: tuple[str, ...]  # paths of the files that were looked at, from where the reader stands
    diagnostics: tuple[Diagnostic, ...]  # in file order; their sources' paths likewise

    def count(self, severity: str) -> int:
        """How many there are of that severity."""
        return sum(d.severity == severity for d in self.diagnostics)
