"""The syntax tree: frozen nodes, each with the span that it was read from; nothing is resolved here."""

from __future__ import annotations

from typing import Literal

from seqlang.frozen import field
from seqlang.syntax.node import Node as Node  # noqa: PLC0414  # part of the tree

# ---------------------------------------------------------------------------------------------- values


class Name(Node):
    """A bare or backticked name."""

    text: str  # without the backticks
    quoted: bool = field(default=False, compare=False)


class Text(Node):
    """A text literal."""

    value: str  # escapes resolved, common indentation of a long text removed
    long: bool = field(default=False, compare=False)  # written with three quotes


class Number(Node):
    """A number literal."""

    value: float | int
    raw: str = field(default="", compare=False)  # as written: "10_000"


class Truth(Node):
    """`yes` or `no`."""

    value: bool


Unit = Literal["minute", "hour", "day", "week", "working day"]


class Duration(Node):
    """`3 days`, `3 working days`."""

    count: int | float
    unit: Unit


class Date(Node):
    """`2026-03-02`; whether the day exists is checked by `semantics`."""

    raw: str


class TimeOfDay(Node):
    """`09:30`. A time that no clock shows was told of, and is 00:00 here."""

    raw: str


class Instant(Node):
    """`2026-03-02T09:30`, with or without `+01:00` (or `Z`)."""

    raw: str


class ListOf(Node):
    """`["DE", "AT"]`; `ring` lists of bare words too (`[opens, clicks]`)."""

    items: tuple[Value, ...]


class Path(Node):
    """`score`, `account.industry`, `contact.owner.manager.email`; one name is also a bare word or a constant."""

    names: tuple[Name, ...]

    @property
    def text(self) -> str:
        """The dotted names."""
        return ".".join(n.text for n in self.names)


class ObjectOf(Node):
    """`{ key: value, … }` as a value."""

    options: tuple[Option, ...]


class ChooseCase(Node):
    """`VALUE when COND`, or `VALUE otherwise` (no condition)."""

    value: Value
    when: Condition | None


class Choose(Node):
    """`choose { … }`: the first case that holds."""

    cases: tuple[ChooseCase, ...]


class Today(Node):
    """`today`."""


class Now(Node):
    """`now`."""


class Shifted(Node):
    """`D from X` (sign +1), `D before X` (sign -1) as an instant of time."""

    duration: Duration
    sign: Literal[1, -1]
    origin: Moment


Moment = Date | Instant | Path | Today | Now | Shifted
Value = Text | Number | Truth | Duration | Date | TimeOfDay | Instant | ListOf | Path | ObjectOf | Choose | Today | Now | Shifted


class Option(Node):
    """`name: value` in braces."""

    name: Name
    value: Value


# ------------------------------------------------------------------------------------------ conditions


class Or(Node):
    """`a or b or …`."""

    items: tuple[Condition, ...]


class And(Node):
    """`a and b and …`."""

    items: tuple[Condition, ...]


class Not(Node):
    """`not a`."""

    item: Condition


class Group(Node):
    """`( a )`: kept so that the printer can keep the author's brackets."""

    item: Condition


Comparison = Literal["=", "!=", "<", "<=", ">", ">="]


class Compare(Node):
    """`left = right`; the left side is a path."""

    left: Path
    op: Comparison
    right: Value


class OneOf(Node):
    """`left in [..]`, `left not in [..]`; `values` may also be a constant (a path)."""

    left: Path
    values: ListOf | Path | Choose
    negated: bool


class Matches(Node):
    """`left contains "x"`, `starts with`, `ends with`."""

    left: Path
    how: Literal["contains", "starts with", "ends with"]
    right: Value


class Within(Node):
    """`in the last D` (-1), `in the next D` (+1); on its own, or the time range of an event condition."""

    duration: Duration
    sign: Literal[1, -1]


class WithinOf(Node):
    """`left in the last D`."""

    left: Path
    within: Within


class Relative(Node):
    """`left before X`, `left after X`."""

    left: Path
    side: Literal["before", "after"]
    moment: Moment | Choose


class Between(Node):
    """`left between X and Y`, both ends included; numbers too."""

    left: Path
    low: Value
    high: Value


class IsEmpty(Node):
    """`left is empty`, `left is not empty`."""

    left: Path
    negated: bool


class Holds(Node):
    """A boolean field that stands alone."""

    path: Path


class With(Node):
    """`deal with ( … )`: some linked record for which all of it holds."""

    record: Name
    where: Condition


class Happened(Node):
    """`event "NAME" [with COND] [in the last D] [since entry]`."""

    name: Text
    where: Condition | None = None
    within: Within | None = None
    since_entry: bool = False


class Count(Node):
    """`count( target ) [in the last D] [since entry] OP N`; target: an event, or a record with a condition or bare."""

    target: Happened | With | Name
    op: Comparison
    number: Value
    within: Within | None = None
    since_entry: bool = False


Fact = Literal["replied", "opened", "clicked", "bounced", "sent", "done", "overdue"]


class StepFact(Node):
    """`replied`, `opened(hello)`, `clicked(hello, "https://…")`, `done(ring)`, `overdue(ring)`."""

    fact: Fact
    step: Name | None = None
    url: Text | None = None
    within: Within | None = None
    since_entry: bool = False  # says nothing more: these facts are of this enrolment anyway


class Outcome(Node):
    """`outcome(ring) = "No answer"`, `!=`, `in [..]`, `not in [..]`."""

    step: Name
    op: Literal["=", "!=", "in", "not in"]
    right: Value


class Unsubscribed(Node):
    """`unsubscribed`."""


class Finished(Node):
    """`finished`; only among the conditions of an exit."""


class AccountReplied(Node):
    """`account replied`."""


class InView(Node):
    """`in view "NAME"`."""

    view: Text


class InList(Node):
    """`in list "NAME"`."""

    list: Text


class Tagged(Node):
    """`tagged "VIP"`."""

    tag: Text


class InSequence(Node):
    """`in sequence "NAME"`, `was in sequence "NAME"`."""

    name: Text
    was: bool


class Broken(Node):
    """A place that could not be read; it was reported, and later passes are silent about it."""

    names: tuple[str, ...] = ()  # words and texts that stand there: what it may have declared or used


Condition = (
    Or | And | Not | Group | Compare | OneOf | Matches | WithinOf | Relative | Between | IsEmpty | Holds | With | Happened
    | Count | StepFact | Outcome | Unsubscribed | Finished | AccountReplied | InView | InList | Tagged | InSequence | Broken
)


# --------------------------------------------------------------------------------------- declarations


class Let(Node):
    """`let NAME = VALUE`."""

    name: Name
    value: Value


class TypeOf(Node):
    """`text`, `choice ["a", "b"]`, `link ticket`."""

    name: Name
    choices: tuple[Text, ...] | None = None
    link: Name | None = None


class Field(Node):
    """`score number default 0`; a property of an event has no default."""

    name: Name
    type: TypeOf
    default: Value | None = None


class Record(Node):
    """`record contact { … }`."""

    name: Name
    fields: tuple[Field, ...]


class ListOfRecords(Node):
    """`list "Expo 2026" of contact`."""

    name: Text
    record: Name


class Event(Node):
    """`event "page_view" { url text }`."""

    name: Text
    properties: tuple[Field, ...]


class View(Node):
    """`view "Fresh leads" of contact where …`."""

    name: Text
    record: Name
    where: Condition


class Opening(Node):
    """`mon-fri 09:00-17:30`: of a calendar's `open` and of a `window`."""

    days: tuple[tuple[str, str], ...]  # ranges of mon…sun; a single day is (day, day)
    start: TimeOfDay
    end: TimeOfDay


class Closed(Node):
    """`2026-12-24` or `2026-12-31 to 2027-01-06`."""

    first: Date
    last: Date


class CalendarTimezone(Node):
    """`timezone "Europe/Berlin"`."""

    zone: Text


class CalendarOpen(Node):
    """`open mon-fri 09:00-17:30`; several openings behind commas."""

    openings: tuple[Opening, ...]


class CalendarHolidays(Node):
    """`holidays ["DE-BE", "AT"]`."""

    codes: ListOf


class CalendarClosed(Node):
    """`closed 2026-12-24, 2026-12-31 to 2027-01-06`."""

    days: tuple[Closed, ...]


class Calendar(Node):
    """`calendar "DACH office" { … }`."""

    name: Text
    items: tuple[CalendarTimezone | CalendarOpen | CalendarHolidays | CalendarClosed, ...]


# ---------------------------------------------------------------------------------------------- steps


class OnDay(Node):
    """`on day 3`."""

    day: Number


class After(Node):
    """`after 2 days`."""

    duration: Duration


class Around(Node):
    """`3 days after quote`, `30 days before trial_ends`: of a step or a field, as the names say."""

    duration: Duration
    sign: Literal[1, -1]
    origin: Moment


class OnMoment(Node):
    """`on trial_ends`, `on 2026-03-02`."""

    moment: Moment


Timing = OnDay | After | Around | OnMoment


class Step(Node):
    """`step NAME: CHANNEL TIMING? (when COND)? { OPTION: VALUE … }`."""

    name: Name
    channel: Name
    timing: Timing | None
    when: Condition | None
    options: tuple[Option, ...]


# ----------------------------------------------------------------------------------------- statements


class Set(Node):
    """`set FIELD = VALUE`."""

    field: Path
    value: Value


class Add(Node):
    """`add FIELD NUMBER`."""

    field: Path
    amount: Value


class Assign(Node):
    """`assign USER`, `assign round robin [ … ]`."""

    user: Value
    round_robin: bool


class Tag(Node):
    """`tag "T"`, `untag "T"`."""

    tag: Value
    remove: bool


class ListChange(Node):
    """`add to list "L"`, `remove from list "L"`."""

    list: Value
    remove: bool


class Enrol(Node):
    """`enroll in "SEQ"`, `remove from "SEQ"`, `move to "SEQ"`."""

    how: Literal["enroll", "remove", "move"]
    flow: Value


class ExitNow(Node):
    """`exit`."""


class Wait(Node):
    """`wait 2 days`."""

    duration: Duration


class WaitUntil(Node):
    """`wait until COND [for at most D | at latest X]`, `wait until INSTANT [in ZONE]`, `wait until D before FIELD`."""

    condition: Condition | None  # exactly one of the condition and the moment
    moment: Moment | None = None
    zone: Text | None = None
    at_most: Duration | None = None
    at_latest: Moment | None = None
    at_latest_zone: Text | None = None


class Branch(Node):
    """One `if` or `else if`."""

    when: Condition
    body: tuple[Statement, ...]


class If(Node):
    """`if … { … } else if … { … } else { … }`."""

    branches: tuple[Branch, ...]
    otherwise: tuple[Statement, ...] | None


class Side(Node):
    """`60% "plain" { … }`, `10% holdout`."""

    share: Number  # percent
    name: Text | None  # None: the holdout
    body: tuple[Statement, ...]


class Split(Node):
    """`split "offer" winner by clicked after 5 days { … }`."""

    name: Text
    winner_by: Name | None
    winner_after: Duration | None
    sides: tuple[Side, ...]


Statement = Step | Set | Add | Assign | Tag | ListChange | Enrol | ExitNow | Wait | WaitUntil | If | Split


# ------------------------------------------------------------------------------------------- settings


class Owner(Node):
    """`owner "ana@example.com"`."""

    user: Value


class Daily(Node):
    """`daily at 09:30`."""

    time: TimeOfDay


class Every(Node):
    """`every 4 hours [from 10:00]`."""

    duration: Duration
    start: TimeOfDay | None


class Cron(Node):
    """`cron "0 9 * * 1-5"`."""

    expression: Text


class Run(Node):
    """`run daily at 09:30 in "Europe/Berlin" except weekends`."""

    times: Daily | Every | Cron
    zone: Text | None
    except_weekends: bool
    calendar: Text | None


class AudienceView(Node):
    """`view "Fresh leads"` in an audience."""

    view: Text


class Where(Node):
    """`where COND`."""

    condition: Condition


class UniqueBy(Node):
    """`unique by email`."""

    field: Path


class Audience(Node):
    """`audience { … }`."""

    items: tuple[AudienceView | Where | UniqueBy, ...]


class EnterOnEvent(Node):
    """`enter on event "NAME" [with COND]`."""

    event: Happened


class EnterWhen(Node):
    """`enter when COND`."""

    condition: Condition


class EnterAt(Node):
    """`enter on 2026-12-01T10:00 in "Europe/Berlin" for view "Fresh leads"`."""

    moment: Moment
    zone: Text | None
    view: Text


class EnterAgain(Node):
    """`enter again after 90 days`."""

    after: Duration


class Trigger(Node):
    """A workflow's `on …`, with its `when`."""

    kind: Literal["created", "updated", "change", "event", "entered", "exited", "overdue", "outcome"]
    fields: tuple[Path, ...] = ()  # of `change of`
    to: Value | None = None  # of `change of … to VALUE`
    event: Happened | None = None
    text: Text | None = None  # the flow of `entered`, `exited`; the outcome
    when: Condition | None = None


class Window(Node):
    """`window mon-fri 09:00-17:00 in contact timezone else "Europe/Berlin"`, `window calendar "DACH office"`."""

    openings: tuple[Opening, ...]  # empty: a calendar
    calendar: Text | None
    contact_timezone: bool  # in the contact's own zone
    zone: Text | None  # `in "ZONE"`, or the one after `else`


class Goal(Node):
    """`goal "Activated" when COND { … }`."""

    name: Text
    when: Condition
    body: tuple[Statement, ...]


class Exit(Node):
    """`exit when finished, replied, COND { … }`."""

    conditions: tuple[Condition, ...]
    body: tuple[Statement, ...]


class Admit(Node):
    """`admit at most 50 a day`."""

    number: Number
    per: Literal["day", "week"]


class Exclusive(Node):
    """`exclusive`."""


class OverLimit(Node):
    """`over limit defer`."""

    rule: Name  # defer, skip, fail


class AtMost(Node):
    """`at most 2 messages a week`."""

    number: Number
    per: Literal["day", "week"]


class SkipLate(Node):
    """`skip when more than 3 days late`."""

    duration: Duration


class Undeliverable(Node):
    """`undeliverable skip`."""

    rule: Name


class Moved(Node):
    """`moved old_name to new_name`."""

    old: Name
    new: Name


Setting = (
    Owner | Run | Audience | EnterOnEvent | EnterWhen | EnterAt | EnterAgain | Trigger | Window | Goal | Exit | Admit
    | Exclusive | OverLimit | AtMost | SkipLate | Undeliverable | Moved
)


class Flow(Node):
    """A sequence, cadence, workflow or journey."""

    kind: Literal["classic", "smart", "outbound", "cadence", "workflow", "journey"]
    name: Text
    record: Name | None  # `for deal`
    items: tuple[Setting | Statement, ...]  # in the order of the file


# ---------------------------------------------------------------------------------------------- tests


class TestFlow(Node):
    """`sequence "NAME"` (or `cadence`, `workflow`, `journey`) in a test; several are allowed."""

    word: str
    name: Text


class TestStart(Node):
    """`start 2026-03-02T08:00`."""

    instant: Instant | Date


class TestRecord(Node):
    """`contact kim { email: "kim@acme.example" }`."""

    record: Name
    name: Name
    options: tuple[Option, ...]


TestVerb = Literal[
    "replied", "opened", "clicked", "bounced", "unsubscribed", "reported", "released", "did", "set", "enrolled", "is in list",
    "takes",
]


class TestEvent(Node):
    """`kim replied to hello`."""

    who: Name
    verb: TestVerb
    step: Name | None = None
    text: Text | None = None  # the link, the outcome, the event's name, the list, the side
    split: Text | None = None  # of `takes "side" of "split"`
    field: Path | None = None  # of `set FIELD = VALUE`
    value: Value | None = None
    properties: tuple[Option, ...] = ()  # of `did event "NAME" { … }`
    flag: Literal["machine", "soft", "out of office"] | None = None
    until: Date | None = None  # of `out of office until DATE`


class TestExpect(Node):
    """`expect hello to kim`, `expect kim exited because replied`, … ."""

    what: Literal["to", "nothing", "skipped", "in", "not in", "exited", "on side", "where"]
    who: Name
    step: Name | None = None
    reason: Name | Text | None = None
    side: Text | None = None
    split: Text | None = None
    where: Condition | None = None


class TestLine(Node):
    """An event or expectation with its time: `on day 2`, `after 3 days`, `at INSTANT`, or none (at the end)."""

    when: OnDay | After | Instant | Date | None
    body: TestEvent | TestExpect


class Test(Node):
    """`test "…" { … }`."""

    name: Text
    items: tuple[TestFlow | TestStart | TestRecord | TestLine, ...]


Declaration = Let | Record | ListOfRecords | Event | View | Calendar | Flow | Test


class Comment(Node):
    """`# …`, from the hash to the end of its line; comments are kept beside the tree."""

    text: str
    own_line: bool  # nothing but white space before it on its line


class Module(Node):
    """One file."""

    declarations: tuple[Declaration, ...]
    comments: tuple[Comment, ...] = field(default=(), compare=False)
    # Statements that could not be read and were left out. Later passes take their `names` as declared and used, and do not
    # count what is missing in a declaration that covers one of them.
    broken: tuple[Broken, ...] = field(default=(), compare=False)
