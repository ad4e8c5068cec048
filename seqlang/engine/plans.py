"""Plans by their hash, the stable numbers of their nodes, and how an edit takes effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from seqlang.clock import from_micros
from seqlang.engine import places_of_entry
from seqlang.engine.context import FlowContext
from seqlang.engine.edits import renumber, stand_anew
from seqlang.plan.model import FlowPlan
from seqlang.store import tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from seqlang.store.database import Store


_KNOWN: dict[str, FlowPlan] = {}  # a plan never changes: its hash is its name
KNOWN_MAX = 4096


def load_plan(conn: Connection, plan_hash: str) -> FlowPlan:
    """Return the plan of that hash; it must be in the database."""
    found = _KNOWN.get(plan_hash)
    if found is None:
        body = conn.execute(select(tables.plan.c.body).where(tables.plan.c.hash == plan_hash)).scalar_one()
        found = FlowPlan.model_validate_json(body)
        if len(_KNOWN) >= KNOWN_MAX:
            _KNOWN.clear()
        _KNOWN[plan_hash] = found
    return found


def flow_row(conn: Connection, flow_id: int, *, lock: bool = False) -> Row[tuple[object, ...]] | None:
    """Return the flow's row; `lock`: nobody else changes it until the transaction ends."""
    query = select(tables.flow).where(tables.flow.c.id == flow_id)
    return conn.execute(query.with_for_update() if lock else query).first()


def node_ids(conn: Connection, flow_id: int) -> Mapping[str, int]:
    """Return the numbers of the flow's nodes by their keys, those of former plans too."""
    rows = conn.execute(select(tables.node.c.key, tables.node.c.id).where(tables.node.c.flow_id == flow_id))
    return {row[0]: row[1] for row in rows}


def ensure_nodes(conn: Connection, flow_id: int, plan: FlowPlan) -> Mapping[str, int]:
    """Give a number to every node of the plan that has none; return all numbers by key."""
    known = node_ids(conn, flow_id)
    missing = [{"flow_id": flow_id, "key": n.key} for n in plan.nodes if n.key not in known]
    if not missing:
        return known
    conn.execute(insert(tables.node), missing)
    return node_ids(conn, flow_id)


def take_up(conn: Connection, flow_id: int, at: int) -> bool:
    """Let an edit that was applied take effect, if there is one: the plan, renames, numbers for added steps. Tell whether.

    `at`: the planned instant, in microseconds, at which added nodes count as added. A rename keeps a node's number, so that who
    has had the step has had it. A cadence's steps keep their names: whoever is under way is carried on by the former plan. In a
    journey everybody finds their place in the new plan.
    """
    row = flow_row(conn, flow_id)
    if row is None or row.plan_next_hash is None:
        return False
    old, new = load_plan(conn, row.plan_hash), load_plan(conn, row.plan_next_hash)
    moved = () if new.kind == "cadence" else new.moved
    keys = node_ids(conn, flow_id)
    before = {n.key for n in old.nodes}
    for former, name in moved:
        if former in keys and name not in keys:
            node = tables.node
            conn.execute(update(node).where(node.c.flow_id == flow_id, node.c.key == former).values(key=name))
        before.add(name)
    found = renumber(conn, flow_id, old, new) if new.kind == "journey" else ()
    ensure_nodes(conn, flow_id, new)
    stand_anew(conn, flow_id, keys, found, at)
    added = [n.key for n in new.steps if n.key not in before]
    if added:
        conn.execute(
            update(tables.node).where(tables.node.c.flow_id == flow_id, tables.node.c.key.in_(added)).values(added_at=at)
        )
    conn.execute(
        update(tables.flow)
        .where(tables.flow.c.id == flow_id)
        .values(
            plan_hash=row.plan_next_hash,
            plan_next_hash=None,
            edited_at=at,
            owner=None if new.owner is None else new.owner.lower(),
            zone=new.zone,
            exclusive=new.manners.exclusive,
        )
    )
    if places_of_entry.limited(new) and not places_of_entry.limited(old):
        places_of_entry.count_from_now(conn, flow_id, at)
    return True


def open_flow(conn: Connection, store: Store, flow_id: int, at: datetime, tick_at: datetime) -> FlowContext:
    """Return what carrying out the flow at the planned instant `at` needs; the flow must exist."""
    row = flow_row(conn, flow_id)
    assert row is not None, "flows are never deleted"
    plan = load_plan(conn, row.plan_hash)
    return FlowContext(
        conn=conn,
        store=store,
        flow_id=flow_id,
        plan=plan,
        plan_hash=row.plan_hash,
        nodes=ensure_nodes(conn, flow_id, plan),
        at=at,
        tick_at=tick_at,
        started_at=at if row.started_at is None else from_micros(row.started_at),
        owner=row.owner,
    )
