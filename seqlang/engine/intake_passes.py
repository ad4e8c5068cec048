"""Passes: numbers that grow, by which each flow knows which events and changes it has not looked at yet (LANGUAGE 5.8).

What happened gets the number of the pass that first sees it, not that of its writer: rows that another transaction writes
meanwhile are seen by the next pass, and none is lost between two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from seqlang.plan.model import SEQUENCE_KINDS
from seqlang.store import tables

if TYPE_CHECKING:
    from sqlalchemy import Connection

KEY = "pass"


def next_pass(conn: Connection) -> int:
    """Return a number that is greater than any before."""
    meta = tables.meta
    last = conn.execute(select(meta.c.value).where(meta.c.key == KEY)).scalar_one_or_none()
    number = int(last or 0) + 1
    if last is None:
        conn.execute(insert(meta).values(key=KEY, value=str(number)))
    else:
        conn.execute(update(meta).where(meta.c.key == KEY).values(value=str(number)))
    return number


def see_changes(conn: Connection) -> int:
    """Begin a pass: give its number to the changes that no pass has seen; return the number."""
    number = next_pass(conn)
    change = tables.change
    conn.execute(update(change).where(~change.c.taken, change.c.tick_pass.is_(None)).values(tick_pass=number, taken=True))
    return number


def present_pass(conn: Connection) -> int:
    """Return the number that was given last."""
    meta = tables.meta
    return int(conn.execute(select(meta.c.value).where(meta.c.key == KEY)).scalar_one_or_none() or 0)


def unseen_changes(conn: Connection) -> bool:
    """Tell whether something was changed that no pass has seen."""
    change = tables.change
    return conn.execute(select(change.c.id).where(~change.c.taken).limit(1)).first() is not None


def forget_changes(conn: Connection) -> None:
    """Delete the changes that every flow has looked at: journeys and workflows by passes, sequences by their last run.

    A flow that stands still goes on as after an outage: what changes meanwhile is kept for it.
    """
    flow, change = tables.flow, tables.change
    last = conn.execute(select(func.max(change.c.tick_pass))).scalar()
    if last is None:
        return
    live = flow.c.state.in_(("active", "stopped"))
    passes = select(func.min(func.coalesce(flow.c.looked_pass, last))).where(live, flow.c.kind.not_in(SEQUENCE_KINDS))
    runs = select(func.min(func.coalesce(flow.c.run_last_at, 0))).where(live, flow.c.kind.in_(SEQUENCE_KINDS))
    looked, ran = conn.execute(passes).scalar(), conn.execute(runs).scalar()
    old = [change.c.taken, change.c.tick_pass <= (last if looked is None else looked)]
    if ran is not None:
        old.append(change.c.at < ran)
    conn.execute(delete(change).where(*old))
