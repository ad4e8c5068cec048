"""The message that a step answers: found for a whole batch in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from seqlang.dispatch.records import Effect, StepOfFlow
from seqlang.plan.conditions import StepRef, Word
from seqlang.store.tables import ledger, message

if TYPE_CHECKING:
    from sqlalchemy import Connection

UNDER_WAY = ("planned", "sending", "retry")


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier message of the same enrolment."""

    message_id: str
    thread_id: str
    references: tuple[str, ...]  # with its own Message-ID at the end
    subject: str
    mailbox: str | None = None  # what it left from: the whole thread does


@dataclass(frozen=True, slots=True)
class Threads:
    """What the effects of a batch answer."""

    before: Mapping[int, Before]  # effect -> the message
    waiting: frozenset[int]  # effects whose message before is still under way: it goes first


def find_threads(conn: Connection, of: StepOfFlow, effects: Iterable[Effect]) -> Threads:
    """Return what each effect answers; one whose message before never went starts a thread of its own (LANGUAGE 6)."""
    value = of.step.option("reply_to_step")
    mine = {effect.enrolment_id: effect for effect in effects}
    if value is None or not mine:
        return Threads({}, frozenset())
    wanted = [ledger.c.enrolment_id.in_(mine), ledger.c.effect == "message"]
    if isinstance(value, StepRef):
        node_id = of.nodes.get(value.step)
        if node_id is None:
            return Threads({}, frozenset())
        wanted.append(ledger.c.node_id == node_id)
    elif not isinstance(value, Word):
        return Threads({}, frozenset())
    columns = (ledger.c.id, ledger.c.enrolment_id, ledger.c.state, message.c.message_id, message.c.thread_id,
               message.c.references, message.c.subject, message.c.mailbox)
    joined = ledger.outerjoin(message, message.c.ledger_id == ledger.c.id)
    before: dict[int, Before] = {}
    waiting: set[int] = set()
    for row in conn.execute(select(*columns).select_from(joined).where(*wanted).order_by(ledger.c.id)):
        effect = mine[row.enrolment_id]
        if row.id >= effect.id:
            continue
        if row.state in UNDER_WAY:
            waiting.add(effect.id)
        elif row.state in ("accepted", "unknown") and row.message_id is not None and row.subject is not None:
            waiting.discard(effect.id)
            ids = (*(row.references or "").split(), row.message_id)
            before[effect.id] = Before(row.message_id, row.thread_id or row.message_id, ids, row.subject, row.mailbox)
    return Threads(before, frozenset(waiting))
