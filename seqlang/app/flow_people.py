"""Who is under way in a flow, for `diff`: how many, where they stand, what they have had, and what can still come to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from seqlang.plan.edits import Stand, reachable, stands
from seqlang.plan.model import FlowPlan, OnDay, StepNode, WaitNode, WaitUntilNode

if TYPE_CHECKING:
    from sqlalchemy import Connection

ARRIVING = "^"  # the engine's word before the key of a node that somebody comes to by an edit


class People:
    """How many are under way in a flow, and where they stand."""

    def __init__(self, conn: Connection, flow_id: int) -> None:
        from sqlalchemy import func, select

        from seqlang.store import tables

        self._conn, self._flow_id = conn, flow_id
        stay, node = tables.enrolment, tables.node
        mine = (stay.c.flow_id == flow_id) & stay.c.active
        self.inside: int = conn.execute(select(func.count()).select_from(stay).where(mine)).scalar_one()
        at = select(node.c.key, func.count()).select_from(stay.join(node, node.c.id == stay.c.node_id)).where(mine)
        self.at: dict[str, int] = {}
        for key, count in conn.execute(at.group_by(node.c.key)):
            self.at[key.removeprefix(ARRIVING)] = self.at.get(key.removeprefix(ARRIVING), 0) + count

    def had(self, steps: Iterable[str], at: Iterable[str] | None = None) -> int:
        """Return how many have had one of the steps; `at`: of those who stand at one of these nodes."""
        from sqlalchemy import distinct, func, select

        from seqlang.store import tables

        stay, line, node, here = tables.enrolment, tables.ledger, tables.node, tables.node.alias("here")
        both = line.join(stay, stay.c.id == line.c.enrolment_id).join(node, node.c.id == line.c.node_id)
        query = (
            select(func.count(distinct(line.c.enrolment_id)))
            .select_from(both.outerjoin(here, here.c.id == stay.c.node_id))
            .where(stay.c.flow_id == self._flow_id, stay.c.active, line.c.occurrence.is_not(None), node.c.key.in_(list(steps)))
        )
        if at is not None:
            query = query.where(here.c.key.in_([k for a in at for k in (a, ARRIVING + a)]))
        return int(self._conn.execute(query).scalar_one())


class Ahead:
    """What lies ahead of those who are under way, before and after an edit."""

    def __init__(self, old: FlowPlan, new: FlowPlan, people: People) -> None:
        self.old, self.new, self.people = old, new, people
        self.journey = old.kind in {"journey", "workflow"}
        self.stands: tuple[Stand, ...] = stands(old, new) if self.journey else ()

    def added(self, step: str) -> int:
        """Return how many may get a step that is new."""
        if self.old.kind == "cadence":  # pinned
            return 0
        if self.journey:
            return self._at(s for s in self.stands if step in reachable(self.new, s.to))
        timing = self.new.node(step)
        day = timing.timing.day if isinstance(timing, StepNode) and isinstance(timing.timing, OnDay) else None
        former = {name: old for old, name in self.new.moved}
        there = {s.key for s in self.old.steps}
        later = [
            former.get(s.key, s.key)
            for s in self.new.steps
            if day is not None and isinstance(s.timing, OnDay) and s.timing.day > day and former.get(s.key, s.key) in there
        ]
        return self.people.inside - (self.people.had(later) if later else 0)

    def left(self, step: str) -> int:
        """Return to how many a step of the old plan would still have come."""
        if self.old.kind == "cadence":
            return 0
        if self.journey:
            return self._at(s for s in self.stands if step in reachable(self.old, s.key))
        return self.people.inside - self.people.had([step])

    def again(self, gone: str, twin: str) -> int:
        """Return how many who have had a step would get another one that says the same."""
        if not self.journey:
            return self.people.had([gone])
        return self.people.had([gone], [s.key for s in self.stands if twin in reachable(self.new, s.to)])

    def elsewhere(self) -> list[tuple[Stand, int]]:
        """Return the nodes whose people stand elsewhere, or wait anew, after the edit, and how many they are."""
        return [(s, self.people.at[s.key]) for s in self.stands if s.how != "stays" and self.people.at.get(s.key)]

    def stranded(self, stand: Stand) -> bool:
        """Whether something followed a node that is gone, and none of it is left."""
        return stand.to is None and bool(reachable(self.old, stand.key) - {stand.key})

    def _at(self, found: Iterable[Stand]) -> int:
        return sum(self.people.at.get(s.key, 0) for s in found)


def place(plan: FlowPlan, key: str) -> str:
    """Return how a person calls a node: "step hello", "the wait behind hello"."""
    before = None
    for node in plan.nodes:
        if node.key == key:
            break
        before = node.key if isinstance(node, StepNode) else before
    if not isinstance(plan.node(key), WaitNode | WaitUntilNode):
        return f"step {key}"
    return f"the wait behind {before}" if before else "the first wait"


__all__ = ["Ahead", "People", "place"]
