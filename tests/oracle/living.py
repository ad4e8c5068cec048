"""A project that lives in a database: ticks that come when they come, events that arrive late, edits applied on the way."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from seqlang.app.defining import checked_project, put_in
from seqlang.app.workspace import open_workspace
from seqlang.engine.telling import Told, subject_of, tell_all
from seqlang.errors import RefusedError
from seqlang.runtime import lifecycle
from seqlang.runtime.tick import tick
from seqlang.simulation.delivering import settle_planned
from seqlang.simulation.play import Cast, Play
from seqlang.store.plans import get_flow
from seqlang.store.timeline import TimelineQuestion, timeline
from tests.oracle.lifecycle import Deed
from tests.oracle.play import Life, as_json, play
from tests.oracle.projects import BadProjectError, Played, read
from tests.oracle.world import Line

if TYPE_CHECKING:
    from seqlang.compiler import Checked
    from seqlang.vocabulary.settings import ProjectSettings
    from tests.oracle.strategies import Made

Row = dict[str, str | None]


def ticks_of(made: Made) -> tuple[datetime, ...]:
    """Return the instants of a rhythm: lines of an instant and of minutes, "from then on every so many"."""
    parts = [line.split() for line in made.ticks.splitlines()]
    starts = [datetime.fromisoformat(at) for at, _ in parts] + [datetime.fromisoformat(made.until)]
    found: set[datetime] = set()
    for (first, end), (_, minutes) in zip(pairwise(starts), parts, strict=True):
        step = timedelta(minutes=int(minutes))
        found |= {(first + step * n).astimezone(UTC) for n in range(-((first - end) // step))}
    return tuple(sorted(at for at in found if at >= starts[0]))


def deeds_of(made: Made) -> tuple[Deed, ...]:
    """Return what is done to flows on the way: lines "INSTANT WHAT FLOW"."""
    parts = [line.split() for line in made.deeds.splitlines()]
    return tuple(Deed(datetime.fromisoformat(at), what, flow) for at, what, flow in parts)


def both(folder: Path, made: Made) -> tuple[list[Row], list[Row]]:
    """Return what the oracle tells of the life of a project, and what the engine tells. BadProjectError: it has errors."""
    played = read(folder, {name: folder / f"{name}.csv" for name, _ in made.files}, made.since, made.until)
    life = Life(ticks_of(made), timedelta(hours=made.lag), deeds=deeds_of(made))
    edits: list[tuple[datetime, Checked]] = []
    for at, text in made.edits:
        (folder / "flow.seq").write_text(text, "utf-8")
        try:
            edits.append((datetime.fromisoformat(at), checked_project(open_workspace(str(folder)))))
        except RefusedError as refused:
            raise BadProjectError(str(refused)) from refused
    lived = Lived(Cast(played.plan, played.users), played.scenario, lambda _: None)
    try:
        told = lived.through(life, edits, open_workspace(str(folder)).settings)
    finally:
        lived.close()
    taken = ((at, checked.plan) for at, checked in edits if checked not in lived.refused)
    return _expected(played, replace(life, edits=tuple((at, plan) for at, plan in taken if plan is not None))), told


def _expected(played: Played, life: Life) -> list[Row]:
    return [as_json(line, "UTC") for line in play(played.plan, played.scenario, played.users, life=life)]


class Lived(Play):
    """The engine on a store, tick by tick, as somebody would run it who is away at times."""

    refused: list[Checked]

    def through(self, life: Life, edits: list[tuple[datetime, Checked]], settings: ProjectSettings) -> list[Row]:
        """Play to the end; return the timeline."""
        self.refused = []
        by_hand: list[tuple[datetime, Checked | Deed]] = [*edits, *((deed.at, deed) for deed in life.deeds)]
        by_hand.sort(key=lambda done: done[0])
        for at in life.ticks:
            while by_hand and by_hand[0][0] <= at:
                when, done = by_hand.pop(0)
                if isinstance(done, Deed):
                    self._do(done)
                else:
                    self._apply(when, done, settings)
            self._arrive(life, at)
            report = tick(self.store, at)
            assert not report.quarantined, report.quarantined
            assert not report.stale
            with self.store.begin() as conn:
                settle_planned(conn)
        with self.store.read() as conn:
            return [as_json(_line(found), "UTC") for found in timeline(conn, self.store, TimelineQuestion())]

    def _apply(self, at: datetime, checked: Checked, settings: ProjectSettings) -> None:
        try:
            with self.store.begin() as conn:
                put_in(conn, self.store, checked, settings, at)
        except RefusedError:
            self.refused.append(checked)

    def _do(self, deed: Deed) -> None:
        does = {"stop": lifecycle.stop, "start": lifecycle.activate, "archive": lifecycle.archive}[deed.what]
        with suppress(RefusedError), self.store.begin() as conn:
            does(conn, self.store, get_flow(conn, deed.flow).id, deed.at)

    def _arrive(self, life: Life, at: datetime) -> None:
        """Let records come to be, and tell what has become known since the tick before."""
        with self.store.begin() as conn:
            while self._unborn and (born := self._unborn[0].created_at) is not None and born <= at:
                self._add(conn, [self._unborn.popleft()], born, created=True)
            known = [h for h in self._coming if life.arrives(h, self._since) <= at]
            for happening in known:
                self._coming.remove(happening)
            told = [
                Told(h.at, *((h.record, h.key) if h.record else subject_of(h.key)), h.kind, h.sequence, h.step, h.value)
                for h in known
            ]
            tell_all(conn, self.store, told, recorded_at=at)


def _line(found: object) -> Line:
    names = ("at", "flow", "contact", "record", "what", "step", "channel", "why")
    return Line(*(getattr(found, name) for name in names))
