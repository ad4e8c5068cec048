"""Telling the other flows who came in and who left: rows of `change`, written only where somebody listens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, literal, select

from seqlang.engine.plans import load_plan
from seqlang.plan.model import OnCondition, OnFlow
from seqlang.predicates.wakes import wakes
from seqlang.store.tables import change, flow

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, FromClause

    from seqlang.engine.context import FlowContext
    from seqlang.plan.conditions import Condition
    from seqlang.plan.model import FlowPlan


EXCLUSIVE = ""  # stands for every exclusive flow; no flow has an empty name


def tell(ctx: FlowContext, who: FromClause, what: str) -> None:
    """Note that `who` (enrolment_id, record_id, contact_id) came in (`entered`) or left (`exited`), where a flow asks for it."""
    if not listened(ctx.conn, ctx.plan.name) and not (ctx.plan.manners.exclusive and listened(ctx.conn, EXCLUSIVE)):
        return
    rows = select(
        literal(ctx.micros, change.c.at.type),
        literal(ctx.plan.subject),
        who.c.record_id,
        who.c.contact_id,
        literal(what),
        literal(ctx.plan.name),
        literal(ctx.flow_id, change.c.flow_id.type),
    )
    names = ["at", "record", "record_id", "contact_id", "what", "field", "flow_id"]
    ctx.conn.execute(insert(change).from_select(names, rows, include_defaults=False))


def listened(conn: Connection, name: str) -> bool:
    """Tell whether an active flow has a trigger or a condition about who is in the flow of that name."""
    hashes = conn.execute(select(flow.c.plan_hash).where(flow.c.state == "active")).scalars().all()
    return any(name in _asked(conn, plan_hash) for plan_hash in hashes)


def heeded(conn: Connection, what: str, names: Collection[str]) -> bool:
    """Tell whether a flow that is active, or stands still, has a condition about one of those names; `what`: "tags" or "lists".

    One that starts later, or that an edit makes ask, looks at everything first.
    """
    live = flow.c.state.in_(("active", "stopped"))
    rows = conn.execute(select(flow.c.plan_hash, flow.c.plan_next_hash).where(live)).all()
    plans = {plan_hash for row in rows for plan_hash in row if plan_hash is not None}
    return any(not getattr(_heeded(conn, plan_hash), what).isdisjoint(names) for plan_hash in plans)


@dataclass(frozen=True, slots=True)
class _Heeded:
    """What the conditions of a plan look at besides fields and events."""

    tags: frozenset[str]
    lists: frozenset[str]


_HEEDED: dict[str, _Heeded] = {}  # by the hash of a plan


def _heeded(conn: Connection, plan_hash: str) -> _Heeded:
    found = _HEEDED.get(plan_hash)
    if found is None:
        parts = [wakes(condition) for condition in conditions_of(load_plan(conn, plan_hash))]
        found = _Heeded(
            frozenset(tag for part in parts for tag in part.tags), frozenset(name for part in parts for name in part.lists)
        )
        _HEEDED[plan_hash] = found
    return found


_ASKED: dict[str, frozenset[str]] = {}  # by the hash of a plan: the names of flows that it asks about


def _asked(conn: Connection, plan_hash: str) -> frozenset[str]:
    found = _ASKED.get(plan_hash)
    if found is None:
        found = _names(load_plan(conn, plan_hash))
        _ASKED[plan_hash] = found
    return found


def _names(plan: FlowPlan) -> frozenset[str]:
    triggers = {t.name for t in plan.triggers if isinstance(t, OnFlow) and t.what in {"entered", "exited"} and t.name is not None}
    if plan.manners.exclusive and any(isinstance(t, OnCondition) for t in plan.triggers):
        triggers.add(EXCLUSIVE)  # whoever leaves another exclusive flow may come in now
    return frozenset(triggers | _in_conditions(plan))


def _in_conditions(plan: FlowPlan) -> set[str]:
    found: set[str] = set()
    for condition in conditions_of(plan):
        found |= wakes(condition).flows
    return found


def conditions_of(plan: FlowPlan) -> list[Condition]:
    """Return every condition of a flow: audience, triggers, goals, exits, steps, branches."""
    conditions = [g.condition for g in plan.goals]
    conditions += [c.condition for rule in plan.exits for c in rule.checks if c.condition is not None]
    for trigger in plan.triggers:
        conditions += [c for c in (getattr(trigger, "when", None), getattr(trigger, "condition", None)) if c is not None]
    for node in plan.nodes:
        conditions += [c for c in (getattr(node, "when", None), getattr(node, "condition", None)) if c is not None]
        conditions += [c for c, _ in getattr(node, "arms", ())]
    if plan.audience is not None:
        conditions.append(plan.audience.where)
    return conditions


__all__ = ["conditions_of", "heeded", "listened", "tell"]
