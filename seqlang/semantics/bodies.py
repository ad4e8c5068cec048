"""The steps of a flow, and the body of a journey: waits, branches, splits (LANGUAGE 5.1 to 5.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seqlang.diagnostics.diagnostic import Related
from seqlang.frozen import replace
from seqlang.plan.conditions import Condition, PlanValue
from seqlang.plan.model import StepNode, WaitNode, WaitUntilNode
from seqlang.semantics.asked import ask
from seqlang.semantics.checked import Body, CheckedIf, CheckedNode, CheckedSide, CheckedSplit, CheckedStatement, Winner
from seqlang.semantics.kinds import IN_BLOCKS, statement_word
from seqlang.semantics.left_out import may_bring_it
from seqlang.semantics.moments import check_zone, read_span
from seqlang.semantics.operands import constant, read_operand, sort_of
from seqlang.semantics.options import declared_outcomes, makes_draft, read_options
from seqlang.semantics.paths import find_field
from seqlang.semantics.scope import Scope, StepInfo
from seqlang.semantics.segments import check_segments
from seqlang.semantics.settings_named import check_names_of_settings
from seqlang.semantics.statements import read_act
from seqlang.semantics.steps_secrets import check_secrets
from seqlang.semantics.templates import Contents, Uses
from seqlang.semantics.timings import read_timing
from seqlang.syntax import tree
from seqlang.syntax.node import Node
from seqlang.vocabulary.policies import Words

WINNERS: tuple[Winner, ...] = ("opened", "clicked", "replied", "goal")


def all_steps(items: Iterable[Node]) -> Iterator[tree.Step]:
    """Yield the steps of a body in file order, those of branches and splits too."""
    for item in items:
        match item:
            case tree.Step():
                yield item
            case tree.If():
                for branch in item.branches:
                    yield from all_steps(branch.body)
                yield from all_steps(item.otherwise or ())
            case tree.Split():
                for side in item.sides:
                    yield from all_steps(side.body)
            case _:
                pass


def collect_steps(scope: Scope, words: Words, items: Iterable[Node]) -> dict[str, StepInfo]:
    """Return the steps of a flow by name; two of one name are an error at the second."""
    found: dict[str, StepInfo] = {}
    for index, node in enumerate(all_steps(items)):
        name = node.name.text
        if name in found:
            scope.report.error(
                "SEQ208",
                node.name,
                f"this flow already has a step `{name}`",
                hint="give one of them another name",
                related=(Related("the first one", scope.report.source, found[name].node.name.span),),
            )
            continue
        channel = words.channel(node.channel.text)
        if channel is None:
            scope.report.unknown(
                "SEQ400",
                node.channel,
                f"there is no channel `{node.channel.text}`",
                node.channel.text,
                [c.word for c in words.channels],
                text=False,
                none=may_bring_it(words)
                or "no plugin that is installed brings it: `seqlang plugin list` shows which channels there are",
            )
        day = node.timing.day.value if isinstance(node.timing, tree.OnDay) else None
        found[name] = StepInfo(
            name=name,
            index=index,
            node=node,
            channel=channel,
            outcomes=declared_outcomes(node, channel) if channel else (),
            draft=makes_draft(node, channel) if channel else False,
            day=int(day) if day is not None else None,
        )
    return found


class BodyReader:
    """Reads the statements of one flow. `position` counts the steps that stand above."""

    __slots__ = ("contents", "position", "scope")

    def __init__(self, scope: Scope, contents: Contents, position: int = 0) -> None:
        self.scope = scope
        self.contents = contents
        self.position = position

    def read(self, items: Iterable[Node]) -> Body | None:
        """Return the statements, or None after reporting what is wrong in any of them."""
        found = [self._statement(item) for item in items]
        known = tuple(s for s in found if s is not None)
        return known if len(known) == len(found) else None

    def block(self, items: Iterable[Node], where: str) -> Body | None:
        """Return the block of an exit or goal: statements only."""
        items = tuple(items)
        fine = True
        for item in items:
            if not isinstance(item, IN_BLOCKS):
                self.scope.report.error(
                    "SEQ504",
                    item,
                    f"`{statement_word(item)}` cannot be in the block of {where}",
                    hint="statements can: `set`, `add`, `tag`, `add to list`, `enroll in` and the like",
                )
                fine = False
        body = self.read(item for item in items if isinstance(item, IN_BLOCKS))
        return body if fine else None

    def _statement(self, node: Node) -> CheckedStatement | None:
        match node:
            case tree.Step():
                step = read_step(self.scope, self.contents, node)
                self.position += 1
                return CheckedNode(step) if step is not None else None
            case tree.Wait():
                span = read_span(self.scope.report, node.duration)
                return CheckedNode(WaitNode(key="", span=span)) if span is not None else None
            case tree.WaitUntil():
                wait = self._wait_until(node)
                return CheckedNode(wait) if wait is not None else None
            case tree.If():
                return self._if(node)
            case tree.Split():
                return self._split(node)
            case _ if isinstance(node, IN_BLOCKS):
                act = read_act(self.scope.at("value", position=self.position), Uses(self.contents), node)
                return CheckedNode(act) if act is not None else None
            case _:
                return None

    def _if(self, node: tree.If) -> CheckedIf | None:
        arms: list[tuple[Condition, Body]] = []
        wrong = False
        for branch in node.branches:
            when = ask(self.scope.at("branch", position=self.position), branch.when)
            body = self.read(branch.body)
            if when is None or body is None:
                wrong = True
            else:
                arms.append((when, body))
        otherwise = self.read(node.otherwise or ())
        return None if wrong or otherwise is None else CheckedIf(tuple(arms), otherwise)

    def _wait_until(self, node: tree.WaitUntil) -> WaitUntilNode | None:
        scope = self.scope.at("wait", position=self.position, since_entry=True)
        condition: Condition | None = None
        moment: PlanValue | None = None
        named = _named_moment(scope, node)
        zone = check_zone(scope.report, node.zone) if node.zone is not None else None
        inner = replace(scope, zone=zone) if zone is not None else scope
        if named is not None:
            moment = _moment(inner, named)
        elif node.condition is not None:
            condition = ask(scope, node.condition)
        at_most = read_span(scope.report, node.at_most) if node.at_most is not None else None
        latest_zone = check_zone(scope.report, node.at_latest_zone) if node.at_latest_zone is not None else None
        latest_scope = replace(scope, zone=latest_zone) if latest_zone is not None else scope
        at_latest = _moment(latest_scope, node.at_latest) if node.at_latest is not None else None
        wrong = (
            (condition is None and moment is None)
            or (node.at_most is not None and at_most is None)
            or (node.at_latest is not None and at_latest is None)
            or (node.zone is not None and zone is None)
        )
        if wrong:
            return None
        if moment is not None and (at_most is not None or at_latest is not None):
            scope.report.error(
                "SEQ518", node, "a wait until a fixed moment needs no other end", hint="leave out `for at most` or `at latest`"
            )
            return None
        return WaitUntilNode(key="", condition=condition, moment=moment, zone=zone, at_most=at_most, at_latest=at_latest)

    def _split(self, node: tree.Split) -> CheckedSplit | None:
        report, wrong = self.scope.report, False
        total = sum(side.share.value for side in node.sides)
        if abs(total - 100) > 1e-9:
            report.error(
                "SEQ530", node.name, f"the shares of the split `{node.name.value}` sum to {total:g}, and they must sum to 100"
            )
            wrong = True
        names: set[str] = set()
        sides: list[CheckedSide] = []
        for side in node.sides:
            name = side.name.value if side.name is not None else "holdout"
            if name in names or (side.name is not None and name == "holdout"):
                report.error(
                    "SEQ531",
                    side.name or side,
                    f"the split already has a side `{name}`" if name in names else "`holdout` is not a name for a side",
                    hint="write `holdout` without quotes" if name not in names else None,
                )
                wrong = True
            names.add(name)
            if side.share.value <= 0:
                report.error("SEQ530", side.share, "a share is more than nothing")
                wrong = True
            body = self.read(side.body)
            if body is None:
                wrong = True
            else:
                sides.append(CheckedSide(name, float(side.share.value), side.name is None, body))
        winner = next((w for w in WINNERS if node.winner_by is not None and w == node.winner_by.text), None)
        if winner is None and node.winner_by is not None:
            word = node.winner_by.text
            report.unknown("SEQ533", node.winner_by, f"a winner cannot be found by `{word}`", word, WINNERS, text=False)
            wrong = True
        after = read_span(report, node.winner_after) if node.winner_after is not None else None
        if wrong or (node.winner_after is not None and after is None):
            return None
        return CheckedSplit(node.name.value, tuple(sides), winner, after)


def _named_moment(scope: Scope, node: tree.WaitUntil) -> tree.Moment | None:
    """Return the moment of a wait, also where it is a bare date field or constant, which reads like a condition."""
    if node.moment is not None:
        return node.moment
    if not isinstance(node.condition, tree.Holds):
        return None
    path = node.condition.path
    inner = constant(scope, path)
    if isinstance(inner, (tree.Date, tree.Instant)):
        return path
    if len(path.names) > 1 or path.names[0].text in scope.names.fields.get(scope.home, {}):
        target = find_field(replace(scope, report=scope.report.silent()), path)
        if target is not None and not target.hops and target.ref.type in ("date", "datetime"):
            return path
    return None


def _moment(scope: Scope, node: tree.Moment) -> PlanValue | None:
    value = read_operand(scope, node)
    if value is not None and sort_of(value) not in ("date", "instant"):
        scope.report.error("SEQ304", node, "a date or an instant is wanted here")
        return None
    return value


def read_step(scope: Scope, contents: Contents, node: tree.Step) -> StepNode | None:
    """Return the plan's node of a step (what comes next is the compiler's), or None after reporting its mistakes."""
    info = scope.steps.get(node.name.text)
    if info is None or info.node is not node:
        return None  # a second step of that name
    inner = scope.at("step", step=info)
    timing, timing_fine = read_timing(inner, node)
    when = ask(inner, node.when) if node.when is not None else None
    if info.channel is None:
        return None
    options = read_options(inner, Uses(contents), node, info.channel)
    if options is None or not timing_fine or (node.when is not None and when is None):
        return None
    channel = info.channel
    check_segments(scope.report, node, channel, options)
    check_secrets(scope.report, node, options)
    check_names_of_settings(scope.report, node, channel, options, contents.text.settings)
    to_contact = options.to_contact and not channel.colleagues
    return StepNode(
        key=info.name,
        channel=channel.word,
        timing=timing,
        when=when,
        options=options.values,
        effect=channel.effect,
        address=channel.address if to_contact else None,
        draft=options.draft,
        limit=channel.limit if to_contact else None,
        activity=channel.activity,
        outcomes=options.outcomes,
        due=options.due,
        placeholders=options.placeholders,
    )
