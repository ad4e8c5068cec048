"""`event`: something that a contact did, told by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from seqlang.app.opening import opened
from seqlang.app.record_rows import suggestion
from seqlang.app.workspace import Workspace
from seqlang.engine.telling_told import HAPPENINGS
from seqlang.errors import RefusedError, UsageError


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened."""

    at: datetime
    who: str  # an e-mail address, an account's domain, deal:NAME
    kind: str
    flow: str | None
    step: str | None
    value: str | None


def record_event(workspace: Workspace, happening: Happening) -> str:
    """Record the event; the next tick takes it in. UsageError for an unknown kind or name, RefusedError where it cannot be."""
    from seqlang.engine.telling import Told, subject_of, tell
    from seqlang.simulation.lines import shown_at
    from seqlang.store.plans import get_flow

    if happening.kind not in HAPPENINGS:
        near = suggestion(happening.kind, HAPPENINGS)
        known = ", ".join(HAPPENINGS)
        hint = known if near else f"{known}; an event of your own is `event --value {happening.kind}`"
        raise UsageError(f"there is no kind of event `{happening.kind}`{near}", hint=hint)
    record, key = subject_of(happening.who)
    told = Told(
        at=happening.at,
        record=record,
        key=key,
        kind=happening.kind,
        sequence=happening.flow,
        step=happening.step,
        value=happening.value,
    )
    with opened(workspace) as store, store.begin() as conn:
        if happening.flow is not None:
            get_flow(conn, happening.flow)
        problem = tell(conn, store, told, recorded_at=happening.at)
        if problem is not None:
            raise RefusedError(problem)
    return f"{happening.who}: {happening.kind} recorded at {shown_at(happening.at, workspace.settings.timezone)}"
