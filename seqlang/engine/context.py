"""What carrying out one flow at one instant needs to know: the flow, its plan, its nodes' numbers, and the instant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_
from sqlalchemy.sql.visitors import iterate

from seqlang.clock import to_micros
from seqlang.plan.model import SEQUENCE_KINDS
from seqlang.predicates.subject import Subject
from seqlang.schedule import local_date, run_date
from seqlang.store.tables import enrolment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Connection, FromClause, Table

    from seqlang.plan.model import FlowPlan
    from seqlang.store.database import Store


@dataclass(frozen=True)
class FlowContext:
    """One flow at one planned instant, in one open transaction."""

    conn: Connection
    store: Store
    flow_id: int
    plan: FlowPlan
    plan_hash: str
    nodes: Mapping[str, int]  # the number of each node, by its key in `plan`
    at: datetime  # the planned instant: of a run, of a window's opening, in journeys and workflows of the tick
    tick_at: datetime  # the instant of the tick that does it; never earlier than `at`
    started_at: datetime  # when the flow was started first
    owner: str | None = None  # the flow's owner, an e-mail address in lower case

    @cached_property
    def micros(self) -> int:
        """The planned instant, in microseconds."""
        return to_micros(self.at)

    @property
    def zone(self) -> str:
        """The flow's zone."""
        return self.plan.zone

    @cached_property
    def today(self) -> date:
        """The local date of the instant; of a run that the clocks moved, that of its own wall time."""
        if self.plan.schedule is not None:
            return run_date(self.plan.schedule, self.at, self.started_at)
        return local_date(self.at, self.zone)

    @property
    def has_runs(self) -> bool:
        """Whether the flow is a sequence or cadence."""
        return self.plan.kind in SEQUENCE_KINDS

    @property
    def records(self) -> Table:
        """The table of the records that the flow enrols."""
        return self.store.records(self.plan.subject)

    @property
    def contacts(self) -> Table:
        """The table of contacts."""
        return self.store.records("contact")

    def subject(self, stay: FromClause | None = enrolment, row: FromClause | None = None) -> Subject:
        """Return whom conditions are asked of: the record's row and, unless None (before coming in), the enrolment's."""
        row = self.records if row is None else row
        contact_id: ColumnElement[Any] | None
        if self.plan.subject == "contact":
            contact_id = row.c.id
        elif stay is not None:
            contact_id = stay.c.contact_id
        else:
            link = self.store.record_tables.spec(self.plan.subject).field("contact")
            contact_id = None if link is None else row.c[self.store.column(self.plan.subject, "contact").name]
        return Subject(
            record=self.plan.subject,
            row=row,
            contact_id=contact_id,
            enrolment=stay,
            flow_id=self.flow_id,
            zone=self.zone,
            at=self.at,
            known=self.tick_at,
            node_ids=self.nodes,
            working=self.plan.working,
        )

    def with_plan(self, plan: FlowPlan, plan_hash: str) -> FlowContext:
        """Return the same flow carried out by another plan: one that is pinned."""
        return replace(self, plan=plan, plan_hash=plan_hash)

    def at_instant(self, at: datetime) -> FlowContext:
        """Return the same flow at another planned instant."""
        return replace(self, at=at)

    def mine(self) -> ColumnElement[bool]:
        """Return the condition that an enrolment is of this flow, and in it now."""
        return and_(enrolment.c.flow_id == self.flow_id, enrolment.c.active)

    def of_this_plan(self) -> ColumnElement[bool]:
        """Return the same; in a cadence only for those whom this plan carries on: others came in with another."""
        pinned = [enrolment.c.plan_hash == self.plan_hash] if self.plan.kind == "cadence" else []
        return and_(self.mine(), *pinned)

    def mine_of_few(self) -> ColumnElement[bool]:
        """Return the same for statements that name few enrolments: no database goes through all of the flow then."""
        return and_(enrolment.c.flow_id + 0 == self.flow_id, enrolment.c.active)


def asks_stay(question: ColumnElement[Any]) -> bool:
    """Tell whether a question looks at the enrolment, or at the record alone."""
    return any(getattr(part, "table", None) is enrolment for part in iterate(question))
