"""Bytes of a file to a source: UTF-8, without byte order mark, every line end one line feed."""

from __future__ import annotations

from seqlang.diagnostics.catalogue import problem
from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source, Span
from seqlang.limits import SOURCE_BYTES_MAX


def read_source(path: str, raw: bytes) -> tuple[Source, tuple[Diagnostic, ...]]:
    """Return the text of a file and what keeps it from being read; a file that is no text is an empty one with a diagnostic."""
    if len(raw) > SOURCE_BYTES_MAX:
        source = Source(path, "")
        message = f"this file is larger than {SOURCE_BYTES_MAX // 1024 // 1024} MB"
        return source, (problem("SEQ118", source, Span(0, 0), message, hint="part it into several files"),)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        shown = Source(path, _lines(raw[: failure.start].decode("utf-8-sig", "replace")) + "\ufffd")
        place = len(shown.text) - 1
        hint = "save the file as UTF-8 (in a spreadsheet or an editor: `Save as`, encoding UTF-8)"
        found = problem("SEQ117", shown, Span(place, place + 1), "this is not UTF-8 text from here on", hint=hint)
        return Source(path, ""), (found,)
    return Source(path, _lines(text)), ()


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
