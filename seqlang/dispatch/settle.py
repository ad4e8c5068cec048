"""Writes what became of messages: intent before they go, the outcome after; guarded by the fencing number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, bindparam, case, cast, insert, literal, select, update

from seqlang.clock import to_micros
from seqlang.dispatch import boxes
from seqlang.dispatch.claim import MINE, OPEN, mine, named
from seqlang.dispatch.records import Counts, Effect, Prepared
from seqlang.limits import ATTEMPTS_MAX, LEASE_SECONDS, MAILBOX_RETRY_SECONDS, RETRY_FIRST_SECONDS, RETRY_LAST_SECONDS
from seqlang.sdk.outcomes import Accepted, Outcome, Rejected, Retry, Unavailable, Unclear
from seqlang.store.many import Batch
from seqlang.store.tables import event, ledger, message, suppression

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, ColumnElement, Connection
    from sqlalchemy.sql.dml import UpdateBase

    from seqlang.store.database import Store

RETRY_FACTOR = 4
CLOSED = {"lease_until": None, "ready_at": None}
UNDER_WAY = ("sending", "unknown")  # what has come back of these is the truth


def _held(rows: Sequence[Mapping[str, BindParameter[Any]]], states: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that an effect is one of these, still ours, and in one of these states.

    IN, and not OR: SQLite would look for the few among all that are open, by the index on states, and not by their ids.
    """
    of, known = [row["of"] for row in rows], [literal(state) for state in states]
    return and_(ledger.c.id.in_(of), ledger.c.fence == bindparam("held_by"), ledger.c.state.in_(known))


_INTEND = Batch(lambda rows: update(ledger).where(_held(rows, OPEN)).values(
    state="sending", lease_until=bindparam("lease")))
_INTENDED = select(ledger.c.id).where(MINE, ledger.c.state == "sending", ledger.c.lease_until == bindparam("lease"))
_ACCEPT = Batch(lambda rows: update(ledger).where(_held(rows, UNDER_WAY)).values(
    state="accepted", error=None, **CLOSED))
_DETAIL = Batch(lambda rows: update(message).where(message.c.ledger_id.in_([row["of"] for row in rows])).values(
    detail=case(*((message.c.ledger_id == row["of"], cast(row["said"], message.c.detail.type)) for row in rows))))
_NOTE: dict[str, Batch] = {}  # by database: its INSERT differs


@dataclass(frozen=True, slots=True)
class Unsent:
    """The message was not handed to the channel; it goes back as it was."""


class Result(NamedTuple):
    """One message and what became of it."""

    prepared: Prepared
    outcome: Outcome | Unsent


def intend(conn: Connection, store: Store, group: Sequence[Prepared], now: datetime) -> list[Prepared]:
    """Note that these messages are about to go; return those that still may: others were cancelled meanwhile, or taken over."""
    if not group:
        return []
    pairs = [(p.effect.id, p.effect.fence) for p in group]
    lease = to_micros(now + timedelta(seconds=LEASE_SECONDS))
    going = list(group)
    held = _by_fence(pairs)
    if sum(_INTEND.run(conn, rows, {"held_by": fence, "lease": lease}) for fence, rows in held.items()) != len(pairs):
        granted = set(conn.execute(_INTENDED, {**named(pairs), "lease": lease}).scalars())
        going = [p for p in group if p.effect.id in granted]
    if going:
        made = [{
            "ledger_id": p.effect.id, "message_id": p.message.message_id, "thread_id": p.thread_id,
            "references": " ".join(p.message.thread.references) if p.message.thread is not None else None,
            "recipient": p.recipient, "mailbox": p.box_name, "subject": p.message.options.get("subject"),
            "sent_at": to_micros(now), "detail": None,
        } for p in going]
        _note_message(store).run(conn, made)
    return going


def _by_fence(pairs: Iterable[tuple[int, int]]) -> dict[int, list[dict[str, int]]]:
    """Return the rows of each fencing number: nearly always all of them have the same."""
    found: dict[int, list[dict[str, int]]] = {}
    for number, fence in pairs:
        found.setdefault(fence, []).append({"of": number})
    return found


def _note_message(store: Store) -> Batch:
    if store.dialect not in _NOTE:
        _NOTE[store.dialect] = Batch(lambda rows: _written(store, rows))
    return _NOTE[store.dialect]


def _written(store: Store, rows: Sequence[Mapping[str, BindParameter[Any]]]) -> UpdateBase:
    new = store.sql.insert(message)
    again = {name: new.excluded[name] for name in rows[0] if name != "ledger_id"}
    return new.values([dict(row) for row in rows]).on_conflict_do_update(index_elements=["ledger_id"], set_=again)


def note(conn: Connection, store: Store, results: Sequence[Result], now: datetime, counts: Counts) -> None:
    """Note what became of messages that were on their way."""
    kinds: dict[type, list[Result]] = {}
    for result in results:
        kinds.setdefault(type(result.outcome), []).append(result)
    _accepted(conn, kinds.get(Accepted, []), counts)
    for result in kinds.get(Rejected, []):
        outcome = result.outcome
        assert isinstance(outcome, Rejected)
        _rejected(conn, store, result.prepared, outcome, now, counts)
    for result in kinds.get(Retry, []):
        outcome = result.outcome
        assert isinstance(outcome, Retry)
        _retry(conn, store, result.prepared, outcome, now, counts)
    for result in kinds.get(Unclear, []):
        outcome = result.outcome
        assert isinstance(outcome, Unclear)
        _state(conn, result.prepared.effect, state="unknown", lease_until=None, error=outcome.reason)
        counts.unknown += 1
    put_back(conn, [r.prepared.effect for r in kinds.get(Unsent, [])])
    for result in kinds.get(Unavailable, []):
        outcome = result.outcome
        assert isinstance(outcome, Unavailable)
        if outcome.blocked:
            _blocked(conn, store, result.prepared, outcome, counts)
            continue
        put_back(conn, [result.prepared.effect])
        stand_still(conn, store, result.prepared.box_name, outcome, now, counts)


def stand_still(conn: Connection, store: Store, name: str, outcome: Unavailable, now: datetime, counts: Counts) -> None:
    """Let nothing leave from a mailbox for a while, and say why."""
    until = now + (outcome.after or timedelta(seconds=MAILBOX_RETRY_SECONDS))
    boxes.stop(conn, store, name, outcome.reason, until)
    counts.problems.append(f"{name}: {outcome.reason}")
    counts.next_at.append(until)


def _blocked(conn: Connection, store: Store, prepared: Prepared, outcome: Unavailable, counts: Counts) -> None:
    """Keep the message, with the reason, until a person has opened its mailbox: neither it nor its recipient is at fault."""
    name, told = prepared.box_name, f"{prepared.recipient or 'a message'}: {outcome.reason}"
    _state(conn, prepared.effect, state="retry", ready_at=None, lease_until=None, error=outcome.reason)
    _unsent(conn, prepared.effect)
    boxes.stop(conn, store, name, f"blocked: {told}", None)
    counts.problems.append(boxes.alarm(name, told))


def _accepted(conn: Connection, results: Sequence[Result], counts: Counts) -> None:
    if not results:
        return
    for fence, rows in _by_fence((r.prepared.effect.id, r.prepared.effect.fence) for r in results).items():
        _ACCEPT.run(conn, rows, {"held_by": fence})
    told = [(r.prepared, r.outcome) for r in results if isinstance(r.outcome, Accepted)]
    _DETAIL.run(conn, [{"of": p.effect.id, "said": outcome.detail or None} for p, outcome in told])
    named_anew = [{"of": p.effect.id, "its": outcome.id} for p, outcome in told if p.message.message_id is None and outcome.id]
    if named_anew:
        own = update(message).where(message.c.ledger_id == bindparam("of")).values(message_id=bindparam("its"))
        conn.execute(own, named_anew)
    went = [{"of": p.effect.id, "to": outcome.recipient} for p, outcome in told if outcome.recipient]
    if went:
        where = update(message).where(message.c.ledger_id == bindparam("of")).values(recipient=bindparam("to"))
        conn.execute(where, went)
    for name in {r.prepared.box_name for r in results} - counts.mended:
        boxes.reopen(conn, name)
        counts.mended.add(name)
    counts.accepted += len(results)


def _rejected(conn: Connection, store: Store, prepared: Prepared, outcome: Rejected, now: datetime, counts: Counts) -> None:
    effect = prepared.effect
    if not _state(conn, effect, state="rejected", error=outcome.reason, **CLOSED):
        return
    _unsent(conn, effect)
    fail_line(conn, effect, "rejected", now)
    counts.rejected += 1
    if outcome.address_is_bad and effect.of.step.address == "email" and effect.contact_id is not None:
        _bounced(conn, store, effect, now)


def _bounced(conn: Connection, store: Store, effect: Effect, now: datetime) -> None:
    """Close the address, not the person: a corrected one works again. Told as an event, so that exits and conditions see it."""
    address = (effect.address or "").strip().lower()
    at = to_micros(now)
    new = store.sql.insert(suppression).values(address=address, reason="bounced", at=at)
    conn.execute(new.on_conflict_do_nothing(index_elements=["address"]))
    conn.execute(insert(event).values(
        at=at, recorded_at=at, kind="bounced", record="contact", record_id=effect.contact_id, contact_id=effect.contact_id,
        flow_id=effect.of.flow_id, enrolment_id=effect.enrolment_id, node_id=effect.of.node_id, ledger_id=effect.id,
        value=address, external_id=f"smtp:{effect.key}", properties=None,
    ))


def _retry(conn: Connection, store: Store, prepared: Prepared, outcome: Retry, now: datetime, counts: Counts) -> None:
    effect = prepared.effect
    attempts = effect.attempts + 1
    if attempts >= ATTEMPTS_MAX:
        given_up = Rejected(f"given up after {attempts} attempts: {outcome.reason}")
        _rejected(conn, store, prepared, given_up, now, counts)
        return
    ready = now + (outcome.after or timedelta(seconds=backoff_seconds(attempts)))
    _state(conn, effect, state="retry", attempts=attempts, ready_at=to_micros(ready), lease_until=None, error=outcome.reason)
    _unsent(conn, effect)
    counts.retry += 1
    counts.next_at.append(ready)


def backoff_seconds(attempts: int) -> int:
    """Return how long to wait after so many attempts: 1, 4, 16, 64 minutes, 4 hours, then every 6."""
    return int(min(RETRY_FIRST_SECONDS * RETRY_FACTOR ** (attempts - 1), RETRY_LAST_SECONDS))


def _state(conn: Connection, effect: Effect, **values: Any) -> bool:
    guard = (mine([(effect.id, effect.fence)]), ledger.c.state.in_(UNDER_WAY))
    return bool(conn.execute(update(ledger).where(*guard).values(**values)).rowcount)


def _unsent(conn: Connection, effect: Effect) -> None:
    conn.execute(update(message).where(message.c.ledger_id == effect.id).values(sent_at=None))


def put_back(conn: Connection, effects: Iterable[Effect], ready: datetime | None = None) -> None:
    """Give claimed effects back as they were; with `ready` not to be claimed before."""
    held = list(effects)
    if not held:
        return
    pairs = [(e.id, e.fence) for e in held]
    values: dict[str, Any] = {"lease_until": None}
    if ready is not None:
        values["ready_at"] = to_micros(ready)
    conn.execute(update(ledger).where(mine(pairs), ledger.c.state.in_(OPEN)).values(**values))
    for attempts in {e.attempts for e in held}:
        some = [(e.id, e.fence) for e in held if e.attempts == attempts]
        state = "retry" if attempts else "planned"
        conn.execute(update(ledger).where(mine(some), ledger.c.state == "sending").values(state=state, **values))
    back = select(ledger.c.id).where(ledger.c.id.in_([e.id for e in held]), ledger.c.state.in_(OPEN))
    conn.execute(update(message).where(message.c.ledger_id.in_(back)).values(sent_at=None))


def cancel(conn: Connection, effects: Iterable[Effect], counts: Counts) -> None:
    """Cancel what must not go, with its reason."""
    reasons: dict[str, list[Effect]] = {}
    for effect in effects:
        reasons.setdefault(effect.held or "", []).append(effect)
    for reason, held in reasons.items():
        pairs = [(e.id, e.fence) for e in held]
        query = update(ledger).where(mine(pairs), ledger.c.state.in_(OPEN))
        counts.cancelled += conn.execute(query.values(state="cancelled", error=reason, **CLOSED)).rowcount


def fail(conn: Connection, effect: Effect, why: str, reason: str, now: datetime, counts: Counts) -> None:
    """Note that a message cannot be made; the enrolment goes on without it."""
    query = update(ledger).where(mine([(effect.id, effect.fence)]), ledger.c.state.in_(OPEN))
    if conn.execute(query.values(state="rejected", error=reason, **CLOSED)).rowcount:
        fail_line(conn, effect, why, now)
        counts.failed += 1


def fail_line(conn: Connection, effect: Effect, why: str, now: datetime) -> None:
    """Write the line of the timeline."""
    conn.execute(insert(ledger).values(
        at=to_micros(now), enrolment_id=effect.enrolment_id, flow_id=effect.of.flow_id, record_id=effect.record_id,
        contact_id=effect.contact_id, what="failed", node_id=effect.of.node_id, channel=effect.of.step.channel, why=why,
        plan_hash=effect.of.plan_hash,
    ))


def fail_lost(conn: Connection, lost: Iterable[tuple[int, int, str]], now: datetime, counts: Counts) -> None:
    """Set aside effects that no plan explains, each with its reason."""
    for number, fence, reason in lost:
        query = update(ledger).where(mine([(number, fence)]), ledger.c.state.in_(OPEN))
        if conn.execute(query.values(state="rejected", error=reason, **CLOSED)).rowcount:
            names = ("enrolment_id", "flow_id", "record_id", "contact_id", "node_id", "channel", "plan_hash")
            row = conn.execute(select(*(ledger.c[name] for name in names)).where(ledger.c.id == number)).one()
            conn.execute(insert(ledger).values(at=to_micros(now), what="failed", why="render", **row._mapping))  # noqa: SLF001
            counts.failed += 1
