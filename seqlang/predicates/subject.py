"""What a condition is asked of: a row, what the engine knows beside it, and the instant that counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from seqlang.clock import to_micros
from seqlang.schedule import local_date

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import ColumnElement, FromClause

    from seqlang.plan.model import CalendarPlan


@dataclass(frozen=True, slots=True)
class Subject:
    """One kind of rows of the caller's statement; expressions made for it are correlated to those rows."""

    record: str  # the record type of `row`: "contact", "account", "deal", a declared one
    row: FromClause  # `store.records(record)` or an alias of it, in the FROM of the caller's statement
    # The contact that the row is about: the contact's own id, a deal's contact, None for accounts and others.
    contact_id: ColumnElement[Any] | None
    # `tables.enrolment` or an alias, in the same FROM; None (admission): nothing is `since entry`, and no fact holds.
    enrolment: FromClause | None
    flow_id: int | None  # the flow that asks; None: outside any (`list --where`)
    zone: str  # IANA name of the flow's zone: `today`, dates against instants
    at: datetime  # the instant that counts, aware: the run's planned one, or the tick's
    node_ids: Mapping[str, int] = field(default_factory=dict)  # step -> node.id, for facts; a missing step has no facts
    working: CalendarPlan | None = None  # whose working days count; None: mon-fri
    # The last instant of which anything is known: the tick's, of a run that is made up for later; None: `at`. It may be a column.
    known: datetime | ColumnElement[Any] | None = None
    filters: bool = False  # the condition only filters rows (see `where_sql`): null may stand for false

    @property
    def until(self) -> int | ColumnElement[Any]:
        """The last instant of which anything is known, in microseconds: what happened later counts for nothing yet."""
        known = self.at if self.known is None else self.known
        return to_micros(known) if isinstance(known, datetime) else known

    @property
    def today(self) -> date:
        """The local date of the flow's zone at `at`."""
        return local_date(self.at, self.zone)
