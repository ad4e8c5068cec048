"""A project on disk, and a client that talks to the server as an editor does."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

EXAMPLE = Path(__file__).parents[2] / "examples" / "qualify-inbound-leads"
COMMAND = [sys.executable, "-m", "seqlang.cli.main", "lsp", "--at", "2026-02-27T12:00Z"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of an example, without its golden files."""
    folder = tmp_path / "project"
    shutil.copytree(EXAMPLE, folder)
    return folder


@pytest_lsp.fixture(scope="module", config=ClientServerConfig(server_command=COMMAND))  # type: ignore[untyped-decorator]
async def client(lsp_client: LanguageClient):  # type: ignore[no-untyped-def]  # noqa: ANN201  # as pytest-lsp wants it
    """A session of an editor, one for all tests of a module: each opens a project of its own."""
    watched: list[str] = []

    @lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)  # type: ignore[untyped-decorator]
    def register(params: types.RegistrationParams) -> None:
        watched.extend(one.method for one in params.registrations)

    # Every notification is kept: several may arrive before a test looks again.
    told: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
    handlers = lsp_client.protocol.fm.features
    kept = handlers[types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS]

    def publish(params: types.PublishDiagnosticsParams) -> None:
        kept(params)
        told.put_nowait(params)

    handlers[types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS] = publish
    lsp_client.told = told  # type: ignore[attr-defined]
    params = types.InitializeParams(
        capabilities=pytest_lsp.client_capabilities("visual-studio-code"),
    )
    await lsp_client.initialize_session(params)
    yield
    assert watched == [types.WORKSPACE_DID_CHANGE_WATCHED_FILES]
    await lsp_client.shutdown_session()
