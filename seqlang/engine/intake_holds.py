"""Out of office: `contact.held_until` keeps the return *date* (proleptic ordinal), which each flow reads in its own zone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, and_, case, cast, func, insert, literal, null, select, update

from seqlang.clock import to_micros
from seqlang.engine.ledger import note
from seqlang.engine.waits_spans import DAY, date_instant, date_of
from seqlang.plan.model import SEQUENCE_KINDS
from seqlang.schedule import local_date
from seqlang.store import tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, FromClause, Select

    from seqlang.store.database import Store

NOTE_DAYS = 7  # a note that names no date holds until 00:00 of the seventh day
REACH = 3_650 * DAY


def held(contact: FromClause, zone: str, at: datetime) -> ColumnElement[bool]:
    """Tell, for each contact, whether a flow of that zone holds it at the instant `at`; never null."""
    return func.coalesce(contact.c.held_until, 0) > local_date(at, zone).toordinal()


def hold_end(contact: FromClause, zone: str, at: datetime) -> ColumnElement[Any]:
    """Return 00:00 of the return date in that zone, in microseconds UTC: when a flow goes on with a contact that is `held`."""
    now = to_micros(at)
    return date_instant(contact.c.held_until, zone, now, now + REACH)


def take_notes(conn: Connection, store: Store, at: datetime, number: int) -> None:
    """Hold the contacts whose out-of-office notes this pass took in, and write a `held` line for each flow they are in."""
    event, contact = tables.event, store.records("contact")
    mine = and_(event.c.tick_pass == number, event.c.kind == "replied", event.c.out_of_office, event.c.contact_id.is_not(None))
    zones = (
        conn.execute(
            select(func.coalesce(tables.flow.c.zone, "UTC"))
            .distinct()
            .select_from(event.outerjoin(tables.flow, tables.flow.c.id == event.c.flow_id))
            .where(mine)
        )
        .scalars()
        .all()
    )
    if not zones:
        return
    days = conn.execute(select(event.c.value).distinct().where(mine, event.c.value.is_not(None))).scalars().all()
    until = _until(event, zones, days, to_micros(at))
    last = (
        select(
            event.c.contact_id,
            until.label("until"),
            func.row_number().over(partition_by=event.c.contact_id, order_by=(event.c.at.desc(), event.c.id.desc())).label("n"),
        )
        .select_from(event.outerjoin(tables.flow, tables.flow.c.id == event.c.flow_id))
        .where(mine)
        .subquery()
    )
    noted = select(last.c.contact_id, last.c.until).where(last.c.n == 1).subquery()
    conn.execute(
        update(contact)
        .where(contact.c.id.in_(select(noted.c.contact_id)))
        .values(held_until=select(noted.c.until).where(noted.c.contact_id == contact.c.id).scalar_subquery())
    )
    _look_anew(conn, select(noted.c.contact_id), at)
    stay, ledger = tables.enrolment, tables.ledger
    first = conn.execute(select(func.coalesce(func.max(ledger.c.id), 0))).scalar_one()
    for ordinal in conn.execute(select(noted.c.until).distinct()).scalars().all():
        lines = (
            select(
                literal(to_micros(at)),
                stay.c.id,
                stay.c.flow_id,
                stay.c.record_id,
                stay.c.contact_id,
                literal("held"),
                literal(date.fromordinal(ordinal).isoformat()),
            )
            .join(noted, noted.c.contact_id == stay.c.contact_id)
            .where(stay.c.active, noted.c.until == ordinal)
            .order_by(stay.c.id)
        )
        conn.execute(
            insert(ledger).from_select(["at", "enrolment_id", "flow_id", "record_id", "contact_id", "what", "why"], lines)
        )
    made = select(ledger.c.flow_id, func.count()).where(ledger.c.id > first).group_by(ledger.c.flow_id)
    for flow_id, count in conn.execute(made):
        note(conn, flow_id, "held", count)


def _look_anew(conn: Connection, contacts: Select[Any], at: datetime) -> None:
    """Let steps that wait for the date of an earlier note be looked at in this tick: the last note counts."""
    stay, flow = tables.enrolment, tables.flow
    free = select(flow.c.id).where(flow.c.kind.not_in(SEQUENCE_KINDS))
    there = and_(stay.c.active, stay.c.waiting == "held", stay.c.contact_id.in_(contacts))
    conn.execute(update(stay).where(there, stay.c.flow_id.in_(free)).values(due_at=to_micros(at)))


def _until(event: FromClause, zones: Sequence[str], days: Sequence[str], now: int) -> ColumnElement[Any]:
    """Return the return date of each note: the one it names, else the seventh day in the zone of the flow it answers."""
    zone = func.coalesce(tables.flow.c.zone, "UTC")
    seventh = case(
        *((zone == name, date_of(event.c.at, name, now - REACH, now + DAY) + NOTE_DAYS) for name in zones),
        else_=cast(null(), Integer),
    )
    named = {day: date.fromisoformat(day).toordinal() for day in days}
    return (
        case(*((event.c.value == day, literal(ordinal)) for day, ordinal in named.items()), else_=seventh) if named else seventh
    )
