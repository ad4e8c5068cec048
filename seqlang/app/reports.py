"""`status`, `metrics`, `log`: what the database knows of its flows, for people and for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from seqlang.app.opening import opened
from seqlang.app.workspace import Workspace
from seqlang.simulation.lines import Line, shown_at

if TYPE_CHECKING:
    from seqlang.plan.statements import Statements
    from seqlang.store.reports import FlowStatus, Funnel

FOLLOW_SECONDS = 1.0
Cell = str | int | float | None
Table = tuple[str, Sequence[str], list[Sequence[Cell]]]  # title, heads, rows


@dataclass(frozen=True, slots=True)
class FlowShown:
    """One flow, as `status` prints it."""

    name: str
    kind: str
    state: str
    active: int
    entered: int
    exited: int
    due: int  # messages and to-dos that are not done yet
    next_run: str  # local to the flow; empty: none


@dataclass(frozen=True, slots=True)
class Status:
    """All flows."""

    flows: tuple[FlowShown, ...]
    figures: tuple[FlowStatus, ...]
    notes: tuple[str, ...]

    def record(self) -> list[dict[str, Any]]:
        """Return it as data."""
        return [_plain(asdict(f)) | {"entered": f.active + f.ended} for f in self.figures]


def read_status(workspace: Workspace) -> Status:
    """Return how all flows stand."""
    from seqlang.app.mailboxes import stopped_notes
    from seqlang.store.plans import all_flows
    from seqlang.store.reports import status

    with opened(workspace) as store:
        alarms = stopped_notes(store)
        with store.read() as conn:
            found = status(conn)
            zones = {f.name: f.zone for f in all_flows(conn)}
    shown = tuple(
        FlowShown(
            f.name,
            f.kind,
            f.state,
            f.active,
            f.active + f.ended,
            f.ended,
            sum(n for state, n in f.outbox.items() if state in ("planned", "sending", "retry", "unknown")),
            shown_at(f.run_next_at, zones[f.name])[:16].replace("T", " ") if f.run_next_at else "",
        )
        for f in found
    )
    unclear = sum(f.outbox.get("unknown", 0) for f in found)
    todos = sum(f.open_todos for f in found)
    notes = []
    if unclear:
        notes.append(f"{unclear} messages are unclear: `seqlang outbox --state unknown`")
    if todos:
        notes.append(f"{todos} to-dos are open: `seqlang todo`")
    notes += alarms
    return Status(shown, found, tuple(notes))


@dataclass(frozen=True, slots=True)
class Metrics:
    """The funnel of one flow."""

    funnel: Funnel

    def record(self) -> dict[str, Any]:
        """Return it as data."""
        return _plain(asdict(self.funnel))

    def tables(self) -> list[Table]:
        """Return it as tables: the flow, its steps, its sides."""
        f = self.funnel
        exits = ", ".join(f"{n} {why}" for why, n in f.exits.items()) or "nobody left"
        found: list[Table] = [
            (
                f"{f.flow}: {f.entered} came in, {f.active} are in; {exits}",
                (
                    "step",
                    "channel",
                    "went out",
                    "skipped",
                    "failed",
                    "put off",
                    "opened",
                    "clicked",
                    "replied",
                    "bounced",
                    "reported",
                ),
                [
                    (
                        s.step,
                        s.channel,
                        s.executed - s.cancelled - s.rejected,
                        sum(s.skipped.values()),
                        sum(s.failed.values()),
                        sum(s.deferred.values()),
                        s.opened,
                        s.clicked,
                        s.replied,
                        s.bounced,
                        s.done,
                    )
                    for s in f.steps
                ],
            )
        ]
        if f.goals:
            found.append(("goals", ("goal", "reached"), [(name, n) for name, n in f.goals.items()]))
        if f.sides:
            found.append(
                (
                    "splits",
                    ("split", "side", "contacts", "opened", "clicked", "replied", "goal", "unsubscribed"),
                    [(s.split, s.side, s.contacts, s.opened, s.clicked, s.replied, s.goal, s.unsubscribed) for s in f.sides],
                )
            )
        return found


def read_metrics(workspace: Workspace, name: str) -> Metrics:
    """Return the funnel of a flow."""
    from seqlang.store.plans import get_flow, get_plan
    from seqlang.store.reports import funnel

    with opened(workspace) as store, store.read() as conn:
        flow = get_flow(conn, name)
        plan = get_plan(conn, flow.plan_hash)
        return Metrics(funnel(conn, flow, tuple((s.key, s.channel) for s in plan.steps)))


def statements_now(workspace: Workspace) -> Statements:
    """Return what the statements of the flows say, as they are applied now."""
    from seqlang.plan.statements import statements_of
    from seqlang.store.plans import all_flows, get_plan

    with opened(workspace) as store, store.read() as conn:
        return statements_of(get_plan(conn, flow.plan_hash) for flow in all_flows(conn))


def follow_log(workspace: Workspace, *, contact: str | None, sequence: str | None, follow: bool) -> Iterator[Line]:
    """Yield the timeline; with `follow` go on as more is written, until somebody stops."""
    from seqlang.errors import NotFoundError
    from seqlang.store.plans import get_flow
    from seqlang.store.timeline import TimelineQuestion, last_line, timeline

    with opened(workspace) as store:
        with store.read() as conn:
            if sequence is not None:
                get_flow(conn, sequence)
            seen = last_line(conn)
            any_line = False
            for line in timeline(conn, store, TimelineQuestion(contact=contact, flow=sequence)):
                any_line = True
                yield line
            if contact is not None and not any_line and not _known(conn, store, contact):
                raise NotFoundError(f"there is no contact `{contact}`")
        while follow:
            import time

            time.sleep(FOLLOW_SECONDS)
            with store.read() as conn:
                now = last_line(conn)
                if now > seen:
                    yield from timeline(conn, store, TimelineQuestion(contact=contact, flow=sequence, after_id=seen))
                    seen = now


def _known(conn: Any, store: Any, contact: str) -> bool:
    from seqlang.store.records import find

    return bool(find(conn, store, "contact", [contact]))


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """Make instants texts and mappings plain, so that they can be written as JSON."""
    return {k: _plain_value(v) for k, v in data.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return _plain(value)
    if isinstance(value, list | tuple):
        return [_plain_value(v) for v in value]
    return value
