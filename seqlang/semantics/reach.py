"""What nobody comes to: branches behind others, steps and audiences behind exits, exits behind exits, sides of splits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from seqlang.diagnostics.diagnostic import Diagnostic, Related
from seqlang.diagnostics.source import Source, Span
from seqlang.frozen import Record
from seqlang.plan.conditions import Any_, Condition
from seqlang.semantics.checked import CheckedFlow
from seqlang.semantics.flow_sense import step_nodes
from seqlang.semantics.names import Names
from seqlang.semantics.reasoning import Fields, Signed, Standing, implies, never_holds, possible
from seqlang.semantics.report import Reporter
from seqlang.semantics.touching import Things, things
from seqlang.semantics.walks import statements
from seqlang.syntax import tree
from seqlang.syntax.node import Node

HASH_SIZE = 2**32  # a split's side is a part of so many (LANGUAGE 5.6)
LOOKED_AT_MAX = 40  # exits of one flow


class _Way(Record):
    """One way out of a flow."""

    condition: Condition
    node: Node
    about: Things


class _Known(Record):
    """A condition that was decided on the way to a place, and is decided still."""

    node: Node
    condition: Condition
    holds: bool


def check_reach(flows: Iterable[CheckedFlow], names: Names, sink: list[Diagnostic]) -> None:
    """Run every check over every flow that is right."""
    asked = {(a.report.source.path, a.node.span): a.condition for a in names.asked}
    for flow in flows:
        report = Reporter(flow.source, sink)
        ways = tuple(_ways(flow))[:LOOKED_AT_MAX]
        _Branches(report, asked, names.fields).walk(flow.node.items, ())
        _steps(report, flow, ways, names.fields)
        _entries(report, flow, ways, asked, names.fields)
        _exits(report, ways, names.fields)
        _sides(report, flow.node.items)


def never_run(flow: CheckedFlow, told: Iterable[Diagnostic]) -> frozenset[str]:
    """Return the steps of a flow of which it was told that they never run: what comes of them comes of nothing."""
    dead = {d.span for d in told if d.code == "SEQ604" and d.source.path == flow.source.path}
    return frozenset(info.name for info in flow.steps if info.node.name.span in dead)


# ---------------------------------------------------------------------------------------- branches


class _Branches:
    """The `if`s of one flow. What was decided counts as long as no time passes and nothing is changed."""

    def __init__(self, report: Reporter, asked: dict[tuple[str, Span], Condition], fields: Fields) -> None:
        self.report = report
        self.asked = asked
        self.fields = fields

    def walk(self, items: Sequence[Node], known: tuple[_Known, ...]) -> None:
        """Look at a block at whose beginning some conditions are decided."""
        for node in items:
            match node:
                case tree.If():
                    self._branches(node, known)
                case tree.Split():
                    for side in node.sides:
                        self.walk(side.body, known)
                case tree.Exit() | tree.Goal():
                    self.walk(node.body, ())
                    continue
                case _:
                    pass
            known = ()

    def _branches(self, node: tree.If, known: tuple[_Known, ...]) -> None:
        for branch in node.branches:
            condition = self.asked.get((self.report.source.path, branch.when.span))
            if condition is None:
                return
            here = _Known(branch.when, condition, holds=True)
            if self._joined(condition, known) and not never_holds(condition, self.fields) and self._impossible((*known, here)):
                self._tell(branch.when, (*known, here), "nobody comes into this branch")
            self.walk(branch.body, (*known, here))
            known = (*known, _Known(branch.when, condition, holds=False))
        if (
            node.otherwise
            and self._impossible(known)
            and not any(never_holds(k.condition, self.fields) for k in known if k.holds)
        ):
            self._tell(node.otherwise[0], known, "nobody comes into this `else`")
        self.walk(node.otherwise or (), known)

    def _joined(self, condition: Condition, known: tuple[_Known, ...]) -> bool:
        return bool(known) and not things(condition).isdisjoint(frozenset().union(*(things(k.condition) for k in known)))

    def _impossible(self, known: Iterable[_Known]) -> bool:
        signed: list[Signed] = [(k.condition, k.holds) for k in known]
        return possible(signed, self.fields) is None

    def _tell(self, at: Node, known: tuple[_Known, ...], message: str) -> None:
        core = list(known)
        for one in known:  # leave out what it does not need
            without = [k for k in core if k is not one]
            if without and self._impossible(without):
                core = without
        others = [k for k in core if k.node is not at]
        reason = " and ".join(f"`{_text(self.report.source, k.node)}` {'holds' if k.holds else 'does not hold'}" for k in others)
        related = tuple(Related("decided here", self.report.source, k.node.span) for k in others)
        self.report.warning("SEQ618", at, message, hint=f"here {reason}" if reason else None, related=related)


# ------------------------------------------------------------------------------------------- exits


def _ways(flow: CheckedFlow) -> Iterator[_Way]:
    """Yield what makes somebody leave, in the order in which it is looked at; `finished` comes of no condition."""
    for goal in flow.goals:
        yield _Way(goal.condition, goal.node, things(goal.condition))
    for rule in flow.exits:
        for check, node in zip(rule.checks, rule.node.conditions, strict=False):
            condition = check.asks()
            if condition is not None:
                yield _Way(condition, node, things(condition))


def _steps(report: Reporter, flow: CheckedFlow, ways: tuple[_Way, ...], fields: Fields) -> None:
    """A step whose condition says that somebody has left (LANGUAGE 5.1: exits are looked at before each step)."""
    if not ways or flow.kind == "workflow":
        return
    staying, about = Standing([(way.condition, False) for way in ways], fields), _about(ways)
    whens = {info.name: info.node for info in flow.steps}
    for node in step_nodes(flow.body):
        when, place = node.when, whens.get(node.key)
        if when is None or place is None or things(when).isdisjoint(about):
            continue
        if staying.excludes(when) and not never_holds(when, fields):
            way = next((w for w in ways if implies(when, w.condition, fields)), ways[0])
            report.warning(
                "SEQ604",
                place.name,
                f"the step `{node.key}` never runs: whoever fulfils its condition has left",
                hint=f"`{_text(report.source, way.node)}` makes them leave",
                related=(Related("everybody leaves here", report.source, way.node.span),),
            )


def _entries(
    report: Reporter, flow: CheckedFlow, ways: tuple[_Way, ...], asked: dict[tuple[str, Span], Condition], fields: Fields
) -> None:
    """Nobody comes in for whom an exit or a goal holds (LANGUAGE 5.1, 9)."""
    for node in flow.node.items:
        if isinstance(node, tree.Audience) and flow.audience is not None:
            where = flow.audience.where
            parts = [asked.get((report.source.path, i.condition.span)) for i in node.items if isinstance(i, tree.Where)]
            if any(part is not None and never_holds(part, fields) for part in parts):
                continue  # told there
            what = "audience"
        elif isinstance(node, tree.EnterWhen):
            found = asked.get((report.source.path, node.condition.span))
            if found is None or never_holds(found, fields):
                continue
            where, what = found, "entry"
        else:
            continue
        if what == "audience" and never_holds(where, fields):
            report.warning("SEQ619", node, "this audience takes nobody", hint="its parts exclude each other")
        elif not things(where).isdisjoint(_about(ways)) and implies(where, _any(ways), fields):
            way = next((w for w in ways if implies(where, w.condition, fields)), ways[0])
            report.warning(
                "SEQ619",
                node,
                f"nobody comes in by this {what}: an exit holds for everybody in it",
                hint=f"`{_text(report.source, way.node)}` holds",
                related=(Related("this holds for everybody who would come in", report.source, way.node.span),),
            )


def _exits(report: Reporter, ways: tuple[_Way, ...], fields: Fields) -> None:
    """Where several exits hold, the first is the reason (LANGUAGE 5.1): one that implies an earlier one never is."""
    for n, way in enumerate(ways):
        earlier = ways[:n]
        if way.about.isdisjoint(_about(earlier)):
            continue
        if implies(way.condition, _any(earlier), fields) and not never_holds(way.condition, fields):
            first = next((w for w in earlier if implies(way.condition, w.condition, fields)), ways[0])
            report.warning(
                "SEQ620",
                way.node,
                "nobody leaves by this exit",
                hint=f"`{_text(report.source, first.node)}` comes before it, and holds wherever it does",
                related=(Related("everybody leaves here", report.source, first.node.span),),
            )


def _about(ways: tuple[_Way, ...]) -> Things:
    """Return what is asked about by all that makes somebody leave: what asks of nothing of it is no matter of theirs."""
    return frozenset().union(*[way.about for way in ways])


def _any(ways: tuple[_Way, ...]) -> Condition:
    return Any_(items=tuple(way.condition for way in ways))


# ------------------------------------------------------------------------------------------ splits


def _sides(report: Reporter, items: Iterable[Node]) -> None:
    for node in statements(items):
        for side in node.sides if isinstance(node, tree.Split) else ():
            if side.share.value / 100 * HASH_SIZE < 1:
                report.warning("SEQ621", side.share, "nobody comes to this side: the share is too small")


def _text(source: Source, node: Node) -> str:
    text = " ".join(source.text[node.span.start : node.span.end].split())
    return text if len(text) <= 60 else f"{text[:59]}…"
