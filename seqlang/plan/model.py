"""The plan of one flow: self-contained (views, calendars, limits are in it by value), frozen, versioned, canonical."""

from __future__ import annotations

from typing import Annotated, Literal

from seqlang.frozen import OneOfKinds
from seqlang.plan.conditions import AccountReplied, Condition, Fact, PlanValue, Span, Unsubscribed, _Tagged
from seqlang.plan.warmups import WarmupPlan
from seqlang.vocabulary.records import Catalogue, Frozen

PLAN_VERSION = 1

Kind = Literal["classic", "smart", "outbound", "cadence", "workflow", "journey"]
SEQUENCE_KINDS: tuple[Kind, ...] = ("classic", "smart", "outbound", "cadence")  # those with runs


# ----------------------------------------------------------------------------------- time


class Opening(Frozen):
    """Open on some weekdays from a local time to another (exclusive)."""

    days: tuple[int, ...]  # 0 Monday … 6 Sunday
    start: str  # "09:00"
    end: str  # "17:30"; "24:00" is the end of the day


class CalendarPlan(Frozen):
    """Working times, holidays and closed days."""

    name: str
    zone: str | None = None
    openings: tuple[Opening, ...] = ()  # none: mon-fri, all day
    holidays: tuple[str, ...] = ()  # "DE-BE", "AT"
    closed: tuple[tuple[str, str], ...] = ()  # first and last ISO date, both closed


class SchedulePlan(Frozen):
    """The runs of a sequence or cadence (LANGUAGE 5.1, `run`)."""

    kind: Literal["daily", "every", "cron"]
    zone: str
    time: str | None = None  # daily: the time; every: `from` (None: 00:00)
    every: Span | None = None
    cron: str | None = None
    except_weekends: bool = False
    calendar: CalendarPlan | None = None  # runs only on its open days


class WindowPlan(Frozen):
    """When steps may happen (LANGUAGE 5.6, 5.8): excludes its end."""

    openings: tuple[Opening, ...] = ()
    calendar: CalendarPlan | None = None
    contact_timezone: bool = False  # of the contact, else of `zone`
    zone: str  # the flow's zone where none is named


# ---------------------------------------------------------------------------------- limits


class LimitPlan(Frozen):
    """One limit of the project's plan that the engine enforces (LANGUAGE 5.8, *Limits*)."""

    name: str  # "emails per user and day": shown to people
    what: str  # what it counts: the `limit` name of channels ("email", "sms"), or "message" for all
    # domain: of the recipient; contact: of the organisation, `count` times as many as there are contacts
    per: Literal["user", "organisation", "mailbox", "domain", "contact"] = "user"
    window: Literal["day", "week", "month", "ever"] = "day"
    count: int
    warmups: tuple[WarmupPlan, ...] = ()  # of mailboxes that warm up: what they may on a day is added to `count`
    over: Literal["defer", "skip", "fail", "retry once"] = "defer"  # retry once: defer to the next window, then fail
    kinds: tuple[Kind, ...] = ()  # the kinds of flow it counts and holds; none: all


# ----------------------------------------------------------------------------------- nodes


class OnDay(_Tagged):
    """`on day N` of a classic sequence or cadence, from 1."""

    is_: Literal["on day"] = "on day"
    day: int


class AfterEntry(_Tagged):
    """`after D` in a smart sequence: since the contact came in."""

    is_: Literal["after entry"] = "after entry"
    span: Span


class AfterPrevious(_Tagged):
    """`after D` in an outbound sequence: since the last step that was done (else since coming in)."""

    is_: Literal["after previous"] = "after previous"
    span: Span


class AfterStep(_Tagged):
    """`D after STEP` in a cadence: a calendar span since it was sent or reported."""

    is_: Literal["after step"] = "after step"
    step: str
    span: Span


class AroundMoment(_Tagged):
    """`D before FIELD`, `D after FIELD`, `on FIELD`: of a field, a date or an instant (LANGUAGE 5.8)."""

    is_: Literal["around"] = "around"
    origin: PlanValue  # FieldRef or Literal_ (date, instant)
    sign: Literal[1, -1] = 1
    span: Span | None = None


Timing = Annotated[OnDay | AfterEntry | AfterPrevious | AfterStep | AroundMoment, OneOfKinds()]


class StepNode(_Tagged):
    """One step: a use of a channel."""

    is_: Literal["step"] = "step"
    key: str  # the step's name; unique in the flow
    next: str | None = None  # in sequences: the next in file order
    channel: str
    timing: Timing | None = None  # None: at once, when its turn comes
    when: Condition | None = None
    options: tuple[tuple[str, PlanValue], ...] = ()  # in the order of the file; defaults of the channel filled in
    effect: Literal["message", "todo", "call_out"]
    address: Literal["email", "phone"] | None = None  # goes to the contact's address: its rule applies (LANGUAGE 5.1)
    draft: bool = False  # makes an email reminder first
    limit: str | None = None  # what limits count it by
    activity: str | None = None
    outcomes: tuple[str, ...] = ()  # of a to-do
    due: Span | None = None  # of a to-do: overdue after it
    placeholders: tuple[str, ...] = ()  # dotted paths used by its texts and templates ("contact.first_name"), sorted

    def option(self, name: str) -> PlanValue | None:
        """Return the value of an option, or None where it is not given."""
        return next((v for k, v in self.options if k == name), None)


class WaitNode(_Tagged):
    """`wait D`."""

    is_: Literal["wait"] = "wait"
    key: str
    next: str | None = None
    span: Span


class WaitUntilNode(_Tagged):
    """`wait until COND|MOMENT [for at most D | at latest X]`; an empty moment is no wait."""

    is_: Literal["wait until"] = "wait until"
    key: str
    next: str | None = None
    condition: Condition | None = None
    moment: PlanValue | None = None
    zone: str | None = None  # of a local moment; None: the flow's
    at_most: Span | None = None
    at_latest: PlanValue | None = None


class BranchNode(_Tagged):
    """`if … else if … else …`: the key of the first arm that holds, else `otherwise` (None: the end)."""

    is_: Literal["branch"] = "branch"
    key: str
    arms: tuple[tuple[Condition, str | None], ...]
    otherwise: str | None = None


class SidePlan(Frozen):
    """One side of a split."""

    name: str  # "holdout" for the holdout
    share: float  # percent
    first: str | None  # where its body begins (None: the end)
    holdout: bool = False


class SplitNode(_Tagged):
    """`split "NAME" [winner by W after D] { … }`: sides by md5 (LANGUAGE 5.6)."""

    is_: Literal["split"] = "split"
    key: str  # "split:NAME"
    name: str
    sides: tuple[SidePlan, ...]
    winner_by: Literal["opened", "clicked", "replied", "goal"] | None = None
    winner_after: Span | None = None


class ActNode(_Tagged):
    """A statement (LANGUAGE 5.7). `word` is its first word, as the timeline shows it."""

    is_: Literal["act"] = "act"
    key: str
    next: str | None = None
    word: Literal["set", "add", "assign", "tag", "untag", "enroll", "remove", "move", "exit"]
    act: Literal["set", "add", "assign", "round robin", "tag", "untag", "list", "unlist", "enroll", "remove", "move", "exit"]
    field: FieldTarget | None = None
    value: PlanValue | None = None  # the value, number, user, list of users, tag, list or flow


class FieldTarget(Frozen):
    """A field that a statement writes: of the subject."""

    record: str
    field: str
    type: str


Node = Annotated[StepNode | WaitNode | WaitUntilNode | BranchNode | SplitNode | ActNode, OneOfKinds()]


# ------------------------------------------------------------------------- coming in, going out


class AudiencePlan(Frozen):
    """Who comes in at a run: everybody for whom `where` holds."""

    where: Condition  # (any of its views) and every `where`
    unique_by: str | None = None  # a field of the contact
    admit: int | None = None  # at most so many …
    admit_per: Literal["day", "week"] = "day"  # … a day of the flow's zone


class OnEvent(_Tagged):
    """`enter on event "NAME" [with …]`, `on event "NAME"`."""

    is_: Literal["event"] = "event"
    event: str
    where: Condition | None = None  # of the event's properties, as in CountEvents
    when: Condition | None = None  # of the subject (a workflow's `when`)


class OnCondition(_Tagged):
    """`enter when COND`."""

    is_: Literal["condition"] = "condition"
    condition: Condition


class OnInstant(_Tagged):
    """`enter on INSTANT for view "V"`."""

    is_: Literal["instant"] = "instant"
    instant: str  # ISO with offset, UTC
    condition: Condition


class OnRecord(_Tagged):
    """A workflow's `on created`, `on updated`, `on change of FIELD… [to VALUE]`."""

    is_: Literal["record"] = "record"
    what: Literal["created", "updated", "change"]
    fields: tuple[str, ...] = ()
    to: PlanValue | None = None
    when: Condition | None = None


class OnFlow(_Tagged):
    """A workflow's `on entered "SEQ"`, `on exited "SEQ"`, `on overdue`, `on outcome "O"`."""

    is_: Literal["flow"] = "flow"
    what: Literal["entered", "exited", "overdue", "outcome"]
    name: str | None = None  # the flow, or the outcome
    when: Condition | None = None


Trigger = Annotated[OnEvent | OnCondition | OnInstant | OnRecord | OnFlow, OneOfKinds()]


class ExitCheck(Frozen):
    """One reason to leave."""

    kind: Literal["finished", "replied", "unsubscribed", "bounced", "account replied", "condition"]
    condition: Condition | None = None  # of `condition`; the others have a meaning of their own

    def asks(self) -> Condition | None:
        """Return what it asks, whatever its kind; None: `finished`, which the kind of flow decides."""
        match self.kind:
            case "replied" | "bounced":
                return Fact(fact=self.kind)
            case "unsubscribed":
                return Unsubscribed()
            case "account replied":
                return AccountReplied()
            case _:
                return self.condition


class ExitRule(Frozen):
    """One `exit when`, with the block that happens on the way out."""

    key: str  # "exit:1"
    checks: tuple[ExitCheck, ...]
    first: str | None = None  # the first node of its block


class GoalRule(Frozen):
    """One `goal`."""

    name: str
    condition: Condition
    first: str | None = None


class Manners(Frozen):
    """Pace and manners (LANGUAGE 5.8)."""

    exclusive: bool = False
    over_limit: Literal["defer", "skip", "fail"] | None = None  # None: the limit's own rule
    messages: int | None = None  # `at most N messages a week|day`, of this flow to one contact
    messages_days: int = 7
    late_after: Span | None = None
    window: WindowPlan | None = None
    undeliverable_skip: bool = False
    admit: int | None = None  # a journey's `admit at most`; a sequence's stands in its audience
    admit_per: Literal["day", "week"] = "day"
    domain_per_day: int | None = None  # [pace]
    all_flows_messages_per_week: int | None = None  # [pace]
    quiet: CalendarPlan | None = None  # [pace]


class FlowPlan(Frozen):
    """All that the engine needs to carry out one flow."""

    version: int = PLAN_VERSION
    name: str
    kind: Kind
    for_record: str  # what the file says: contact, account, deal
    subject: str  # what is enrolled: in sequences and cadences always "contact"
    owner: str | None = None  # an e-mail address
    zone: str  # IANA name
    schedule: SchedulePlan | None = None  # sequences and cadences
    audience: AudiencePlan | None = None  # None: by hand only
    triggers: tuple[Trigger, ...] = ()  # journeys; a workflow has exactly one
    again_after: Span | None = None  # `enter again after D`
    goals: tuple[GoalRule, ...] = ()
    exits: tuple[ExitRule, ...] = ()
    manners: Manners = Manners()
    limits: tuple[LimitPlan, ...] = ()
    working: CalendarPlan | None = None  # working days of the flow; None: mon-fri
    nodes: tuple[Node, ...] = ()  # sequences: the steps in file order; else a graph from `first`
    first: str | None = None
    moved: tuple[tuple[str, str], ...] = ()  # old step name, new step name

    def node(self, key: str) -> StepNode | WaitNode | WaitUntilNode | BranchNode | SplitNode | ActNode:
        """Return the node of that key; KeyError where there is none."""
        for node in self.nodes:
            if node.key == key:
                return node
        raise KeyError(key)

    @property
    def steps(self) -> tuple[StepNode, ...]:
        """The steps in file order."""
        return tuple(n for n in self.nodes if isinstance(n, StepNode))


class ProjectPlan(Frozen):
    """Everything that `apply` puts into the database."""

    version: int = PLAN_VERSION
    name: str
    zone: str  # `timezone` of seqlang.toml, else UTC
    catalogue: CataloguePlan
    flows: tuple[FlowPlan, ...]  # in the order of files and places


class CataloguePlan(Frozen):
    """Records, events, lists and views of the project."""

    data: Catalogue
    views: tuple[tuple[str, str, Condition], ...] = ()  # name, record, condition: for `list --view`


def canonical(plan: Frozen) -> str:
    """Return the one JSON text of a plan: sorted keys, no spaces, non-ASCII kept."""
    import json  # here, for most readers of plans write none

    return json.dumps(plan.model_dump(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(plan: Frozen) -> str:
    """Return the SHA-256 of the canonical text, as lower-case hex."""
    import hashlib

    return hashlib.sha256(canonical(plan).encode()).hexdigest()
