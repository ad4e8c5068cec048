"""What dispatch knows of flows, steps, contents and people while it works: each looked up once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from seqlang.dispatch.records import StepOfFlow
from seqlang.plan.model import FlowPlan, StepNode
from seqlang.store import tables
from seqlang.store.plans import get_content, get_plan, node_ids

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from seqlang.dispatch.look import Question


class Shelf:
    """Plans, steps and contents, by their keys; what is on it never changes while it lives."""

    def __init__(self) -> None:
        self.questions: dict[int, Question] = {}  # of `look_again`
        self._steps: dict[tuple[int, int, str], StepOfFlow | None] = {}
        self._nodes: dict[int, Mapping[str, int]] = {}
        self._contents: dict[str, bytes] = {}

    def step(self, conn: Connection, flow_id: int, node_id: int, plan_hash: str | None) -> StepOfFlow | None:
        """Return the step; None where the plan does not have it."""
        flow = conn.execute(
            select(tables.flow.c.name, tables.flow.c.owner, tables.flow.c.plan_hash).where(tables.flow.c.id == flow_id)
        ).one()
        named = plan_hash or flow.plan_hash
        key = (flow_id, node_id, named)
        if key not in self._steps:
            self._steps[key] = self._look(conn, flow_id, node_id, named, flow.name, flow.owner, flow.plan_hash)
        return self._steps[key]

    def _look(  # noqa: PLR0917  columns of one row
        self, conn: Connection, flow_id: int, node_id: int, plan_hash: str, name: str, owner: str | None, newest: str
    ) -> StepOfFlow | None:
        plan = get_plan(conn, plan_hash)
        if flow_id not in self._nodes:
            self._nodes[flow_id] = node_ids(conn, flow_id)
        nodes = dict(self._nodes[flow_id])
        if plan_hash != newest:
            _rename(nodes, plan, get_plan(conn, newest))
        step = next((n for n in plan.nodes if isinstance(n, StepNode) and nodes.get(n.key) == node_id), None)
        if step is None:
            return None
        return StepOfFlow(flow_id, name, node_id, plan_hash, plan, step, nodes, owner)

    def content(self, conn: Connection, sha256: str) -> bytes:
        """Return the bytes of a file of the project; NotFoundError where the database has none."""
        if sha256 not in self._contents:
            self._contents[sha256] = get_content(conn, sha256)
        return self._contents[sha256]


def _rename(nodes: dict[str, int], plan: FlowPlan, newest: FlowPlan) -> None:
    """Give the steps of an older plan, by their old names, the numbers that the new names have now."""
    for old, new in newest.moved:
        if new in nodes and old not in nodes and any(n.key == old for n in plan.nodes):
            nodes[old] = nodes[new]


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return `{"contact.account.name": x}` as `{"contact": {"account": {"name": x}}}`."""
    whole: dict[str, Any] = {}
    for path, value in flat.items():
        *way, last = path.split(".")
        place = whole
        for name in way:
            inner = place.get(name)
            if not isinstance(inner, dict):
                inner = place[name] = {}
            place = inner
        place[last] = value
    return whole
