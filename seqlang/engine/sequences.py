"""One run of a sequence or cadence: exits, then admissions, then steps (LANGUAGE 5.1); or the opening of its window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, insert, or_, select, update

from seqlang.clock import to_micros
from seqlang.engine import admission, exits, steps_dated, steps_days, steps_outbound, steps_smart
from seqlang.engine.days import own_steps
from seqlang.engine.plans import flow_row, load_plan, open_flow, take_up
from seqlang.engine.scratch import borrowed, filled
from seqlang.engine.steps_days import due_now
from seqlang.predicates.wakes import turns_by_time, wakes
from seqlang.store.tables import change, enrolment, event, flow, meta, request

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from seqlang.engine.context import FlowContext
    from seqlang.engine.exits import Rule
    from seqlang.store.database import Store


def run(conn: Connection, store: Store, flow_id: int, planned: datetime, tick_at: datetime) -> FlowContext:
    """Do the run planned for `planned`, in the open transaction; the caller notes that. Return what it was done with."""
    edited = take_up(conn, flow_id, to_micros(planned))
    ctx = open_flow(conn, store, flow_id, planned, tick_at)
    row = flow_row(conn, flow_id)
    assert row is not None
    if edited:
        _aim_all(ctx)
    if ctx.plan.kind == "outbound":
        steps_outbound.take_reports(ctx)
    _remove(ctx)
    _exits(ctx, row, edited=edited)
    admission.admit(ctx, _begin(ctx))
    _steps(ctx, opening=False, edited_at=to_micros(planned) if edited else row.edited_at)
    _looked(ctx)
    return ctx


def open_window(conn: Connection, store: Store, flow_id: int, planned: datetime, tick_at: datetime) -> FlowContext:
    """Do what waits for the opening of a window: exits are looked at, steps that wait for it happen, nobody comes in."""
    ctx = open_flow(conn, store, flow_id, planned, tick_at)
    row = flow_row(conn, flow_id)
    assert row is not None
    exits.look(ctx, and_(enrolment.c.due_at <= ctx.micros, enrolment.c.waiting == "window"), finished=None)
    _steps(ctx, opening=True, edited_at=row.edited_at)
    return ctx


def _begin(ctx: FlowContext) -> dict[str, Any]:
    if ctx.plan.kind == "smart":
        return steps_smart.begin(ctx)
    if ctx.plan.kind == "outbound":
        return steps_outbound.begin(ctx)
    begin = steps_days.begin(ctx)
    return begin | {"plan_hash": ctx.plan_hash} if ctx.plan.kind == "cadence" else begin


def _steps(ctx: FlowContext, *, opening: bool, edited_at: int | None) -> None:
    match ctx.plan.kind:
        case "smart":
            steps_smart.do_steps(ctx, opening=opening)
        case "outbound":
            steps_outbound.do_steps(ctx, opening=opening)
        case "cadence":
            for pinned in pinned_contexts(ctx) if edited_at is not None else [ctx]:
                _days(pinned, opening=opening, edited_at=None)  # what is pinned is never edited
        case _:
            _days(ctx, opening=opening, edited_at=edited_at)


def _days(ctx: FlowContext, *, opening: bool, edited_at: int | None) -> None:
    if own_steps(ctx):
        steps_dated.do_steps(ctx, opening=opening)
    else:
        steps_days.do_steps(ctx, opening=opening, edited_at=edited_at)


def pinned_contexts(ctx: FlowContext) -> list[FlowContext]:
    """Return one context for each plan that carries on somebody in the cadence: its steps, the settings of the flow's plan."""
    hashes = ctx.conn.execute(
        select(enrolment.c.plan_hash).distinct().where(ctx.mine()).order_by(enrolment.c.plan_hash)
    ).scalars()
    found = []
    for plan_hash in hashes.all():
        if plan_hash is None or plan_hash == ctx.plan_hash:
            found.append(ctx)
            continue
        former = load_plan(ctx.conn, plan_hash)
        kept = {n.key for n in former.nodes}
        others = tuple(n for n in ctx.plan.nodes if n.key not in kept and n not in ctx.plan.steps)  # blocks after exits
        plan = replace(ctx.plan, nodes=(*former.nodes, *others), first=former.first)
        found.append(ctx.with_plan(plan, plan_hash))
    return found


def _aim_all(ctx: FlowContext) -> None:
    """Point everybody anew: the plan was edited."""
    everybody: ColumnElement[bool] = ctx.mine()
    if ctx.plan.kind == "smart":
        steps_smart.aim(ctx)
    elif ctx.plan.kind == "cadence":  # only the schedule may have changed for those who are under way
        for pinned in pinned_contexts(ctx):
            steps_days.aim(pinned, and_(everybody, enrolment.c.plan_hash == pinned.plan_hash), ctx.micros)
    elif ctx.plan.kind == "classic":
        steps_days.aim(ctx, everybody, ctx.micros)


def _remove(ctx: FlowContext) -> None:
    """Let those leave whose removal by hand waits for a run."""
    waiting = and_(
        request.c.flow_id == ctx.flow_id,
        request.c.taken_at.is_(None),
        request.c.what == "unenroll",
        request.c.at <= to_micros(ctx.tick_at),
    )
    if ctx.conn.execute(select(request.c.id).where(waiting).limit(1)).first() is None:
        return
    asked = select(enrolment.c.id).where(ctx.mine(), enrolment.c.record_id.in_(select(request.c.record_id).where(waiting)))
    exits.leave(ctx, asked, "removed")


# --------------------------------------------------------------------------------------- who is looked at


def _exits(ctx: FlowContext, row: Any, *, edited: bool) -> None:
    """Look at exits: at all where time or something elsewhere may have turned one, else at who is due or was touched."""
    rules = exits.rules_of(ctx.plan)
    finished = _finished(ctx)
    if edited or row.looked_pass is None or row.looked_plan_hash != ctx.plan_hash or _turned_elsewhere(ctx, row, rules):
        exits.look(ctx, ctx.mine(), finished=finished)
        return
    with borrowed(ctx.conn, "touched") as touched:
        count = ctx.conn.execute(insert(touched).from_select(["contact_id"], _touched(ctx, row, rules))).rowcount
        if count:
            filled(ctx, touched, count)
            exits.look(ctx, enrolment.c.contact_id.in_(select(touched.c.contact_id)), finished=finished, few=True)
    # Whoever got a step in the last run, which may make an exit hold, need not be due in this one.
    everybody = ctx.plan.kind == "cadence" or exits.moves_in_run(ctx.plan)
    among = ctx.mine() if everybody else due_now(ctx, opening=False)
    if not all(rule.condition is None or exits.only_when_touched(ctx.plan, rule) for rule in rules):
        exits.look(ctx, among, finished=finished)
    if ctx.plan.kind == "outbound" and exits.names_finished(ctx.plan):
        exits.look(ctx, and_(steps_outbound.over(), enrolment.c.due_at <= ctx.micros), finished=finished)


def _finished(ctx: FlowContext) -> ColumnElement[bool] | None:
    """Return the condition that all steps are over at the beginning of a run; None where only the end of a run can tell."""
    if ctx.plan.kind == "outbound":
        return steps_outbound.over()
    if own_steps(ctx) or ctx.plan.kind == "cadence":
        return None
    return and_(enrolment.c.due_at.is_(None), enrolment.c.waiting.is_(None), enrolment.c.due_on.is_(None))


def _touched(ctx: FlowContext, row: Any, rules: tuple[Rule, ...]) -> Any:
    """Return the contacts with an event or a change since the last look, and their colleagues where a rule asks of them."""
    events = select(event.c.contact_id).where(event.c.tick_pass > row.looked_pass, event.c.contact_id.is_not(None))
    changes = select(change.c.contact_id).where(change.c.at >= (row.run_last_at or 0), change.c.contact_id.is_not(None))
    if not any(rule.condition is not None and wakes(rule.condition).account_replied for rule in rules):
        return events.union(changes)
    replies = events.where(event.c.kind == "replied")
    person, other = ctx.contacts.alias("replier"), ctx.contacts.alias("colleague_of")
    account = ctx.store.column("contact", "account").name
    both = person.join(other, other.c[account] == person.c[account])
    colleagues = [
        select(other.c.id).select_from(both).where(person.c.id.in_(source)) for source in (replies, changes.where(_moves()))
    ]
    return events.union(changes, *colleagues)


def _moves() -> ColumnElement[bool]:
    """Return the condition that a change may have brought a contact to another account."""
    return or_(change.c.what != "updated", change.c.field == "account")


def _turned_elsewhere(ctx: FlowContext, row: Any, rules: tuple[Rule, ...]) -> bool:
    """Tell whether a rule may hold for somebody who was not touched: by time, or by what happened to another record."""
    asked = [rule.condition for rule in rules if rule.condition is not None]
    if any(turns_by_time(c) or wakes(c).lists or wakes(c).tags or wakes(c).flows for c in asked):
        return True
    if any(record != "contact" for c in asked for record, _ in wakes(c).fields) or any(wakes(c).records for c in asked):
        other = (
            select(change.c.id)
            .where(change.c.at >= (row.run_last_at or 0), or_(change.c.record != "contact", change.c.contact_id.is_(None)))
            .limit(1)
        )
        return ctx.conn.execute(other).first() is not None
    return False


def _looked(ctx: FlowContext) -> None:
    """Note that events and changes have been looked at up to the pass that is going on."""
    number = ctx.conn.execute(select(meta.c.value).where(meta.c.key == "pass")).scalar_one_or_none()
    ctx.conn.execute(
        update(flow)
        .where(flow.c.id == ctx.flow_id)
        .values(looked_pass=int(number or 0), looked_plan_hash=ctx.plan_hash, looked_at=to_micros(ctx.tick_at))
    )
