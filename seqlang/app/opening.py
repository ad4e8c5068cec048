"""Opening a project's database for a use case, and closing it whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seqlang.app.workspace import Workspace, require_settings

if TYPE_CHECKING:
    from seqlang.store import Store


@contextmanager
def opened(workspace: Workspace, *, create: bool = False) -> Iterator[Store]:
    """Open the database of the project; StoreError, in one line, where it cannot be used."""
    from seqlang.store import Store

    require_settings(workspace)
    store = Store.open(workspace.database, create=create)
    try:
        yield store
    finally:
        store.close()
