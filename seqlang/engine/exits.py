"""Leaving a flow: which rule holds for whom, and what goes with it (lines, cancelled messages and to-dos, the rule's block)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, false, func, insert, literal, or_, select, true, update

from seqlang.engine import notices, statements
from seqlang.engine.ledger import write_lines
from seqlang.engine.scratch import borrowed, filled
from seqlang.plan.conditions import Fact
from seqlang.predicates.compile import to_sql
from seqlang.predicates.wakes import turns_by_time, wakes
from seqlang.store.tables import enrolment, ledger, todo

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select, Table

    from seqlang.engine.context import FlowContext
    from seqlang.plan.conditions import Condition
    from seqlang.plan.model import FlowPlan

# What a step of this very run changes: a condition that looks at it is asked again before each step.
MOVED_IN_RUN = frozenset({("contact", "last_contacted_mode"), ("contact", "last_activity_type")})
# Whatever turns these is an event or a change, so that who was not touched since the last look need not be looked at.
REASONS = {"account replied": "replied"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason to leave: a goal, or one check of an `exit when`."""

    reason: str  # as the timeline says it
    kind: str  # of the check: "goal", "finished", "replied", …
    condition: Condition | None  # None: `finished`, which the kind of flow decides
    goal: str | None
    first: str | None  # the first node of its block


DELETED = Rule("deleted", "deleted", None, None, None)


def rules_of(plan: FlowPlan) -> tuple[Rule, ...]:
    """Return the reasons to leave in the order in which they count: goals, then exits as in the file."""
    goals = [Rule("goal", "goal", g.condition, g.name, g.first) for g in plan.goals]
    exits = [
        Rule(REASONS.get(check.kind, check.kind), check.kind, check.asks(), None, rule.first)
        for rule in plan.exits
        for check in rule.checks
    ]
    if plan.kind == "cadence" and all(rule.kind != "replied" for rule in exits):
        exits.append(Rule("replied", "replied", Fact(fact="replied"), None, None))  # LANGUAGE 5.4: a reply always ends it
    return (*goals, *exits)


def names_finished(plan: FlowPlan) -> bool:
    """Tell whether the flow lets go who has had all steps."""
    return any(check.kind == "finished" for rule in plan.exits for check in rule.checks)


def moves_in_run(plan: FlowPlan) -> bool:
    """Tell whether a step of a run may make an exit hold before the next step of the same run."""
    return any(rule.condition is not None and _moves(plan, rule.condition) for rule in rules_of(plan))


def _moves(plan: FlowPlan, condition: Condition) -> bool:
    woken = wakes(condition)
    return bool("sent" in woken.facts or woken.fields & MOVED_IN_RUN or plan.name in woken.flows)


def only_when_touched(plan: FlowPlan, rule: Rule) -> bool:
    """Tell whether the rule can only come to hold for contacts with an event or a change of their own since the last look.

    For `account replied` those of a colleague count, too (`sequences` sees to it).
    """
    if rule.condition is None:
        return False
    woken = wakes(rule.condition)
    elsewhere = woken.flows or any(record != plan.subject for record, _ in woken.fields) or woken.records
    return not (turns_by_time(rule.condition) or elsewhere or _moves(plan, rule.condition) or woken.lists or woken.tags)


def look(
    ctx: FlowContext,
    among: ColumnElement[bool],
    *,
    finished: ColumnElement[bool] | None = None,
    rules: tuple[Rule, ...] | None = None,
    few: bool = False,
) -> int:
    """Let leave, of the enrolments in `among`, those for whom a rule holds: the first in file order. Return how many.

    `finished` says for whom the flow is over (None: for nobody). Who no longer exists leaves with `deleted`. `few`: `among`
    names few of the flow's enrolments.
    """
    rules = rules_of(ctx.plan) if rules is None else rules
    record = ctx.records
    asked = ctx.subject()
    arms: list[tuple[ColumnElement[bool], int]] = [(record.c.id.is_(None), -1)]
    for number, rule in enumerate(rules):
        if rule.condition is not None:
            arms.append((to_sql(rule.condition, asked, ctx.store), number))
        elif finished is not None:
            arms.append((finished, number))
    reason = case(*((condition, literal(number)) for condition, number in arms), else_=None)
    found = (
        select(enrolment.c.id, enrolment.c.record_id, enrolment.c.contact_id, reason.label("rule"))
        .select_from(enrolment.outerjoin(record, record.c.id == enrolment.c.record_id))
        .where(ctx.mine_of_few() if few else ctx.mine(), among)
        .offset(0)  # a fence: `among` is asked first, and each rule once
        .subquery()
    )
    with borrowed(ctx.conn, "leaving") as leaving:
        count = ctx.conn.execute(
            insert(leaving).from_select(
                ["enrolment_id", "record_id", "contact_id", "rule"],
                select(found.c.id, found.c.record_id, found.c.contact_id, found.c.rule).where(found.c.rule.is_not(None)),
            )
        ).rowcount
        if count:
            filled(ctx, leaving, count)
            _by_rule(ctx, leaving, rules)
    return count


def _by_rule(ctx: FlowContext, leaving: Table, rules: tuple[Rule, ...]) -> None:
    present = sorted(ctx.conn.execute(select(leaving.c.rule).distinct()).scalars())
    for number in present:
        rule = rules[number] if number >= 0 else DELETED
        if len(present) == 1:
            _let_go(ctx, leaving, rule)
            return
        with borrowed(ctx.conn, "leaving") as gone:
            names = ["enrolment_id", "record_id", "contact_id"]
            mine = select(*(leaving.c[name] for name in names)).where(leaving.c.rule == number)
            count = ctx.conn.execute(insert(gone).from_select(names, mine)).rowcount
            filled(ctx, gone, count)
            _let_go(ctx, gone, rule)


def leave(ctx: FlowContext, ids: Select[Any], reason: str, *, goal: str | None = None, first: str | None = None) -> int:
    """Let the enrolments leave (those of `ids` in this flow), with their lines; then carry out the block. Return how many.

    With `finished` planned messages, drafts and to-dos stay; any other reason cancels drafts and to-dos, and what holds before a
    delivery (an exit, a goal, an end from outside) messages not under way yet (LANGUAGE 5.1). `exit` and `move to` are no
    such conditions: the message of the step before them goes.
    """
    with borrowed(ctx.conn, "leaving") as gone:
        count = ctx.conn.execute(
            insert(gone).from_select(
                ["enrolment_id", "record_id", "contact_id"],
                select(enrolment.c.id, enrolment.c.record_id, enrolment.c.contact_id).where(
                    enrolment.c.id.in_(ids), ctx.mine_of_few()
                ),
            )
        ).rowcount
        if count:
            filled(ctx, gone, count)
            _let_go(ctx, gone, Rule(reason, reason, None, goal, first))
    return count


def _let_go(ctx: FlowContext, gone: Table, rule: Rule) -> None:
    """Let all of a scratch table `leaving` leave by one rule."""
    mine = select(gone.c.enrolment_id)
    ctx.conn.execute(
        update(enrolment)
        .where(enrolment.c.id.in_(mine))
        .values(
            active=false(),
            exited_at=ctx.micros,
            exit_reason=rule.reason,
            exit_goal=rule.goal,
            due_at=None,
            waiting=None,
            wait_end_at=None,
        )
    )
    write_lines(ctx, gone, what="exited", why=rule.reason, step=rule.goal, order=(gone.c.enrolment_id,))
    if rule.reason != "finished":
        cancel(ctx, mine, messages=rule.reason not in ("exit", "moved"))
    notices.tell(ctx, gone, "exited")
    if rule.first is not None:
        statements.carry_out(ctx, rule.first, gone, leave)


def cancel(ctx: FlowContext, enrolments: Select[Any], *, messages: bool = True) -> None:
    """Cancel what the enrolments still have before them: planned messages, and drafts and to-dos that nobody has done."""
    conn = ctx.conn
    waiting = and_(ledger.c.state.in_(["planned", "retry"]), true() if messages else ledger.c.effect.in_(["todo", "draft"]))
    open_todos = select(todo.c.ledger_id).where(todo.c.state == "open").scalar_subquery()
    theirs = select(ledger.c.id).where(ledger.c.enrolment_id.in_(enrolments), ledger.c.effect.in_(["todo", "draft"]))
    conn.execute(
        update(ledger)
        .where(
            ledger.c.enrolment_id.in_(enrolments),
            ledger.c.what == "executed",
            or_(waiting, ledger.c.id.in_(open_todos)),
        )
        .values(state="cancelled")
    )
    conn.execute(update(todo).where(todo.c.state == "open", todo.c.ledger_id.in_(theirs)).values(state="cancelled"))


def holds_before(ctx: FlowContext) -> ColumnElement[bool]:
    """Return the condition, over the record's row, that an exit or goal holds for somebody who is not in."""
    asked = ctx.subject(stay=None)
    conditions = [to_sql(r.condition, asked, ctx.store) for r in rules_of(ctx.plan) if r.condition is not None]
    return or_(false(), *conditions)


def count_in(ctx: FlowContext) -> int:
    """Return how many are in the flow now."""
    return ctx.conn.execute(select(func.count()).select_from(enrolment).where(ctx.mine())).scalar_one()
