"""One flow, checked from its first line to its last: a tuple of parts, each by the file that knows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source
from seqlang.frozen import Record, replace
from seqlang.plan.conditions import LinkStep, Span
from seqlang.plan.model import SEQUENCE_KINDS, AudiencePlan, CalendarPlan, SchedulePlan, Trigger, WindowPlan
from seqlang.semantics.bodies import BodyReader, collect_steps
from seqlang.semantics.checked import Body, CheckedExit, CheckedFlow, CheckedGoal
from seqlang.semantics.entries import read_audience, read_entry, read_trigger
from seqlang.semantics.exits import read_exit, read_goal
from seqlang.semantics.kinds import ACTIONS_MAX, KIND_NAMES, check_items, is_setting
from seqlang.semantics.manners import admitted, read_manners
from seqlang.semantics.moments import check_zone, read_span
from seqlang.semantics.names import Names
from seqlang.semantics.project import ProjectText
from seqlang.semantics.report import Reporter, nearest
from seqlang.semantics.schedules import read_schedule, read_window, window_zone
from seqlang.semantics.scope import Scope, StepInfo
from seqlang.semantics.templates import Contents, Uses
from seqlang.semantics.values import ADDRESS
from seqlang.syntax import tree
from seqlang.syntax.node import Node

Item = TypeVar("Item", bound=Node)


class Surroundings(Record):
    """What all flows of a project share."""

    text: ProjectText
    names: Names
    calendars: Mapping[str, CalendarPlan]
    contents: Contents
    quiet: CalendarPlan | None
    sink: list[Diagnostic]


class _FlowReader:
    """One flow while it is read; `wrong` is set where a part could not be."""

    __slots__ = ("_by_kind", "around", "items", "node", "report", "wrong")

    def __init__(self, around: Surroundings, node: tree.Flow, report: Reporter, items: tuple[Node, ...]) -> None:
        self.around = around
        self.node = node
        self.report = report
        self.items = items
        self.wrong = False
        self._by_kind: dict[type[Node], list[Any]] = {}
        for item in items:
            self._by_kind.setdefault(type(item), []).append(item)

    def all(self, kind: type[Item]) -> list[Item]:
        return self._by_kind.get(kind, [])

    def one(self, kind: type[Item]) -> Item | None:
        found = self._by_kind.get(kind)
        return found[0] if found else None

    def need(self, value: Any) -> Any:
        """Return what was read of a part; note where it could not be."""
        if value is None:
            self.wrong = True
        return value


def read_flow(around: Surroundings, node: tree.Flow, source: Source) -> CheckedFlow | None:
    """Return the flow, or None after reporting all that is wrong with it."""
    report = Reporter(source, around.sink)
    before = len(around.sink)
    left_out = check_items(report, node)
    items = tuple(item for i, item in enumerate(node.items) if i not in left_out)
    reader = _FlowReader(around, node, report, items)
    flow = _read_parts(reader, source)
    told = any(d.severity == "error" for d in around.sink[before:])
    if flow is not None and not told:
        return flow
    if not told and not _mistaken(around):
        message = f"`{node.name.value}` cannot be compiled, and this program cannot say why"
        report.error("SEQ500", node.name, message, hint="please report it with the file")
    return None


def _read_parts(reader: _FlowReader, source: Source) -> CheckedFlow | None:
    around, node, report = reader.around, reader.node, reader.report
    record, owner = _record(reader), _owner(reader)
    zone = _zone(reader, owner)
    body_items = tuple(i for i in reader.items if not is_setting(i))
    scope = _scope(reader, record, zone, body_items)
    schedule, window = _schedule(reader, zone), _window(reader, zone)
    audience, triggers = _entries(reader, scope)
    bodies = BodyReader(scope, around.contents)
    body: Body | None = reader.need(bodies.read(body_items))
    exits, goals = _exits(reader, scope, bodies)
    manners = read_manners(report, reader.items, window, around.text.settings.pace, around.quiet)
    if manners is not None and node.kind == "journey":
        manners = admitted(scope, manners, reader.one(tree.Admit))
    again = reader.one(tree.EnterAgain)
    again_after: Span | None = reader.need(read_span(report, again.after)) if again is not None else None
    moved = _moved(reader, scope)
    _check_shape(reader, body_items)
    if reader.wrong or manners is None or body is None:
        return None
    working = (schedule.calendar if schedule is not None else None) or (window.calendar if window is not None else None)
    return CheckedFlow(
        node, source, node.kind, record, scope.subject, owner, zone, schedule, audience, triggers, again_after, goals, exits,
        manners, working, body, moved, tuple(scope.steps.values()),
    )  # fmt: skip


def _scope(reader: _FlowReader, record: str, zone: str, body: tuple[Node, ...]) -> Scope:
    """Return where the conditions and values of the flow stand: in sequences and cadences always a contact is asked."""
    around, kind = reader.around, reader.node.kind
    sequence = kind in SEQUENCE_KINDS
    links = (LinkStep(field="account", record="account"),) if sequence and record == "account" else ()
    owned = reader.one(tree.Owner) is not None
    subject = "contact" if sequence else record
    scope = Scope(around.names, reader.report, subject, record, links, zone, "value", kind=kind, owned=owned)
    return replace(scope, steps=collect_steps(scope, around.text.words, body))


def _mistaken(around: Surroundings) -> bool:
    """Return whether there is another mistake from which this one may follow: of syntax, or in what the flow names."""
    syntax = any(d.severity == "error" for m in around.text.modules for d in m.diagnostics)
    return syntax or any(d.severity == "error" for d in around.sink)


def _record(reader: _FlowReader) -> str:
    name = reader.node.record
    if name is None:
        return "contact"
    known = ("contact", "account") if reader.node.kind in SEQUENCE_KINDS else ("contact", "account", "deal")
    if name.text in known:
        return name.text
    reader.wrong = True
    if name.text in reader.around.names.records:
        reader.report.error(
            "SEQ505",
            name,
            f"{KIND_NAMES[reader.node.kind]} cannot be for {name.text}",
            hint=f"it is for {' or '.join(known)}; workflows and journeys are for deal too",
        )
    else:
        reader.report.unknown("SEQ206", name, f"there is no record `{name.text}`", name.text, known, text=False)
        return nearest(name.text, known) or "contact"
    return "contact"


def _owner(reader: _FlowReader) -> str | None:
    node = reader.one(tree.Owner)
    if node is None:
        return None
    value: tree.Value | None = node.user
    if isinstance(value, tree.Path):
        found = reader.around.names.lets.get(value.text)
        value = found.node.value if found is not None else value
    if isinstance(value, tree.Text) and ADDRESS.match(value.value):
        return value.value
    shown = (
        f"`{value.value}` is not an e-mail address" if isinstance(value, tree.Text) else "an owner is named by an e-mail address"
    )
    reader.report.error("SEQ413", node.user, shown, hint='write `owner "ana@example.com"`')
    return None


def _zone(reader: _FlowReader, owner: str | None) -> str:
    """LANGUAGE 3, *Time*: of the run, else of the window, else of the owner, else of the project, else UTC."""
    around, run, window = reader.around, reader.one(tree.Run), reader.one(tree.Window)
    if run is not None and run.zone is not None:
        zone = check_zone(reader.report, run.zone)
        if zone is not None:
            return zone
    if window is not None:
        zone = window_zone(dict(around.calendars), reader.report, window)
        if zone is not None:
            return zone
    user = next((u for u in around.text.settings.users if owner is not None and u.email.casefold() == owner.casefold()), None)
    return (user.timezone if user is not None else None) or around.text.settings.timezone or "UTC"


def _schedule(reader: _FlowReader, zone: str) -> SchedulePlan | None:
    node, around = reader.one(tree.Run), reader.around
    if node is not None:
        found: SchedulePlan | None = reader.need(read_schedule(around.names, dict(around.calendars), reader.report, node, zone))
        return found
    if reader.node.kind in SEQUENCE_KINDS:
        reader.report.error(
            "SEQ506",
            reader.node.name,
            f"{KIND_NAMES[reader.node.kind]} needs a `run`",
            hint='write `run daily at 09:00 in "Europe/Berlin"`',
        )
    return None


def _window(reader: _FlowReader, zone: str) -> WindowPlan | None:
    node, around = reader.one(tree.Window), reader.around
    if node is None:
        return None
    found: WindowPlan | None = reader.need(read_window(around.names, dict(around.calendars), reader.report, node, zone))
    return found


def _entries(reader: _FlowReader, scope: Scope) -> tuple[AudiencePlan | None, tuple[Trigger, ...]]:
    audience: AudiencePlan | None = None
    node, admit = reader.one(tree.Audience), reader.one(tree.Admit)
    if node is not None:
        audience = reader.need(read_audience(scope, node, admit))
    elif admit is not None and reader.node.kind in SEQUENCE_KINDS:
        reader.report.error(
            "SEQ507",
            admit,
            "`admit` paces an audience, and this flow has none",
            hint="whoever is enrolled by hand comes in at the next run",
        )
    found: list[Trigger] = []
    for item in reader.items:
        if isinstance(item, (tree.EnterOnEvent, tree.EnterWhen, tree.EnterAt)):
            entry = reader.need(read_entry(scope, item))
        elif isinstance(item, tree.Trigger):
            entry = reader.need(read_trigger(scope, Uses(reader.around.contents), item))
        else:
            continue
        if entry is not None:
            found.append(entry)
    return audience, tuple(found)


def _exits(reader: _FlowReader, scope: Scope, bodies: BodyReader) -> tuple[tuple[CheckedExit, ...], tuple[CheckedGoal, ...]]:
    exits = [reader.need(read_exit(scope, bodies, node)) for node in reader.all(tree.Exit)]
    goals = [reader.need(read_goal(scope, bodies, node)) for node in reader.all(tree.Goal)]
    seen: set[str] = set()
    for node in reader.all(tree.Goal):
        if node.name.value in seen:
            reader.report.error("SEQ209", node.name, f"this flow already has a goal `{node.name.value}`")
        seen.add(node.name.value)
    return tuple(e for e in exits if e is not None), tuple(g for g in goals if g is not None)


def _moved(reader: _FlowReader, scope: Scope) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for node in reader.all(tree.Moved):
        if node.old.text in scope.steps:
            reader.report.error("SEQ519", node.old, f"`{node.old.text}` is still a step of this flow, so it has not moved")
        if node.new.text not in scope.steps:
            reader.report.unknown(
                "SEQ230", node.new, f"this flow has no step `{node.new.text}`", node.new.text, scope.steps, text=False
            )
        if any(node.old.text == old or node.new.text == new for old, new in pairs):
            reader.report.error("SEQ519", node, "a step moves once, and two do not become one")
        pairs.append((node.old.text, node.new.text))
    return tuple(pairs)


def _check_shape(reader: _FlowReader, body: tuple[Node, ...]) -> None:
    """Report what a flow as a whole has too little or too much of."""
    node, report = reader.node, reader.report
    if node.kind == "workflow":
        triggers = reader.all(tree.Trigger)
        if not triggers:
            report.error(
                "SEQ508",
                node.name,
                "a workflow needs a trigger",
                hint='write `on created`, `on change of FIELD` or `on event "NAME"`',
            )
        for extra in triggers[1:]:
            report.error("SEQ508", extra, "a workflow has exactly one trigger", hint="write a second workflow, or a journey")
        for extra_action in body[ACTIONS_MAX:]:
            report.error("SEQ509", extra_action, f"a workflow has at most {ACTIONS_MAX} actions", hint="a journey may have more")
    splits: set[str] = set()
    for split in _splits(body):
        if split.name.value in splits:
            report.error("SEQ209", split.name, f"this flow already has a split `{split.name.value}`")
        splits.add(split.name.value)


def _splits(body: tuple[Node, ...]) -> list[tree.Split]:
    found: list[tree.Split] = []
    for node in body:
        if isinstance(node, tree.Split):
            found.append(node)
            for side in node.sides:
                found += _splits(side.body)
        elif isinstance(node, tree.If):
            for branch in node.branches:
                found += _splits(branch.body)
            found += _splits(node.otherwise or ())
    return found


def flow_steps(around: Surroundings, node: tree.Flow, source: Source) -> dict[str, StepInfo]:
    """Return the steps of a flow, also of one with mistakes (which are reported elsewhere)."""
    scope = Scope(
        names=around.names,
        report=Reporter(source, None),
        subject="contact",
        home="contact",
        home_links=(),
        zone="UTC",
        place="value",
        kind=node.kind,
    )
    return collect_steps(scope, around.text.words, (i for i in node.items if not is_setting(i)))
