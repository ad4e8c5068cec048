"""Plans and contents by their hash, and the rows of flows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from seqlang.clock import from_micros, to_micros
from seqlang.errors import NotFoundError
from seqlang.plan.model import FlowPlan, canonical
from seqlang.store import tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from seqlang.store.database import Store


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One flow as the database knows it."""

    id: int
    name: str
    kind: str
    record: str  # what is enrolled
    zone: str
    state: str  # draft active stopped archived
    plan_hash: str
    plan_next_hash: str | None  # applied, takes effect at the next run
    position: int
    owner: str | None
    exclusive: bool
    started_at: datetime | None
    stopped_at: datetime | None
    archived_at: datetime | None
    run_last_at: datetime | None
    run_next_at: datetime | None


def put_plan(conn: Connection, store: Store, plan: FlowPlan, at: datetime) -> str:
    """Keep a plan; return its hash. One that is there already is left alone."""
    body = canonical(plan)
    name = hashlib.sha256(body.encode()).hexdigest()
    new = store.sql.insert(tables.plan).values(hash=name, body=body, created_at=to_micros(at))
    conn.execute(new.on_conflict_do_nothing(index_elements=["hash"]))
    return name


def get_plan(conn: Connection, plan_hash: str) -> FlowPlan:
    """Return the plan of that hash; NotFoundError where there is none."""
    body = conn.execute(select(tables.plan.c.body).where(tables.plan.c.hash == plan_hash)).scalar_one_or_none()
    if body is None:
        raise NotFoundError(f"the database has no plan `{plan_hash}`")
    return _read(plan_hash, body)


@lru_cache(maxsize=2048)
def _read(_hash: str, body: str) -> FlowPlan:
    return FlowPlan.model_validate_json(body)


def put_content(conn: Connection, store: Store, body: bytes) -> str:
    """Keep a file's bytes; return their SHA-256."""
    name = hashlib.sha256(body).hexdigest()
    conn.execute(store.sql.insert(tables.content).values(hash=name, body=body).on_conflict_do_nothing(index_elements=["hash"]))
    return name


def get_content(conn: Connection, content_hash: str) -> bytes:
    """Return the bytes of that hash; NotFoundError where there are none."""
    body = conn.execute(select(tables.content.c.body).where(tables.content.c.hash == content_hash)).scalar_one_or_none()
    if body is None:
        raise NotFoundError(f"the database has no content `{content_hash}`", hint="`seqlang apply` brings the project's files")
    return bytes(body)


def missing_contents(conn: Connection, hashes: Iterable[str]) -> frozenset[str]:
    """Return those of the hashes that the database has no content of."""
    wanted = frozenset(hashes)
    there = conn.execute(select(tables.content.c.hash).where(tables.content.c.hash.in_(sorted(wanted)))).scalars()
    return wanted - frozenset(there)


def put_flow(conn: Connection, store: Store, plan: FlowPlan, *, position: int, at: datetime) -> FlowRow:
    """Keep a flow: new as a draft; a draft's plan changes at once, that of one under way from its next run on.

    Numbers for the nodes of a new flow are given here; those of an edit when it takes effect.
    """
    plan_hash = put_plan(conn, store, plan, at)
    about = {
        "kind": plan.kind,
        "record": plan.subject,
        "zone": plan.zone,
        "position": position,
        "owner": plan.owner.lower() if plan.owner else None,
        "exclusive": plan.manners.exclusive,
    }
    table = tables.flow
    there = find_flow(conn, plan.name)
    if there is None:
        number = conn.execute(
            table.insert().values(name=plan.name, plan_hash=plan_hash, **about).returning(table.c.id)
        ).scalar_one()
        add_nodes(conn, int(number), (n.key for n in plan.nodes))
    elif there.state == "draft":
        conn.execute(update(table).where(table.c.id == there.id).values(plan_hash=plan_hash, plan_next_hash=None, **about))
        add_nodes(conn, there.id, (n.key for n in plan.nodes))
    else:
        later = None if plan_hash == there.plan_hash else plan_hash
        conn.execute(update(table).where(table.c.id == there.id).values(plan_next_hash=later, position=position))
    return get_flow(conn, plan.name)


def add_nodes(conn: Connection, flow_id: int, keys: Iterable[str]) -> Mapping[str, int]:
    """Give numbers to those nodes that have none; return all numbers by key."""
    known = node_ids(conn, flow_id)
    fresh = [{"flow_id": flow_id, "key": k} for k in dict.fromkeys(keys) if k not in known]
    if fresh:
        conn.execute(tables.node.insert(), fresh)
        return node_ids(conn, flow_id)
    return known


def node_ids(conn: Connection, flow_id: int) -> Mapping[str, int]:
    """Return the numbers of the flow's nodes by key, those of former plans too."""
    query = select(tables.node.c.key, tables.node.c.id).where(tables.node.c.flow_id == flow_id)
    return {r[0]: r[1] for r in conn.execute(query)}


def find_flow(conn: Connection, name: str) -> FlowRow | None:
    """Return the flow of that name, or None."""
    return next(iter(_flows(conn, name)), None)


def get_flow(conn: Connection, name: str) -> FlowRow:
    """Return the flow of that name; NotFoundError where there is none, with the nearest name."""
    found = find_flow(conn, name)
    if found is not None:
        return found
    from difflib import get_close_matches

    near = get_close_matches(name, [f.name for f in all_flows(conn)], n=1)
    hint = f"did you mean `{near[0]}`?" if near else "`seqlang status` lists the flows; `seqlang apply` brings new ones"
    raise NotFoundError(f"there is no flow `{name}` in the database", hint=hint)


def all_flows(conn: Connection, *, state: str | None = None) -> tuple[FlowRow, ...]:
    """Return the flows in the order of the project's files, all or those in one state."""
    return tuple(f for f in _flows(conn) if state is None or f.state == state)


def _flows(conn: Connection, name: str | None = None) -> list[FlowRow]:
    table = tables.flow
    wanted = [table.c[f] for f in FlowRow.__slots__]
    query = select(*wanted).order_by(table.c.position, func.lower(table.c.name), table.c.id)
    rows = conn.execute(query if name is None else query.where(table.c.name == name))
    return [FlowRow(**{c.name: _instant(c.name, v) for c, v in zip(wanted, row, strict=True)}) for row in rows]


def _instant(column: str, value: Any) -> Any:
    return from_micros(value) if column.endswith("_at") and isinstance(value, int) else value
