"""Claims what is to be delivered: a lease and a fencing number for each effect, and another look in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, and_, bindparam, false, func, or_, select, text, true, tuple_, update

from seqlang.clock import from_micros, to_micros
from seqlang.dispatch.look import DELIVERING, look_again
from seqlang.dispatch.records import Effect, StepOfFlow
from seqlang.dispatch.steps import Shelf
from seqlang.limits import LEASE_SECONDS
from seqlang.store.tables import STILL_OPEN, flow, ledger, node

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select, TextClause
    from sqlalchemy.sql.dml import ReturningUpdate

    from seqlang.store.database import Store

OPEN = ("planned", "retry")
# The words of the index on (state, step, id): SQLite takes it only where they stand in the statement themselves.
INDEXED = text(f"({STILL_OPEN})")
TODOS = ("todo", "draft")
NO_STEP = "the plan has no such step any more"


@dataclass(frozen=True, slots=True)
class Source:
    """A step of a flow with something to deliver."""

    flow_id: int
    node_id: int
    channel: str
    plan_hash: str | None  # of its oldest effect
    first_id: int  # its oldest effect


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one claim brought."""

    effects: tuple[Effect, ...]
    lost: tuple[tuple[int, int, str], ...]  # id, fence and reason of effects that no plan explains

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.effects) + len(self.lost)


def find_sources(conn: Connection, now: datetime, *, todos: bool) -> list[Source]:
    """Return the steps that have something to deliver, those with the oldest first."""
    rows = conn.execute(_sources(todos=todos), {"now": to_micros(now)})
    return [Source(row.flow_id, row.node_id, row.channel, row.plan_hash, row.id) for row in rows]


# Statements are put together once: that takes ten times as long as carrying them out.
@cache
def _sources(*, todos: bool) -> Select[Any]:
    oldest = [
        select(ledger.c.id).where(ledger.c.node_id == node.c.id, *_free(state), _kind(todos=todos)).order_by(ledger.c.id)
        .limit(1).correlate(node).scalar_subquery() for state in OPEN
    ]
    first = func.coalesce(*oldest).label("first")
    steps = node.join(flow, flow.c.id == node.c.flow_id)
    probed = select(first).select_from(steps).where(flow.c.state.in_(DELIVERING)).subquery()
    columns = (ledger.c.id, ledger.c.flow_id, ledger.c.node_id, ledger.c.channel, ledger.c.plan_hash)
    return select(*columns).where(ledger.c.id.in_(select(probed.c.first))).order_by(ledger.c.id)


def _free(state: str) -> list[ColumnElement[bool] | TextClause]:
    """Return the conditions that an effect in this state may be claimed `now`.

    One state at a time: the index on (state, step, id) then gives the oldest first, however many there are.
    """
    return [INDEXED, ledger.c.state == state, *_ready()]


def _ready() -> list[ColumnElement[bool]]:
    """Return the conditions that an effect's time has come and nobody holds it."""
    now = bindparam("now", type_=BigInteger)
    return [or_(column.is_(None), column <= now) for column in (ledger.c.ready_at, ledger.c.lease_until)]


def _kind(*, todos: bool) -> ColumnElement[bool]:
    return ledger.c.effect.in_(TODOS) if todos else ledger.c.effect.not_in(TODOS)


def claim(
    conn: Connection, store: Store, shelf: Shelf, node_ids: Collection[int], now: datetime, most: int, *, todos: bool = False
) -> Claimed:
    """Claim up to `most` effects of these steps, oldest first, and look at each again.

    Two dispatchers never claim the same: on PostgreSQL rows that another one holds are passed over, on SQLite a writer is alone.
    """
    rows: list[Any] = []
    until = to_micros(now + timedelta(seconds=LEASE_SECONDS))
    for node_id, state in product(node_ids, OPEN):
        if len(rows) >= most:
            break
        wanted = {"of_step": node_id, "now": to_micros(now), "until": until, "most": most - len(rows)}
        rows += conn.execute(_taking(state, todos=todos), wanted).all()
    return _looked_at(conn, store, shelf, rows, now)


@cache
def _taking(state: str, *, todos: bool) -> ReturningUpdate[Any]:
    oldest = select(ledger.c.id).where(ledger.c.node_id == bindparam("of_step"), *_free(state), _kind(todos=todos))
    # As a CTE, which is asked once: PostgreSQL may ask a subquery again for each row, and then takes more than `most`.
    chosen = oldest.order_by(ledger.c.id).limit(bindparam("most", type_=Integer)).with_for_update(skip_locked=True).cte("chosen")
    # Not by _free: SQLite would look for the few that were chosen among all that are open, by the index, and not by their ids.
    taken = update(ledger).where(ledger.c.id.in_(select(chosen.c.id)), ledger.c.state.in_(OPEN), *_ready()).values(
        lease_until=bindparam("until", type_=BigInteger), fence=ledger.c.fence + 1)
    return taken.returning(ledger.c.id, ledger.c.fence, ledger.c.flow_id, ledger.c.node_id, ledger.c.plan_hash, ledger.c.state)


def _looked_at(conn: Connection, store: Store, shelf: Shelf, rows: Sequence[Any], now: datetime) -> Claimed:
    groups: dict[tuple[int, int, str | None], list[Any]] = {}
    for row in rows:
        groups.setdefault((row.flow_id, row.node_id, row.plan_hash), []).append(row)
    effects: list[Effect] = []
    lost: list[tuple[int, int, str]] = []
    for (flow_id, node_id, plan_hash), group in groups.items():
        of = shelf.step(conn, flow_id, node_id, plan_hash)
        if of is None:
            lost += [(row.id, row.fence, NO_STEP) for row in group]
            continue
        try:
            seen = look_again(conn, store, of, [row.id for row in group], now, shelf.questions)
        except (KeyError, TypeError) as error:
            lost += [(row.id, row.fence, f"the plan does not fit the records: {error}") for row in group]
            continue
        effects += seen
        have = {effect.id for effect in seen}
        lost += [(row.id, row.fence, "its enrolment is gone") for row in group if row.id not in have]
    # What was tried before comes last: should it stop its mailbox once more, the others are gone.
    again = {row.id for row in rows if row.state == "retry"}
    return Claimed(tuple(sorted(effects, key=lambda effect: (effect.id in again, effect.id))), tuple(lost))


# Built once: what is asked of thousands of groups need not be put together for each.
MINE = and_(
    ledger.c.id.in_(bindparam("ids", expanding=True)),
    tuple_(ledger.c.id, ledger.c.fence).in_(bindparam("pairs", expanding=True)),
)


def named(pairs: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Return the parameters of MINE: ids and fencing numbers."""
    return {"ids": [number for number, _ in pairs], "pairs": list(pairs)}


def mine(pairs: Iterable[tuple[int, int]]) -> ColumnElement[bool]:
    """Return the condition that an effect is one of these and still has the fencing number with which it was claimed."""
    held = list(pairs)
    # The ids stand alone too: SQLite looks rows up by them, and reads the whole table for pairs.
    return and_(ledger.c.id.in_([number for number, _ in held]), tuple_(ledger.c.id, ledger.c.fence).in_(held))


def sweep(conn: Connection, now: datetime, idempotent: Collection[str]) -> tuple[int, int]:
    """See to effects whose sender died between sending and noting; return how many became unknown, and how many are tried again.

    Nobody knows whether they went, so they are never sent again by themselves; unless the channel honours idempotency keys.
    """
    dead = and_(INDEXED, ledger.c.state == "sending", ledger.c.lease_until <= to_micros(now))
    again = ledger.c.channel.in_(list(idempotent)) if idempotent else false()
    retried = conn.execute(
        update(ledger).where(dead, again).values(state="retry", ready_at=None, lease_until=None, fence=ledger.c.fence + 1)
    ).rowcount
    reason = "the sender ended before it noted what became of this message"
    # The fencing number stays: should the sender only have slept, what it knows is still the truth.
    unknown = conn.execute(update(ledger).where(dead, true()).values(state="unknown", lease_until=None, error=reason)).rowcount
    return unknown, retried


def next_ready(conn: Connection, now: datetime) -> datetime | None:
    """Return when the next effect that waits for its time is ready."""
    query = select(ledger.c.ready_at).where(INDEXED, ledger.c.state.in_(OPEN), ledger.c.ready_at > to_micros(now))
    at = conn.execute(query.order_by(ledger.c.ready_at).limit(1)).scalar_one_or_none()
    return from_micros(at) if at is not None else None


def known_step(shelf: Shelf, conn: Connection, source: Source) -> StepOfFlow | None:
    """Return the step of a source."""
    return shelf.step(conn, source.flow_id, source.node_id, source.plan_hash)
