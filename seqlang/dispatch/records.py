"""The records that dispatch hands around."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from seqlang.plan.model import FlowPlan, StepNode
from seqlang.sdk.mailbox import MailboxSettings
from seqlang.sdk.messages import Message


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one call of `deliver` did."""

    accepted: int = 0
    rejected: int = 0  # by the other side, or given up after many attempts
    retry: int = 0  # will be tried again
    unknown: int = 0  # nobody knows whether they went; a person settles them
    cancelled: int = 0  # an exit, a goal, consent or a suppression held when they were looked at again
    failed: int = 0  # could not be rendered
    todos: int = 0  # to-dos and drafts that were made
    problems: tuple[str, ...] = ()  # mailboxes that cannot be used, in plain words
    next_at: datetime | None = None  # when there is something to deliver again by time alone, as far as this call knows

    @property
    def done(self) -> int:
        """How many effects this call brought forward."""
        return self.accepted + self.rejected + self.retry + self.unknown + self.cancelled + self.failed + self.todos


@dataclass(frozen=True, slots=True)
class StepOfFlow:
    """One step of one flow, by the plan that an effect was planned with."""

    flow_id: int
    flow: str  # its name
    node_id: int
    plan_hash: str
    plan: FlowPlan
    step: StepNode
    nodes: Mapping[str, int]  # the numbers of the flow's nodes, by their keys in `plan`
    owner: str | None  # the flow's owner, lower case


class Effect(NamedTuple):
    """One effect that this process has claimed, with all that it takes to make the message.

    A tuple, as all that is made for each message: a frozen dataclass of so many fields takes five times as long to make.
    """

    id: int  # of the ledger's line
    fence: int
    attempts: int
    at: datetime  # planned
    enrolment_id: int
    record_id: int
    contact_id: int | None
    released: bool  # a draft's message
    todo_due_at: int | None
    held: str | None  # why it must not go; None: it may
    address: str | None  # of the contact: what the step's channel goes to
    values: Mapping[str, Any]  # dotted path -> value, of the placeholders
    options: Mapping[int, Any]  # number of an asked value -> value
    key: str  # Message.key
    of: StepOfFlow


class Prepared(NamedTuple):
    """One message, ready to go."""

    effect: Effect
    message: Message
    box: MailboxSettings
    box_name: str  # "email:ana@example.com"
    thread_id: str | None
    recipient: str | None


@dataclass(slots=True)
class Counts:
    """Counts while a call is under way."""

    accepted: int = 0
    rejected: int = 0
    retry: int = 0
    unknown: int = 0
    cancelled: int = 0
    failed: int = 0
    todos: int = 0
    problems: list[str] = field(default_factory=list)
    next_at: list[datetime] = field(default_factory=list)
    mended: set[str] = field(default_factory=set)  # mailboxes that were seen to work

    def total(self) -> Delivered:
        """Return them as a result."""
        return Delivered(self.accepted, self.rejected, self.retry, self.unknown, self.cancelled, self.failed, self.todos,
                         tuple(dict.fromkeys(self.problems)), min(self.next_at, default=None))
