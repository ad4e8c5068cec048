"""The picture of one flow: how contacts come in, what they get, where ways part, how they leave."""

from __future__ import annotations

from seqlang.graph.picture import FlowCount, Line, Picture, Shape, ShapeKind
from seqlang.graph.texts import (
    entry_count,
    exit_words,
    flow_notes,
    step_count,
    step_lines,
    trigger_words,
    until_lines,
)
from seqlang.plan import model as m
from seqlang.plan.conditions import Literal_
from seqlang.plan.statements import said
from seqlang.plan.wording import span, words

END = "(end)"


def flow_picture(flow: m.FlowPlan, count: FlowCount | None = None) -> Picture:
    """Return the picture of a flow, with counts where they are given."""
    drawing = _Drawing(flow, count)
    if flow.kind in m.SEQUENCE_KINDS:
        drawing.sequence()
    else:
        drawing.ways()
    drawing.leaving()
    return Picture(flow.name, flow_notes(flow), tuple(drawing.shapes), tuple(drawing.lines))


class _Drawing:
    """The shapes and lines of one flow while they are gathered."""

    def __init__(self, flow: m.FlowPlan, count: FlowCount | None) -> None:
        self.flow = flow
        self.count = count
        self.nodes = {node.key: node for node in flow.nodes}
        self.shapes: list[Shape] = []
        self.lines: list[Line] = []
        self.drawn: set[str] = set()

    def line(self, start: str, end: str, label: str = "", *, dashed: bool = False) -> None:
        self.lines.append(Line(start, end, label, dashed))

    # ------------------------------------------------------------------------------------ sequences

    def sequence(self) -> None:
        """Steps one below the other; in a smart sequence each run goes down the list to the first that fits."""
        flow, audience = self.flow, self.flow.audience
        lines = [words(audience.where)] if audience is not None else []
        if audience is not None and audience.unique_by:
            lines.append(f"unique by {audience.unique_by}")
        if audience is not None and audience.admit:
            lines.append(f"at most {audience.admit} a {audience.admit_per}")
        title = "audience" if audience is not None else "enrolled by hand"
        self.shapes.append(Shape("(entry)", "entry", title, lines=tuple(lines), count=entry_count(self.count)))
        smart = flow.kind == "smart"
        before = "(entry)"
        for index, step in enumerate(flow.steps):
            self.one(step)
            label = "each run, the first that fits" if smart and not index else "else" if smart else ""
            self.line(before, step.key, label, dashed=smart and index > 0)
            before = step.key
        finishes = any(check.kind == "finished" for rule in flow.exits for check in rule.checks)
        todo_last = flow.kind == "outbound" and bool(flow.steps) and flow.steps[-1].effect == "todo"
        self.end("finished" if finishes or todo_last else "stays in")
        self.line(before, END, "else" if smart and flow.steps else "", dashed=smart)

    # --------------------------------------------------------------------------- journeys, workflows

    def ways(self) -> None:
        """Entries, then the graph of statements."""
        flow = self.flow
        first = flow.first if flow.first is not None else END
        entries = [trigger_words(trigger) for trigger in flow.triggers] or [("enrolled by hand",)]
        admitted = (f"at most {flow.manners.admit} a {flow.manners.admit_per}",) if flow.manners.admit else ()
        for index, (title, *rest) in enumerate(entries):
            key = f"(entry {index + 1})"
            count = entry_count(self.count) if not index else ""
            self.shapes.append(Shape(key, "entry", title, lines=(*rest, *admitted), count=count))
            self.line(key, first)
        self.chain(flow.first, ends=True)
        if any(line.end == END for line in self.lines):
            self.end("finished")

    def end(self, title: str) -> None:
        self.shapes.append(Shape(END, "end", title))

    def chain(self, key: str | None, *, ends: bool) -> None:
        """Draw everything that can be reached from a node; `ends`: whoever is behind the last one has finished."""
        waiting = [key]
        while waiting:
            here = waiting.pop(0)
            if here is None or here in self.drawn:
                continue
            node = self.nodes[here]
            self.one(node)
            following = self.following(node)
            for label, after in following:
                if after is not None or ends:
                    self.line(here, after if after is not None else END, label)
            waiting[:0] = [after for _, after in following]

    def following(self, node: m.Node) -> list[tuple[str, str | None]]:
        """Return what comes after a node, each with the words on the line to it."""
        if isinstance(node, m.BranchNode):
            alone = len(node.arms) == 1
            arms = [("yes" if alone else str(n), after) for n, (_, after) in enumerate(node.arms, start=1)]
            return [*arms, ("else", node.otherwise)]
        if isinstance(node, m.SplitNode):
            return [(self.side(node, side), side.first) for side in node.sides]
        if isinstance(node, m.ActNode) and node.act in {"exit", "move"}:
            return []
        return [("", node.next)]

    def side(self, node: m.SplitNode, side: m.SidePlan) -> str:
        counted = self.count.side(node.name, side.name) if self.count is not None else None
        return f"{side.share:g}% {side.name}" + (f" ({counted:,})" if counted is not None else "")

    # ----------------------------------------------------------------------------------------- nodes

    def one(self, node: m.Node) -> None:
        """Draw one node."""
        self.drawn.add(node.key)
        match node:
            case m.StepNode():
                counted = step_count(self.count.step(node.key), node.effect) if self.count is not None else ""
                shape = Shape(node.key, node.effect, node.key, node.channel, step_lines(node), counted)
            case m.WaitNode():
                shape = Shape(node.key, "wait", f"wait {span(node.span)}")
            case m.WaitUntilNode():
                shape = Shape(node.key, "wait", "wait until", lines=until_lines(node))
            case m.BranchNode():
                alone = len(node.arms) == 1
                lines = tuple(("" if alone else f"{n}: ") + words(when) for n, (when, _) in enumerate(node.arms, start=1))
                shape = Shape(node.key, "branch", "if", lines=lines)
            case m.SplitNode():
                after = f" after {span(node.winner_after)}" if node.winner_after else ""
                lines = (f"winner by {node.winner_by}{after}",) if node.winner_by else ()
                shape = Shape(node.key, "split", f"split {node.name}", lines=lines)
            case m.ActNode():
                shape = Shape(node.key, _act_kind(node), said(node))
        self.shapes.append(shape)

    def leaving(self) -> None:
        """Goals and exits stand apart, each with its block: they hold wherever a contact is."""
        for goal in self.flow.goals:
            key = f"(goal {goal.name})"
            reached = dict(self.count.goals).get(goal.name, 0) if self.count is not None else None
            shown = f"{reached:,} reached it" if reached is not None else ""
            self.shapes.append(Shape(key, "goal", f"goal {goal.name}", lines=(words(goal.condition),), count=shown))
            self.block(key, goal.first)
        for rule in self.flow.exits:
            key = f"({rule.key})"
            left = dict(self.count.exits) if self.count is not None else None
            kinds = {"replied" if check.kind == "account replied" else check.kind for check in rule.checks}
            shown = ", ".join(f"{left[kind]:,} {kind}" for kind in sorted(kinds) if left.get(kind)) if left else ""
            self.shapes.append(Shape(key, "exit", "exit when", lines=(exit_words(rule),), count=shown))
            self.block(key, rule.first)

    def block(self, key: str, first: str | None) -> None:
        if first is not None:
            self.line(key, first)
            self.chain(first, ends=False)


def _act_kind(node: m.ActNode) -> ShapeKind:
    return "end" if node.act == "exit" else "flow" if node.act in {"enroll", "move", "remove"} else "act"


def target_flow(node: m.ActNode) -> str | None:
    """Return the flow that a statement enrols in, moves to or removes from; None where it names none in so many words."""
    if node.act in {"enroll", "move", "remove"} and isinstance(node.value, Literal_):
        return str(node.value.value)
    return None
