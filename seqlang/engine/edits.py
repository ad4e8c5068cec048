"""An edit of a journey takes effect: whoever stands at a node of the former plan finds the place of the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, insert, null, or_, select, update

from seqlang.plan.edits import Stand, stands
from seqlang.store import tables
from seqlang.store.tables import enrolment, node

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

    from seqlang.plan.model import FlowPlan

ARRIVING = "^"  # before the key of a node: who comes to it by an edit has not begun it yet


def renumber(conn: Connection, flow_id: int, old: FlowPlan, new: FlowPlan) -> tuple[Stand, ...]:
    """Let waits keep their numbers where they have other keys now; steps are renamed by `moved` alone."""
    found = stands(old, new)
    steps = {s.key for s in old.steps}
    renamed = {s.key: s.to for s in found if s.to is not None and s.how != "goes on" and s.key not in steps and s.to != s.key}
    gone = [s.key for s in found if s.how == "goes on" and s.key not in steps]
    if not renamed and not gone:
        return found
    known = {r.key: r.id for r in conn.execute(select(node.c.key, node.c.id).where(node.c.flow_id == flow_id))}
    # Whatever bears a key that another one gets, or a wait that is gone, is put aside under a name that no plan can have.
    aside = {known[k] for k in (*renamed, *renamed.values(), *gone) if k in known}
    for number in sorted(aside):
        conn.execute(update(node).where(node.c.id == number).values(key=f"{ARRIVING}former:{number}"))
    for key, to in renamed.items():
        if key in known:
            conn.execute(update(node).where(node.c.id == known[key]).values(key=to))
    return found


def stand_anew(conn: Connection, flow_id: int, numbers: Mapping[str, int], found: Sequence[Stand], at: int) -> None:
    """Send on whose node is gone, at `at`; let waits that were edited begin anew, from when their people came.

    `numbers`: of the former plan's nodes by key, before anything was renamed.
    """
    restless = [s for s in found if s.how != "stays" and s.key in numbers]
    if not restless:
        return
    to = _arrivals(conn, flow_id, [s.to for s in restless if s.to is not None])
    came = func.coalesce(enrolment.c.anchor_at, enrolment.c.entered_at)
    for stand in restless:
        here = _standing(flow_id, numbers[stand.key], numbers.get(ARRIVING + stand.key))
        again = stand.how == "again"
        conn.execute(
            update(enrolment)
            .where(here)
            .values(
                node_id=enrolment.c.node_id if stand.to is None else to[stand.to],
                due_at=at,
                anchor_at=came if again else null(),
                waiting=null(),
            )
        )


def _standing(flow_id: int, number: int, arriving: int | None) -> ColumnElement[bool]:
    at_it = enrolment.c.node_id == number
    if arriving is not None:
        at_it = or_(at_it, enrolment.c.node_id == arriving)
    return and_(enrolment.c.flow_id == flow_id, enrolment.c.active, at_it)


def _arrivals(conn: Connection, flow_id: int, keys: Sequence[str]) -> dict[str, int]:
    """Return the numbers under which one comes to those nodes; they are made where there are none."""
    wanted = {ARRIVING + k: k for k in keys}
    asked = select(node.c.key, node.c.id).where(node.c.flow_id == flow_id, node.c.key.in_(wanted))
    there = {r.key: r.id for r in conn.execute(asked)}
    fresh = [{"flow_id": flow_id, "key": k} for k in wanted if k not in there]
    if fresh:
        conn.execute(insert(tables.node), fresh)
        there = {r.key: r.id for r in conn.execute(asked)}
    return {wanted[k]: number for k, number in there.items()}
