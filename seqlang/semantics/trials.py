"""The `test` blocks of a project: flows, records, steps and words that they name exist (LANGUAGE 7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from seqlang.diagnostics.source import Source
from seqlang.frozen import Record
from seqlang.plan.conditions import Condition
from seqlang.semantics.checked import CheckedFlow
from seqlang.semantics.conditions import read_condition
from seqlang.semantics.facts import check_event, check_list
from seqlang.semantics.moments import read_date, read_instant, read_span
from seqlang.semantics.names import Names
from seqlang.semantics.operands import constant
from seqlang.semantics.paths import find_field
from seqlang.semantics.report import Reporter, bare
from seqlang.semantics.scope import Scope, StepInfo
from seqlang.semantics.statements import read_written
from seqlang.semantics.templates import Contents, Uses
from seqlang.syntax import tree
from seqlang.syntax.node import Node

WORDS = {
    "sequence": ("classic", "smart", "outbound"),
    "cadence": ("cadence",),
    "workflow": ("workflow",),
    "journey": ("journey",),
}
# What a record of a test may have besides its fields, as in CSV files (COMMANDS, `simulate`).
BESIDES = ("id", "tags", "lists")
REASONS = (
    "finished",
    "goal",
    "replied",
    "unsubscribed",
    "bounced",
    "condition",
    "invalid_email",
    "not_subscribed",
    "exit",
    "moved",
    "removed",
    "expired",
    "archived",
    "deleted",
)


class CheckedTest(Record):
    """A `test` block that names nothing unknown; the runner reads the tree."""

    name: str
    source: Source
    node: tree.Test
    flows: tuple[str, ...]  # that it plays, in the order of the block
    zone: str  # of its local times: the first flow's
    conditions: tuple[tuple[int, Condition], ...]  # of `expect NAME where COND`: index in `node.items`, asked of NAME's record


class _Trial:
    """A test while it is read."""

    __slots__ = ("contents", "flows", "kind", "names", "records", "report", "sides", "steps", "zone")

    def __init__(self, names: Names, report: Reporter, contents: Contents) -> None:
        self.names = names
        self.report = report
        self.contents = contents
        self.flows: dict[str, tree.Flow] = {}
        self.steps: dict[str, StepInfo] = {}
        self.sides: dict[str, set[str]] = {}
        self.records: dict[str, str] = {}  # name in the test -> record type
        self.zone = "UTC"
        self.kind: str | None = None

    def scope(self, record: str) -> Scope:
        return Scope(
            names=self.names,
            report=self.report,
            subject=record,
            home=record,
            home_links=(),
            zone=self.zone,
            place="test",
            steps=self.steps,
            kind=self.kind,
        )


def read_test(
    names: Names,
    contents: Contents,
    flows: Mapping[str, CheckedFlow],
    steps: Callable[[str], Mapping[str, StepInfo]],
    report: Reporter,
    node: tree.Test,
) -> CheckedTest:
    """Check a test. `steps`: those of a flow, also of one with mistakes, whose names must not be reported as unknown."""
    trial = _Trial(names, report, contents)
    started: tree.TestStart | None = None
    for item in node.items:
        if isinstance(item, tree.TestFlow):
            _flow(trial, item, flows, steps)
        elif isinstance(item, tree.TestStart):
            if started is not None:
                report.error("SEQ503", item, "this test has two `start`")
            started = item
        elif isinstance(item, tree.TestRecord):
            _declare(trial, item)
    if not any(isinstance(i, tree.TestFlow) for i in node.items):
        report.error("SEQ540", node.name, "this test plays no flow", hint='write `sequence "NAME"`')
    if started is None:
        report.error("SEQ540", node.name, "this test has no start", hint="write `start 2026-03-02T08:00`")
    else:
        read_instant(report, started.instant, trial.zone)
    conditions: list[tuple[int, Condition]] = []
    for index, item in enumerate(node.items):
        if isinstance(item, tree.TestRecord):
            _record(trial, item)
        elif isinstance(item, tree.TestLine):
            condition = _line(trial, item)
            if condition is not None:
                conditions.append((index, condition))
    return CheckedTest(node.name.value, report.source, node, tuple(trial.flows), trial.zone, tuple(conditions))


def _flow(
    trial: _Trial, item: tree.TestFlow, flows: Mapping[str, CheckedFlow], steps: Callable[[str], Mapping[str, StepInfo]]
) -> None:
    name = item.name.value
    found = trial.names.flows.get(name)
    if found is None:
        trial.report.unknown("SEQ231", item.name, f"there is no flow `{name}`", name, trial.names.flows)
        return
    # `sequence` may name any flow, as in conditions and statements; the other words their own kind
    if item.word != "sequence" and found.node.kind not in WORDS.get(item.word, ()):
        right = next(w for w, kinds in WORDS.items() if found.node.kind in kinds)
        trial.report.error("SEQ541", item, f"`{name}` is a {right}, not a {item.word}", hint=f"write `{right}`")
    if not trial.flows:
        trial.kind = found.node.kind
        trial.zone = flows[name].zone if name in flows else "UTC"
    trial.flows[name] = found.node
    for step in steps(name).values():
        trial.steps.setdefault(step.name, step)
    _sides(found.node.items, trial.sides)


def _sides(items: tuple[Node, ...], into: dict[str, set[str]]) -> None:
    for item in items:
        if isinstance(item, tree.Split):
            into.setdefault(item.name.value, set()).update(s.name.value if s.name else "holdout" for s in item.sides)
            for side in item.sides:
                _sides(side.body, into)
        elif isinstance(item, tree.If):
            for branch in item.branches:
                _sides(branch.body, into)
            _sides(item.otherwise or (), into)


def _declare(trial: _Trial, item: tree.TestRecord) -> None:
    if item.record.text not in trial.names.records:
        trial.report.unknown(
            "SEQ206", item.record, f"there is no record `{item.record.text}`", item.record.text, trial.names.records, text=False
        )
        trial.records.setdefault(item.name.text, "")
        return
    if item.name.text in trial.records:
        trial.report.error("SEQ542", item.name, f"this test already has a record `{item.name.text}`")
    trial.records.setdefault(item.name.text, item.record.text)


def _record(trial: _Trial, item: tree.TestRecord) -> None:
    record = trial.records.get(item.name.text)
    if not record or record != item.record.text:
        return
    scope = trial.scope(record)
    seen: set[str] = set()
    for option in item.options:
        name = option.name.text
        if name in seen:
            trial.report.error("SEQ402", option.name, f"`{name}` is there twice")
        seen.add(name)
        if name in BESIDES:
            continue
        spec = trial.names.fields[record].get(name)
        if spec is None:
            trial.report.unknown(
                "SEQ211",
                option.name,
                f"`{name}` is not a field of {record}",
                name,
                [*trial.names.fields[record], *BESIDES],
                text=False,
            )
        elif spec.link is not None and isinstance(option.value, tree.Path):
            _linked(trial, spec.link, option.value)
        elif (
            spec.type == "set"
            or spec.link is not None
            or (spec.type in ("email", "phone") and isinstance(option.value, tree.Text))
        ):
            continue  # an address may be broken on purpose
        else:
            target = find_field(scope, tree.Path((option.name,), span=option.name.span))
            if target is not None:
                read_written(scope, Uses(trial.contents), target, name, option.value)


def _linked(trial: _Trial, record: str, path: tree.Path) -> None:
    name = path.names[0].text
    if record == "user" and name not in trial.records:
        trial.report.error("SEQ411", path, "a colleague is named by an e-mail address in quotes")
    elif trial.records.get(name) not in (record, ""):
        trial.report.unknown(
            "SEQ543",
            path,
            f"this test has no {record} `{name}`",
            name,
            [n for n, r in trial.records.items() if r == record],
            text=False,
        )


def _line(trial: _Trial, item: tree.TestLine) -> Condition | None:
    match item.when:
        case tree.OnDay():
            if item.when.day.value != int(item.when.day.value) or item.when.day.value < 1:
                trial.report.error("SEQ513", item.when.day, "days are counted from 1")
        case tree.After():
            read_span(trial.report, item.when.duration, zero=True)
        case tree.Instant() | tree.Date():
            read_instant(trial.report, item.when, trial.zone)
        case _:
            pass
    body = item.body
    record = trial.records.get(body.who.text)
    if record is None:
        trial.report.unknown(
            "SEQ543", body.who, f"this test has no record `{body.who.text}`", body.who.text, trial.records, text=False
        )
        return None
    if body.step is not None and body.step.text not in trial.steps:
        trial.report.unknown(
            "SEQ230", body.step, f"no flow of this test has a step `{body.step.text}`", body.step.text, trial.steps, text=False
        )
    if isinstance(body, tree.TestEvent):
        _event(trial, record, body)
        return None
    return _expect(trial, record, body)


def _event(trial: _Trial, record: str, body: tree.TestEvent) -> None:
    scope = trial.scope(record) if record else None
    if body.until is not None:
        read_date(trial.report, body.until)
    if body.split is not None:
        _side(trial, body.split, body.text)
    if scope is None:
        return
    match body.verb:
        case "did" if body.text is not None:
            check_event(scope, body.text)
            _properties(trial, body)
        case "is in list" if body.text is not None:
            check_list(scope, body.text)
        case "set" if body.field is not None and body.value is not None:
            target = find_field(scope, body.field)
            if target is not None and target.spec.type not in ("set", "link"):
                value = body.value if not isinstance(body.value, tree.Path) else constant(scope, body.value) or body.value
                read_written(scope, Uses(trial.contents), target, body.field.text, value)
        case "reported" if body.step is not None and body.text is not None:
            info = trial.steps.get(body.step.text)
            if info is not None and info.outcomes and body.text.value not in info.outcomes:
                trial.report.unknown(
                    "SEQ316",
                    body.text,
                    f"`{body.text.value}` is not one of the outcomes of `{info.name}`",
                    body.text.value,
                    info.outcomes,
                )
        case _:
            pass


def _properties(trial: _Trial, body: tree.TestEvent) -> None:
    spec = trial.names.events.get(body.text.value) if body.text is not None else None
    if spec is None:
        return
    known = [p.name for p in spec.properties]
    for option in body.properties:
        if option.name.text not in known:
            trial.report.unknown(
                "SEQ222",
                option.name,
                f"the event `{spec.name}` does not declare a property `{option.name.text}`",
                option.name.text,
                known,
                text=False,
                warn=True,
                none=f"declare `{bare(option.name.text)}` in the event",
            )


def _expect(trial: _Trial, record: str, body: tree.TestExpect) -> Condition | None:
    if body.split is not None:
        _side(trial, body.split, body.side)
    if body.what == "exited" and body.reason is not None:
        reason = body.reason.value if isinstance(body.reason, tree.Text) else body.reason.text
        if reason not in REASONS:
            trial.report.unknown("SEQ544", body.reason, f"nobody leaves because of `{reason}`", reason, REASONS)
    if body.where is not None and record:
        return read_condition(trial.scope(record), body.where)
    return None


def _side(trial: _Trial, split: tree.Text, side: tree.Text | None) -> None:
    known = trial.sides.get(split.value)
    if known is None:
        trial.report.unknown("SEQ545", split, f"no flow of this test has a split `{split.value}`", split.value, trial.sides)
    elif side is not None and side.value not in known:
        trial.report.unknown("SEQ545", side, f"the split `{split.value}` has no side `{side.value}`", side.value, known)
