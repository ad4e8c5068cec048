"""Projects written down in a test and played on the real engine, with a clock that stops wherever something falls due."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from seqlang.clock import to_micros
from seqlang.compiler import ModuleText, ProjectText, compile_project
from seqlang.diagnostics.source import Source
from seqlang.engine.telling import Told, subject_of, tell_all
from seqlang.host import load
from seqlang.runtime.tick import next_instant, tick
from seqlang.schedule import next_run_at_or_after
from seqlang.simulation.scenario import NewRecord, Value
from seqlang.simulation.world import add_records, install_project
from seqlang.store import Store, tables
from seqlang.store.timeline import TimelineQuestion, timeline
from seqlang.syntax.parse import parse
from seqlang.vocabulary.settings import ProjectSettings, UserSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seqlang.plan.model import ProjectPlan

OPEN = 'owner "ana@example.com"'


def plan_of(text: str, settings: ProjectSettings | None = None) -> ProjectPlan:
    """Compile one file; a mistake in it fails the test."""
    source = Source("flow.seq", text)
    parsed = parse(source)
    settings = settings or ProjectSettings(channels={"email": {"default": {"smtp": "smtp://localhost:2525"}}})
    module = ModuleText(source, parsed.module, tuple(parsed.diagnostics))
    checked = compile_project(ProjectText((module,), load(None).words, settings))
    mistakes = [f"{d.span.start if d.span else ''} {d.message}" for d in checked.diagnostics if d.severity == "error"]
    assert checked.plan is not None, mistakes
    return checked.plan


def instant(text: str) -> datetime:
    """Return an instant; without an offset it is UTC."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def contact(email: str, **values: Value) -> NewRecord:
    """Return a contact that has always existed and may be mailed."""
    return NewRecord("contact", {"email": email, "subscriptions": ("Non marketing emails",), **values})


@dataclass
class World:
    """A project in a store, and what has happened in it."""

    store: Store
    plan: ProjectPlan
    now: datetime
    problems: list[str] = field(default_factory=list)
    _ticked: bool = False

    @classmethod
    def of(
        cls,
        text: str,
        since: str,
        records: Sequence[NewRecord] = (),
        *,
        users: Sequence[UserSettings] = (),
        store: Store | None = None,
        settings: ProjectSettings | None = None,
    ) -> World:
        """Make the project's flows active from `since` on, with records that have always existed."""
        plan, at = plan_of(text, settings), instant(since)
        world = cls(store or Store.in_memory(), plan, at)
        with world.store.begin() as conn:
            install_project(conn, world.store, plan, users, at)
            for kind in dict.fromkeys(r.record for r in records):
                mine = [r for r in records if r.record == kind]
                world.problems += map(str, add_records(conn, world.store, mine, at, created=False))
            for flow in plan.flows:
                run = next_run_at_or_after(flow.schedule, at, at) if flow.schedule is not None else None
                conn.execute(
                    update(tables.flow)
                    .where(tables.flow.c.name == flow.name)
                    .values(state="active", started_at=to_micros(at), run_next_at=None if run is None else to_micros(run))
                )
        return world

    def add(self, record: NewRecord) -> None:
        """Let a record come to be now."""
        with self.store.begin() as conn:
            self.problems += map(str, add_records(conn, self.store, [record], self.now, created=True))

    def tell(self, key: str, kind: str, sequence: str | None = None, step: str | None = None, value: str | None = None) -> None:
        """Let something happen now, before the tick of this instant."""
        record, name = subject_of(key)
        told = Told(self.now, record, name, kind, sequence, step, value)
        with self.store.begin() as conn:
            self.problems += [p.message for p in tell_all(conn, self.store, [told], recorded_at=self.now)]

    def to(self, until: str) -> World:
        """Play on up to an instant (its own tick is not done yet), with a stop wherever something falls due."""
        end = instant(until)
        if not self._ticked:
            self.tick()
        while (at := next_instant(self.store, self.now)) is not None and at < end:
            self.now = at
            self.tick()
        self.now = end
        self._ticked = False
        return self

    def tick(self) -> World:
        """Tick now."""
        report = tick(self.store, self.now)
        assert not report.quarantined, report.quarantined
        with self.store.read() as conn:
            assert conn.execute(select(tables.quarantine.c.reason)).scalars().all() == []
        self._ticked = True
        return self

    def lines(self, *whats: str, zone: str = "UTC", flow: str | None = None) -> list[str]:
        """Return the timeline so far: "2026-03-02 09:30 kim executed hello : why"; `whats`: of these kinds alone."""
        with self.store.read() as conn:
            found = list(timeline(conn, self.store, TimelineQuestion(flow=flow)))
        several = len(self.plan.flows) > 1 and flow is None
        shown = []
        for line in found:
            if whats and line.what not in whats:
                continue
            at = line.at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
            who = (line.contact or line.record).partition("@")[0] if line.record.startswith("contact") else line.record
            text = f"{at} {f'{line.flow} / ' if several else ''}{who} {line.what}"
            shown.append(text + (f" {line.step}" if line.step else "") + (f" : {line.why}" if line.why else ""))
        return shown

    def field(self, record: str, key: str, name: str) -> object:
        """Return what the column of a field keeps."""
        with self.store.read() as conn:  # the tables are known by what was applied last when it begins
            spec = self.store.record_tables.spec(record)
            found = select(self.store.column(record, name)).where(self.store.column(record, spec.key) == key)
            value: object = conn.execute(found).scalar_one()
            return value

    def owner(self, email: str) -> str | None:
        """Return the address of a contact's owner."""
        with self.store.read() as conn:
            users = self.store.records("user")
            found = select(users.c.email_key).where(
                users.c.id == self.store.column("contact", "owner"), self.store.column("contact", "email") == email
            )
            return conn.execute(found).scalar_one_or_none()


def play(text: str, since: str, until: str, records: Sequence[NewRecord], events: Sequence[str] = (), **more: object) -> World:
    """Play a project; `events` are lines "2026-03-02T10:00,kim@x.example,kind,sequence,step,value" in order of time."""
    users: Sequence[UserSettings] = more.get("users", ())  # type: ignore[assignment]  # one of two words
    store: Store | None = more.get("store")  # type: ignore[assignment]
    world = World.of(text, since, records, users=users, store=store)
    for line in events:
        at, key, kind, sequence, step, value = (line.split(",", 5) + [""] * 5)[:6]
        if instant(at) != world.now:
            world.to(at)
        world.tell(key, kind, sequence or None, step or None, value or None)
    return world.to(until)


__all__ = ["World", "contact", "instant", "plan_of", "play"]
