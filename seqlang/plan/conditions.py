"""Conditions and values of a plan: resolved, typed, two-valued, ready to become SQL (LANGUAGE 3).

Every condition is asked of a *subject*: the record that a flow enrols (in a sequence or cadence always a contact). An atom
that looks at an empty field is false; `Not` is true exactly where its item is false. There is no `!=`: it is `Not(Equals)`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from seqlang.frozen import OneOfKinds
from seqlang.vocabulary.records import FieldType, Frozen


class Span(Frozen):
    """A length of time."""

    count: float  # whole for days and working days
    unit: Literal["minute", "hour", "day", "week", "working day"]


class LinkStep(Frozen):
    """One hop of a path: follow the link `field` to a record of the type `record`."""

    field: str
    record: str


class FieldRef(Frozen):
    """A field at the end of a path of links; empty where a link on the way is empty."""

    is_: Literal["field"] = "field"
    record: str  # the subject's type, where the path begins
    links: tuple[LinkStep, ...] = ()
    field: str
    type: FieldType

    @property
    def holder(self) -> str:
        """The record type that has the field."""
        return self.links[-1].record if self.links else self.record


class _Tagged(Frozen):
    """One of several kinds, told apart by `is`."""


# ---------------------------------------------------------------------------------------------- values


class Literal_(_Tagged):
    """A constant. date: "2026-03-02"; instant: ISO with offset, in UTC; time: "09:30"."""

    is_: Literal["literal"] = "literal"
    type: Literal["text", "number", "boolean", "date", "instant", "time"]
    value: str | bool | int | float


class Template(_Tagged):
    """A text with placeholders, rendered for each contact."""

    is_: Literal["template"] = "template"
    source: str


class Word(_Tagged):
    """A bare word: an enumeration value, or `previous`."""

    is_: Literal["word"] = "word"
    word: str


class StepRef(_Tagged):
    """A step of the same flow."""

    is_: Literal["step"] = "step"
    step: str


class FlowOwner(_Tagged):
    """`owner` as a value: the flow's owner, a user."""

    is_: Literal["owner"] = "owner"


class SpanValue(_Tagged):
    """A duration."""

    is_: Literal["duration"] = "duration"
    span: Span


class Content(_Tagged):
    """A file of the project, kept in the store by its hash; `apply` puts it there."""

    is_: Literal["content"] = "content"
    name: str  # path relative to the project (attachments) or to `templates/`
    sha256: str  # lower-case hex


class ListValue(_Tagged):
    """Several values."""

    is_: Literal["list"] = "list"
    items: tuple[PlanValue, ...]


class ObjectValue(_Tagged):
    """Named values."""

    is_: Literal["object"] = "object"
    items: tuple[tuple[str, PlanValue], ...]


class Today(_Tagged):
    """The local date of the flow's zone."""

    is_: Literal["today"] = "today"


class Now(_Tagged):
    """The instant of the tick (in a run: its planned instant)."""

    is_: Literal["now"] = "now"


class Shifted(_Tagged):
    """`origin` plus or minus a duration."""

    is_: Literal["shifted"] = "shifted"
    origin: PlanValue
    sign: Literal[1, -1]
    span: Span


class ChooseCase(_Tagged):
    """One case; `when` None: otherwise."""

    when: Condition | None
    value: PlanValue


class Choose(_Tagged):
    """The value of the first case that holds; empty where none does."""

    is_: Literal["choose"] = "choose"
    cases: tuple[ChooseCase, ...]


PlanValue = Annotated[
    Literal_ | Template | Word | StepRef | FlowOwner | SpanValue | Content | ListValue | ObjectValue | Today | Now | Shifted
    | Choose | FieldRef,
    OneOfKinds(),
]


# ------------------------------------------------------------------------------------------ conditions


class All(_Tagged):
    """Every item holds; true without items."""

    is_: Literal["all"] = "all"
    items: tuple[Condition, ...]


class Any_(_Tagged):
    """Some item holds; false without items."""

    is_: Literal["any"] = "any"
    items: tuple[Condition, ...]


class Not(_Tagged):
    """The item does not hold."""

    is_: Literal["not"] = "not"
    item: Condition


class Compare(_Tagged):
    """`field OP value`; exact, also of texts. The value may be another field (empty: false)."""

    is_: Literal["compare"] = "compare"
    field: FieldRef
    op: Literal["=", "<", "<=", ">", ">="]
    value: PlanValue  # Literal_, FieldRef, Today, Now or Shifted; the types fit


class OneOf(_Tagged):
    """The field equals one of the literals."""

    is_: Literal["one of"] = "one of"
    field: FieldRef
    values: tuple[Literal_, ...]


class Matches(_Tagged):
    """`contains`, `starts with`, `ends with`; case is ignored. A set contains: one member equals, case ignored."""

    is_: Literal["matches"] = "matches"
    field: FieldRef
    how: Literal["contains", "starts with", "ends with"]
    text: str


class Within(_Tagged):
    """`in the last D` (-1), `in the next D` (+1) of a date or datetime, both ends included."""

    is_: Literal["within"] = "within"
    field: FieldRef
    sign: Literal[1, -1]
    span: Span


class Relative(_Tagged):
    """`before X`, `after X`, exclusive. A date against an instant (or the reverse): see docs/reference."""

    is_: Literal["relative"] = "relative"
    field: FieldRef
    side: Literal["before", "after"]
    value: PlanValue


class Between(_Tagged):
    """Both ends included; numbers, dates, instants."""

    is_: Literal["between"] = "between"
    field: FieldRef
    low: PlanValue
    high: PlanValue


class Empty(_Tagged):
    """The field is empty, or a link on the way to it is."""

    is_: Literal["empty"] = "empty"
    field: FieldRef


class Some(_Tagged):
    """Some record of the type `record` linked to the subject by its own link `link` fulfils `where` (asked of that record).

    `links` leads from the subject to the record that `link` points at (none: the subject itself).
    """

    is_: Literal["some"] = "some"
    subject: str  # the subject's record type
    links: tuple[LinkStep, ...] = ()
    record: str
    link: str
    where: Condition


class CountSome(_Tagged):
    """How many such records there are, compared with a number."""

    is_: Literal["count some"] = "count some"
    some: Some
    op: Literal["=", "!=", "<", "<=", ">", ">="]
    number: float


class CountEvents(_Tagged):
    """How many events of the subject's contact (a deal's: its contact; an account's: the account's own and its contacts').

    `event "x"` is a count >= 1. `where` is asked of the event: its FieldRefs have record "event:NAME" and no links.
    """

    is_: Literal["count events"] = "count events"
    event: str
    where: Condition | None = None
    last: Span | None = None  # `in the last D`: exact hours (2 days are 48 hours), ends included
    since_entry: bool = False  # the event that brought the contact in does not count
    op: Literal["=", "!=", "<", "<=", ">", ">="] = ">="
    number: float = 1


class Fact(_Tagged):
    """`replied`, `opened(hello)`, `clicked(hello, "https://…")`, `sent`, `bounced`, `done(ring)`, …: of this enrolment."""

    is_: Literal["fact"] = "fact"
    fact: Literal["replied", "opened", "clicked", "bounced", "sent", "done", "overdue"]
    step: str | None = None  # None: any message of the enrolment
    url: str | None = None  # the clicked link begins with it
    last: Span | None = None


class Outcome(_Tagged):
    """The outcome reported for a to-do is one of these; false while none is reported."""

    is_: Literal["outcome"] = "outcome"
    step: str
    values: tuple[str, ...]


class Unsubscribed(_Tagged):
    """The contact has unsubscribed (or the deal's contact has)."""

    is_: Literal["unsubscribed"] = "unsubscribed"


class AccountReplied(_Tagged):
    """Somebody of the same account, oneself included, replied to any flow since the contact came in."""

    is_: Literal["account replied"] = "account replied"


class InList(_Tagged):
    """The subject is on the list (for a deal or account: the record that the list is of)."""

    is_: Literal["in list"] = "in list"
    list: str


class Tagged(_Tagged):
    """The subject bears the tag; exact."""

    is_: Literal["tagged"] = "tagged"
    tag: str


class InFlow(_Tagged):
    """The subject is in that flow now (`was` False), or is or has been in it (`was` True)."""

    is_: Literal["in flow"] = "in flow"
    flow: str
    was: bool


Condition = Annotated[
    All | Any_ | Not | Compare | OneOf | Matches | Within | Relative | Between | Empty | Some | CountSome | CountEvents | Fact
    | Outcome | Unsubscribed | AccountReplied | InList | Tagged | InFlow,
    OneOfKinds(),
]
