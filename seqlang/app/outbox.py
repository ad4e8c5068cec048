"""`outbox`: messages, and what a person decides of an unclear one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from seqlang.app.opening import opened
from seqlang.app.record_rows import suggestion
from seqlang.app.workspace import Workspace
from seqlang.errors import UsageError

if TYPE_CHECKING:
    from seqlang.dispatch.outbox import Decision, OutboxLine


@dataclass(frozen=True, slots=True)
class MessageShown:
    """One message, as `outbox` prints it."""

    line: OutboxLine
    zone: str

    def cells(self) -> tuple[str | int | None, ...]:
        """Return the cells of its row: id, at, state, channel, to, subject, sequence, step, why."""
        from seqlang.simulation.lines import shown_at

        m = self.line
        at = shown_at(m.at, self.zone)[:16].replace("T", " ")
        return m.id, at, m.state, m.channel, m.recipient or m.contact, m.subject, m.flow, m.step, m.reason

    def record(self) -> dict[str, Any]:
        """Return it as data."""
        data = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in asdict(self.line).items()}
        return {**data, "sequence": data.pop("flow")}


def list_messages(
    workspace: Workspace, *, state: str | None, contact: str | None, sequence: str | None, limit: int
) -> list[MessageShown]:
    """Return messages, the latest first; UsageError for an unknown state."""
    from seqlang.dispatch.outbox import STATES
    from seqlang.dispatch.outbox import list_messages as read
    from seqlang.store.plans import get_flow

    known = (*STATES, "failed")
    if state is not None and state not in known:
        raise UsageError(f"there is no state `{state}`{suggestion(state, known)}", hint=", ".join(known))
    with opened(workspace) as store, store.read() as conn:
        if sequence is not None:
            get_flow(conn, sequence)
        found = read(conn, store, state=state, contact=contact, sequence=sequence, limit=limit)
    return [MessageShown(m, workspace.settings.timezone) for m in found]


def settle_message(workspace: Workspace, number: int, decision: str, at: datetime) -> str:
    """Carry out what a person decided of an unclear message: `sent`, `resend` or `drop`."""
    from seqlang.dispatch.outbox import settle_message as settle

    decisions: dict[str, Decision] = {"sent": "sent", "resend": "resend", "drop": "drop"}
    if decision not in decisions:
        raise UsageError(f"`{decision}` decides nothing", hint=", ".join(decisions))
    with opened(workspace) as store:
        line = settle(store, number, decisions[decision], at)
    return f"message {number} is {line.state} now"
