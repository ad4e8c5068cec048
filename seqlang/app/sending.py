"""`send-test`: a step's message, to oneself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqlang.app.opening import opened
from seqlang.app.workspace import Workspace
from seqlang.clock import SystemClock
from seqlang.errors import NotFoundError, ProjectError

if TYPE_CHECKING:
    from seqlang.plan.model import FlowPlan
    from seqlang.store import Store

APPLY_FIRST = "`seqlang apply` first: what goes out is what was applied"


@dataclass(frozen=True, slots=True)
class Sent:
    """What `send-test` says."""

    said: str  # where the message went, and what the other side answered
    note: str | None  # what people should know of it: the files say something else by now


def send_test_message(workspace: Workspace, name: str, step: str, recipient: str, contact: str) -> Sent:
    """Send it and say what the server answered; it counts as nothing.

    NotFoundError: no such flow, step or contact; where only the files have it, that says so.
    """
    from seqlang.dispatch.trial import send_test
    from seqlang.host import load

    with opened(workspace) as store:
        try:
            taken = send_test(store, load(workspace.settings), workspace.settings, SystemClock(), name, step, recipient, contact)
        except NotFoundError:
            _refuse_unapplied(workspace, store, name, step)
            raise
        note = _told_of_files(workspace, store, name)
    return Sent(f"sent to {taken.to}" + (f": {taken.answer}" if taken.answer else ""), note)


def _refuse_unapplied(workspace: Workspace, store: Store, name: str, step: str) -> None:
    """Raise NotFoundError where the files have the flow or the step, and the database has not."""
    from seqlang.store.plans import find_flow, get_plan

    written, _ = _written(workspace, name)
    if written is None:
        return
    with store.read() as conn:
        row = find_flow(conn, name)
        if row is None:
            raise NotFoundError(f"the flow `{name}` is in the files and was never applied", hint=APPLY_FIRST) from None
        applied = get_plan(conn, row.plan_next_hash or row.plan_hash)
    if step in {s.key for s in written.steps} - {s.key for s in applied.steps}:
        raise NotFoundError(f"the step `{step}` is in the files and was never applied", hint=APPLY_FIRST) from None


def _told_of_files(workspace: Workspace, store: Store, name: str) -> str | None:
    """Return a sentence where the files say something else of the flow than what was applied, which is what went."""
    from seqlang.plan.model import digest
    from seqlang.store.plans import get_flow

    written, readable = _written(workspace, name)
    if not readable:
        return "what went is what was applied; the files have errors, so nobody knows whether they say the same (`seqlang check`)"
    with store.read() as conn:
        row = get_flow(conn, name)
    if written is None or digest(written) == (row.plan_next_hash or row.plan_hash):
        return None
    return f"what went is what was applied, and the files of `{name}` have changed since: `seqlang diff` shows how"


def _written(workspace: Workspace, name: str) -> tuple[FlowPlan | None, bool]:
    """Return the flow as the files have it now, and whether they could be read without an error."""
    from seqlang.app.project import check_project, load_project

    try:
        plan = check_project(load_project(workspace)).plan
    except ProjectError:
        plan = None
    return (None, False) if plan is None else (next((f for f in plan.flows if f.name == name), None), True)
