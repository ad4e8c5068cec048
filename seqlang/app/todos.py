"""`todo`: calls, tasks and e-mail reminders."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from seqlang.app.opening import opened
from seqlang.app.record_rows import suggestion
from seqlang.app.workspace import Workspace
from seqlang.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.dispatch.todo_list import Todo
    from seqlang.store import Store

KINDS = ("call", "task", "email_reminder")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which to-dos; None: all."""

    owner: str | None = None
    contact: str | None = None
    sequence: str | None = None
    kind: str | None = None
    every: bool = False  # those that are done or cancelled too


@dataclass(frozen=True, slots=True)
class TodoShown:
    """One to-do, as `todo` prints it."""

    todo: Todo
    zone: str
    overdue: bool

    @property
    def due(self) -> str:
        """When it is due, in the project's zone."""
        from seqlang.simulation.lines import shown_at

        at = self.todo.due_at
        return "" if at is None else shown_at(at, self.zone)[:16].replace("T", " ") + (" !" if self.overdue else "")

    def cells(self) -> tuple[str | int | None, ...]:
        """Return the cells of its row: id, kind, contact, title, due, owner, sequence, step, state."""
        t = self.todo
        return t.id, t.kind, t.contact or t.name, t.title, self.due, t.assignee, t.flow, t.step, t.outcome or t.state

    def record(self) -> dict[str, Any]:
        """Return it as data."""
        data = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in asdict(self.todo).items()}
        return {**data, "sequence": data.pop("flow"), "owner": self.todo.assignee, "overdue": self.overdue}


def list_todos(workspace: Workspace, at: datetime, wanted: Filter) -> list[TodoShown]:
    """Return to-dos, those that are due first in front."""
    from seqlang.dispatch.todo_list import list_todos as read
    from seqlang.store.plans import get_flow

    with opened(workspace) as store:
        _make_planned(store, workspace, at)
        with store.read() as conn:
            if wanted.sequence is not None:
                get_flow(conn, wanted.sequence)
            found = read(
                conn,
                store,
                owner=wanted.owner.lower() if wanted.owner else None,
                contact=wanted.contact,
                sequence=wanted.sequence,
                kind=wanted.kind,
                every=wanted.every,
            )
            reported = set() if wanted.every else _reported(conn, [t.id for t in found])
    found = [t for t in found if t.id not in reported]
    if wanted.kind is not None and not found and wanted.kind not in KINDS:
        raise UsageError(f"there is no kind of to-do `{wanted.kind}`{suggestion(wanted.kind, KINDS)}", hint=", ".join(KINDS))
    zone = workspace.settings.timezone
    return [TodoShown(t, zone, t.state == "open" and t.due_at is not None and t.due_at < at) for t in found]


def _reported(conn: Connection, numbers: list[int]) -> set[int]:
    """Return those of the to-dos that somebody has reported or released, and that no tick has taken in yet."""
    from seqlang.store import tables

    names = {f"todo:{n}:{kind}": n for n in numbers for kind in ("completed", "released")}
    event = tables.event
    return {names[r.external_id] for r in conn.execute(event.select().where(event.c.external_id.in_(names)))}


def _make_planned(store: Store, workspace: Workspace, at: datetime) -> None:
    """Make the to-dos that a tick has planned and no delivery has made yet; nothing is sent."""
    from seqlang.clock import ManualClock
    from seqlang.dispatch.deliver import deliver
    from seqlang.host import load

    deliver(store, load(workspace.settings), workspace.settings, ManualClock(at), todos_only=True)


def read_todo(workspace: Workspace, number: int) -> Todo:
    """Return one to-do."""
    from seqlang.dispatch.todo_list import find_todo

    with opened(workspace) as store, store.read() as conn:
        return find_todo(conn, store, number)


def finish_todo(workspace: Workspace, number: int, outcome: str | None, at: datetime, note: str | None = None) -> str:
    """Report a call or a task, with what is worth remembering; the next tick takes it in."""
    from seqlang.dispatch.todo_list import finish_todo as finish

    with opened(workspace) as store:
        told = finish(store, number, outcome, at, note)
    return f"to-do {number} is done: {told}"


def edit_todo(
    workspace: Workspace, number: int, *, subject: str | None, body: str | None, assignee: str | None,
    due_at: datetime | None = None,
) -> str:  # fmt: skip
    """Change a draft, hand a to-do over, or put it off. RefusedError: that cannot be, or nobody of that address is a user."""
    from seqlang.dispatch.todo_list import edit_todo as edit

    with opened(workspace) as store:
        if assignee is not None and "@" in assignee:
            _refuse_stranger(workspace, store, assignee.strip().lower())
        found = edit(store, number, subject=subject, body=body, assignee=assignee.strip().lower() if assignee else None,
                     due_at=due_at)  # fmt: skip
    return f"to-do {number} is changed: {found.subject or found.title}"


def _refuse_stranger(workspace: Workspace, store: Store, assignee: str) -> None:
    """Raise RefusedError where nobody has that address: the to-do would be on nobody's list."""
    from seqlang.dispatch.people import all_people

    with store.read() as conn:
        known = sorted({*all_people(conn, store), *(user.email.lower() for user in workspace.settings.users)})
    if known and assignee not in known:
        raise RefusedError(f"`{assignee}` is none of the project's users{suggestion(assignee, known)}",
                           hint="`[[users]]` of seqlang.toml lists them")  # fmt: skip


def release_todo(workspace: Workspace, number: int, at: datetime) -> str:
    """Release a draft; the next tick plans its message."""
    from seqlang.dispatch.todo_list import release_todo as release

    with opened(workspace) as store:
        release(store, number, at)
    return f"to-do {number} is released; the next tick plans its message"
