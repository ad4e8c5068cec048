"""Looks again: whether an effect that was planned may still go, and what its message is made of; one statement for a batch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, bindparam, case, exists, literal, not_, null, or_, select

from seqlang.clock import from_micros, to_micros
from seqlang.dispatch.asked import Asked, asked_of
from seqlang.dispatch.records import Effect, StepOfFlow
from seqlang.plan import conditions as c
from seqlang.predicates import Subject, to_sql
from seqlang.store.tables import enrolment, event, ledger, pinned, suppression
from seqlang.vocabulary.records import SUBSCRIPTION_MARKETED

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, FromClause, Select

    from seqlang.plan.model import ExitCheck, FlowPlan
    from seqlang.store.database import Store
    from seqlang.store.records_schema import RecordTables

FRESH = timedelta(seconds=1)
# Who left for one of these still gets what was planned before: the flow did not end against their will.
KEEPING = ("finished", "exit", "moved")
# Every effect was planned in a row of the timeline whose flow is one of these: a flow that was stopped keeps its messages.
DELIVERING = ("active", "archived")


@dataclass(frozen=True, slots=True)
class Question:
    """The statement for one step, with the instant that it asks for."""

    at: datetime
    records: RecordTables
    query: Select[Any]
    asked: list[Asked]


def look_again(
    conn: Connection, store: Store, of: StepOfFlow, ids: Sequence[int], now: datetime, kept: dict[int, Question]
) -> list[Effect]:
    """Return the claimed effects of one step, each with the reason why it must not go, or with all that its message needs.

    `kept`: statements by step; one that is not a second old serves again, for putting it together costs more than asking it.
    """
    found = kept.get(id(of))
    if found is None or found.records is not store.record_tables or not timedelta(0) <= now - found.at < FRESH:
        found = kept[id(of)] = Question(now, store.record_tables, *_statement(store, of, now))
    query, asked = found.query, found.asked
    rows = conn.execute(query, {"ids": list(ids)})
    return [_effect(of, asked, row) for row in rows]


def _statement(store: Store, of: StepOfFlow, now: datetime) -> tuple[Select[Any], list[Asked]]:
    record = store.records(of.plan.subject).alias("subject")
    contact = record if of.plan.subject == "contact" else store.records("contact").alias("person")
    source: FromClause = ledger.join(enrolment, enrolment.c.id == ledger.c.enrolment_id)
    source = source.outerjoin(record, record.c.id == ledger.c.record_id)
    if contact is not record:
        source = source.outerjoin(contact, contact.c.id == ledger.c.contact_id)
    source = source.outerjoin(pinned, pinned.c.enrolment_id == ledger.c.enrolment_id)
    subject = Subject(
        record=of.plan.subject, row=record, contact_id=contact.c.id, enrolment=enrolment, flow_id=of.flow_id, zone=of.plan.zone,
        at=now, node_ids=of.nodes, working=of.plan.working,
    )
    asked = asked_of(of.step, subject, store, everything=of.step.effect == "call_out")
    reached = {"email": "email", "phone": "phone"}.get(of.step.address or "")
    address = contact.c[store.column("contact", reached).name] if reached is not None else literal(None, String)
    columns = [  # as `_effect` reads them
        ledger.c.id, ledger.c.fence, ledger.c.attempts, ledger.c.at, ledger.c.enrolment_id, ledger.c.record_id,
        ledger.c.contact_id, ledger.c.occurrence, ledger.c.todo_due_at, enrolment.c.entered_at, pinned.c.body.label("pinned"),
        held_sql(store, of, subject, contact).label("held"), address.label("address"),
    ]
    query = select(*columns, *(a.sql.label(a.label) for a in asked)).select_from(source)
    return query.where(ledger.c.id.in_(bindparam("ids", expanding=True))).order_by(ledger.c.id), asked


def held_sql(store: Store, of: StepOfFlow, subject: Subject, contact: FromClause) -> ColumnElement[Any]:
    """Return why the effect must not go, null where it may: gone, left, a goal, an exit, address and consent; in this order."""
    arms: list[tuple[ColumnElement[bool], Any]] = [(subject.row.c.id.is_(None), "deleted")]
    if of.step.address is not None and contact is not subject.row:
        arms.append((contact.c.id.is_(None), "deleted"))
    left = (enrolment.c.active.is_(False)) & enrolment.c.exit_reason.not_in(KEEPING)
    arms.append((left, enrolment.c.exit_reason))
    arms += [(to_sql(goal.condition, subject, store), "goal") for goal in of.plan.goals]
    arms += [(to_sql(condition, subject, store), reason) for reason, condition in exits_of(of.plan)]
    arms += consent(store, of, contact, subject)
    told = ((when, literal(reason, String) if isinstance(reason, str) else reason) for when, reason in arms)
    return case(*told, else_=null())


def exits_of(plan: FlowPlan) -> list[tuple[str, c.Condition]]:
    """Return the exits other than `finished`, with their reasons, in the order of the file."""
    found = [(_reason(check), condition) for rule in plan.exits for check in rule.checks
             if (condition := _condition(check)) is not None]
    if plan.kind == "cadence" and all(reason != "replied" for reason, _ in found):
        found.append(("replied", c.Fact(fact="replied")))  # LANGUAGE 5.4: a reply always ends it
    return found


def _reason(check: ExitCheck) -> str:
    return "replied" if check.kind == "account replied" else check.kind


def _condition(check: ExitCheck) -> c.Condition | None:
    match check.kind:
        case "replied":
            return c.Fact(fact="replied")
        case "bounced":
            return c.Fact(fact="bounced")
        case "unsubscribed":
            return c.Unsubscribed()
        case "account replied":
            return c.AccountReplied()
        case "condition":
            return check.condition
        case _:
            return None


def consent(store: Store, of: StepOfFlow, contact: FromClause, subject: Subject) -> list[tuple[ColumnElement[bool], str]]:
    """Return the rule on addresses and consent (LANGUAGE 5.1), reason by reason; nothing where no contact is reached."""
    if of.step.address == "phone":
        stopped = or_(contact.c.phone_stopped_at.is_not(None), _just_told(contact, subject.at, "replied", "STOP"))
        return [(contact.c.phone_ok.is_not(True), "no_phone"), (stopped, "stopped")]
    if of.step.address != "email":
        return []
    person = Subject(record="contact", row=contact, contact_id=contact.c.id, enrolment=None, flow_id=None, zone=subject.zone,
                     at=subject.at)
    field = c.FieldRef(record="contact", field="subscriptions", type="set")
    return [
        (or_(contact.c.email_key.is_(None), contact.c.email_ok.is_not(True)), "invalid_email"),
        (exists().where(suppression.c.address == contact.c.email_key), "bounced"),
        (or_(contact.c.unsubscribed_at.is_not(None), _just_told(contact, subject.at, "unsubscribed")), "unsubscribed"),
        (not_(to_sql(c.Matches(field=field, how="contains", text=SUBSCRIPTION_MARKETED), person, store)), "not_subscribed"),
    ]


def _just_told(contact: FromClause, at: datetime, kind: str, value: str | None = None) -> ColumnElement[bool]:
    """Who has unsubscribed (or answered STOP) a moment ago gets nothing any more, though no tick has taken it in yet."""
    mine = [event.c.contact_id == contact.c.id, event.c.kind == kind, event.c.at <= to_micros(at)]
    if value is not None:
        mine.append(event.c.value == value)
    return exists().where(*mine, event.c.taken_at.is_(None)).correlate(contact)


def _effect(of: StepOfFlow, asked: list[Asked], row: Sequence[Any]) -> Effect:
    (number, fence, attempts, at, enrolment_id, record_id, contact_id, occurrence, todo_due_at, entered_at, fixed, held, address,
     *told) = row
    values, options = {}, {}
    for one, kept in zip(asked, told, strict=True):
        if one.path is not None:
            values[one.path] = one.value(kept)
        if one.number is not None:
            options[one.number] = one.value(kept)
    if fixed is not None:
        values.update(_pinned(fixed, [a for a in asked if a.path in of.step.placeholders]))
    named = f"{of.flow}\n{of.step.key}\n{enrolment_id}\n{entered_at}\n{occurrence}\n{record_id}"
    key = f"{number}.{hashlib.sha256(named.encode()).hexdigest()[:24]}"
    return Effect(number, fence, attempts, from_micros(at), enrolment_id, record_id, contact_id, bool(occurrence), todo_due_at,
                  held, address, values, options, key, of)


def _pinned(body: str, asked: list[Asked]) -> dict[str, Any]:
    """Return the values that were fixed when the contact came into a cadence, in the types of today's fields."""
    import json

    fixed = json.loads(body)
    # What was empty then may be missing from the object.
    return {a.path: a.value(fixed.get(a.path)) for a in asked
            if a.path is not None and a.path.partition(".")[0] in ("contact", "account")}
