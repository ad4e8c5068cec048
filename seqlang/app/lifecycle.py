"""`start`, `stop`, `archive`, `enroll`, `unenroll`: the life of flows and what people do by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from seqlang.app.opening import opened
from seqlang.app.workspace import Workspace
from seqlang.errors import RefusedError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.plan.model import FlowPlan
    from seqlang.store import Store
    from seqlang.store.plans import FlowRow


@dataclass(frozen=True, slots=True)
class ByHand:
    """What became of one who was enrolled or taken out."""

    who: str
    done: str = ""  # in words
    refused: str | None = None  # why not


def start_flow(workspace: Workspace, name: str, at: datetime) -> str:
    """Start a flow, or go on with it; RefusedError where owner or mailbox is missing, or the plan allows no more."""
    from seqlang.app.allowances import check_allowances, check_mailboxes, check_owner
    from seqlang.runtime import lifecycle
    from seqlang.store.plans import get_flow, get_plan

    with opened(workspace) as store, store.begin() as conn:
        flow = get_flow(conn, name)
        if flow.state in ("draft", "stopped"):
            plan = get_plan(conn, flow.plan_next_hash or flow.plan_hash)
            check_owner(conn, store, plan)
            check_mailboxes(workspace.settings, plan)
            check_allowances(conn, workspace.settings, plan)
        lifecycle.activate(conn, store, flow.id, at)
        return _started(get_flow(conn, name), went_on=flow.state == "stopped")


def warnings_of(workspace: Workspace, name: str) -> list[str]:
    """Return what a flow asks for that nothing serves; its messages go all the same."""
    from seqlang.app.allowances import untold
    from seqlang.store.plans import get_flow, get_plan

    with opened(workspace) as store, store.read() as conn:
        flow = get_flow(conn, name)
        return untold(workspace.settings, get_plan(conn, flow.plan_next_hash or flow.plan_hash))


def _started(flow: FlowRow, *, went_on: bool) -> str:
    from seqlang.simulation.lines import shown_at

    word = "goes on" if went_on else "is active"
    if flow.run_next_at is None:
        return f"`{flow.name}` {word}"
    return f"`{flow.name}` {word}; its next run is at {shown_at(flow.run_next_at, flow.zone)}"


def stop_flow(workspace: Workspace, name: str, at: datetime) -> str:
    """Freeze a flow."""
    from seqlang.runtime import lifecycle
    from seqlang.store.plans import get_flow

    with opened(workspace) as store, store.begin() as conn:
        lifecycle.stop(conn, store, get_flow(conn, name).id, at)
    return f"`{name}` is stopped"


def archive_flow(workspace: Workspace, name: str, at: datetime) -> str:
    """End a flow and all its enrolments."""
    from seqlang.runtime import lifecycle
    from seqlang.store.plans import get_flow

    with opened(workspace) as store, store.begin() as conn:
        ended = lifecycle.archive(conn, store, get_flow(conn, name).id, at)
    return f"`{name}` is archived; {ended} {'enrolment' if ended == 1 else 'enrolments'} ended"


def enroll_by_hand(workspace: Workspace, name: str, who: Sequence[str], at: datetime) -> list[ByHand]:
    """Ask the flow to take them in at its next run; each answer says whether it will."""
    from seqlang.runtime import lifecycle
    from seqlang.store.plans import get_flow

    with opened(workspace) as store, store.begin() as conn:
        flow = get_flow(conn, name)
        found = _records(conn, store, flow, who)
        answers = lifecycle.enroll(conn, store, flow.id, [i for ids in found.values() for i, _ in ids], at)
        return _answers(
            found, flow, lambda number: answers[number], "will come in at the next run" if flow.run_next_at else "will come in"
        )


def unenroll_by_hand(workspace: Workspace, name: str, who: Sequence[str], at: datetime) -> list[ByHand]:
    """Take them out of the flow at once."""
    from seqlang.runtime import lifecycle
    from seqlang.store import tables
    from seqlang.store.plans import get_flow

    with opened(workspace) as store, store.begin() as conn:
        flow = get_flow(conn, name)
        found = _records(conn, store, flow, who)
        ids = [i for some in found.values() for i, _ in some]
        stay, asked = tables.enrolment.c, tables.request.c
        inside = {
            r.record_id
            for r in conn.execute(tables.enrolment.select().where(stay.flow_id == flow.id, stay.active, stay.record_id.in_(ids)))
        }
        inside |= {
            r.record_id
            for r in conn.execute(
                tables.request.select().where(
                    asked.flow_id == flow.id, asked.taken_at.is_(None), asked.what == "enroll", asked.record_id.in_(ids)
                )
            )
        }
        lifecycle.unenroll(conn, store, flow.id, ids, at)
        return _answers(found, flow, lambda number: None if number in inside else "is not in it", "is out")


def _records(conn: Connection, store: Store, flow: FlowRow, who: Sequence[str]) -> dict[str, list[tuple[int, str]]]:
    """Return, for each name, the records that it means: a domain in a flow for accounts means the account's contacts."""
    from seqlang.engine.telling import subject_of
    from seqlang.store.plans import get_plan
    from seqlang.store.records import find

    plan: FlowPlan = get_plan(conn, flow.plan_hash)
    found: dict[str, list[tuple[int, str]]] = {}
    for name in who:
        record, key = subject_of(name)
        if flow.record == "contact" and plan.for_record == "account" and record is None:
            found[name] = _contacts_of(conn, store, key)
            continue
        number = find(conn, store, flow.record, [key]).get(key)
        found[name] = [(number, name)] if number is not None else []
    return found


def _contacts_of(conn: Connection, store: Store, domain: str) -> list[tuple[int, str]]:
    from seqlang.store.records import find

    account = find(conn, store, "account", [domain]).get(domain)
    if account is None:
        return []
    contact = store.records("contact")
    rows = conn.execute(contact.select().where(store.column("contact", "account") == account).order_by(contact.c.id))
    return [(r.id, r.f_email or f"contact #{r.id}") for r in rows]


def _answers(found: dict[str, list[tuple[int, str]]], flow: FlowRow, refused: object, done: str) -> list[ByHand]:
    assert callable(refused)
    answers = []
    for name, records in found.items():
        if not records:
            answers.append(ByHand(name, refused=f"there is no {flow.record} `{name}`"))
        for number, shown in records:
            why = refused(number)
            answers.append(ByHand(shown, refused=why) if why else ByHand(shown, done))
    if not answers:
        raise RefusedError("nobody was named")
    return answers
