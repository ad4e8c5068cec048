"""`tick` and `run`: the runtime, once or until somebody stops it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from seqlang.app.opening import opened
from seqlang.app.workspace import Workspace
from seqlang.clock import Clock, ManualClock, SystemClock
from seqlang.errors import StoreError, UsageError

if TYPE_CHECKING:
    from seqlang.dispatch.records import Delivered
    from seqlang.host import Host
    from seqlang.runtime.reports import TickReport
    from seqlang.store import Store

WHATS = ("entered", "executed", "skipped", "deferred", "held", "failed", "branched", "exited")
STATES = ("accepted", "todos", "rejected", "retry", "unknown", "cancelled", "failed")
UNITS = {"second": 1, "minute": 60, "hour": 3600, "s": 1, "m": 60, "h": 3600}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")
RETRY_SECONDS = 5.0
EARLY = "nothing is done yet"


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a tick, and the delivery after it, did."""

    at: datetime
    flows: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]  # name -> what -> how many
    delivered: tuple[tuple[str, int], ...] | None  # state -> how many; None: nothing was to be delivered
    refused: str | None = None  # why nothing was done
    warnings: tuple[str, ...] = ()
    events: int = 0

    def record(self) -> dict[str, Any]:
        """Return it as data."""
        return {
            "at": self.at.isoformat(),
            "done": self.refused is None,
            "refused": self.refused,
            "events": self.events,
            "flows": {name: dict(counts) for name, counts in self.flows},
            "delivered": None if self.delivered is None else dict(self.delivered),
            "warnings": list(self.warnings),
        }


def tick_once(workspace: Workspace, at: datetime, *, deliver: bool) -> Ticked:
    """Tick at that instant; with `deliver` also send what is planned. To-dos are made all the same: they go to nobody outside."""
    from seqlang.host import load

    with opened(workspace) as store:
        return one_round(store, load(workspace.settings), workspace, ManualClock(at), send=deliver)


def one_round(store: Store, host: Host, workspace: Workspace, clock: Clock, *, send: bool) -> Ticked:
    """Tick at the clock's instant, make to-dos, and send messages where that is wanted."""
    from seqlang.dispatch.deliver import deliver
    from seqlang.runtime.tick import last_tick_at, tick

    at = clock.now()
    report = tick(store, at)
    if report.stale:
        with store.read() as conn:
            last = last_tick_at(conn)
        return Ticked(at, (), None, f"nothing done: {_too_early(at, last, workspace.settings.timezone)}")
    delivered = deliver(store, host, workspace.settings, clock, todos_only=not send)
    return _shown(report, delivered if send else None)


def _too_early(at: datetime, last: datetime | None, zone: str) -> str:
    from seqlang.simulation.lines import shown_at

    when = shown_at(last, zone) if last else "later"
    return f"the last tick was at {when}, and {shown_at(at, zone)} is before it"


def _shown(report: TickReport, delivered: Delivered | None) -> Ticked:
    flows = tuple((name, tuple((w, counts[w]) for w in WHATS if counts.get(w))) for name, counts in report.flows.items())
    states = None if delivered is None else _states(delivered)
    warnings = [f"{q.flow or 'a tick'}: set aside: {q.reason}" for q in report.quarantined]
    warnings += [f"`{name}` stands still: its owner {owner} is deactivated" for name, owner in report.stopped]
    warnings += delivered.problems if delivered else ()
    return Ticked(report.at, flows, states, None, tuple(warnings), report.events)


def read_interval(text: str) -> float:
    """Return a duration of the command line in seconds: `30 seconds`, `1 minute`, `90`; UsageError where it is none."""
    plain = text.strip().lower()
    found = _DURATION.fullmatch(plain) or _DURATION.fullmatch(f"{plain} seconds")
    unit = found.group(2) if found else ""
    unit = unit if unit in UNITS else unit.removesuffix("s")
    if found is None or unit not in UNITS or float(found.group(1)) <= 0:
        raise UsageError(f"`{text}` is no duration", hint="write `30 seconds` or `1 minute`")
    return float(found.group(1)) * UNITS[unit]


def run_until_stopped(workspace: Workspace, seconds: float, show: Callable[[Ticked], None], note: Callable[[str], None]) -> None:
    """Tick and deliver every so many seconds until a signal comes; the batch in hand is finished first.

    A database that cannot be reached is tried again; what it holds is the truth, so nothing is lost meanwhile.
    """
    import threading

    from seqlang.app.mailboxes import mail_coming_in
    from seqlang.app.receiving import receiving
    from seqlang.app.sourcing import sourcing
    from seqlang.dispatch.deliver import deliver
    from seqlang.host import load
    from seqlang.runtime import loop
    from seqlang.runtime.tick import last_tick_at

    clock = SystemClock()
    stop = loop.Stop(threading.Event())
    said: set[str] = set()  # problems of mailboxes, each told once
    too_early = threading.Event()  # … and so are ticks that came too early
    one_at_a_time = threading.Lock()  # ticks and deliveries tell of themselves in threads of their own
    with opened(workspace) as store:
        host = load(workspace.settings)

        def tell(done: Ticked) -> None:
            with one_at_a_time:
                show(done)

        def send(enough: Callable[[], bool]) -> int:
            done = deliver(store, host, workspace.settings, clock, stop=enough)
            fresh = [p for p in done.problems if p not in said]
            said.update(fresh)
            said.difference_update([p for p in said if p.startswith("ALARM") and p not in done.problems])  # the next one is new
            if done.done or fresh:
                tell(_delivered(clock.now(), done, tuple(fresh)))
            return done.done

        def ticked(report: TickReport) -> None:
            if not report.stale:
                too_early.clear()
                tell(_shown(report, None))
            elif not too_early.is_set():
                too_early.set()
                with store.read() as conn:
                    last = last_tick_at(conn)
                note(f"warning: {EARLY}: {_too_early(report.at, last, workspace.settings.timezone)}")

        for problem in host.problems:
            note(f"warning: {problem}")
        note("running; Ctrl-C or SIGTERM stops it")
        coming_in = mail_coming_in(store, workspace.settings, clock, note, tick_seconds=seconds)
        elsewhere = sourcing(store, host, workspace, clock, note)
        with receiving(store, host, workspace.settings, clock, note), coming_in, elsewhere:
            while not stop.wanted.is_set():
                try:
                    every = timedelta(seconds=seconds)
                    loop.run(store, clock, every, deliver=send, told=ticked, stop=stop)
                except StoreError as broken:
                    note(f"warning: {broken.message}; trying again")
                    stop.wanted.wait(min(seconds, RETRY_SECONDS))


def _delivered(at: datetime, done: Delivered, warnings: tuple[str, ...]) -> Ticked:
    return Ticked(at, (), _states(done), None, warnings)


def _states(done: Delivered) -> tuple[tuple[str, int], ...]:
    return tuple((s, getattr(done, s)) for s in STATES if getattr(done, s))
