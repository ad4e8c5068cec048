"""Finding the one row at which the run of a flow fails, so that it can be set aside and the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import false, func, insert, or_, select, update

from seqlang.clock import to_micros
from seqlang.errors import StoreError
from seqlang.runtime.reports import Quarantined
from seqlang.store import tables

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from seqlang.runtime.due import Unit
    from seqlang.store.database import Store

ROWS_PER_TICK_MAX = 10  # a flow in which more fail is set aside as a whole
SET_ASIDE = "set aside"  # the reason with which a stay ends
enrolment = tables.enrolment


class _TriedError(Exception):
    """The trial is over: nothing of it stays."""


def set_aside_row(
    store: Store, unit: Unit, at: datetime, work: Callable[[Connection], object], found: list[Quarantined]
) -> bool:
    """Look for the enrolments at which `work`, the run of `unit`, fails; end their stays, with the reason. Tell whether it runs without.

    A failure that is nobody's (of the plan, of the audience) is left as it is.
    """
    with store.begin() as conn:
        low, high = conn.execute(
            select(func.min(enrolment.c.id), func.max(enrolment.c.id)).where(enrolment.c.flow_id == unit.flow_id, enrolment.c.active)
        ).one()
    if low is None or _fails(store, unit, work, 1, 0) is not None:
        return False
    for _ in range(ROWS_PER_TICK_MAX):
        reason = _fails(store, unit, work, low, high)
        if reason is None:
            return True
        first, last = low, high
        while first < last:
            middle = (first + last) // 2
            earlier = _fails(store, unit, work, first, middle)
            first, last, reason = (first, middle, earlier) if earlier is not None else (middle + 1, last, reason)
        reason = _fails(store, unit, work, first, first)
        if reason is None:  # only together do they fail
            return False
        found.append(_end(store, unit, at, first, reason))
    return False


def _fails(store: Store, unit: Unit, work: Callable[[Connection], object], low: int, high: int) -> str | None:
    """Try the run with those enrolments alone, and undo it; return why it fails, or None."""
    try:
        with store.begin() as conn:
            conn.execute(
                update(enrolment).where(
                    enrolment.c.flow_id == unit.flow_id, enrolment.c.active, or_(enrolment.c.id < low, enrolment.c.id > high)
                ).values(active=false())
            )
            work(conn)
            raise _TriedError
    except _TriedError:
        return None
    except StoreError as error:
        return error.message
    except Exception as error:  # noqa: BLE001 - what fails is what we look for
        return " ".join(str(getattr(error, "orig", None) or error).split())[:500]


def _end(store: Store, unit: Unit, at: datetime, number: int, reason: str) -> Quarantined:
    with store.begin() as conn:
        record_id = conn.execute(select(enrolment.c.record_id).where(enrolment.c.id == number)).scalar_one()
        conn.execute(
            update(enrolment).where(enrolment.c.id == number).values(
                active=false(), exited_at=to_micros(at), exit_reason=SET_ASIDE, due_at=None)
        )
        conn.execute(insert(tables.quarantine).values(
            at=to_micros(at), flow_id=unit.flow_id, enrolment_id=number, what="enrolment", reason=reason))
    return Quarantined(unit.name, record_id, reason)
