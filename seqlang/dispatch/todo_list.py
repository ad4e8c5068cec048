"""People's lists of calls, tasks and drafts: read, edited, reported, released."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from seqlang.clock import from_micros, to_micros
from seqlang.dispatch.drafts import draft_title
from seqlang.dispatch.look import exits_of, look_again
from seqlang.dispatch.steps import Shelf
from seqlang.errors import NotFoundError, RefusedError
from seqlang.limits import RENDERED_CHARS_MAX
from seqlang.plan.model import StepNode
from seqlang.store.plans import get_plan
from seqlang.store.tables import enrolment, event, flow, ledger, node, todo

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.store.database import Store

DRAFT = "email_reminder"
MENDABLE = ("invalid_email", "not_subscribed")  # by a person, in the contact's record
WHY = {  # why the message of a draft would not go
    "deleted": "the contact is gone",
    "goal": "{whom} has reached a goal of the flow",
    "replied": "{whom} has replied",
    "condition": "{whom} meets a condition with which the flow ends",
    "invalid_email": "{whom} has no valid address",
    "bounced": "mail to {whom} has bounced",
    "unsubscribed": "{whom} has unsubscribed",
    "not_subscribed": "{whom} has no subscription for it",
}


@dataclass(frozen=True, slots=True)
class Todo:
    """One to-do."""

    id: int
    kind: str  # call, task, email_reminder, or another channel's word
    title: str
    body: str | None
    subject: str | None  # of a draft
    contact: str | None  # its e-mail address
    name: str  # the contact's, as far as it is known
    phone: str | None
    flow: str
    step: str
    assignee: str | None
    outcomes: tuple[str, ...]
    state: str  # open, done, cancelled
    outcome: str | None
    created_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    note: str | None = None  # what the person who reported it wrote down


def list_todos(
    conn: Connection, store: Store, *, owner: str | None = None, contact: str | None = None, sequence: str | None = None,
    kind: str | None = None, every: bool = False,
) -> list[Todo]:
    """Return the open to-dos (`every`: all), those that are due first in front."""
    query = _query(store)
    if not every:
        query = query.where(todo.c.state == "open")
    if owner is not None:
        query = query.where(func.lower(todo.c.assignee) == owner.strip().lower())
    if contact is not None:
        query = query.where(store.records("contact").c.email_key == contact.strip().lower())
    if sequence is not None:
        query = query.where(flow.c.name == sequence)
    if kind is not None:
        query = query.where(todo.c.kind == kind)
    return [_todo(row) for row in conn.execute(query.order_by(todo.c.due_at.is_(None), todo.c.due_at, todo.c.id))]


def find_todo(conn: Connection, store: Store, number: int) -> Todo:
    """Return one to-do; NotFoundError where there is none of that number."""
    row = conn.execute(_query(store).where(todo.c.id == number)).first()
    if row is None:
        raise NotFoundError(f"there is no to-do {number}", hint="`seqlang todo` lists them")
    return _todo(row)


def edit_todo(
    store: Store, number: int, *, subject: str | None = None, body: str | None = None, assignee: str | None = None,
    due_at: datetime | None = None,
) -> Todo:
    """Change an open to-do: of a draft subject and text, of any whose it is and when it is due. RefusedError: it is not open."""
    with store.begin() as conn:
        found = _open(conn, store, number)
        if subject is not None and found.kind != DRAFT:
            raise RefusedError(f"to-do {number} is a {found.kind}, and only a draft has a subject")
        if subject is not None and (not subject.strip() or "\n" in subject or "\r" in subject):
            raise RefusedError("a subject is one line of text")
        if body is not None:
            _refuse_body(found, body)
        if assignee is not None and "@" not in assignee.strip("@ "):
            raise RefusedError(f"`{assignee}` is no e-mail address of a colleague")
        values: dict[str, Any] = {name: value for name, value in (("subject", subject), ("body", body), ("assignee", assignee))
                                  if value is not None}
        if subject is not None:
            values["title"] = draft_title(subject)
        if due_at is not None:
            values["due_at"] = to_micros(due_at)
            # `overdue` asks the timeline: what was put off is not overdue before.
            line = select(todo.c.ledger_id).where(todo.c.id == number).scalar_subquery()
            conn.execute(update(ledger).where(ledger.c.id == line).values(todo_due_at=to_micros(due_at)))
        if values:
            conn.execute(update(todo).where(todo.c.id == number).values(**values))
        return find_todo(conn, store, number)


def _refuse_body(found: Todo, body: str) -> None:
    if found.kind == DRAFT and not body.strip():
        raise RefusedError(f"to-do {found.id} is a draft, and a mail without a text says nothing")
    if len(body) > RENDERED_CHARS_MAX:
        raise RefusedError(f"the text is longer than {RENDERED_CHARS_MAX} characters")


def finish_todo(store: Store, number: int, outcome: str | None, at: datetime, note: str | None = None) -> str:
    """Report what came of a call or task, with a note, and return the outcome; the next tick takes it in.

    RefusedError: it cannot be so.
    """
    with store.begin() as conn:
        found = _open(conn, store, number)
        if found.kind == DRAFT:
            hint = f"`seqlang todo release {number}`"
            raise RefusedError(f"to-do {number} is a draft: it is released, not reported", hint=hint)
        told = _outcome(found, outcome)
        _report(conn, number, "completed", at, name=told)
        if note:
            conn.execute(update(todo).where(todo.c.id == number).values(note=note))
        return told


def release_todo(store: Store, number: int, at: datetime) -> Todo:
    """Release a draft: the next tick plans its message, as it is now.

    RefusedError: it is no open draft, or its message would not go: the same is asked as before any delivery. A draft of somebody
    who has left the flow is cancelled then.
    """
    with store.begin() as conn:
        found = _open(conn, store, number)
        if found.kind != DRAFT:
            raise RefusedError(f"to-do {number} is a {found.kind}: it is reported, not released",
                               hint=f"`seqlang todo done {number} --outcome …`")
        held = _held(conn, store, found, at)
        if held is None:
            _report(conn, number, "released", at, name=None)
            return found
        if held.over:
            conn.execute(update(todo).where(todo.c.id == number).values(state="cancelled"))
    raise RefusedError(f"to-do {number} is not released, for its message would not go: {held.why}", hint=held.hint)


@dataclass(frozen=True, slots=True)
class _Held:
    """What stands against the message of a draft."""

    why: str
    hint: str
    over: bool  # nothing will take it off the list by itself, and nothing will mend it


def _held(conn: Connection, store: Store, found: Todo, at: datetime) -> _Held | None:
    """Ask what is asked before any delivery: an exit, the address, consent; None: nothing stands against the message."""
    line = conn.execute(
        select(ledger, enrolment.c.active).join(todo, todo.c.ledger_id == ledger.c.id)
        .join(enrolment, enrolment.c.id == ledger.c.enrolment_id).where(todo.c.id == found.id)
    ).one()
    of = Shelf().step(conn, line.flow_id, line.node_id, line.plan_hash)
    effects = [] if of is None else look_again(conn, store, of, [line.id], at, {})
    reason = next((effect.held for effect in effects), None)
    if of is None or reason is None:
        return None
    whom = found.contact or found.name or "the contact"
    why = WHY.get(reason, f"{{whom}} has left the flow ({reason})").format(whom=whom)
    if reason in MENDABLE:
        return _Held(why, "mend that, then release it again", over=False)
    if not line.active:
        return _Held(why, "it is cancelled", over=True)
    leaves = reason == "goal" or reason in {known for known, _ in exits_of(of.plan)}
    ends = "the next tick" if leaves else f'`seqlang unenroll "{found.flow}" {whom}`'
    return _Held(why, f"{ends} takes it off the list", over=False)


def _outcome(found: Todo, outcome: str | None) -> str:
    known = {o.casefold(): o for o in found.outcomes}
    listed = ", ".join(f"`{o}`" for o in found.outcomes)
    if outcome is None:
        if len(found.outcomes) > 1:
            raise RefusedError(f"to-do {found.id} needs an outcome", hint=f"one of {listed}")
        return found.outcomes[0] if found.outcomes else "Done"
    if known and outcome.strip().casefold() not in known:
        raise RefusedError(f"`{outcome}` is no outcome of to-do {found.id}", hint=f"one of {listed}")
    return known.get(outcome.strip().casefold(), outcome.strip())


def _open(conn: Connection, store: Store, number: int) -> Todo:
    found = find_todo(conn, store, number)
    if found.state != "open":
        raise RefusedError(f"to-do {number} is {found.state} already")
    told = select(event.c.id).join(todo, todo.c.ledger_id == event.c.ledger_id)
    if conn.execute(told.where(todo.c.id == number, event.c.kind.in_(["completed", "released"]))).first() is not None:
        raise RefusedError(f"to-do {number} is reported already", hint="the next tick takes it in")
    return found


def _report(conn: Connection, number: int, kind: str, at: datetime, *, name: str | None) -> None:
    line = conn.execute(select(ledger).join(todo, todo.c.ledger_id == ledger.c.id).where(todo.c.id == number)).one()
    plan_hash = line.plan_hash or conn.execute(select(flow.c.plan_hash).where(flow.c.id == line.flow_id)).scalar_one()
    key = conn.execute(select(node.c.key).where(node.c.id == line.node_id)).scalar_one()
    plan = get_plan(conn, plan_hash)
    step = next((n for n in plan.nodes if isinstance(n, StepNode) and n.key == key), None)
    conn.execute(insert(event).values(
        at=to_micros(at), recorded_at=to_micros(at), kind=kind, record=plan.subject, record_id=line.record_id,
        contact_id=line.contact_id, flow_id=line.flow_id, enrolment_id=line.enrolment_id, node_id=line.node_id, ledger_id=line.id,
        # `value` is what `last_activity_type` becomes: taking the report in needs no plan.
        name=name, value=step.activity if step is not None and kind == "completed" else None,
        external_id=f"todo:{number}:{kind}",
    ))


def _query(store: Store) -> Any:
    contact = store.records("contact")
    joined = (
        todo.join(ledger, ledger.c.id == todo.c.ledger_id).join(flow, flow.c.id == ledger.c.flow_id)
        .join(node, node.c.id == ledger.c.node_id).outerjoin(contact, contact.c.id == ledger.c.contact_id)
    )
    fields = [store.column("contact", name).label(f"c_{name}") for name in ("email", "first_name", "last_name", "phone")]
    return select(todo, flow.c.name.label("flow"), node.c.key.label("step"), *fields).select_from(joined)


def _todo(row: Any) -> Todo:
    name = " ".join(part for part in (row.c_first_name, row.c_last_name) if part)
    return Todo(
        id=row.id, kind=row.kind, title=row.title, body=row.body, subject=row.subject, contact=row.c_email, name=name,
        phone=row.c_phone, flow=row.flow, step=row.step, assignee=row.assignee, outcomes=tuple(json.loads(row.outcomes)),
        state=row.state, outcome=row.outcome, created_at=from_micros(row.created_at), due_at=_instant(row.due_at),
        done_at=_instant(row.done_at), note=row.note,
    )


def _instant(micros: int | None) -> datetime | None:
    return from_micros(micros) if micros is not None else None
