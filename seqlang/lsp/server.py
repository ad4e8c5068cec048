"""`seqlang lsp`: projects of an editor, checked while somebody types; answers come from the newest text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls import uris
from pygls.lsp.server import LanguageServer

from seqlang.app.workspace import nearest_project
from seqlang.clock import Clock
from seqlang.editing.analysis import Analysis
from seqlang.editing.places import Encoding, Places
from seqlang.lsp import convert
from seqlang.lsp.folder import Folder

DEBOUNCE_SECONDS = 0.15  # how long nobody must have typed before the project is checked
_ENCODINGS: dict[str, Encoding] = {"utf-8": "utf-8", "utf-16": "utf-16", "utf-32": "utf-32"}
T = TypeVar("T")


class Server(LanguageServer):
    """The state of one connection."""

    def __init__(self, clock: Clock, version: str) -> None:
        super().__init__("seqlang", version, types.TextDocumentSyncKind.Incremental)
        self.clock = clock
        self.folders: dict[Path, Folder] = {}
        self.worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="check")  # one: what is kept is changed by nobody else
        self.pending: dict[Path, asyncio.Task[None]] = {}
        self.told: dict[Path, set[str]] = {}  # files that have diagnostics on the screen
        self.hinted: dict[Path, tuple[Any, ...]] = {}

    # ---------------------------------------------------------------------------------- places

    def now(self) -> datetime:
        """Return the instant that dates count from."""
        return self.clock.now()

    def places(self, text: str) -> Places:
        """Return the places of a text in the client's units."""
        encoding = self.workspace.position_encoding
        return Places(text, _ENCODINGS.get(str(getattr(encoding, "value", encoding)), "utf-16"))

    def locate(self, uri: str) -> tuple[Folder, str] | None:
        """Return the project of a file and its path there; None where it is no file."""
        name = uris.to_fs_path(uri)
        if name is None:
            return None
        place = Path(name)
        folder = self._folder(place)
        path = folder.path_of(place)
        return (folder, path) if path is not None else None

    def _folder(self, place: Path) -> Folder:
        base = nearest_project(place.parent)
        if base is None:
            roots = [Path(f) for w in self.workspace.folders.values() if (f := uris.to_fs_path(w.uri)) is not None]
            base = next((r for r in roots if place.is_relative_to(r)), place.parent)
        if base not in self.folders:
            self.folders[base] = Folder(base)
        return self.folders[base]

    def text(self, uri: str) -> str:
        """Return the newest text of an open file, its line ends made one character."""
        text = self.workspace.get_text_document(uri).source
        return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")

    # ---------------------------------------------------------------------------------- answers

    async def ask(self, uri: str, question: Callable[[Analysis, str], T], otherwise: T) -> T:
        """Ask the newest state of a file's project, in the worker; `otherwise` where the file belongs to none."""
        found = self.locate(uri)
        if found is None:
            return otherwise
        folder, path = found
        return await asyncio.get_running_loop().run_in_executor(self.worker, lambda: question(folder.look(), path))

    def known(self, folder: Folder) -> Analysis:
        """Return what is known at once: the last look, without reading anything where there was one."""
        return folder.newest if folder.newest is not None else folder.look()

    # ------------------------------------------------------------------------------ diagnostics

    def changed(self, folder: Folder, *, wait: float = DEBOUNCE_SECONDS) -> None:
        """Check a project when nobody has typed for a moment."""
        before = self.pending.pop(folder.folder, None)
        if before is not None:
            before.cancel()
        self.pending[folder.folder] = asyncio.get_running_loop().create_task(self._check(folder, wait))

    async def _check(self, folder: Folder, wait: float) -> None:
        await asyncio.sleep(wait)
        try:
            analysis = await asyncio.get_running_loop().run_in_executor(self.worker, folder.check)
        except Exception as broken:  # noqa: BLE001 - the server lives on, and says what it could not do
            said = f"{folder.folder} cannot be checked: {type(broken).__name__}: {broken}"
            self.window_log_message(types.LogMessageParams(types.MessageType.Error, said))
            return
        self._publish(folder, analysis)
        await self._refresh(folder, analysis)

    def _publish(self, folder: Folder, analysis: Analysis) -> None:
        by_path: dict[str, list[types.Diagnostic]] = {path: [] for path in (*folder.buffers, *self.told.get(folder.folder, ()))}
        places: dict[str, Places] = {}
        for one in analysis.diagnostics:
            path = one.source.path
            if path not in places:
                places[path] = self.places(one.source.text)
            by_path.setdefault(path, []).append(convert.diagnostic_of(places[path], one, folder.folder))
        for path, found in sorted(by_path.items(), key=lambda item: item[0] in folder.buffers):  # what is open last
            uri = convert.uri_of(folder.folder, path)
            document = self.workspace.text_documents.get(uri)
            version = document.version if document is not None else None
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, version))
        self.told[folder.folder] = {path for path, found in by_path.items() if found}

    async def _refresh(self, folder: Folder, analysis: Analysis) -> None:
        """Have the dates beside the steps asked for again where a check changed what they stand for."""
        capabilities = self.client_capabilities.workspace
        able = capabilities is not None and capabilities.inlay_hint is not None and capabilities.inlay_hint.refresh_support
        state = tuple((name, flow.schedule, flow.node) for name, flow in analysis.flows.items())
        if able and self.hinted.get(folder.folder) != state:
            self.hinted[folder.folder] = state
            await self.workspace_inlay_hint_refresh_async(None)

    def close(self) -> None:
        """Stop the worker."""
        self.worker.shutdown(wait=False, cancel_futures=True)
