"""Steps on days, in classic sequences and cadences whose days are the same for all who came in on one date.

An enrolment's pointer is `due_on`, the date of the day that is being done, and `due_at`, the run from which on. A run takes who
is
due, attempts for each step those whose date it is, and moves the pointer of all for whom the day is over with one statement.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, case, exists, func, insert, literal, not_, or_, select, tuple_, update

from seqlang.engine import exits
from seqlang.engine.attempt import attempt, attempt_plainly
from seqlang.engine.days import dated, fill_days, first_run_on, floor, not_before
from seqlang.engine.finishing import finish
from seqlang.engine.intake_holds import held
from seqlang.engine.ledger import had
from seqlang.engine.places import Places, compete, settle
from seqlang.engine.scratch import borrowed
from seqlang.engine.verdicts import anybody_away, is_plain
from seqlang.store.tables import enrolment, ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Select, Subquery, Table

    from seqlang.engine.attempt import Attempted
    from seqlang.engine.context import FlowContext
    from seqlang.plan.model import StepNode

Pair = tuple[int, int]  # date of entry, date of the day that is being done


@dataclass(frozen=True, slots=True)
class Due:
    """What is due in a run: pairs of dates, and what has to be looked at besides."""

    where: ColumnElement[bool]  # the enrolments
    pairs: Mapping[Pair, int]  # how many of each
    waiting: bool  # some have been put off before
    edited: bool  # some came in before the flow was edited: what they have had must be asked


def begin(ctx: FlowContext) -> dict[str, Any]:
    """Return where an enrolment that comes in at this run begins."""
    days = dated(ctx, ctx.today.toordinal())
    first = min((d.on for d in days), default=None)
    return {"due_on": first, "due_at": None if first is None else _due_at(ctx, first, ctx.micros)}


def due_now(ctx: FlowContext, *, opening: bool) -> ColumnElement[bool]:
    """Return the condition that an enrolment is due: at a run all of them, at the opening of a window those that wait for it."""
    mine = and_(ctx.mine(), enrolment.c.due_at <= ctx.micros)
    if ctx.plan.kind == "cadence":
        mine = and_(mine, enrolment.c.plan_hash == ctx.plan_hash)
    return and_(mine, enrolment.c.waiting == "window") if opening else mine


def not_held(ctx: FlowContext) -> ColumnElement[bool]:
    """Return the condition that the contact is not out of office."""
    contact = ctx.contacts.alias("away")  # the statements that this stands in may have contacts of their own
    return not_(exists().where(contact.c.id == enrolment.c.contact_id, held(contact, ctx.zone, ctx.at)))


def do_steps(ctx: FlowContext, *, opening: bool, edited_at: int | None) -> None:
    """Attempt all steps that are due, and move the pointers."""
    due = _due(ctx, opening=opening, edited_at=edited_at)
    if not due.pairs:
        return
    today: dict[str, list[Pair]] = defaultdict(list)
    for pair in due.pairs:
        for d in dated(ctx, pair[0]):
            if d.on == pair[1]:
                today[d.step.key].append(pair)

    rest: set[str] = set()  # steps that were done for all whom nothing stood in the way of

    def candidates(step: StepNode) -> Select[Any]:
        where = _where(ctx, step, due, today[step.key])
        if step.key in rest:
            where = and_(where, not_(had(ctx.nodes[step.key], enrolment.c.id)))
        return _candidates(ctx, where, today[step.key])

    def plainly(step: StepNode) -> bool:
        if due.waiting or due.edited or not is_plain(ctx, step):
            return False
        pairs = today[step.key]
        if attempt_plainly(ctx, step, _where(ctx, step, due, pairs), sum(due.pairs[pair] for pair in pairs)):
            return True
        rest.add(step.key)
        return False

    steps = [step for step in ctx.plan.steps if step.key in today]
    with borrowed(ctx.conn, "waiting") as waits:
        if due.waiting:
            for step in steps:
                still_waiting(ctx, step, waits, due.where)
        waited = attempt_all(ctx, steps, candidates, waits, sum(due.pairs.values()), plainly=plainly) or due.waiting
        if waited:
            put_off(ctx, waits)
        _advance(ctx, due, edited_at)


def _due(ctx: FlowContext, *, opening: bool, edited_at: int | None) -> Due:
    where = due_now(ctx, opening=opening)
    if anybody_away(ctx):
        where = and_(where, not_held(ctx))
    e = enrolment.c
    # One look at all tells whether they are of one date each, which is the rule; grouping sorts them, and costs twice as much.
    ends = (func.min(e.entry_on), func.max(e.entry_on), func.min(e.due_on), func.max(e.due_on))
    all_ = ctx.conn.execute(
        select(*ends, func.count(e.due_on), func.count(), func.count(e.waiting), func.min(e.entered_at)).where(where)
    ).one()
    entry_on, entry_last, due_on, due_last, dated_, count, waiting, entered = all_
    pairs: dict[Pair, int] = {}
    if entry_on == entry_last and due_on == due_last and dated_ == count:
        pairs = {(entry_on, due_on): count} if count else {}
    else:
        rows = select(e.entry_on, e.due_on, func.count()).where(where, e.due_on.is_not(None)).group_by(e.entry_on, e.due_on)
        pairs = {(row[0], row[1]): row[2] for row in ctx.conn.execute(rows)}
    return Due(where, pairs, waiting=waiting > 0, edited=edited_at is not None and count > 0 and entered < edited_at)


def _where(ctx: FlowContext, step: StepNode, due: Due, pairs: Sequence[Pair]) -> ColumnElement[bool]:
    """Return the condition that an enrolment may attempt the step now."""
    where = [due.where, of_pairs(pairs)]
    node_id = ctx.nodes[step.key]
    if due.edited:
        where.append(not_(had(node_id, enrolment.c.id)))
    elif due.waiting:
        where.append(or_(enrolment.c.waiting.is_(None), not_(had(node_id, enrolment.c.id))))
    if due.waiting:
        where.append(or_(enrolment.c.waiting.is_(None), not_(waits_longer(ctx, node_id, enrolment.c.id))))
    return and_(*where)


def _candidates(ctx: FlowContext, where: ColumnElement[bool], pairs: Sequence[Pair]) -> Select[Any]:
    runs = {on: _first_run(ctx, on) for _, on in pairs}
    kind = enrolment.c.due_at.type
    fell_due: ColumnElement[Any] = case({on: literal(at, kind) for on, at in runs.items()}, value=enrolment.c.due_on)
    if len(runs) == 1:
        fell_due = literal(next(iter(runs.values())), kind)
    if ctx.plan.manners.late_after is not None:  # only lateness asks; nothing was due before they came in
        fell_due = case((enrolment.c.entered_at > fell_due, enrolment.c.entered_at), else_=fell_due)
    return select(
        enrolment.c.id.label("enrolment_id"), enrolment.c.due_on.label("waited_on"), fell_due.label("fell_due_at")
    ).where(where)


def of_pairs(pairs: Iterable[Pair]) -> ColumnElement[bool]:
    """Return the condition that an enrolment's dates are one of these pairs."""
    found = list(pairs)
    if len(found) == 1:
        return and_(enrolment.c.entry_on == found[0][0], enrolment.c.due_on == found[0][1])
    return tuple_(enrolment.c.entry_on, enrolment.c.due_on).in_(found)


def waits_longer(ctx: FlowContext, node_id: int, enrolment_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a step was put off until later than now."""
    return exists().where(
        ledger.c.enrolment_id == enrolment_id,
        ledger.c.node_id == node_id,
        ledger.c.what == "deferred",
        or_(ledger.c.ready_at.is_(None), ledger.c.ready_at > ctx.micros),
    )


def still_waiting(ctx: FlowContext, step: StepNode, waits: Table, where: ColumnElement[bool]) -> None:
    """Note who of those that are due waits for this step until later than now, since an earlier run."""
    line = ledger
    rows = (
        select(enrolment.c.id, line.c.node_id, func.max(line.c.ready_at), func.max(line.c.why))
        .select_from(enrolment.join(line, line.c.enrolment_id == enrolment.c.id))
        .where(
            where,
            enrolment.c.waiting.is_not(None),
            line.c.node_id == ctx.nodes[step.key],
            line.c.what == "deferred",
            or_(line.c.ready_at.is_(None), line.c.ready_at > ctx.micros),
        )
        .group_by(enrolment.c.id, line.c.node_id)
    )
    ctx.conn.execute(insert(waits).from_select(["enrolment_id", "node_id", "ready_at", "why"], rows))


def attempt_all(
    ctx: FlowContext,
    steps: Sequence[StepNode],
    candidates: Callable[[StepNode], Select[Any]],
    waits: Table,
    most: int,
    *,
    plainly: Callable[[StepNode], bool] | None = None,
) -> bool:
    """Attempt the steps in file order, exits looked at before each where a step may have moved one; tell whether somebody waits.

    `most`: how many are due at most. `plainly` may do a step in a quicker way, and tells whether that was all.
    """
    places = Places()
    waited = False
    moving = exits.moves_in_run(ctx.plan)
    settled = compete(ctx, steps)
    with borrowed(ctx.conn, "contender") as contenders:
        if settled:
            settle(ctx, places, contenders, steps, most * len(steps), candidates)
        for number, step in enumerate(steps):
            if moving and number:
                mine = candidates(step).subquery()
                exits.look(ctx, enrolment.c.id.in_(select(mine.c.enrolment_id)), few=True)
            if plainly is not None and plainly(step):
                continue
            with attempt(ctx, step, candidates(step), places if settled else None) as done:
                if done.waiting:
                    waited = True
                    _note(ctx, step, done, waits)
    return waited


def _note(ctx: FlowContext, step: StepNode, done: Attempted, waits: Table) -> None:
    off = done.put_off().subquery()
    rows = select(off.c.enrolment_id, literal(ctx.nodes[step.key]), off.c.ready_at, off.c.why)
    ctx.conn.execute(insert(waits).from_select(["enrolment_id", "node_id", "ready_at", "why"], rows))


def put_off(ctx: FlowContext, waits: Table) -> None:
    """Let those who wait be looked at again when the first of their steps may go."""
    first, window = func.min(waits.c.ready_at), func.min(case((waits.c.why == "window", waits.c.ready_at)))
    why = case((window == first, "window"), else_=func.min(waits.c.why))
    off = select(waits.c.enrolment_id, first.label("ready_at"), why.label("why")).group_by(waits.c.enrolment_id).subquery()
    ctx.conn.execute(
        update(enrolment)
        .where(enrolment.c.id == off.c.enrolment_id, enrolment.c.active)
        .values(due_at=off.c.ready_at, waiting=off.c.why)
    )


def let_wait(ctx: FlowContext, off: Subquery, **more: object) -> None:
    """Let those of one attempt who were put off (`Attempted.put_off`) be looked at again when the step may go."""
    since = func.coalesce(enrolment.c.due_on, ctx.today.toordinal())  # whoever has waited longest goes first
    ctx.conn.execute(
        update(enrolment)
        .where(enrolment.c.id == off.c.enrolment_id, enrolment.c.active)
        .values(due_at=off.c.ready_at, waiting=off.c.why, due_on=since, **more)
    )


def _advance(ctx: FlowContext, due: Due, edited_at: int | None) -> None:
    """Move the pointer of all who are still due: their day is over."""
    bound = floor(ctx)
    exact = [p for p in due.pairs if due.edited]
    if exact:
        _advance_edited(ctx, due, edited_at)
        return
    following: dict[Pair, tuple[int | None, int | None]] = {}
    for entry_on, due_on in due.pairs:
        on = min((d.on for d in dated(ctx, entry_on) if d.on > due_on), default=None)
        following[entry_on, due_on] = (on, None if on is None else not_before(_first_run(ctx, on), bound))
    last = [pair for pair, (on, _) in following.items() if on is None]
    if last:
        finish(ctx, and_(due.where, of_pairs(last)))
    groups: dict[tuple[int | None, int | None], list[Pair]] = defaultdict(list)
    for pair, target in following.items():
        groups[target].append(pair)
    if len(groups) > GROUPS_MAX:
        _advance_by_table(ctx, due, following)
        return
    rested: dict[str, Any] = {"waiting": None} if due.waiting else {}
    for (on, at), pairs in groups.items():
        ctx.conn.execute(
            update(enrolment).where(due.where, of_pairs(pairs)).values(due_on=on, due_at=at, **rested)
        )


GROUPS_MAX = 8  # statements, before a scratch table is cheaper


def _advance_by_table(ctx: FlowContext, due: Due, following: Mapping[Pair, tuple[int | None, int | None]]) -> None:
    with borrowed(ctx.conn, "bucket") as buckets:
        ctx.conn.execute(
            insert(buckets),
            [
                {"entry_on": entry_on, "due_on": due_on, "next_on": on, "next_at": at}
                for (entry_on, due_on), (on, at) in following.items()
            ],
        )
        mine = and_(buckets.c.entry_on == enrolment.c.entry_on, buckets.c.due_on == enrolment.c.due_on)
        ctx.conn.execute(
            update(enrolment)
            .where(due.where)
            .values(
                due_on=select(buckets.c.next_on).where(mine).scalar_subquery(),
                due_at=select(buckets.c.next_at).where(mine).scalar_subquery(),
                waiting=None,
            )
        )


def _advance_edited(ctx: FlowContext, due: Due, edited_at: int | None) -> None:
    """Move the pointers in a flow that was edited: each goes to the first day with a step that is still to come for it."""
    del edited_at
    with borrowed(ctx.conn, "choice") as chosen:
        ctx.conn.execute(insert(chosen).from_select(["enrolment_id"], select(enrolment.c.id).where(due.where)))
        mine = enrolment.c.id.in_(select(chosen.c.enrolment_id))
        aim(ctx, mine, floor(ctx))
        finish(ctx, and_(mine, ctx.mine(), enrolment.c.due_on.is_(None)))


def aim(ctx: FlowContext, where: ColumnElement[bool], bound: int | None) -> None:
    """Point each enrolment at its first day with a step that it has not had; runs before `bound` (microseconds) are over.

    A step that an edit added is not for those who have had a step of a later day (LANGUAGE 5.1).
    """
    conn = ctx.conn
    entries = conn.execute(select(enrolment.c.entry_on).distinct().where(where, ctx.mine())).scalars().all()
    if not entries:
        return
    with borrowed(conn, "day") as day:
        fill_days(ctx, day, entries)
        later = day.alias("later")
        has = (
            exists()
            .where(
                ledger.c.enrolment_id == enrolment.c.id,
                ledger.c.node_id == day.c.node_id,
                ledger.c.occurrence.is_not(None),
            )
            .correlate(day, enrolment)
        )
        passed = (
            exists()
            .where(
                later.c.entry_on == day.c.entry_on,
                later.c.day_on > day.c.day_on,
                ledger.c.enrolment_id == enrolment.c.id,
                ledger.c.node_id == later.c.node_id,
                ledger.c.occurrence.is_not(None),
            )
            .correlate(day, enrolment)
        )
        first = (
            select(func.min(day.c.day_on))
            .where(
                day.c.entry_on == enrolment.c.entry_on,
                not_(has),
                not_(and_(day.c.added_at.is_not(None), day.c.added_at > enrolment.c.entered_at, passed)),
            )
            .correlate(enrolment)
            .scalar_subquery()
        )
        conn.execute(update(enrolment).where(where, ctx.mine()).values(due_on=first))
    point(ctx, where, bound)


def point(ctx: FlowContext, where: ColumnElement[bool], bound: int | None) -> None:
    """Set the run of each pointer from its date: the first on or after it, and not before `bound`."""
    days = ctx.conn.execute(
        select(enrolment.c.due_on).distinct().where(where, ctx.mine(), enrolment.c.due_on.is_not(None))
    ).scalars()
    runs = {on: not_before(_first_run(ctx, on), bound) for on in days}
    kind = enrolment.c.due_at.type
    due_at = case({on: literal(at, kind) for on, at in runs.items()}, value=enrolment.c.due_on) if runs else literal(None, kind)
    ctx.conn.execute(update(enrolment).where(where, ctx.mine()).values(due_at=due_at))


def _first_run(ctx: FlowContext, on: int) -> int | None:
    assert ctx.plan.schedule is not None
    return first_run_on(ctx.plan.schedule, ctx.started_at, on)


def _due_at(ctx: FlowContext, on: int, bound: int | None) -> int | None:
    return not_before(_first_run(ctx, on), bound)
