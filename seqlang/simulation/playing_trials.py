"""Plays one `test` block on the real engine, and judges it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from seqlang.compiler import Checked
from seqlang.plan.conditions import Condition
from seqlang.plan.model import FlowPlan
from seqlang.predicates import Subject, to_sql
from seqlang.semantics.trials import CheckedTest
from seqlang.simulation.coverage import Trace
from seqlang.simulation.judging import Played, judge, report
from seqlang.simulation.lines import Line
from seqlang.simulation.play import Cast, Play
from seqlang.simulation.scenario import Scenario
from seqlang.simulation.trials import Expected, Trial, read_trial
from seqlang.store import tables
from seqlang.store.plans import get_flow, node_ids
from seqlang.store.records import find
from seqlang.syntax import tree
from seqlang.vocabulary.settings import ProjectSettings

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a test."""

    report: str  # empty: passed
    lines: tuple[Line, ...]
    traces: frozenset[Trace]


def play_trial(test: CheckedTest, checked: Checked, settings: ProjectSettings, constants: Mapping[str, tree.Value]) -> Outcome:
    """Play the test on a store of its own. LookupError where the schedule has no such day; SeqlangError where it cannot run."""
    assert checked.plan is not None
    plans = {f.name: f for f in checked.plan.flows}
    trial = read_trial(test, plans, checked.plan.catalogue.data, constants)
    keys = _keys(trial, checked)
    records = tuple(replace(record, place=f"{trial.path}: {name}") for name, record in trial.records)
    happenings = tuple(replace(h, record=keys[h.key][0], key=keys[h.key][1]) for h in trial.happenings)
    warnings: list[str] = []
    scenario = Scenario(trial.since, trial.until, records, happenings, trial.flows)
    play = Play(Cast(checked.plan, settings.users, trial.flows), scenario, warnings.append, at_every_event=True)
    try:
        _fix_sides(play, trial, plans, keys)
        truths: dict[int, bool | None] = {}
        lines: list[Line] = []
        for expected in sorted((e for e in trial.expected if e.condition is not None), key=lambda e: e.look_at or trial.until):
            at = expected.look_at or trial.until
            lines.extend(play.advance(min(at, trial.until), included=expected.included and at < trial.until))
            truths[expected.place] = _holds(play, expected, trial, plans[trial.flows[0]], keys[expected.node.who.text], at)
        lines.extend(play.advance(trial.until))
        played = Played(trial, tuple(lines), keys, truths, tuple(warnings))
        failures = judge(played)
        with play.store.read() as conn:
            traces = read_traces(conn)
        return Outcome(report(played, failures) if failures else "", played.lines, traces)
    finally:
        play.close()


def read_traces(conn: Connection) -> frozenset[Trace]:
    """Return all that happened at nodes, each once."""
    line, flow, node = tables.ledger, tables.flow, tables.node
    query = (
        select(flow.c.name, node.c.key, line.c.what, line.c.why)
        .distinct()
        .select_from(line.join(flow, flow.c.id == line.c.flow_id).join(node, node.c.id == line.c.node_id))
    )
    return frozenset(Trace(r[0], r[1], r[2], r[3]) for r in conn.execute(query))


def _keys(trial: Trial, checked: Checked) -> dict[str, tuple[str, str]]:
    assert checked.plan is not None
    found = {}
    for name, record in trial.records:
        spec = checked.plan.catalogue.data.record(record.record)
        key = record.values.get(spec.key) if spec else None
        found[name] = (record.record, str(key) if key is not None else name)
    return found


def _fix_sides(play: Play, trial: Trial, plans: Mapping[str, FlowPlan], keys: Mapping[str, tuple[str, str]]) -> None:
    """Write down the sides that the test gives to its contacts, as if they had come to the split before."""
    if not trial.sides:
        return
    with play.store.begin() as conn:
        for fixed in trial.sides:
            record, key = keys[fixed.who]
            record_id = find(conn, play.store, record, [key]).get(key)
            for name in trial.flows:
                node = f"split:{fixed.split}"
                if record_id is None or not any(n.key == node for n in plans[name].nodes):
                    continue
                flow = get_flow(conn, name)
                number = node_ids(conn, flow.id)[node]
                conn.execute(tables.side.insert().values(flow_id=flow.id, node_id=number, record_id=record_id, side=fixed.side))


def _holds(play: Play, expected: Expected, trial: Trial, plan: FlowPlan, about: tuple[str, str], at: datetime) -> bool:
    """Ask the condition of the record as it is now; what it asks of a stay is asked of the last one in the test's flow."""
    condition: Condition | None = expected.condition
    assert condition is not None
    record, key = about
    with play.store.read() as conn:
        record_id = find(conn, play.store, record, [key]).get(key)
        if record_id is None:
            return False
        flow = get_flow(conn, plan.name)
        last = _last_stay(conn, flow.id, record_id) if plan.subject == record else None
        row, stay = play.store.records(record), tables.enrolment
        contact = row.c.id if record == "contact" else row.c.f_contact if "f_contact" in row.c else None
        subject = Subject(
            record=record,
            row=row,
            contact_id=contact,
            enrolment=None if last is None else stay,
            flow_id=flow.id,
            zone=trial.zone,
            at=at,
            node_ids=node_ids(conn, flow.id),
            working=plan.working,
        )
        rows = row if last is None else row.join(stay, stay.c.record_id == row.c.id)
        asked = select(row.c.id).select_from(rows).where(row.c.id == record_id, to_sql(condition, subject, play.store))
        if last is not None:
            asked = asked.where(stay.c.id == last)
        return conn.execute(asked).first() is not None


def _last_stay(conn: Connection, flow_id: int, record_id: int) -> int | None:
    stay = tables.enrolment
    mine = select(stay.c.id).where(stay.c.flow_id == flow_id, stay.c.record_id == record_id)
    return conn.execute(mine.order_by(stay.c.id.desc()).limit(1)).scalar_one_or_none()
