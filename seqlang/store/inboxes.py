"""Named queries on mailboxes: which are stopped, and how far their inboxes are read."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from seqlang.clock import from_micros
from seqlang.store.tables import inbox, mailbox

if TYPE_CHECKING:
    from sqlalchemy import Connection


def read_mailboxes(conn: Connection) -> dict[str, tuple[str, str | None, datetime | None]]:
    """Return each mailbox's state, the reason, and when it is tried again by itself."""
    rows = conn.execute(select(mailbox.c.name, mailbox.c.state, mailbox.c.reason, mailbox.c.retry_at))
    return {row.name: (row.state, row.reason, _instant(row.retry_at)) for row in rows}


def read_inboxes(conn: Connection) -> dict[tuple[str, str], tuple[datetime | None, str | None]]:
    """Return of each (account, folder) when it was read last, and why it cannot be read at present."""
    rows = conn.execute(select(inbox.c.account, inbox.c.folder, inbox.c.read_at, inbox.c.problem))
    return {(row.account, row.folder): (_instant(row.read_at), row.problem) for row in rows}


def _instant(micros: int | None) -> datetime | None:
    return from_micros(micros) if micros is not None else None
