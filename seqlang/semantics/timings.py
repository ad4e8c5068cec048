"""When a step's time comes, and which kinds of flow know which of these words (LANGUAGE 5.1 to 5.4, 5.8)."""

from __future__ import annotations

from seqlang.plan.conditions import Literal_, PlanValue
from seqlang.plan.model import AfterEntry, AfterPrevious, AfterStep, AroundMoment, OnDay, Timing
from seqlang.semantics.kinds import KIND_NAMES
from seqlang.semantics.moments import has_clock_time, read_span
from seqlang.semantics.operands import SORT_WORDS, read_operand, sort_of
from seqlang.semantics.scope import Scope
from seqlang.syntax import tree


def read_timing(scope: Scope, node: tree.Step) -> tuple[Timing | None, bool]:
    """Return the timing of a step (None: at once, or when its turn comes) and whether it is right."""
    timing, kind = node.timing, scope.kind or ""
    if timing is None:
        if kind in ("classic", "cadence"):
            scope.report.error(
                "SEQ510", node.name, f"the step `{node.name.text}` needs a day", hint="write `on day 1` after the channel"
            )
            return None, False
        return None, True
    if kind in ("workflow", "journey"):
        hint = "write `wait 2 days` above it" if kind == "journey" else "a workflow happens at once; a journey can wait"
        scope.report.error("SEQ511", timing, f"a step of a {kind} has no timing of its own", hint=hint)
        return None, False
    match timing:
        case tree.OnDay():
            found: Timing | None = _on_day(scope, timing, kind)
        case tree.After():
            found = _after(scope, timing, kind)
        case tree.Around():
            found = _around(scope, node, timing, kind)
        case tree.OnMoment(moment=tree.Path(names=(tree.Name(text="day"),))) if "day" not in scope.names.fields[scope.home]:
            scope.report.error("SEQ513", timing, "the number of the day is missing", hint="write `on day 3`")
            return None, False
        case tree.OnMoment():
            origin = _moment(scope, timing.moment)
            found = AroundMoment(origin=origin) if origin is not None else None
    return found, found is not None


def _on_day(scope: Scope, node: tree.OnDay, kind: str) -> Timing | None:
    if kind not in ("classic", "cadence"):
        hint = "write `after 2 days`" if kind in ("smart", "outbound") else None
        scope.report.error(
            "SEQ512", node, f"{KIND_NAMES[kind]} has no days: `on day` belongs to classic sequences and cadences", hint=hint
        )
        return None
    day = node.day.value
    if day != int(day) or day < 1:
        scope.report.error("SEQ513", node.day, "days are counted from 1", hint="day 1 is the day on which the contact comes in")
        return None
    return OnDay(day=int(day))


def _after(scope: Scope, node: tree.After, kind: str) -> Timing | None:
    if kind not in ("smart", "outbound"):
        hint = "write `on day 3`" if kind == "classic" else "write `3 days after STEP` or `on day 3`"
        scope.report.error(
            "SEQ512", node, f"{KIND_NAMES[kind]} has no `after` alone: it belongs to smart and outbound sequences", hint=hint
        )
        return None
    span = read_span(scope.report, node.duration, zero=True)
    if span is None:
        return None
    return AfterEntry(span=span) if kind == "smart" else AfterPrevious(span=span)


def _around(scope: Scope, step: tree.Step, node: tree.Around, kind: str) -> Timing | None:
    origin = node.origin
    if isinstance(origin, tree.Path) and len(origin.names) == 1:
        name = origin.names[0]
        if name.text in scope.steps and not (name.text in scope.names.fields[scope.home] and node.sign < 0):
            return _after_step(scope, step, node, name, kind)
        if name.text not in scope.names.fields[scope.home] and name.text not in scope.names.lets:
            scope.report.unknown(
                "SEQ230",
                name,
                f"`{name.text}` is neither a step of this flow nor a field of {scope.home}",
                name.text,
                [*scope.steps, *scope.names.fields[scope.home], *scope.names.lets],
                text=False,
            )
            return None
    span, moment = read_span(scope.report, node.duration), _moment(scope, origin)
    if span is None or moment is None:
        return None
    if sort_of(moment) == "date" and has_clock_time(span):
        scope.report.error("SEQ305", node.duration, "hours and minutes cannot be counted from a date", hint="count days")
        return None
    return AroundMoment(origin=moment, sign=node.sign, span=span)


def _after_step(scope: Scope, step: tree.Step, node: tree.Around, name: tree.Name, kind: str) -> Timing | None:
    if kind != "cadence":
        hint = "write `on day 3`" if kind == "classic" else "write `after 3 days`"
        scope.report.error("SEQ512", node, f"{KIND_NAMES[kind]} does not count from a step: that belongs to cadences", hint=hint)
        return None
    info, own = scope.steps[name.text], scope.step
    if node.sign < 0:
        scope.report.error(
            "SEQ514", node, f"nobody knows beforehand when `{name.text}` will be sent", hint="write `after` instead of `before`"
        )
        return None
    if own is not None and info.index >= own.index:
        what = "itself" if info.index == own.index else f"`{name.text}`, which comes later in the file"
        scope.report.error("SEQ514", name, f"the step `{step.name.text}` counts from {what}", hint="count from a step above it")
        return None
    span = read_span(scope.report, node.duration)
    return AfterStep(step=info.name, span=span) if span is not None else None


def _moment(scope: Scope, node: tree.Moment) -> PlanValue | None:
    value = read_operand(scope, node)
    if value is None:
        return None
    if sort_of(value) not in ("date", "instant") or not (isinstance(value, Literal_) or value.is_ == "field"):
        scope.report.error(
            "SEQ304",
            node,
            f"a date or an instant is wanted here: a field or a constant, and this is {SORT_WORDS[sort_of(value)]}"
            if sort_of(value) not in ("date", "instant")
            else "a field or a fixed date is wanted here",
        )
        return None
    return value
