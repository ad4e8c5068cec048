"""What may stand in the way of a step, and the part of it that one statement finds out for all candidates."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, Integer, case, exists, false, literal, not_, null, or_, select

from seqlang.engine.cutoffs import has_passed
from seqlang.engine.intake_holds import held, hold_end
from seqlang.plan.conditions import FieldRef, Matches
from seqlang.predicates.compile import to_sql
from seqlang.predicates.subject import Subject
from seqlang.store.tables import suppression
from seqlang.vocabulary.records import SUBSCRIPTION_MARKETED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Table

    from seqlang.engine.context import FlowContext
    from seqlang.plan.model import StepNode


class Verdict(IntEnum):
    """What became of one candidate, in the order in which reasons count."""

    GO = 0
    DELETED = 1  # the record is gone
    HELD = 2
    LATE = 3
    CONDITION = 4
    INVALID_EMAIL = 5
    BOUNCED = 6
    UNSUBSCRIBED = 7
    NOT_SUBSCRIBED = 8
    NO_PHONE = 9
    STOPPED = 10
    WINDOW = 11
    PACE = 12
    LIMIT_DEFER = 13
    LIMIT_SKIP = 14
    LIMIT_FAIL = 15
    UNDELIVERABLE = 16  # 5 to 8 where the flow skips them


# The reasons with which an enrolment ends.
ADDRESS: Mapping[Verdict, str] = {
    Verdict.INVALID_EMAIL: "invalid_email",
    Verdict.BOUNCED: "bounced",
    Verdict.UNSUBSCRIBED: "unsubscribed",
    Verdict.NOT_SUBSCRIBED: "not_subscribed",
}
# Why the step waits.
PUT_OFF: Mapping[Verdict, str] = {Verdict.WINDOW: "window", Verdict.PACE: "pace", Verdict.LIMIT_DEFER: "limit"}
# The step is over; why it was not done.
OVER: Mapping[Verdict, str | None] = {
    Verdict.GO: None,
    Verdict.LATE: "late",
    Verdict.CONDITION: "condition",
    Verdict.NO_PHONE: "no_phone",
    Verdict.STOPPED: "stopped",
    Verdict.LIMIT_SKIP: "limit",
    Verdict.LIMIT_FAIL: "limit",
    Verdict.UNDELIVERABLE: "undeliverable",
}


def counts_as(step: StepNode) -> str | None:
    """Return what limits and pace count the step's message by; None: it is no message to a contact."""
    if step.effect != "message":
        return None
    return step.limit or (None if step.address is None else "message")


def channel_of(step: StepNode) -> str:
    """Return the channel that doing the step shows: a draft is an email reminder until it is released."""
    return "email_reminder" if step.draft else step.channel


def is_message(step: StepNode) -> bool:
    """Tell whether doing the step sends a message to a contact: a draft is none until it is released."""
    return counts_as(step) is not None and not step.draft


def first_verdict(
    ctx: FlowContext, step: StepNode, fell_due_at: ColumnElement[Any]
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return the verdict before windows, pace and limits, and until when a contact is held (else null).

    Asked of rows of enrolment joined with its record and its contact.
    """
    record, contact = ctx.records, ctx.contacts
    holds = held(contact, ctx.zone, ctx.at)
    arms: list[tuple[ColumnElement[bool], int]] = [(record.c.id.is_(None), Verdict.DELETED), (holds, Verdict.HELD)]
    late = ctx.plan.manners.late_after
    if late is not None and step.effect == "message":
        goes = ctx.at_instant(ctx.tick_at)  # a run that is made up for later sends later
        arms.append((has_passed(goes, fell_due_at, late, strictly=True), Verdict.LATE))
    if step.when is not None:
        arms.append((not_(to_sql(step.when, ctx.subject(), ctx.store)), Verdict.CONDITION))
    arms += address_rules(ctx, step)
    verdict = case(*((condition, literal(int(code), Integer)) for condition, code in arms), else_=literal(0, Integer))
    if ctx.has_runs:
        return verdict, literal(None, BigInteger)
    return verdict, case((holds, hold_end(contact, ctx.zone, ctx.at)), else_=null())


def anybody_away(ctx: FlowContext) -> bool:
    """Tell whether any contact at all is out of office."""
    contact = ctx.contacts
    away = select(contact.c.id).where(contact.c.held_until.is_not(None), held(contact, ctx.zone, ctx.at)).limit(1)
    return ctx.conn.execute(away).first() is not None


def is_plain(ctx: FlowContext, step: StepNode) -> bool:
    """Tell whether nothing but its condition, an e-mail address and consent can stand in the way of the step."""
    manners = ctx.plan.manners
    timed = manners.late_after is not None or manners.window is not None or manners.quiet is not None
    return not (timed or is_paced(ctx) or ctx.plan.limits or step.address == "phone")


def is_paced(ctx: FlowContext) -> bool:
    """Tell whether messages of the flow may have to wait because of others before them."""
    manners = ctx.plan.manners
    return manners.messages is not None or manners.all_flows_messages_per_week is not None or manners.domain_per_day is not None


def nothing_in_the_way(ctx: FlowContext, step: StepNode) -> ColumnElement[bool]:
    """Return the condition that a plain step goes, over enrolments joined with their contacts, if its own condition holds."""
    return not_(or_(false(), *(condition for condition, _ in address_rules(ctx, step))))


def address_rules(ctx: FlowContext, step: StepNode) -> list[tuple[ColumnElement[bool], Verdict]]:
    """Return what forbids the step's message for its contact, in the order in which reasons count."""
    contact = ctx.contacts
    if step.address == "email":
        return _mail(ctx, contact)
    if step.address == "phone" and step.effect == "message":
        return [(contact.c.phone_ok.is_not(True), Verdict.NO_PHONE), (contact.c.phone_stopped_at.is_not(None), Verdict.STOPPED)]
    return []


def _mail(ctx: FlowContext, contact: Table) -> list[tuple[ColumnElement[bool], Verdict]]:
    """Return the rule on addresses and consent (LANGUAGE 5.1), reason by reason."""
    asked = Subject(
        record="contact",
        row=contact,
        contact_id=contact.c.id,
        enrolment=None,
        flow_id=None,
        zone=ctx.zone,
        at=ctx.at,
    )
    field = FieldRef(record="contact", field="subscriptions", type="set")
    subscribed = to_sql(Matches(field=field, how="contains", text=SUBSCRIPTION_MARKETED), asked, ctx.store)
    return [
        (or_(contact.c.email_key.is_(None), contact.c.email_ok.is_not(True)), Verdict.INVALID_EMAIL),
        (exists().where(suppression.c.address == contact.c.email_key), Verdict.BOUNCED),
        (contact.c.unsubscribed_at.is_not(None), Verdict.UNSUBSCRIBED),
        (not_(subscribed), Verdict.NOT_SUBSCRIBED),
    ]
