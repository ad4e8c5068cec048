"""`db upgrade`, `db check`: the database's version, and whether its data hangs together."""

from __future__ import annotations

from seqlang.app.opening import opened
from seqlang.app.workspace import Workspace, require_settings


def upgrade_database(workspace: Workspace) -> str:
    """Bring the schema to this program's version, or make the database; say what was done."""
    from seqlang.store.migrations import upgrade
    from seqlang.store.statistics import renew
    from seqlang.store.versions import HEAD

    require_settings(workspace)
    before = upgrade(workspace.database)
    with opened(workspace) as store:
        renew(store)
    if before == HEAD:
        return f"the database is up to date (version {HEAD})"
    return f"the database is at version {HEAD} now" + (f" (it was {before})" if before else " (it was made)")


def check_database(workspace: Workspace) -> list[str]:
    """Return a sentence for everything that is wrong with the data."""
    from seqlang.store.integrity import check_integrity

    with opened(workspace) as store:
        return [f"{f.check}: {f.message}" for f in check_integrity(store)]
