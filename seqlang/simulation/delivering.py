"""Delivery in a simulation: every message is taken by its channel at once, nothing leaves this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqlang.dispatch.claim import INDEXED
from seqlang.store import tables

if TYPE_CHECKING:
    from sqlalchemy import Connection

GOES_OUT = ("message", "call_out")


def settle_planned(conn: Connection) -> int:
    """Let all planned messages and calls to other systems be accepted; to-dos and drafts wait for a person. Return how many."""
    line = tables.ledger
    planned = line.update().where(INDEXED, line.c.state == "planned", line.c.effect.in_(GOES_OUT))
    return conn.execute(planned.values(state="accepted")).rowcount
