"""Conditions on what happened: events of the record, facts of this enrolment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, false, func, not_, or_, select

from seqlang.clock import to_micros
from seqlang.plan import conditions as c
from seqlang.predicates.fields import OPERATORS, reach
from seqlang.predicates.paths import EVENT
from seqlang.store import tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, FromClause, Select

    from seqlang.predicates.subject import Subject
    from seqlang.store.database import Store

REPLACED = ("cancelled", "rejected")  # states in which a message has not been sent after all
REPORTS = ("completed", "released")  # events that say a to-do is done


def count_events(
    item: c.CountEvents,
    subject: Subject,
    store: Store,
    where: Callable[[c.Condition, str, FromClause], ColumnElement[bool]],
) -> ColumnElement[bool]:
    """Return how many events there are, compared with the number; `where` compiles what is asked of the event's properties."""
    event = tables.event.alias()
    tests = [whose(event, subject, store), event.c.kind == "event", event.c.name == item.event]
    tests += _until_now(event, item.last, subject)
    if item.since_entry:
        tests.append(since_entry(event, subject))
    if item.where is not None:
        tests.append(where(item.where, EVENT + item.event, event))
    return counted(select(1).select_from(event).where(*tests).correlate_except(event), item.op, item.number)


def counted(rows: Select[Any], op: str, number: float) -> ColumnElement[bool]:
    """Compare the number of rows; where one is enough to know, EXISTS stops at it."""
    if (op, number) in ((">=", 1), (">", 0), ("!=", 0)):
        return exists(rows)
    if (op, number) in (("<", 1), ("<=", 0), ("=", 0)):
        return not_(exists(rows))
    count = rows.with_only_columns(func.count(), maintain_column_froms=True).scalar_subquery()
    test: ColumnElement[bool] = OPERATORS[op](count, number)
    return test


def whose(event: FromClause, subject: Subject, store: Store) -> ColumnElement[bool]:
    """Return whether the event is the subject's: its contact's; of other records their own; of an account its contacts'."""
    if subject.record == "contact":
        return event.c.contact_id == subject.row.c.id
    own = and_(event.c.record == subject.record, event.c.record_id == subject.row.c.id)
    if subject.record == "account":
        people = store.records("contact").alias()
        ids = select(people.c.id).where(people.c[store.column("contact", "account").name] == subject.row.c.id)
        return or_(event.c.contact_id.in_(ids.correlate_except(people)), own)
    return own if subject.contact_id is None else or_(event.c.contact_id == subject.contact_id, own)


def since_entry(event: FromClause, subject: Subject) -> ColumnElement[bool]:
    """Return whether the event came after the entry.

    Events of an instant come before its tick (LANGUAGE 5.8), so one at the instant of an entry by a run came before it; where
    an event brought the contact in, those of the same instant that arrived later came after.
    """
    entry = subject.enrolment
    if entry is None:
        return false()
    later = or_(event.c.at > entry.c.entered_at, event.c.id > entry.c.cause_event_id)
    return and_(event.c.at >= entry.c.entered_at, func.coalesce(later, false()))


def fact(item: c.Fact, subject: Subject) -> ColumnElement[bool]:
    """Return whether that is so of this enrolment; without one nothing is."""
    if subject.enrolment is None or (item.step is not None and item.step not in subject.node_ids):
        return false()
    if item.fact == "sent":
        return _sent(item, subject)
    if item.fact == "overdue":
        return _overdue(item, subject)
    event = tables.event.alias()
    tests = [event.c.enrolment_id == subject.enrolment.c.id, _proof(item, event), *_until_now(event, item.last, subject)]
    if item.step is not None:
        tests.append(event.c.node_id == subject.node_ids[item.step])
    return exists(select(1).select_from(event).where(*tests).correlate_except(event))


def outcome(item: c.Outcome, subject: Subject) -> ColumnElement[bool]:
    """Return whether the outcome reported first is one of those: a second report changes nothing (LANGUAGE 9)."""
    if subject.enrolment is None or item.step not in subject.node_ids:
        return false()
    event = tables.event.alias()
    first = (
        select(event.c.name)
        .select_from(event)
        .where(
            event.c.enrolment_id == subject.enrolment.c.id,
            event.c.kind == "completed",
            event.c.node_id == subject.node_ids[item.step],
            event.c.at <= subject.until,
        )
        .order_by(event.c.id)
        .limit(1)
        .correlate_except(event)
        .scalar_subquery()
    )
    return func.coalesce(first.in_(item.values), false())


def unsubscribed(subject: Subject, store: Store) -> ColumnElement[bool]:
    """Return whether the contact has unsubscribed."""
    if subject.record == "contact":
        return subject.row.c.unsubscribed_at.is_not(None)
    if subject.contact_id is None:
        return false()
    person = store.records("contact").alias()
    rows = select(1).select_from(person).where(person.c.id == subject.contact_id, person.c.unsubscribed_at.is_not(None))
    return exists(rows.correlate_except(person))


def account_replied(subject: Subject, store: Store) -> ColumnElement[bool]:
    """Return whether somebody of the same account, oneself included, has replied to any flow since the entry."""
    if subject.enrolment is None:
        return false()
    event, person = tables.event.alias(), store.records("contact").alias()
    came = [event.c.kind == "replied", not_(event.c.out_of_office), since_entry(event, subject)]
    came += _until_now(event, None, subject)
    account = store.column("contact", "account").name
    both = person.join(event, event.c.contact_id == person.c.id)  # from the people: an account has few, a flow many replies
    others = select(1).select_from(both).correlate_except(event, person)
    if subject.record == "account":
        return exists(others.where(person.c[account] == subject.row.c.id, *came))
    if subject.contact_id is None:
        return false()
    of: ColumnElement[Any] = subject.row.c[account] if subject.record == "contact" else _account_of(subject.contact_id, store)
    oneself = select(1).select_from(event).where(event.c.contact_id == subject.contact_id, *came).correlate_except(event)
    return or_(exists(oneself), exists(others.where(person.c[account] == of, *came)))


def _account_of(contact_id: ColumnElement[Any], store: Store) -> ColumnElement[Any]:
    """Return the account of a contact that is not the row itself."""
    person = store.records("contact").alias()
    account = person.c[store.column("contact", "account").name]
    return select(account).select_from(person).where(person.c.id == contact_id).correlate_except(person).scalar_subquery()


def _until_now(event: FromClause, last: c.Span | None, subject: Subject) -> list[ColumnElement[bool]]:
    """Leave out what nothing is known of yet, and what is earlier than `in the last D`."""
    tests = [event.c.at <= subject.until]
    if last is not None:
        tests.append(event.c.at >= reach(subject, last, -1))
    return tests


def _proof(item: c.Fact, event: FromClause) -> ColumnElement[bool]:
    """Return which events prove the fact: a click or a reply proves the opening; machines and full mailboxes prove nothing."""
    replied = and_(event.c.kind == "replied", not_(event.c.out_of_office))
    match item.fact:
        case "replied":
            return replied
        case "opened":
            return and_(event.c.kind.in_(("opened", "clicked", "replied")), not_(event.c.machine), not_(event.c.out_of_office))
        case "clicked":
            tests = [event.c.kind == "clicked", not_(event.c.machine)]
            if item.url is not None:
                tests.append(func.substr(event.c.name, 1, len(item.url)) == item.url)
            return and_(*tests)
        case "bounced":
            return and_(event.c.kind == "bounced", not_(event.c.soft))
        case _:
            return event.c.kind.in_(REPORTS)


def _sent(item: c.Fact, subject: Subject) -> ColumnElement[bool]:
    """Return whether a message is planned or gone: a draft is none before its release, a cancelled or rejected one no more."""
    line = tables.ledger.alias()
    assert subject.enrolment is not None  # `fact` has looked
    tests = [
        line.c.enrolment_id == subject.enrolment.c.id,
        line.c.what == "executed",
        or_(line.c.state.is_(None), line.c.state.not_in(REPLACED)),
        *_until_now(line, item.last, subject),
    ]
    if item.step is None:
        tests.append(line.c.effect == "message")
    else:
        tests += [line.c.effect.in_(("message", "call_out")), line.c.node_id == subject.node_ids[item.step]]
    return exists(select(1).select_from(line).where(*tests).correlate_except(line))


def _overdue(item: c.Fact, subject: Subject) -> ColumnElement[bool]:
    """Return whether a to-do is open after its due instant."""
    line, event = tables.ledger.alias(), tables.event.alias()
    assert subject.enrolment is not None  # `fact` has looked
    now = to_micros(subject.at)
    done = exists(
        select(1)
        .select_from(event)
        .where(
            event.c.enrolment_id == line.c.enrolment_id,
            event.c.node_id == line.c.node_id,
            event.c.kind.in_(REPORTS),
            event.c.at <= subject.until,
        )
        .correlate_except(event)
    )
    tests = [
        line.c.enrolment_id == subject.enrolment.c.id,
        line.c.what == "executed",
        line.c.todo_due_at < now,
        or_(line.c.state.is_(None), line.c.state.not_in(REPLACED)),
        not_(done),
    ]
    if item.last is not None:
        tests.append(line.c.todo_due_at >= reach(subject, item.last, -1))
    if item.step is not None:
        tests.append(line.c.node_id == subject.node_ids[item.step])
    return exists(select(1).select_from(line).where(*tests).correlate_except(line))
