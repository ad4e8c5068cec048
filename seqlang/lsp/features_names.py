"""Names over the protocol: definition, references, highlights, rename, search."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from seqlang.editing.analysis import Analysis
from seqlang.editing.occurrences import at, everywhere, occurrences
from seqlang.editing.renaming import Refused, rename, renamed_at
from seqlang.editing.structure import Entry, outline
from seqlang.editing.symbols import Occurrence
from seqlang.lsp import convert
from seqlang.lsp.server import Server

SEARCHED_MAX = 500
Renamed = types.WorkspaceEdit | Refused


def add_names(server: Server) -> None:
    """Register what has to do with names."""
    _add_finding(server)
    _add_looking(server)
    _add_renaming(server)


def _offset(ls: Server, analysis: Analysis, path: str, position: types.Position) -> int:
    source = analysis.source(path)
    return ls.places(source.text if source is not None else "").offset(position.line, position.character)


def _locations(ls: Server, analysis: Analysis, base: Path, found: Iterable[Occurrence]) -> list[types.Location]:
    locations = []
    for one in found:
        source = analysis.source(one.path)
        if source is not None:
            locations.append(types.Location(convert.uri_of(base, one.path), convert.range_of(ls.places(source.text), one.span)))
    return locations


def _add_finding(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def definition(ls: Server, params: types.DefinitionParams) -> list[types.Location]:
        """Where it is declared; of a template the file."""
        found = ls.locate(params.text_document.uri)
        if found is None:
            return []
        base = found[0].folder

        def answer(analysis: Analysis, path: str) -> list[types.Location]:
            one = at(analysis, path, _offset(ls, analysis, path, params.position))
            if one is None:
                return []
            if one.symbol.kind == "template":
                start = types.Range(types.Position(0, 0), types.Position(0, 0))
                known = one.symbol.name in analysis.text.templates
                return [types.Location(convert.uri_of(base, f"templates/{one.symbol.name}"), start)] if known else []
            return _locations(ls, analysis, base, (o for o in everywhere(analysis, one.symbol) if o.declares))

        return await ls.ask(params.text_document.uri, answer, [])

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    async def references(ls: Server, params: types.ReferenceParams) -> list[types.Location]:
        """Everywhere it stands, in files and templates."""
        found = ls.locate(params.text_document.uri)
        if found is None:
            return []
        base = found[0].folder

        def answer(analysis: Analysis, path: str) -> list[types.Location]:
            one = at(analysis, path, _offset(ls, analysis, path, params.position))
            if one is None:
                return []
            wanted = params.context.include_declaration
            return _locations(ls, analysis, base, (o for o in everywhere(analysis, one.symbol) if wanted or not o.declares))

        return await ls.ask(params.text_document.uri, answer, [])


def _add_looking(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    async def highlights(ls: Server, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
        """The same name in this file."""

        def answer(analysis: Analysis, path: str) -> list[types.DocumentHighlight]:
            one = at(analysis, path, _offset(ls, analysis, path, params.position))
            source = analysis.source(path)
            if one is None or source is None:
                return []
            places = ls.places(source.text)
            same = (o for o in occurrences(analysis, path) if o.symbol == one.symbol)
            return [types.DocumentHighlight(convert.range_of(places, o.span)) for o in same]

        return await ls.ask(params.text_document.uri, answer, [])

    @server.feature(types.WORKSPACE_SYMBOL)
    async def search(ls: Server, params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
        """Declarations of all open projects that have the letters in their name."""
        found: list[types.WorkspaceSymbol] = []
        for folder in ls.folders.values():
            analysis = ls.known(folder)
            for module in analysis.text.modules:
                places = ls.places(module.source.text)
                uri = convert.uri_of(folder.folder, module.source.path)
                for entry, holder in _all(outline(module.module), ""):
                    if params.query.casefold() in entry.name.casefold():
                        location = types.Location(uri, convert.range_of(places, entry.name_span))
                        kind = convert.OUTLINE_KINDS[entry.kind]
                        found.append(types.WorkspaceSymbol(location, entry.name, kind, container_name=holder or None))
        return found[:SEARCHED_MAX]


def _all(entries: tuple[Entry, ...], holder: str) -> Iterable[tuple[Entry, str]]:
    for entry in entries:
        yield entry, holder
        yield from _all(entry.inside, entry.name)


def _add_renaming(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    async def prepare(ls: Server, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        """Which name would be renamed."""

        def answer(analysis: Analysis, path: str) -> types.PrepareRenamePlaceholder | Refused | None:
            found = renamed_at(analysis, path, _offset(ls, analysis, path, params.position))
            source = analysis.source(path)
            if isinstance(found, Refused) or source is None:
                return found if isinstance(found, Refused) else None
            return types.PrepareRenamePlaceholder(convert.range_of(ls.places(source.text), found.span), found.symbol.name)

        said = await ls.ask(params.text_document.uri, answer, None)
        if isinstance(said, Refused):
            raise JsonRpcInvalidParams(said.why)
        return said

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    async def renaming(ls: Server, params: types.RenameParams) -> types.WorkspaceEdit | None:
        """The edits of a rename in all files."""
        found = ls.locate(params.text_document.uri)
        if found is None:
            return None
        base = found[0].folder

        def answer(analysis: Analysis, path: str) -> Renamed:
            said = rename(analysis, path, _offset(ls, analysis, path, params.position), params.new_name)
            if isinstance(said, Refused):
                return said
            changes = {}
            for one, edits in said.edits.items():
                source = analysis.source(one)
                if source is not None:
                    places = ls.places(source.text)
                    changes[convert.uri_of(base, one)] = [convert.edit_of(places, edit) for edit in edits]
            return types.WorkspaceEdit(changes=changes)

        said: Renamed = await ls.ask(params.text_document.uri, answer, types.WorkspaceEdit())
        if isinstance(said, Refused):
            raise JsonRpcInvalidParams(said.why)
        return said
