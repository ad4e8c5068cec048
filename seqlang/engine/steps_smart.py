"""Smart sequences: at each run the first step in file order that the contact has not had and that fits (LANGUAGE 5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, case, exists, func, insert, literal, not_, null, or_, select, update

from seqlang.engine.attempt import attempt, attempt_plainly
from seqlang.engine.cutoffs import has_passed
from seqlang.engine.days import floor
from seqlang.engine.finishing import finish
from seqlang.engine.ledger import had
from seqlang.engine.moments import has_come, over_or_dayless, skip_passed
from seqlang.engine.places import Places, compete, settle
from seqlang.engine.scratch import borrowed, filled
from seqlang.engine.steps_days import due_now, let_wait, not_held
from seqlang.engine.verdicts import anybody_away, is_plain
from seqlang.plan.model import AfterEntry, AroundMoment
from seqlang.predicates.compile import where_sql
from seqlang.store.tables import enrolment, ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select, Table

    from seqlang.engine.context import FlowContext
    from seqlang.plan.model import StepNode


def begin(ctx: FlowContext) -> dict[str, Any]:
    """Return where an enrolment that comes in at this run begins."""
    return {"due_on": None, "due_at": ctx.micros}


def do_steps(ctx: FlowContext, *, opening: bool) -> None:
    """Choose a step for everybody who is due, and attempt it."""
    skip_passed(ctx, ctx.plan.steps)
    where = due_now(ctx, opening=opening)
    away = anybody_away(ctx)
    if away:
        where = and_(where, not_held(ctx))
    with borrowed(ctx.conn, "choice") as choice:
        counts = [_choose(ctx, step, place, where, choice) for place, step in enumerate(ctx.plan.steps)]
        chosen = [step for step, count in zip(ctx.plan.steps, counts, strict=True) if count]
        if not chosen:
            _finish_without_days(ctx, choice, opening=opening)
            return
        places_of = {step.key: place for place, step in enumerate(ctx.plan.steps)}

        rest: set[str] = set()  # steps that were done for all whom nothing stood in the way of

        def candidates(step: StepNode) -> Select[Any]:
            found = _candidates(ctx, choice, places_of[step.key])
            return found.where(not_(had(ctx.nodes[step.key], enrolment.c.id))) if step.key in rest else found

        def plainly(step: StepNode) -> bool:
            if away or not is_plain(ctx, step):
                return False
            place = places_of[step.key]
            rest.add(step.key)
            return attempt_plainly(ctx, step, and_(choice.c.place == place, enrolment.c.active), counts[place], choice)

        places = Places()
        settled = compete(ctx, chosen)
        with borrowed(ctx.conn, "contender") as contenders:
            if settled:
                settle(ctx, places, contenders, chosen, sum(counts), candidates)
            for step in chosen:
                if plainly(step):
                    continue
                with attempt(ctx, step, candidates(step), places if settled else None) as done:
                    if done.waiting:
                        let_wait(ctx, done.put_off().subquery())
        _go_on(ctx, choice)
        _finish_without_days(ctx, choice, opening=opening)


def _choose(ctx: FlowContext, step: StepNode, place: int, where: ColumnElement[bool], choice: Table) -> int:
    """Give the step to those who have no other yet and for whom it is the first that fits; return how many."""
    record = ctx.records
    fits = [where, not_(had(ctx.nodes[step.key], enrolment.c.id))]
    if place:
        fits.append(~exists().where(choice.c.enrolment_id == enrolment.c.id))
    if isinstance(step.timing, AfterEntry):
        fits.append(has_passed(ctx, enrolment.c.entered_at, step.timing.span))
    elif isinstance(step.timing, AroundMoment):
        fits.append(has_come(ctx, step.timing))
    if step.when is not None:
        fits.append(where_sql(step.when, ctx.subject(), ctx.store))
    rows = (
        select(enrolment.c.id, literal(place))
        .select_from(enrolment.join(record, record.c.id == enrolment.c.record_id))
        .where(*fits)
    )
    count = ctx.conn.execute(insert(choice).from_select(["enrolment_id", "place"], rows)).rowcount
    filled(ctx, choice, count)
    return count


def _candidates(ctx: FlowContext, choice: Table, place: int) -> Select[Any]:
    return (
        select(
            enrolment.c.id.label("enrolment_id"),
            func.coalesce(enrolment.c.due_on, ctx.today.toordinal()).label("waited_on"),
            literal(ctx.micros, enrolment.c.due_at.type).label("fell_due_at"),
        )
        .select_from(choice.join(enrolment, enrolment.c.id == choice.c.enrolment_id))
        .where(choice.c.place == place, enrolment.c.active)
    )


def _go_on(ctx: FlowContext, choice: Table) -> None:
    """Let who has had a step wait for the next run, or for nothing where that was the last."""
    bound = floor(ctx)
    chosen = enrolment.c.id.in_(select(choice.c.enrolment_id))
    through = and_(chosen, ctx.mine(), enrolment.c.due_at <= ctx.micros)
    steps = [ctx.nodes[step.key] for step in ctx.plan.steps]
    more: ColumnElement[Any] = literal(bound, enrolment.c.due_at.type)
    if len(steps) == 1:  # it was the last
        more = null()
    elif not any(isinstance(step.timing, AroundMoment) for step in ctx.plan.steps):  # who has just come in has had this one
        more = case((enrolment.c.entered_at == ctx.micros, more), (_had_steps(steps) < len(steps), more), else_=None)
    else:
        more = case((_had_steps(steps) < len(steps), more), else_=None)
    ctx.conn.execute(update(enrolment).where(through).values(due_at=more, due_on=None, waiting=None))
    finish(ctx, and_(chosen, ctx.mine(), enrolment.c.due_at.is_(None), enrolment.c.waiting.is_(None)))


def _had_steps(steps: Sequence[int]) -> ColumnElement[int]:
    """Return how many of the steps (by number) an enrolment has had."""
    line = ledger.c
    query = select(func.count()).where(line.enrolment_id == enrolment.c.id, line.node_id.in_(steps), line.occurrence == 0)
    return query.scalar_subquery()


def _finish_without_days(ctx: FlowContext, choice: Table, *, opening: bool) -> None:
    """Let go who has had all steps but those whose date is empty: `finished` does not wait for them."""
    if not any(isinstance(step.timing, AroundMoment) for step in ctx.plan.steps):
        return
    among = [enrolment.c.id.in_(select(choice.c.enrolment_id))] if opening else []
    finish(ctx, and_(ctx.mine(), *among, *(over_or_dayless(ctx, step) for step in ctx.plan.steps)))


def aim(ctx: FlowContext) -> None:
    """Look at everybody anew: the flow was edited, its runs may come at other times.

    Who waits for a limit or a window waits for the same instant as before; whom pace put off is chosen for at the next run.
    """
    steps = [ctx.nodes[step.key] for step in ctx.plan.steps]
    count = _had_steps(steps)
    ctx.conn.execute(
        update(enrolment)
        .where(ctx.mine(), or_(enrolment.c.waiting.is_(None), enrolment.c.waiting == "pace"), count < len(steps))
        .values(due_at=ctx.micros)
    )
    ctx.conn.execute(update(enrolment).where(ctx.mine(), enrolment.c.waiting.is_(None), count >= len(steps)).values(due_at=None))
