"""What the server writes: the canonical layout, and what mends a diagnostic."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from seqlang.app.checking import apply_fixes
from seqlang.app.formatting import format_source
from seqlang.diagnostics.source import Source
from seqlang.editing.analysis import Analysis
from seqlang.editing.mending import Mend, mends
from seqlang.editing.places import Places
from seqlang.lsp import convert
from seqlang.lsp.server import Server

ACTIONS = types.CodeActionOptions([types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll])


def add_writing(server: Server) -> None:
    """Register formatting and quick fixes."""

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def formatting(ls: Server, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        """The one layout; a file with mistakes of syntax stays as it is."""
        found = ls.locate(params.text_document.uri)
        if found is None or not found[1].endswith(".seq"):
            return None
        text = ls.text(params.text_document.uri)
        after, _ = format_source(Source(found[1], text))
        return convert.difference(ls.places(text), text, after) if after is not None else None

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, ACTIONS)
    async def actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
        """Fixes of the diagnostics at a place, and all safe ones of the file."""
        found = ls.locate(params.text_document.uri)
        if found is None:
            return []
        folder, path = found
        only = [str(getattr(kind, "value", kind)) for kind in params.context.only or ()]

        def answer(analysis: Analysis, path: str) -> list[types.CodeAction]:
            source = analysis.source(path)
            if source is None:
                return []
            places = ls.places(source.text)
            offered: list[types.CodeAction] = []
            if not only or "quickfix" in only:
                span = convert.span_of(places, params.range)
                offered += [_action(mend, places, folder.folder, path) for mend in mends(analysis, path, span)]
            if not only or any("source.fixAll".startswith(kind) for kind in only):
                offered += _fix_all(analysis, places, folder.folder, path)
            return offered

        if not folder.last or path not in {d.source.path for d in folder.last.diagnostics}:
            await ls.ask(params.text_document.uri, lambda _, __: folder.check(), None)
        return await ls.ask(params.text_document.uri, answer, [])


def _action(mend: Mend, places: Places, base: Path, path: str) -> types.CodeAction:
    if mend.creates is not None:
        name, text = mend.creates
        uri = convert.uri_of(base, name)
        start = types.Range(types.Position(0, 0), types.Position(0, 0))
        change: list[types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile] = [
            types.CreateFile(uri=uri, options=types.CreateFileOptions(ignore_if_exists=True)),
            types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri), [types.TextEdit(start, text)]),
        ]
        edit = types.WorkspaceEdit(document_changes=change)
    else:
        edit = types.WorkspaceEdit(changes={convert.uri_of(base, path): [convert.edit_of(places, e) for e in mend.edits]})
    told = [convert.diagnostic_of(places, mend.of, base)]
    return types.CodeAction(mend.title, types.CodeActionKind.QuickFix, told, is_preferred=mend.safe, edit=edit)


def _fix_all(analysis: Analysis, places: Places, base: Path, path: str) -> list[types.CodeAction]:
    source = analysis.source(path)
    text = source.text if source is not None else ""
    after, count = apply_fixes(text, [d for d in analysis.diagnostics if d.source.path == path])
    if not count:
        return []
    edit = types.WorkspaceEdit(changes={convert.uri_of(base, path): convert.difference(places, text, after)})
    title = f"apply {count} safe fix{'' if count == 1 else 'es'}"
    return [types.CodeAction(title, types.CodeActionKind.SourceFixAll, edit=edit)]
