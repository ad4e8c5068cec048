"""What the server can be asked: each feature of the protocol is one small function over `seqlang.editing`."""

from __future__ import annotations

from lsprotocol import types

from seqlang.editing.analysis import Analysis
from seqlang.editing.colours import MODIFIERS, TYPES, colours
from seqlang.editing.completion import complete
from seqlang.editing.hints import hints
from seqlang.editing.hover import hover
from seqlang.editing.offers import Proposals
from seqlang.editing.structure import folds, outline
from seqlang.lsp import convert
from seqlang.lsp.features_names import add_names
from seqlang.lsp.features_writing import add_writing
from seqlang.lsp.server import Server

LEGEND = types.SemanticTokensLegend(list(TYPES), list(MODIFIERS))
COMPLETION = types.CompletionOptions(trigger_characters=['"', ".", ":", "(", "[", "{"])


def add_features(server: Server) -> None:
    """Register everything."""
    _add_documents(server)
    _add_reading(server)
    _add_showing(server)
    _add_colours(server)
    add_names(server)
    add_writing(server)


def _add_documents(server: Server) -> None:
    @server.feature(types.INITIALIZED)
    def initialized(ls: Server, params: types.InitializedParams) -> None:
        """Ask to be told of files that change outside of the editor."""
        able = ls.client_capabilities.workspace
        watching = able.did_change_watched_files if able is not None else None
        if watching is not None and watching.dynamic_registration:
            globs = ("**/*.seq", "**/templates/**", "**/seqlang.toml")
            options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(glob) for glob in globs])
            one = types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            ls.client_register_capability(types.RegistrationParams([one]))

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
        """Check the project of a file at once."""
        _typed(ls, params.text_document.uri, 0.0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
        """Note what was typed; the check waits for a pause."""
        _typed(ls, params.text_document.uri, None)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
        """Check at once."""
        _typed(ls, params.text_document.uri, 0.0)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
        """What was not saved is gone; the file on disk counts again."""
        found = ls.locate(params.text_document.uri)
        if found is not None:
            found[0].closed(found[1])
            ls.changed(found[0])

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
        """A template was written, a file was added: check the projects that are open."""
        for change in params.changes:
            found = ls.locate(change.uri)
            if found is not None:
                ls.changed(found[0])


def _typed(ls: Server, uri: str, wait: float | None) -> None:
    found = ls.locate(uri)
    if found is None:
        return
    folder, path = found
    if path.endswith(".seq") or path.startswith("templates/") or path == "seqlang.toml":
        folder.typed(path, ls.text(uri))
        ls.changed(folder) if wait is None else ls.changed(folder, wait=wait)


def _add_reading(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_COMPLETION, COMPLETION)
    def completion(ls: Server, params: types.CompletionParams) -> types.CompletionList | None:
        """What may be written here: answered at once, from the newest text and the last names."""
        found = ls.locate(params.text_document.uri)
        if found is None:
            return None
        text = ls.text(params.text_document.uri)
        places = ls.places(text)
        offset = places.offset(params.position.line, params.position.character)
        proposals: Proposals = complete(ls.known(found[0]), found[1], text, offset)
        return convert.completion_of(places, proposals)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hovering(ls: Server, params: types.HoverParams) -> types.Hover | None:
        """What stands here: its declaration, its help, its date."""

        def answer(analysis: Analysis, path: str) -> types.Hover | None:
            source = analysis.source(path)
            if source is None:
                return None
            places = ls.places(source.text)
            found = hover(analysis, path, places.offset(params.position.line, params.position.character), ls.now())
            if found is None:
                return None
            return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, found.text), convert.range_of(places, found.span))

        return await ls.ask(params.text_document.uri, answer, None)


def _add_showing(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def symbols(ls: Server, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        """The outline of a file."""

        def answer(analysis: Analysis, path: str) -> list[types.DocumentSymbol]:
            module = analysis.module(path)
            return convert.outline_of(ls.places(module.source.text), outline(module.module)) if module is not None else []

        return await ls.ask(params.text_document.uri, answer, [])

    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    async def folding(ls: Server, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
        """What can be folded."""

        def answer(analysis: Analysis, path: str) -> list[types.FoldingRange]:
            module = analysis.module(path)
            if module is None:
                return []
            places = ls.places(module.source.text)
            return [convert.fold_of(places, fold) for fold in folds(module.source)]

        return await ls.ask(params.text_document.uri, answer, [])


def _add_colours(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, LEGEND)
    async def tokens(ls: Server, params: types.SemanticTokensParams) -> types.SemanticTokens:
        """The colour of each name."""

        def answer(analysis: Analysis, path: str) -> types.SemanticTokens:
            module = analysis.module(path)
            text = module.source.text if module is not None else ""
            return convert.colours_of(ls.places(text), colours(analysis, path))

        return await ls.ask(params.text_document.uri, answer, types.SemanticTokens([]))

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    async def inlay(ls: Server, params: types.InlayHintParams) -> list[types.InlayHint]:
        """The dates of the steps within the lines that are shown."""

        def answer(analysis: Analysis, path: str) -> list[types.InlayHint]:
            source = analysis.source(path)
            places = ls.places(source.text if source is not None else "")
            shown = convert.span_of(places, params.range)
            return [
                types.InlayHint(types.Position(*places.position(h.offset)), h.text, padding_left=True, tooltip=h.more)
                for h in hints(analysis, path, ls.now())
                if shown.start <= h.offset <= shown.end
            ]

        return await ls.ask(params.text_document.uri, answer, [])
