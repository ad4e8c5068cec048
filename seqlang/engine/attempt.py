"""One attempt of one step by all whose turn it is: what stands in the way of each, and the lines that say so (LANGUAGE 5.8).

The order is that of the language: (exits are looked at before), out of office, late, condition, the rule on addresses and
consent,
window, pace (contact, then domain), limits. The first that stands in the way decides. One statement fills a scratch table with a
verdict
for each candidate; windows, pace and limits are further statements, made only where the plan has them; one statement writes the
lines.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, String, case, func, literal, not_, null, select, true, update

from seqlang.clock import to_micros
from seqlang.engine import exits, places
from seqlang.engine.context import asks_stay
from seqlang.engine.deciding import decide, tally
from seqlang.engine.ledger import write_lines
from seqlang.engine.scratch import borrowed
from seqlang.engine.verdicts import (
    ADDRESS,
    OVER,
    PUT_OFF,
    Verdict,
    channel_of,
    counts_as,
    is_message,
    nothing_in_the_way,
)
from seqlang.predicates.compile import to_sql
from seqlang.schedule import add_span
from seqlang.store.tables import enrolment, ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import ColumnElement, FromClause, Select, Table

    from seqlang.engine.context import FlowContext
    from seqlang.engine.places import Places
    from seqlang.plan.model import StepNode

OUTGOING_MODE = "No reply"  # `last_contacted_mode` after a mail or text


@dataclass(frozen=True, slots=True)
class Attempted:
    """What an attempt did. The rows stand in a scratch table until the block of `attempt` ends."""

    rows: Table  # scratch `attempted`: enrolment_id, verdict, ready_at, …
    counts: Mapping[Verdict, int]

    @property
    def executed(self) -> int:
        """How many messages were planned, to-dos made."""
        return self.counts.get(Verdict.GO, 0)

    @property
    def waiting(self) -> int:
        """How many were put off or are held."""
        return sum(self.counts.get(v, 0) for v in (*PUT_OFF, Verdict.HELD))

    @property
    def left(self) -> int:
        """How many may have left by it: for want of an address or consent, or because they are gone."""
        return sum(self.counts.get(v, 0) for v in (*ADDRESS, Verdict.DELETED))

    def gone_on(self) -> Select[Any]:
        """Return the ids of enrolments for which the step is over: executed, skipped or failed (who left is not among them)."""
        return select(self.rows.c.enrolment_id).where(self.rows.c.verdict.in_(OVER))

    def put_off(self) -> Select[Any]:
        """Return (enrolment_id, ready_at, why, fell_due_at) of those who wait: limit, window, pace or held.

        `ready_at` is null where it never comes.
        """
        why = case(
            {int(v): w for v, w in ((Verdict.HELD, "held"), *((v, PUT_OFF[v]) for v in PUT_OFF))}, value=self.rows.c.verdict
        )
        return select(self.rows.c.enrolment_id, self.rows.c.ready_at, why.label("why"), self.rows.c.fell_due_at).where(
            self.rows.c.verdict.in_([*PUT_OFF, Verdict.HELD])
        )


@contextmanager
def attempt(ctx: FlowContext, step: StepNode, candidates: Select[Any], settled: Places | None = None) -> Iterator[Attempted]:
    """Attempt `step` for all `candidates`, and write what happened.

    `candidates` selects enrolment_id, waited_on (the date, as an ordinal, on which the step was due: who waited longest goes
    first) and
    fell_due_at (the planned instant at which it was due). They must not have had the step. Written are the lines (executed,
    skipped,
    deferred, failed), the exits that addresses and consent demand, and what the engine keeps of a contact. `ready_at` of who is
    put off
    is the first instant at which it can go: in a flow with runs it goes at the first run from then on, whatever its schedule is
    by then. `settled`: places of limits that were settled before the steps of a run; None: they are settled here, among these
    candidates.
    """
    with borrowed(ctx.conn, "attempted") as rows:
        counts = decide(ctx, step, candidates, rows)
        if ctx.plan.limits and counts.get(Verdict.GO) and is_message(step):
            places.take(ctx, step, rows, settled)
            counts = tally(ctx, rows)
        _write(ctx, step, rows, counts)
        yield Attempted(rows, counts)


def attempt_plainly(
    ctx: FlowContext, step: StepNode, candidates: ColumnElement[bool], most: int, among: Table | None = None
) -> bool:
    """Attempt a step that `is_plain` for all `candidates`, of whom there are `most`, in one statement for those who get it.

    `among`: a scratch table that `candidates` asks: enrolment_id, or record_id and contact_id, too, where it asks nothing else.
    Tell whether that was all: otherwise somebody has no address or no consent, is away or gone, and the rest is left to
    `attempt`.
    """
    contact = ctx.contacts
    first = ctx.conn.execute(select(func.coalesce(func.max(ledger.c.id), 0))).scalar_one()
    holds = true() if step.when is None else to_sql(step.when, ctx.subject(), ctx.store)
    source: FromClause = enrolment.join(contact, contact.c.id == enrolment.c.contact_id)
    stay = enrolment.c
    columns: tuple[ColumnElement[Any], ...] = (stay.id.label("enrolment_id"), stay.record_id, stay.contact_id)
    if among is not None and "contact_id" in among.c and not asks_stay(holds):
        source = among.join(contact, contact.c.id == among.c.contact_id)
        columns = (among.c.enrolment_id, among.c.record_id, among.c.contact_id)
    elif among is not None:
        source = among.join(source, enrolment.c.id == among.c.enrolment_id)

    def those(*where: ColumnElement[bool]) -> FromClause:
        return select(*columns).select_from(source).where(candidates, *where).subquery()

    done = write_lines(
        ctx, those(holds, nothing_in_the_way(ctx, step)), **_columns(ctx, step, None, {Verdict.GO: ("executed", None)})
    )
    if done and is_message(step):
        fresh = select(ledger.c.contact_id).where(
            ledger.c.id > first, ledger.c.flow_id + 0 == ctx.flow_id, ledger.c.node_id == ctx.nodes[step.key]
        )
        _keep(ctx, step, fresh)
    if done < most and step.when is not None:
        done += write_lines(
            ctx,
            those(not_(holds)),
            what="skipped",
            why="condition",
            node_id=ctx.nodes[step.key],
            channel=step.channel,
            occurrence=0,
        )
    return done == most


def _write(ctx: FlowContext, step: StepNode, rows: Table, counts: Mapping[Verdict, int]) -> None:
    """Write the lines of an attempt, let leave whom it makes leave, and keep what a message changes in its contact."""
    skip_address = ctx.plan.manners.undeliverable_skip
    lines = {v: _line(v) for v in counts if v in OVER or v in PUT_OFF or (skip_address and v in ADDRESS)}
    if lines:
        told: dict[str, int] = {}
        for verdict, (what, _) in lines.items():
            told[what] = told.get(what, 0) + counts[verdict]
        mine = true() if len(lines) == len(counts) else rows.c.verdict.in_(list(lines))
        columns = _columns(ctx, step, rows, lines)
        write_lines(ctx, rows, mine, order=(rows.c.enrolment_id,), each=told, **columns)
    for verdict, reason in ADDRESS.items():
        if verdict in counts and not skip_address:
            exits.leave(ctx, select(rows.c.enrolment_id).where(rows.c.verdict == verdict), reason)
    if skip_address and any(v in counts for v in ADDRESS):
        ctx.conn.execute(update(rows).where(rows.c.verdict.in_(list(ADDRESS))).values(verdict=Verdict.UNDELIVERABLE))
    if Verdict.DELETED in counts:
        exits.leave(ctx, select(rows.c.enrolment_id).where(rows.c.verdict == Verdict.DELETED), "deleted")
    if Verdict.GO in counts and is_message(step):
        _keep(ctx, step, select(rows.c.contact_id).where(rows.c.verdict == Verdict.GO))


def _line(verdict: Verdict) -> tuple[str, str | None]:
    """Return what and why of a verdict's line."""
    if verdict is Verdict.GO:
        return "executed", None
    if verdict in PUT_OFF:
        return "deferred", PUT_OFF[verdict]
    if verdict in ADDRESS:
        return "skipped", "undeliverable"
    return ("failed" if verdict is Verdict.LIMIT_FAIL else "skipped"), OVER[verdict]


def _columns(
    ctx: FlowContext, step: StepNode, rows: Table | None, lines: Mapping[Verdict, tuple[str, str | None]]
) -> dict[str, Any]:
    """Return the columns of the lines: constants where all are alike, which is the rule."""
    due = (
        None
        if step.due is None or is_message(step)
        else to_micros(add_span(ctx.at, step.due, ctx.zone, ctx.plan.working, schedule=ctx.plan.schedule))
    )
    done: dict[str, Any] = {
        "what": "executed",
        "why": None,
        "channel": channel_of(step),
        "effect": "draft" if step.draft else step.effect,
        "counts": None if step.draft else counts_as(step),
        "occurrence": 0,
        "state": "planned",
        "plan_hash": ctx.plan_hash,
        "todo_due_at": due,
        "ready_at": None,
    }
    fixed = {"node_id": ctx.nodes[step.key]}
    if rows is None or set(lines) == {Verdict.GO}:
        return fixed | done

    def choose(name: str, other: Mapping[Verdict, object], kind: Any) -> ColumnElement[Any]:
        values = {int(v): literal(done[name] if v is Verdict.GO else other.get(v), kind) for v in lines}
        return case(values, value=rows.c.verdict)

    nothing: dict[Verdict, object] = {}
    return fixed | {
        "what": choose("what", {v: what for v, (what, _) in lines.items()}, String()),
        "why": choose("why", {v: why for v, (_, why) in lines.items()}, String()),
        "channel": choose("channel", dict.fromkeys(lines, step.channel), String()),
        "effect": choose("effect", nothing, String()),
        "counts": choose("counts", nothing, String()),
        "occurrence": choose("occurrence", {v: None if v in PUT_OFF else 0 for v in lines}, Integer()),
        "state": choose("state", nothing, String()),
        "plan_hash": choose("plan_hash", nothing, String()),
        "todo_due_at": choose("todo_due_at", nothing, BigInteger()),
        "ready_at": case((rows.c.verdict.in_(list(PUT_OFF)), rows.c.ready_at), else_=null()),
    }


def _keep(ctx: FlowContext, step: StepNode, contacts: Select[Any]) -> None:
    """Keep in the contacts that a message went to them (LANGUAGE 2); nothing is triggered by it."""
    contact = ctx.contacts
    mode = ctx.store.column("contact", "last_contacted_mode")
    kept: dict[Any, Any] = {mode.name: OUTGOING_MODE}
    changed = mode.is_distinct_from(OUTGOING_MODE)
    if step.activity is not None:
        kind = ctx.store.column("contact", "last_activity_type")
        kept[kind.name] = step.activity
        changed |= kind.is_distinct_from(step.activity)
    ctx.conn.execute(update(contact).where(contact.c.id.in_(contacts), changed).values(kept))
