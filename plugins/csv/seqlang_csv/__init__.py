"""Records from CSV files: read when they change, and from where the last reading ended."""

from __future__ import annotations

from seqlang.sdk import Source, SourceSettings, hookimpl


@hookimpl
def open_source(kind: str, settings: SourceSettings) -> Source:
    """Return the source; files are opened when it is read."""
    from seqlang_csv.reading import CsvFiles

    return CsvFiles(settings)
