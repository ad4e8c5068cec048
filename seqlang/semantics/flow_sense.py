"""What is right and yet hardly meant: exits, unsubscribing, two mails a day, runs outside of office hours, dead statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seqlang.diagnostics.diagnostic import Diagnostic, Edit, Fix, Related
from seqlang.diagnostics.source import Span
from seqlang.plan.conditions import Condition, Literal_
from seqlang.plan.model import SEQUENCE_KINDS, OnDay, SchedulePlan, StepNode
from seqlang.semantics.checked import Body, CheckedFlow, CheckedIf, CheckedNode, CheckedSplit
from seqlang.semantics.names import Names
from seqlang.semantics.reasoning import Fields, exclude_each_other
from seqlang.semantics.report import Reporter
from seqlang.semantics.walks import atoms, statements
from seqlang.syntax import tree
from seqlang.syntax.node import Node

LEAVING = ("replied", "unsubscribed", "account replied")


def check_flows(flows: Iterable[CheckedFlow], names: Names, sink: list[Diagnostic]) -> None:
    """Run every check over every flow that is right."""
    for flow in flows:
        report = Reporter(flow.source, sink)
        steps = {node.key: node for node in step_nodes(flow.body)}
        _events_in_exits(report, flow)
        _ways_out(report, flow, steps)
        _unsubscribing(report, flow, steps)
        _two_a_day(report, flow, steps, names.fields)
        _office_hours(report, flow)
        _dead_statements(report, flow.node.items)


def step_nodes(body: Body) -> Iterator[StepNode]:
    """Yield the steps of a body, those in branches and splits too."""
    for statement in body:
        match statement:
            case CheckedNode(node=StepNode() as node):
                yield node
            case CheckedIf():
                for _, arm in statement.arms:
                    yield from step_nodes(arm)
                yield from step_nodes(statement.otherwise)
            case CheckedSplit():
                for side in statement.sides:
                    yield from step_nodes(side.body)
            case _:
                pass


def _events_in_exits(report: Reporter, flow: CheckedFlow) -> None:
    """An event that was there before makes everybody leave at once: `since entry` is nearly always meant."""
    for rule in flow.exits:
        for condition in rule.node.conditions:
            for node in _positive(condition):
                event = node.target if isinstance(node, tree.Count) else node
                if isinstance(event, tree.Happened) and isinstance(node, (tree.Happened, tree.Count)):
                    since = node.since_entry or event.since_entry or node.within is not None or event.within is not None
                    if not since and not (isinstance(node, tree.Count) and node.op in ("<", "<=", "=", "!=")):
                        _warn_of_event(report, node, event)


def _warn_of_event(report: Reporter, node: tree.Happened | tree.Count, event: tree.Happened) -> None:
    fix = None
    if isinstance(node, tree.Happened):
        fix = Fix("add `since entry`", (Edit(Span(node.span.end, node.span.end), " since entry"),))
    report.warning(
        "SEQ605", node, f"who had the event `{event.name.value}` before leaves at once", hint="add `since entry`", fix=fix
    )


def _positive(node: Node) -> Iterator[Node]:
    match node:
        case tree.And() | tree.Or():
            for item in node.items:
                yield from _positive(item)
        case tree.Group():
            yield from _positive(node.item)
        case tree.Not():
            return
        case _:
            yield node


def _mails(node: StepNode) -> bool:
    return node.address == "email"


def _ways_out(report: Reporter, flow: CheckedFlow, steps: dict[str, StepNode]) -> None:
    if flow.kind not in SEQUENCE_KINDS or flow.kind == "cadence" or not any(_mails(s) for s in steps.values()):
        return
    for rule in flow.exits:
        if any(check.kind in LEAVING for check in rule.checks):
            return
        for condition in rule.node.conditions:
            if any(
                isinstance(a, tree.Unsubscribed) or (isinstance(a, tree.StepFact) and a.fact == "replied")
                for a in atoms(condition)
            ):
                return
    report.warning(
        "SEQ606",
        flow.node.name,
        f"`{flow.name}` goes on after a reply and after an unsubscribe",
        hint="write `exit when finished, replied, unsubscribed, bounced`",
    )


def _unsubscribing(report: Reporter, flow: CheckedFlow, steps: dict[str, StepNode]) -> None:
    for info in flow.steps:
        node = steps.get(info.name)
        if node is None or not _mails(node) or info.channel is None or info.channel.option("unsubscribe") is None:
            continue
        value = node.option("unsubscribe")
        if value is not None and not (isinstance(value, Literal_) and value.value is False):
            continue
        fix = None
        if value is None and info.node.options:
            end = info.node.options[-1].span.end
            fix = Fix("add `unsubscribe: yes`", (Edit(Span(end, end), ", unsubscribe: yes"),))
        report.warning(
            "SEQ608",
            info.node.name,
            f"the email `{info.name}` offers no way to unsubscribe",
            hint="write `unsubscribe: yes`",
            fix=fix,
        )


def _two_a_day(report: Reporter, flow: CheckedFlow, steps: dict[str, StepNode], fields: Fields) -> None:
    seen: list[tuple[int, StepNode, tree.Step]] = []
    for info in flow.steps:
        node = steps.get(info.name)
        if node is None or not _mails(node) or not isinstance(node.timing, OnDay):
            continue
        for day, other, place in seen:
            if day == node.timing.day and not _exclusive(node.when, other.when, fields):
                related = (Related("the other one", flow.source, place.name.span),)
                report.warning(
                    "SEQ609",
                    info.node.name,
                    f"`{other.key}` and `{node.key}` go to the same person on day {day}",
                    related=related,
                )
                break
        seen.append((node.timing.day, node, info.node))


def _exclusive(one: Condition | None, other: Condition | None, fields: Fields) -> bool:
    return one is not None and other is not None and exclude_each_other(one, other, fields)


def _office_hours(report: Reporter, flow: CheckedFlow) -> None:
    run = next((i for i in flow.node.items if isinstance(i, tree.Run)), None)
    schedule = flow.schedule
    if run is None or schedule is None or schedule.calendar is None or not schedule.calendar.openings:
        return
    calendar = schedule.calendar
    if calendar.zone not in (None, schedule.zone):
        return  # the same instant has another time there, and another one in summer
    for time in _run_times(schedule):
        if not any(o.start <= time < o.end for o in calendar.openings):
            report.warning("SEQ612", run, f"the run at `{time}` lies outside of the hours of the calendar `{calendar.name}`")
            return


def _run_times(schedule: SchedulePlan) -> list[str]:
    if schedule.kind == "cron" and schedule.cron is not None:
        from seqlang.schedule.cron import read_cron

        return [t.strftime("%H:%M") for t in read_cron(schedule.cron).times]
    if schedule.kind == "daily" or schedule.every is None or schedule.every.unit in ("day", "week"):
        return [schedule.time or "00:00"]
    step = int(schedule.every.count * (60 if schedule.every.unit == "hour" else 1))
    hours, minutes = (schedule.time or "00:00").split(":")
    first = (int(hours) * 60 + int(minutes)) % step
    return [f"{m // 60:02d}:{m % 60:02d}" for m in range(first, 24 * 60, step)]


def _dead_statements(report: Reporter, items: tuple[Node, ...]) -> None:
    """Warn of what stands behind an `exit` or `move to` of the same block."""
    blocks: list[tuple[Node, ...]] = [items]
    for node in statements(items):
        match node:
            case tree.If():
                blocks += [branch.body for branch in node.branches] + ([node.otherwise] if node.otherwise else [])
            case tree.Split():
                blocks += [side.body for side in node.sides]
            case tree.Exit() | tree.Goal():
                blocks.append(node.body)
            case _:
                pass
    for block in blocks:
        ended = False
        for node in block:
            if ended and isinstance(node, tree.Step):
                report.warning("SEQ604", node.name, f"the step `{node.name.text}` never runs: everybody has left before it")
                break
            if ended and type(node) in _STATEMENTS:
                report.warning("SEQ614", node, "this never happens: everybody has left before it")
                break
            ended = ended or isinstance(node, tree.ExitNow) or (isinstance(node, tree.Enrol) and node.how == "move")


_STATEMENTS = (
    tree.Set,
    tree.Add,
    tree.Assign,
    tree.Tag,
    tree.ListChange,
    tree.Enrol,
    tree.ExitNow,
    tree.Wait,
    tree.WaitUntil,
    tree.If,
    tree.Split,
)
