"""Rows of sources that were set aside: kept with their reasons until they come again and are good."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from seqlang.app.opening import opened
from seqlang.app.workspace import Workspace
from seqlang.clock import from_micros
from seqlang.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

_WHAT = "source "
_IDS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class RowAside:
    """One row that was not taken in."""

    source: str
    at: datetime  # when it was set aside first
    reason: str  # with its place: "leads.csv line 12: …"

    def data(self) -> dict[str, Any]:
        """Return it as data."""
        return {**asdict(self), "at": self.at.isoformat()}


def list_aside(workspace: Workspace, names: tuple[str, ...]) -> list[RowAside]:
    """Return the rows that the named sources (none named: all) set aside, in the order in which it happened."""
    from sqlalchemy import select

    from seqlang.store import tables

    known = list(workspace.settings.sources)
    check_names(names, known)
    kept = tables.quarantine.c
    wanted = select(kept.what, kept.at, kept.reason).where(kept.what.in_([_WHAT + name for name in names or known]))
    with opened(workspace) as store, store.read() as conn:
        rows = conn.execute(wanted.order_by(kept.at, kept.id)).all()
    return [RowAside(row.what.removeprefix(_WHAT), from_micros(row.at), row.reason) for row in rows]


def count_aside(conn: Connection) -> dict[str, int]:
    """Return how many rows each source has set aside."""
    from sqlalchemy import func, select

    from seqlang.store import tables

    kept = tables.quarantine.c
    wanted = select(kept.what, func.count()).where(kept.what.startswith(_WHAT)).group_by(kept.what)
    return {what.removeprefix(_WHAT): count for what, count in conn.execute(wanted)}


def set_aside(conn: Connection, at: datetime, name: str, reason: str) -> None:
    """Set a row aside; one that is there for that reason stays as it is."""
    from seqlang.runtime.tick import quarantine

    quarantine(conn, at, _WHAT + name, reason)


def take_back(conn: Connection, name: str, places: Iterable[str], *, stay: Iterable[str] = ()) -> None:
    """Forget what was set aside at these places, unless for one of the reasons that `stay`: those rows have just come again."""
    from sqlalchemy import delete, select

    from seqlang.store import tables

    came, kept = set(places), tables.quarantine
    again = set(stay)
    rows = conn.execute(select(kept.c.id, kept.c.reason).where(kept.c.what == _WHAT + name)).all()
    gone = [row.id for row in rows if row.reason.partition(": ")[0] in came and row.reason not in again]
    for start in range(0, len(gone), _IDS_AT_ONCE):
        conn.execute(delete(kept).where(kept.c.id.in_(gone[start : start + _IDS_AT_ONCE])))


def check_names(names: tuple[str, ...], known: list[str]) -> None:
    """Raise UsageError, with a suggestion, for a source that is none."""
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        from seqlang.app.record_rows import suggestion

        raise UsageError(f"there is no source `{unknown}`{suggestion(unknown, known)}")
