"""A project played on a store in memory, with a clock that stops wherever something falls due or happens."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from seqlang.clock import ManualClock
from seqlang.engine.plans import open_flow
from seqlang.engine.telling import Told, subject_of, tell_all
from seqlang.plan.model import SEQUENCE_KINDS, FlowPlan, ProjectPlan
from seqlang.runtime import lifecycle
from seqlang.runtime.tick import next_instant, tick
from seqlang.simulation.delivering import settle_planned
from seqlang.simulation.lines import Line
from seqlang.simulation.scenario import Happening, NewRecord, Scenario
from seqlang.simulation.world import OpenLink, add_records, close_links, install_project
from seqlang.store import Store
from seqlang.store.plans import find_flow, get_flow
from seqlang.store.records import find
from seqlang.store.timeline import TimelineQuestion, last_line, timeline
from seqlang.vocabulary.settings import UserSettings

if TYPE_CHECKING:
    from sqlalchemy import Connection

ORDER = ("account", "contact", "deal")  # a link leads to a record that is there already
SEEN_AT_RUNS = ("opened", "clicked", "replied", "bounced", "unsubscribed", "completed", "event", "activity", "changed", "listed")
NEVER = datetime.max.replace(tzinfo=UTC)
Warn = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Cast:
    """The project that is played."""

    plan: ProjectPlan
    users: tuple[UserSettings, ...]
    flows: tuple[str, ...] = ()  # none: all; the others count as absent


class Play:
    """One simulation under way. Made at `since`: the flows are active, the records that exist are there, nothing has happened."""

    def __init__(self, cast: Cast, scenario: Scenario, warn: Warn, *, at_every_event: bool = False) -> None:
        self.warn = warn
        self.clock = ManualClock(scenario.since)
        self.store = Store.in_memory()
        self._now: datetime | None = None  # the last tick
        self._since = scenario.since
        self._seen = 0
        self.failed = 0  # how many runs were set aside
        flows = [f for f in cast.plan.flows if not cast.flows or f.name in cast.flows]
        # Where all flows have runs, nothing comes of most events before the next run: the clock need not stop for them.
        self._by_runs = not at_every_event and all(f.kind in SEQUENCE_KINDS for f in flows)
        self._drafts = any(s.draft for f in flows for s in f.steps)
        records = sorted(scenario.records, key=lambda r: ORDER.index(r.record) if r.record in ORDER else len(ORDER))
        there = [r for r in records if r.created_at is None or r.created_at < scenario.since]
        coming = [r for r in records if r.created_at is not None and r.created_at >= scenario.since]
        self._unborn = deque(sorted(coming, key=_born))
        self._coming = deque(sorted(scenario.happenings, key=lambda h: h.at))
        self._stops = deque(h.at for h in self._coming if self._matters(h))
        specs = {spec.name: spec.key for spec in cast.plan.catalogue.data.records}
        self._keys = {(r.record, str(r.values.get(specs.get(r.record, "name"))).casefold()) for r in records}
        self._open_links: list[OpenLink] = []
        self._begin(cast, flows, there)

    def _begin(self, cast: Cast, flows: Sequence[FlowPlan], there: Sequence[NewRecord]) -> None:
        with self.store.begin() as conn:
            install_project(conn, self.store, cast.plan, cast.users, self._since, flows=flows)
            self._add(conn, there, self._since, created=False)
            for flow in flows:
                lifecycle.activate(conn, self.store, get_flow(conn, flow.name).id, self._since)

    def advance(self, until: datetime, *, included: bool = False) -> Iterator[Line]:
        """Play on, tick by tick, up to `until` (excluded unless `included`); yield the lines of each tick in their order."""
        while True:
            at = self._next()
            if at is None or at > until or (at == until and not included):
                return
            self.clock.set(at)
            self._take(at)
            for aside in tick(self.store, at).quarantined:
                self.failed += 1
                self.warn(f"{aside.flow or 'a tick'} failed at {at.isoformat()}: {aside.reason}")
            self._now = at
            with self.store.begin() as conn:
                settle_planned(conn)
            yield from self._news()

    def _next(self) -> datetime | None:
        """Return the next instant at which the clock stops; the first is the beginning."""
        if self._now is None:
            return self._since
        candidates = [next_instant(self.store, self._now)]
        if self._unborn and not self._by_runs:
            candidates.append(max(_born(self._unborn[0]), self._since))
        while self._stops and self._stops[0] <= self._now:
            self._stops.popleft()
        if self._stops:
            candidates.append(max(self._stops[0], self._since))
        return min((c for c in candidates if c is not None), default=None)

    def _matters(self, happening: Happening) -> bool:
        """Whether the timeline may have a line at the very instant of what happens."""
        if not self._by_runs or happening.kind not in SEEN_AT_RUNS:
            return True
        if happening.kind == "replied":
            return bool(happening.value)  # out of office: `held` is of its own instant
        return happening.kind == "completed" and self._drafts

    def _take(self, at: datetime) -> None:
        """Let records come to be and events happen; both stand before the tick of their instant."""
        if min(self._next_birth(), self._next_happening()) > at:
            return
        with self.store.begin() as conn:
            while min(self._next_birth(), self._next_happening()) <= at:
                born: list[NewRecord] = []
                while self._next_birth() <= min(self._next_happening(), at):
                    born.append(self._unborn.popleft())
                self._add(conn, born, at, created=True)
                happened: list[Happening] = []  # up to the next birth: nothing happens to whom there is not
                while self._next_happening() <= at and self._next_happening() < self._next_birth():
                    happened.append(self._coming.popleft())
                self._tell(conn, happened, at)

    def _next_birth(self) -> datetime:
        return _born(self._unborn[0]) if self._unborn else NEVER

    def _next_happening(self) -> datetime:
        return self._coming[0].at if self._coming else NEVER

    def _tell(self, conn: Connection, happened: Sequence[Happening], at: datetime) -> None:
        if not happened:
            return
        untold = {u.index: u.message for u in tell_all(conn, self.store, [_told(h) for h in happened], recorded_at=at)}
        for number, happening in enumerate(happened):
            message = untold.get(number) or self._refusal(conn, happening, at)
            if message is not None:
                self.warn(f"{happening.place}: {message}")

    def _refusal(self, conn: Connection, happening: Happening, at: datetime) -> str | None:
        """Return why somebody who is enrolled by hand will not be let in, if that can be seen already."""
        flow = find_flow(conn, happening.sequence) if happening.kind == "enrolled" and happening.sequence else None
        told = _told(happening)
        if flow is None or flow.record != told.record:
            return None
        numbers = find(conn, self.store, told.record, [told.key])
        context = open_flow(conn, self.store, flow.id, at, at)
        for reason in lifecycle.refusals(context, list(numbers.values())).values():
            if reason is not None:
                return f"`{told.key}` does not come into `{flow.name}`: {reason}"
        return None

    def _add(self, conn: Connection, records: Sequence[NewRecord], at: datetime, *, created: bool) -> None:
        """Add records of any types; links that were waiting for one of them lead to it from now on."""
        fresh: list[OpenLink] = []
        for kind in dict.fromkeys(r.record for r in records):
            fresh += add_records(conn, self.store, [r for r in records if r.record == kind], at, created=created)
        for link in fresh:
            if (link.to, link.key.casefold()) not in self._keys:
                self.warn(f"{link.place}: there is no {link.to} `{link.key}` for `{link.field}`; it stays empty")
        if records:
            self._open_links = close_links(conn, self.store, [*self._open_links, *fresh])

    def _news(self) -> list[Line]:
        with self.store.read() as conn:
            lines = list(timeline(conn, self.store, TimelineQuestion(after_id=self._seen)))
            self._seen = last_line(conn)
        lines.sort(key=lambda line: (line.at, line.flow, line.contact or "", line.record, line.stay, line.id))
        return lines

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()


def simulate(cast: Cast, scenario: Scenario, warn: Warn, failed: Callable[[], None] | None = None) -> Iterator[Line]:
    """Yield the timeline of the scenario, ordered by time, then flow, contact, record and the order in which it happened.

    `failed` is called at the end where a run of a flow had to be set aside.
    """
    play = Play(cast, scenario, warn)
    try:
        yield from play.advance(scenario.until)
        if play.failed and failed is not None:
            failed()
    finally:
        play.close()


def _told(happening: Happening) -> Told:
    record, key = (happening.record, happening.key) if happening.record else subject_of(happening.key)
    return Told(
        at=happening.at,
        record=record,
        key=key,
        kind=happening.kind,
        sequence=happening.sequence,
        step=happening.step,
        value=happening.value,
    )


def _born(record: NewRecord) -> datetime:
    assert record.created_at is not None
    return record.created_at
