"""Finding the one row at which the run of a flow fails, so that it can be set aside and the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import false, func, insert, or_, select, update
from sqlalchemy.exc import DBAPIError

from seqlang.clock import to_micros
from seqlang.errors import SeqlangError
from seqlang.runtime.reports import Quarantined
from seqlang.store import tables

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from seqlang.runtime.due import Unit
    from seqlang.store.database import Store

ROWS_PER_TICK_MAX = 10  # a flow in which more fail is set aside as a whole
REASON_CHARS_MAX = 500
SET_ASIDE = "set aside"  # the reason with which a stay ends
enrolment = tables.enrolment


# What a database says when the fault is its own, or the machine's, and not of the statement.
ENVIRONMENT = (
    "is full",
    "i/o error",
    "is locked",
    "readonly",
    "read-only",
    "unable to open",
    "no space",
    "could not extend",
    "terminating connection",
    "image is malformed",
    "not a database",
)


class _TriedError(Exception):
    """The trial is over: nothing of it stays."""


class WorkFailedError(Exception):
    """The run of a flow failed at its data or its plan, not for want of a database."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason  # in one line


def told_apart(work: Callable[[Connection], object], conn: Connection) -> None:
    """Do `work`; raise WorkFailedError where it fails by itself, and what was raised where the database is out of reach."""
    try:
        work(conn)
    except (_TriedError, SeqlangError):
        raise
    except DBAPIError as error:
        said = " ".join(str(error.orig or error).split())
        if error.connection_invalidated or any(word in said.lower() for word in ENVIRONMENT):
            raise
        raise WorkFailedError(said[:REASON_CHARS_MAX]) from error
    except Exception as error:
        raise WorkFailedError(f"{type(error).__name__}: {' '.join(str(error).split())}"[:REASON_CHARS_MAX]) from error


def set_aside_rows(
    store: Store, unit: Unit, at: datetime, work: Callable[[Connection], object], found: list[Quarantined]
) -> None:
    """Look for the enrolments at which `work`, the run of `unit`, fails; end their stays, with the reason.

    A failure that is nobody's (of the plan, of the audience) is left as it is.
    """
    with store.begin() as conn:
        low, high = conn.execute(
            select(func.min(enrolment.c.id), func.max(enrolment.c.id)).where(
                enrolment.c.flow_id == unit.flow_id, enrolment.c.active
            )
        ).one()
    if low is None or _fails(store, unit, work, 1, 0) is not None:
        return
    for _ in range(ROWS_PER_TICK_MAX):
        reason = _fails(store, unit, work, low, high)
        if reason is None:
            return
        first, last = low, high
        while first < last:
            middle = (first + last) // 2
            earlier = _fails(store, unit, work, first, middle)
            first, last, reason = (first, middle, earlier) if earlier is not None else (middle + 1, last, reason)
        reason = _fails(store, unit, work, first, first)
        if reason is None:  # only together do they fail
            return
        found.append(_end(store, unit, at, first, reason))


def _fails(store: Store, unit: Unit, work: Callable[[Connection], object], low: int, high: int) -> str | None:
    """Try the run with those enrolments alone, and undo it; return why it fails, or None."""
    others = or_(enrolment.c.id < low, enrolment.c.id > high)
    try:
        with store.begin() as conn:
            conn.execute(
                update(enrolment).where(enrolment.c.flow_id == unit.flow_id, enrolment.c.active, others).values(active=false())
            )
            told_apart(work, conn)
            raise _TriedError  # noqa: TRY301 - the only way to roll back
    except _TriedError:
        return None
    except WorkFailedError as failed:
        return failed.reason


def _end(store: Store, unit: Unit, at: datetime, number: int, reason: str) -> Quarantined:
    with store.begin() as conn:
        record_id = conn.execute(select(enrolment.c.record_id).where(enrolment.c.id == number)).scalar_one()
        conn.execute(
            update(enrolment)
            .where(enrolment.c.id == number)
            .values(active=false(), exited_at=to_micros(at), exit_reason=SET_ASIDE, due_at=None)
        )
        conn.execute(
            insert(tables.quarantine).values(
                at=to_micros(at), flow_id=unit.flow_id, enrolment_id=number, what="enrolment", reason=reason
            )
        )
    return Quarantined(unit.name, record_id, reason)
