"""A step's message as one contact would get it, sent to oneself: nothing is written, and it counts as nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from seqlang.dispatch.asked import asked_of
from seqlang.dispatch.compose import THREADED, Desk, NoMailboxError, compose
from seqlang.dispatch.links import links_of
from seqlang.dispatch.people import all_people
from seqlang.dispatch.prepare import contents_of
from seqlang.dispatch.records import Effect, Prepared, StepOfFlow
from seqlang.dispatch.render import Renderer, RenderError
from seqlang.dispatch.scrubbing import scrubbed
from seqlang.dispatch.steps import Shelf
from seqlang.dispatch.threads import Before
from seqlang.errors import NotFoundError, RefusedError, UsageError
from seqlang.plan.conditions import StepRef
from seqlang.plan.model import StepNode
from seqlang.predicates import Subject
from seqlang.sdk.outcomes import Accepted
from seqlang.store.addresses import phone_ok
from seqlang.store.plans import get_flow, get_plan, node_ids

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.clock import Clock
    from seqlang.host import Host
    from seqlang.store.database import Store
    from seqlang.vocabulary.channels import ChannelSpec
    from seqlang.vocabulary.settings import ProjectSettings

COPIES = ("to", "cc", "bcc")
INSTEAD = {"todo": "it makes a to-do", "call_out": "it calls a system"}  # what a step does that is no message


@dataclass(frozen=True, slots=True)
class Taken:
    """A test message that was sent."""

    to: str  # as the other side writes it: a number with its country
    answer: str  # what it said; of a text how many segments it took


def send_test(  # noqa: PLR0917  each is a different question
    store: Store, host: Host, settings: ProjectSettings, clock: Clock, flow: str, step: str, to: str, contact: str
) -> Taken:
    """Send the step's message to `to`, rendered for `contact` (an e-mail address); return where it went, and the answer.

    NotFoundError: no such flow, step or contact. UsageError: `to` is nothing that the step's channel sends to. RefusedError: it
    cannot be made, or was not taken; with the reason.
    """
    prepared = make_test(store, host, settings, clock, flow, step, to, contact)
    outcome = scrubbed(host.deliver(prepared.message.word, prepared.message, prepared.box))
    if isinstance(outcome, Accepted):
        return Taken(outcome.recipient or prepared.message.to, outcome.detail)
    raise RefusedError(f"the test message did not go: {outcome.reason}")


def make_test(  # noqa: PLR0917  as above
    store: Store, host: Host, settings: ProjectSettings, clock: Clock, flow: str, step: str, to: str, contact: str
) -> Prepared:
    """Make the message of `send_test` without sending it."""
    now = clock.now()
    shelf = Shelf()
    desk = Desk(settings, {c.word: c for c in host.words.channels}, Renderer(), {}, {}, links_of(settings.web))
    with store.read() as conn:
        of = _step(conn, flow, step)
        to = reachable(to, desk.channels.get(of.step.channel), of)
        effect = _effect(conn, store, of, contact, to, now)
        contents = {sha256: shelf.content(conn, sha256) for sha256 in contents_of(of)}
        desk = replace(desk, people=all_people(conn, store), contents=contents)
        before = _before(conn, store, desk, of, contact, now)
    try:
        prepared = compose(desk, effect, before, now)
    except (RenderError, NoMailboxError) as error:
        raise RefusedError(f"the message of `{step}` cannot be made: {error}") from None
    options = {name: value for name, value in prepared.message.options.items() if name not in COPIES}
    return prepared._replace(message=replace(prepared.message, to=to, options=options, thread=None, test=True))


def reachable(to: str, spec: ChannelSpec | None, of: StepOfFlow) -> str:
    """Return the address as a channel takes it; a phone number without a prefix is read there, with the contact's country.

    UsageError: it is not of the kind that the channel sends to.
    """
    step, to = of.step.key, to.strip()
    if spec is None:
        raise RefusedError(f"no plugin brings the channel `{of.step.channel}` of `{step}`")
    if spec.address == "phone":
        if not phone_ok(to):
            hint = "for example +491701234567"
            raise UsageError(f"`{to}` is no phone number, and `{step}` goes to one (channel `{spec.word}`)", hint=hint)
        return to
    if spec.address is None and spec.option("to") is None:
        # What it posts would stand where everybody's does: that is no test.
        raise RefusedError(f"the channel `{spec.word}` of `{step}` sends to no address, so it has no test message")
    if not 0 < to.find("@") < len(to) - 1 or any(sign.isspace() for sign in to):
        raise UsageError(f"`{to}` is no e-mail address, and `{step}` goes to one (channel `{spec.word}`)")
    return to


def _step(conn: Connection, flow: str, step: str) -> StepOfFlow:
    row = get_flow(conn, flow)
    plan = get_plan(conn, row.plan_next_hash or row.plan_hash)
    found = next((n for n in plan.nodes if isinstance(n, StepNode) and n.key == step), None)
    if found is None:
        known = ", ".join(s.key for s in plan.steps)
        raise NotFoundError(f"the flow `{flow}` has no step `{step}`", hint=f"its steps are {known}")
    if found.effect != "message":
        raise RefusedError(f"`{step}` is a {found.channel}: {INSTEAD[found.effect]} and sends no message")
    return StepOfFlow(row.id, row.name, 0, row.plan_hash, plan, found, node_ids(conn, row.id), row.owner)


def _effect(conn: Connection, store: Store, of: StepOfFlow, contact: str, to: str, now: datetime) -> Effect:
    record, contact_id = _record(conn, store, of, contact)
    table = store.records(of.plan.subject).alias("subject")
    subject = Subject(record=of.plan.subject, row=table, contact_id=table.c.id if of.plan.subject == "contact" else None,
                      enrolment=None, flow_id=of.flow_id, zone=of.plan.zone, at=now, node_ids=of.nodes, working=of.plan.working)
    asked = asked_of(of.step, subject, store)
    columns = [table.c.id, *(a.sql.label(a.label) for a in asked)]
    row: Any = conn.execute(select(*columns).where(table.c.id == record)).one()._mapping  # noqa: SLF001
    return Effect(
        id=0, fence=0, attempts=0, at=now, enrolment_id=0, record_id=record, contact_id=contact_id, released=False,
        todo_due_at=None, held=None, address=to, values={a.path: a.value(row[a.label]) for a in asked if a.path is not None},
        options={a.number: a.value(row[a.label]) for a in asked if a.number is not None},
        key=f"test.{hashlib.sha256(f'{of.flow}|{of.step.key}|{to}|{now}'.encode()).hexdigest()[:24]}", of=of,
    )


def _record(conn: Connection, store: Store, of: StepOfFlow, contact: str) -> tuple[int, int]:
    """Return the record that the flow would enrol for the contact, and the contact."""
    people = store.records("contact")
    account = store.column("contact", "account")
    query = select(people.c.id, account).where(people.c.email_key == contact.strip().lower())
    found = conn.execute(query.order_by(people.c.id)).first()
    if found is None:
        raise NotFoundError(f"there is no contact `{contact}`")
    if of.plan.subject == "contact":
        return found[0], found[0]
    if of.plan.subject == "account" and found[1] is not None:
        return found[1], found[0]
    spec = store.record_tables.spec(of.plan.subject)
    if spec.field("contact") is not None:
        table = store.records(of.plan.subject)
        link = store.column(of.plan.subject, "contact")
        mine = conn.execute(select(table.c.id).where(link == found[0]).order_by(table.c.id.desc())).scalars().first()
        if mine is not None:
            return mine, found[0]
    raise NotFoundError(f"the contact `{contact}` has no {of.plan.subject}")


def _before(  # noqa: PLR0917  each is a different question
    conn: Connection, store: Store, desk: Desk, of: StepOfFlow, contact: str, now: datetime, seen: tuple[str, ...] = ()
) -> Before | None:
    """Return the message that the step answers, as far as its subject is needed."""
    if of.step.option(THREADED) is None:
        return None
    answered = _answered(of, desk)
    subject = "the message before"
    if answered is not None and answered.key not in seen:
        other = replace(of, step=answered)
        contents = {sha256: Shelf().content(conn, sha256) for sha256 in contents_of(other)}
        try:
            effect = _effect(conn, store, other, contact, contact, now)
            earlier = _before(conn, store, desk, other, contact, now, (*seen, of.step.key))
            subject = str(compose(replace(desk, contents=contents), effect, earlier, now).message.options["subject"])
        except (RenderError, NoMailboxError):
            subject = "the message before"
    return Before("<before@seqlang.invalid>", "<before@seqlang.invalid>", ("<before@seqlang.invalid>",), subject)


def _answered(of: StepOfFlow, desk: Desk) -> StepNode | None:
    """Return the step that this one answers; of a reply to whichever went before, the first that begins a thread."""
    steps = {s.key: s for s in of.plan.steps if (spec := desk.channels.get(s.channel)) is not None and spec.thread}
    value = of.step.option(THREADED)
    if isinstance(value, StepRef):
        return steps.get(value.step)
    return next((s for s in steps.values() if s.option(THREADED) is None and s.key != of.step.key), None)
