"""The timeline: the ledger as lines that people and scripts read (COMMANDS.md, *Trying*)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select, union_all

from seqlang.clock import from_micros, to_micros
from seqlang.store import tables
from seqlang.store.addresses import email_key
from seqlang.store.records_finding import names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import CompoundSelect, Connection, Row, Select, Table

    from seqlang.store.database import Store

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One thing that happened to one record in one flow."""

    id: int  # the order in which things happened; `follow` goes on behind it
    at: datetime  # the planned instant, aware, UTC
    zone: str  # of the flow: `at` is shown in it
    flow: str
    contact: str | None  # the address; a deal's contact; None for accounts
    record: str  # "contact:kim@example.com", "deal:Big one"; "contact:#12" where it has no name
    what: str  # entered executed skipped deferred held failed branched exited
    step: str | None
    channel: str | None
    why: str | None
    stay: int = 0  # which enrolment: two runs of a workflow for one record in one tick are told apart
    node: str | None = None  # key of the node, in the plan that it was of


@dataclass(frozen=True, slots=True)
class TimelineQuestion:
    """Which lines are wanted; None: all."""

    contact: str | None = None  # an e-mail address, also of a contact that is gone
    flow: str | None = None
    stay: int | None = None  # an enrolment
    after_id: int | None = None  # lines that were written later than that one; these come in the order of writing
    since: datetime | None = None
    until: datetime | None = None  # excluded


def timeline(conn: Connection, store: Store, question: TimelineQuestion | None = None) -> Iterator[TimelineLine]:
    """Yield the lines by time, then flow, contact, record, enrolment and the order in which they happened; in batches."""
    asked = question or TimelineQuestion()
    result = conn.execute(_query(store, asked), execution_options={"yield_per": BATCH})  # of this question, and no later one
    known: dict[tuple[str, int], str | None] = {}
    for rows in result.partitions(BATCH):
        _learn(conn, store, rows, known)
        yield from (_line(row, known) for row in rows)


def last_line(conn: Connection) -> int:
    """Return the id of the line written last; 0 before the first."""
    return int(conn.execute(select(func.max(tables.ledger.c.id))).scalar() or 0)


def _query(store: Store, asked: TimelineQuestion) -> Select[tuple[object, ...]]:
    line, flow, node, gone = tables.ledger, tables.flow, tables.node, tables.gone
    person = store.records("contact")
    address = func.coalesce(store.column("contact", "email"), gone.c.name)
    joined = line.join(flow, flow.c.id == line.c.flow_id).outerjoin(node, node.c.id == line.c.node_id)
    joined = joined.outerjoin(person, person.c.id == line.c.contact_id)
    joined = joined.outerjoin(gone, and_(gone.c.record == "contact", gone.c.record_id == line.c.contact_id))
    query = select(
        line.c.id,
        line.c.at,
        flow.c.zone,
        flow.c.name.label("flow"),
        address.label("contact"),
        flow.c.record,
        line.c.record_id,
        line.c.contact_id,
        line.c.enrolment_id,
        line.c.what,
        func.coalesce(line.c.step, node.c.key).label("step"),
        line.c.channel,
        line.c.why,
        node.c.key,
    ).select_from(joined)
    # By numbers that the lines have: names are looked up for each line, or lead SQLite through them by an index, out of order.
    if asked.contact is not None:
        query = query.where(line.c.contact_id.in_(_numbers(person, email_key(asked.contact))))
    if asked.flow is not None:
        query = query.where(line.c.flow_id == select(flow.c.id).where(flow.c.name == asked.flow).scalar_subquery())
    if asked.stay is not None:
        query = query.where(line.c.enrolment_id == asked.stay)
    if asked.since is not None:
        query = query.where(line.c.at >= to_micros(asked.since))
    if asked.until is not None:
        query = query.where(line.c.at < to_micros(asked.until))
    if asked.after_id is not None:
        return query.where(line.c.id > asked.after_id).order_by(line.c.id)
    return query.order_by(line.c.at, flow.c.name, func.coalesce(address, ""), line.c.record_id, line.c.enrolment_id, line.c.id)


def _numbers(person: Table, key: str | None) -> CompoundSelect[tuple[int]]:
    """Return the contacts that have an address, and those that had it and are gone."""
    gone = tables.gone
    deleted = select(gone.c.record_id).where(gone.c.record == "contact", func.lower(gone.c.name) == key)
    return union_all(select(person.c.id).where(person.c.email_key == key), deleted)


def _learn(
    conn: Connection, store: Store, rows: Sequence[Row[tuple[object, ...]]], known: dict[tuple[str, int], str | None]
) -> None:
    """Look up the names of the records that are not contacts, each once."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row.record != "contact" and (row.record, row.record_id) not in known:
            wanted.setdefault(row.record, set()).add(row.record_id)
    for record, ids in wanted.items():
        found = names(conn, store, record, ids)
        gone = tables.gone
        missing = sorted(ids - found.keys())
        found |= {
            r[0]: r[1]
            for r in conn.execute(
                select(gone.c.record_id, gone.c.name).where(gone.c.record == record, gone.c.record_id.in_(missing))
            )
            if r[1]
        }
        known |= {(record, i): found.get(i) for i in ids}


def _line(row: Row[tuple[object, ...]], known: dict[tuple[str, int], str | None]) -> TimelineLine:
    # In the order of the question: a row is asked for its names more slowly than it is taken apart.
    values: Any = row
    number, at, zone, flow, contact, record, record_id, _, stay, what, step, channel, why, node = values
    name = contact if record == "contact" else known[record, record_id]
    return TimelineLine(
        id=number,
        at=_instant(at),
        zone=zone,
        flow=flow,
        contact=contact,
        record=f"{record}:{name or f'#{record_id}'}",
        what=what,
        step=step,
        channel=channel,
        why=why,
        stay=stay or 0,
        node=node,
    )


@lru_cache(maxsize=1024)
def _instant(micros: int) -> datetime:
    """Return the instant; many lines are of one run."""
    return from_micros(micros)
