"""A test block as a scenario and what is expected of it (LANGUAGE 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

from seqlang.plan.conditions import Condition
from seqlang.plan.model import FlowPlan
from seqlang.schedule import add_span, local_date, local_instant, next_run_at_or_after, run_date, run_days, wall_time
from seqlang.semantics.trials import CheckedTest
from seqlang.simulation.scenario import Happening, NewRecord
from seqlang.simulation.trial_values import Reader, instant_of, span_of
from seqlang.syntax import tree
from seqlang.vocabulary.records import SUBSCRIPTION_MARKETED, Catalogue

AFTER_THE_RUN = timedelta(minutes=1)
DAY = timedelta(days=1)
BESIDES = ("id", "tags", "lists")


@dataclass(frozen=True, slots=True)
class Expected:
    """One `expect` and when it counts."""

    node: tree.TestExpect
    place: int  # its index among the test's items
    text: str  # as the file writes it
    line: int
    first: datetime | None  # the span that it is about, its end excluded; None: from the start …
    end: datetime | None  # … to the end of the test
    look_at: datetime | None  # the instant of a state; None: the end of the test
    included: bool  # the tick of `look_at` counts
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class FixedSide:
    """`kim takes "plain" of "offer"`."""

    who: str
    side: str
    split: str


@dataclass(frozen=True, slots=True)
class Trial:
    """One test, ready to be played."""

    name: str
    path: str
    line: int
    flows: tuple[str, ...]
    zone: str
    since: datetime
    until: datetime  # excluded
    records: tuple[tuple[str, NewRecord], ...]  # name in the test, record
    happenings: tuple[Happening, ...]  # `key` is the name in the test
    sides: tuple[FixedSide, ...]
    expected: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a test: those with a run, or, in a flow without runs, those of the calendar."""

    plan: FlowPlan
    start: datetime

    def day(self, number: int) -> tuple[date, datetime]:
        """Return the date of day `number` (from 1), and the instant after which its events happen. LookupError: no such day."""
        schedule = self.plan.schedule
        if schedule is None:
            wall = wall_time(self.start, self.plan.zone)
            on = wall.date() + DAY * (number - 1)
            return on, local_instant(on, wall.time(), self.plan.zone)
        first = next_run_at_or_after(schedule, self.start, self.start)
        if first is None:
            raise LookupError("the flow never runs")
        days = run_days(schedule, self.start, run_date(schedule, first, self.start))
        found = next(islice(days, number - 1, None), None)
        if found is None:
            raise LookupError(f"there is no day {number}")
        return found


def read_trial(
    test: CheckedTest, plans: Mapping[str, FlowPlan], catalogue: Catalogue, constants: Mapping[str, tree.Value]
) -> Trial:
    """Return the test as a scenario; it names nothing unknown."""
    start = next(i for i in test.node.items if isinstance(i, tree.TestStart))
    since = instant_of(start.instant.raw, test.zone)
    names = _names(test.node.items, catalogue)
    reader = Reader(test.zone, since, names, constants)
    days = Days(plans[test.flows[0]], since)
    builder = _Builder(test, plans, reader, days, dict(test.conditions))
    for place, item in enumerate(test.node.items):
        if isinstance(item, tree.TestLine):
            builder.line(place, item)
    effects = [_effect_seen(plans[name], h.at, since, test.zone) for h in builder.happenings for name in test.flows]
    until = max([_midnight_after(days.day(1)[0], test.zone), *builder.ends, *effects])
    line, _ = test.source.position(test.node.span.start)
    records = tuple((i.name.text, _record(reader, i, catalogue)) for i in test.node.items if isinstance(i, tree.TestRecord))
    return Trial(
        test.name,
        test.source.path,
        line,
        test.flows,
        test.zone,
        since,
        until,
        records,
        tuple(builder.happenings),
        tuple(builder.sides),
        tuple(builder.expected),
    )


def _names(items: Sequence[object], catalogue: Catalogue) -> dict[str, str]:
    """Return, for each record of the test, the key by which the others link to it."""
    found = {}
    for item in items:
        if isinstance(item, tree.TestRecord):
            spec = catalogue.record(item.record.text)
            key = next((o.value for o in item.options if spec and o.name.text == spec.key), None)
            found[item.name.text] = key.value if isinstance(key, tree.Text) else item.name.text
    return found


def _record(reader: Reader, item: tree.TestRecord, catalogue: Catalogue) -> NewRecord:
    spec = catalogue.record(item.record.text)
    assert spec is not None
    values = {o.name.text: reader.value(o.value, spec.field(o.name.text)) for o in item.options if o.name.text not in BESIDES}
    if spec.key != "email":
        values.setdefault(spec.key, item.name.text)
    if item.record.text == "contact":
        values.setdefault("subscriptions", (SUBSCRIPTION_MARKETED,))
    besides = {o.name.text: reader.value(o.value) for o in item.options if o.name.text in BESIDES}
    created = values.get("created_at")
    return NewRecord(
        item.record.text,
        values,
        created if isinstance(created, datetime) else None,
        _several(besides.get("tags")),
        _several(besides.get("lists")),
        item.name.text,
    )


def _several(value: object) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return tuple(part.strip() for part in str(value).split(";")) if value else ()


def _effect_seen(plan: FlowPlan, at: datetime, start: datetime, zone: str) -> datetime:
    """Return the end of the day on which the flow sees what happened at `at`: that of its next run."""
    run = next_run_at_or_after(plan.schedule, at, start) if plan.schedule is not None else None
    return at if plan.schedule is None or run is None else _midnight_after(run_date(plan.schedule, run, start), zone)


def _midnight_after(day: date, zone: str) -> datetime:
    return local_instant(day + DAY, time.min, zone)


class _Builder:
    """Collects the happenings and expectations of one test."""

    def __init__(
        self, test: CheckedTest, plans: Mapping[str, FlowPlan], reader: Reader, days: Days, conditions: Mapping[int, Condition]
    ) -> None:
        self.test, self.plans, self.reader, self.days, self.conditions = test, plans, reader, days, conditions
        self.happenings: list[Happening] = []
        self.sides: list[FixedSide] = []
        self.expected: list[Expected] = []
        self.ends: list[datetime] = []

    def line(self, place: int, item: tree.TestLine) -> None:
        """Take one line of the test."""
        if isinstance(item.body, tree.TestEvent):
            self._event(item, item.body)
        else:
            self._expect(place, item, item.body)

    def _event(self, item: tree.TestLine, body: tree.TestEvent) -> None:
        if body.verb == "takes":
            assert body.text is not None
            assert body.split is not None
            self.sides.append(FixedSide(body.who.text, body.text.value, body.split.value))
            return
        match item.when:
            case None:
                at = self.reader.start
            case tree.OnDay():
                on, run = self.days.day(int(item.when.day.value))
                at = run + AFTER_THE_RUN
                self.ends.append(_midnight_after(on, self.test.zone))
            case _:
                at = self._instant(item.when)
                self.ends.append(_midnight_after(local_date(at, self.test.zone), self.test.zone))
        line, _ = self.test.source.position(item.span.start)
        kind, value = self._kind_of(body)
        step = body.step.text if body.step else None
        place = f"{self.test.source.path}:{line}"
        self.happenings.append(Happening(at, None, body.who.text, kind, self._flow_of(body), step, value, place))

    def _flow_of(self, body: tree.TestEvent) -> str | None:
        if body.step is not None:
            return next((f for f in self.test.flows if any(s.key == body.step.text for s in self.plans[f].steps)), None)
        return self.test.flows[0] if body.verb == "enrolled" else None

    def _kind_of(self, body: tree.TestEvent) -> tuple[str, str | None]:
        text = body.text.value if body.text else None
        match body.verb:
            case "replied" if body.flag == "out of office":
                return "replied", "out of office" + (f" {body.until.raw}" if body.until else "")
            case "opened" | "clicked":
                return body.verb, "machine" if body.flag == "machine" else text
            case "bounced":
                return "bounced", "soft" if body.flag == "soft" else None
            case "reported":
                return "completed", text
            case "released":
                return "completed", None
            case "did":
                return "event", f"{text}{self.reader.properties(body.properties)}"
            case "set":
                assert body.field is not None
                assert body.value is not None
                return "changed", f"{body.field.text}={self.reader.text(body.value)}"
            case "is in list":
                return "listed", text
            case verb:
                return verb, None

    def _expect(self, place: int, item: tree.TestLine, body: tree.TestExpect) -> None:
        first = end = look_at = None
        included = False
        if isinstance(item.when, tree.OnDay):
            on, _ = self.days.day(int(item.when.day.value))
            first, end = local_instant(on, time.min, self.test.zone), _midnight_after(on, self.test.zone)
            look_at = end
        elif item.when is not None:
            look_at, included = self._instant(item.when), True
            on = local_date(look_at, self.test.zone)
            first, end = local_instant(on, time.min, self.test.zone), _midnight_after(on, self.test.zone)
        if end is not None:
            self.ends.append(end)
        line, _ = self.test.source.position(item.span.start)
        text = " ".join(self.test.source.text[item.span.start : item.span.end].split())
        self.expected.append(Expected(body, place, text, line, first, end, look_at, included, self.conditions.get(place)))

    def _instant(self, when: tree.After | tree.Instant | tree.Date) -> datetime:
        if isinstance(when, tree.After):
            return add_span(self.reader.start, span_of(when.duration), self.test.zone, self.days.plan.working)
        return instant_of(when.raw, self.test.zone)
