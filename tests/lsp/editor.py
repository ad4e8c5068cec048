"""One open file in a client, by words instead of lines and columns."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types
from pytest_lsp import LanguageClient


class Editor:
    """One open file in the client."""

    def __init__(self, client: LanguageClient, place: Path, text: str | None = None) -> None:
        self.client = client
        self.uri = place.as_uri()
        self.text = text if text is not None else place.read_text("utf-8")
        self.version = 1
        item = types.TextDocumentItem(self.uri, "seq", self.version, self.text)
        client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        self.document = types.TextDocumentIdentifier(self.uri)

    def place(self, words: str, inside: int = 1) -> types.Position:
        """Return the position `inside` characters behind where some words begin."""
        before = self.text[: self.text.index(words) + inside]
        last = before.rpartition("\n")[2]
        return types.Position(before.count("\n"), len(last.encode("utf-16-le")) // 2)

    def type(self, words: str, new: str) -> None:
        """Put `new` in place of some words, as an edit of that range."""
        start, end = self.place(words, 0), self.place(words, len(words))
        self.text = self.text.replace(words, new, 1)
        self.version += 1
        change = types.TextDocumentContentChangePartial(types.Range(start, end), new)
        document = types.VersionedTextDocumentIdentifier(self.version, self.uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    async def diagnostics(self) -> list[types.Diagnostic]:
        """Wait for the diagnostics of the newest text."""
        while True:
            told = await self.client.told.get()  # type: ignore[attr-defined]
            if told.uri == self.uri and told.version == self.version:
                return list(told.diagnostics)

    def where(self, words: str, inside: int = 1) -> types.TextDocumentPositionParams:
        """Return the position as a question takes it."""
        return types.TextDocumentPositionParams(self.document, self.place(words, inside))

    async def complete(self, words: str, inside: int) -> list[str]:
        """Return the labels of what may be written there."""
        at = self.where(words, inside)
        found = await self.client.text_document_completion_async(types.CompletionParams(at.text_document, at.position))
        assert isinstance(found, types.CompletionList)
        return [item.label for item in found.items]


def applied(text: str, edits: list[types.TextEdit]) -> str:
    """Return a text with some edits (of plain ASCII lines)."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for edit in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
        start = starts[edit.range.start.line] + edit.range.start.character
        end = starts[min(edit.range.end.line, len(starts) - 1)] + edit.range.end.character
        text = text[:start] + edit.new_text + text[end:]
    return text
