"""Delivers what is planned: one coordinator that alone talks to the database, and lines that talk to the channels.

The order of things for each message: claimed (lease, fence) and looked at again in one transaction; rendered; its intent
committed together with that of its group; handed to the channel; its outcome noted in the transaction that commits the next
group's intent. A process that dies leaves at most two groups a connection unclear (as many as it sends in a moment, at most
limits.SENDING_GROUP_MAX each), and nothing is ever sent twice.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from seqlang.clock import Clock
from seqlang.dispatch import claim as claims
from seqlang.dispatch import settle
from seqlang.dispatch.compose import Desk, told_empty
from seqlang.dispatch.lanes import Lane, Lanes
from seqlang.dispatch.lines import Done
from seqlang.dispatch.links import Links, links_of
from seqlang.dispatch.people import all_people
from seqlang.dispatch.prepare import THREAD_WAIT, gather, prepare
from seqlang.dispatch.records import Counts, Delivered
from seqlang.dispatch.render import Renderer
from seqlang.dispatch.steps import Shelf
from seqlang.dispatch.todos import make_todos
from seqlang.limits import CHANNEL_CALL_SECONDS, CLAIM_BATCH_MAX, LOOK_AGAIN_SECONDS
from seqlang.sdk.outcomes import Retry, Unavailable, Unclear

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.host import Host
    from seqlang.store.database import Store
    from seqlang.vocabulary.settings import ProjectSettings

CLAIM_MAX = min(400, CLAIM_BATCH_MAX)
GROUPS_PER_LINE = 2  # one on its way, one behind it, so that no connection waits for the database
WATCH_SECONDS = 0.5
GARBAGE_OBJECTS = 50_000  # made more than gone, before garbage is looked for: more than a claim makes
_RENDERER = Renderer()  # compiled templates outlive a call: `seqlang run` delivers every few seconds


def deliver(  # noqa: PLR0913  each is a different question, all but the first four are named
    store: Store, host: Host, settings: ProjectSettings, clock: Clock, *, mailboxes: Collection[str] | None = None,
    limit: int | None = None, todos_only: bool = False, stop: Callable[[], bool] | None = None, links: Links | None = None,
) -> Delivered:
    """Deliver everything that is planned by now, and return what was done.

    `mailboxes`: only from these ("email:ana@example.com"). `limit`: at most so many effects. `todos_only`: to-dos and drafts, no
    network. `stop`: asked between groups; once true, what is under way is finished and the rest given back. `links`: makes the
    addresses to unsubscribe and those that tell of openings and clicks; default: as `[web]` says (ProjectError: it cannot be).
    Any number of processes may deliver from one database at a time.
    """
    links = links or links_of(settings.web, needed=not todos_only)
    return _Call(store, host, settings, clock, mailboxes, limit, stop or (lambda: False), links).run(todos_only=todos_only)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for garbage seldom: messages hold no cycles, and each look goes through all that wait for their turn."""
    before = gc.get_threshold()
    if before[0]:  # nobody has switched it off
        gc.set_threshold(max(before[0], GARBAGE_OBJECTS), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Call:
    """One call of `deliver`."""

    def __init__(  # noqa: PLR0917  the arguments of `deliver`
        self, store: Store, host: Host, settings: ProjectSettings, clock: Clock, mailboxes: Collection[str] | None,
        limit: int | None, stop: Callable[[], bool], links: Links | None,
    ) -> None:
        self.store, self.host, self.clock, self.stop = store, host, clock, stop
        self.counts = Counts()
        self.shelf = Shelf()
        self.left = limit
        self.settings = settings
        words = host.words
        self.idempotent = [c.word for c in words.channels if c.idempotent]
        with store.read() as conn:
            people = all_people(conn, store)
        self.desk = Desk(settings, {c.word: c for c in words.channels}, _RENDERER, {}, people, links)
        self.lanes = Lanes(host, settings, mailboxes)
        self.desk = replace(self.desk, rooms=self.lanes.rooms)
        self.unsettled: list[settle.Result] = []
        self.answering: set[str] = set()  # mailboxes whose channel has answered since it last hung

    def run(self, *, todos_only: bool) -> Delivered:
        """Do the work, and add what people should know of empty placeholders."""
        done = self._run(todos_only=todos_only)
        return replace(done, problems=(*done.problems, *told_empty(self.desk)))

    def _run(self, *, todos_only: bool) -> Delivered:
        now = self.clock.now()
        make_todos(self.store, self.shelf, self.desk, now, self.left, self.counts)
        if self.left is not None:
            self.left -= self.counts.todos
        if todos_only:
            return self.counts.total()
        with self.store.begin() as conn:
            unknown, retried = claims.sweep(conn, now, self.idempotent)
            self.counts.unknown += unknown
            self.counts.retry += retried
        try:
            with _seldom_collected():
                self._work()
        finally:
            self._finish()
        with self.store.read() as conn:
            later = claims.next_ready(conn, self.clock.now())
            self.counts.next_at += self.lanes.room_again(conn, self.clock.now())
        if later is not None:
            self.counts.next_at.append(later)
        return self.counts.total()

    def _work(self) -> None:
        while True:
            moved = self._feed()
            if self.lanes.busy:
                self._collect()
            elif not moved:
                return

    def _feed(self) -> bool:
        """Give every lane that can take more another group; return whether anything moved."""
        moved = False
        if self.stop() or (self.left is not None and self.left <= 0):
            return False
        if not self.lanes.exhausted and (self.lanes.hungry or not self.lanes.busy):
            moved = self._claim()
        for lane in self.lanes.ready():
            while lane.buffer and (line := lane.free_line(GROUPS_PER_LINE, self.lanes)) is not None:
                if time.monotonic() - lane.looked > LOOK_AGAIN_SECONDS:
                    self._give_back(lane)
                    break
                group = lane.take(line.size if self.left is None else min(line.size, self.left))
                if not group:
                    self.lanes.close(lane.box.name)  # its rate is used up
                    break
                now = self.clock.now()
                with self.store.begin() as conn:
                    self._settle(conn, now)
                    going = settle.intend(conn, self.store, group, now)
                moved = True
                if going:
                    line.give(going)
                    self.lanes.busy += 1
                    if self.left is not None:
                        self.left -= len(going)
        return moved

    def _claim(self) -> bool:
        """Claim more for lanes that have nothing in hand; return whether anything was there."""
        now = self.clock.now()
        with self.store.begin() as conn:
            self._settle(conn, now)
            nodes = self.lanes.choose(conn, self.shelf, self.desk.channels, now, self.counts)
            most = CLAIM_MAX if self.left is None else min(CLAIM_MAX, self.left)
            claimed = claims.claim(conn, self.store, self.shelf, nodes, now, most)
            if not claimed.count:
                self.lanes.dry_up()
                return False
            settle.fail_lost(conn, claimed.lost, now, self.counts)
            settle.cancel(conn, [e for e in claimed.effects if e.held is not None], self.counts)
            desk, before, waiting = gather(conn, self.shelf, self.desk, [e for e in claimed.effects if e.held is None])
        ready = prepare(desk, claimed.effects, before, waiting, now)
        back = self.lanes.fill(ready.prepared, time.monotonic(), now)
        self.lanes.dry_up(whole=False)
        if ready.failed or ready.waiting or ready.boxless or back:
            with self.store.begin() as conn:
                for effect, reason in ready.failed:
                    settle.fail(conn, effect, "render", reason, now, self.counts)
                settle.put_back(conn, ready.waiting, now + THREAD_WAIT)
                settle.put_back(conn, [effect for effect, _ in (*back, *ready.boxless)])
                for again in {again for _, again in back if again is not None}:
                    settle.put_back(conn, [effect for effect, until in back if until == again], again)
            for effect, reason in ready.boxless:
                self.counts.problems.append(reason)
                self.lanes.closed.add(effect.of.node_id)
        return True

    def _collect(self) -> None:
        """Take in a group that is done, or give up a line that hangs."""
        done = self.lanes.wait(WATCH_SECONDS)
        if done is not None:
            self._take(done)
        for lane in self.lanes.all():
            for line in list(lane.lines):
                if line.overdue() and (given_up := line.abandon()) is not None:
                    self.lanes.busy -= line.waiting - 1
                    line.waiting = 1
                    lane.lines.remove(line)
                    self._take(given_up)
                    self._hung(lane)

    def _take(self, done: Done) -> None:
        done.line.waiting -= 1
        done.line.learn(done)
        self.lanes.busy -= 1
        self.unsettled += [self._known(result) for result in done.results]
        if any(not isinstance(r.outcome, (settle.Unsent, Unavailable, Unclear)) for r in done.results):
            self.answering.update(r.prepared.box_name for r in done.results)
        sent = sum(not isinstance(r.outcome, (settle.Unsent, Unavailable)) for r in done.results)
        if self.left is not None:
            self.left += len(done.results) - sent
        for result in done.results:
            if isinstance(result.outcome, Unavailable):
                self._close(result.prepared.box_name, blocked=result.outcome.blocked)

    def _close(self, name: str, *, blocked: bool = False) -> None:
        """Send nothing more from a mailbox in this call; another may take what waits for it."""
        lane = self.lanes.close(name, blocked=blocked)
        if lane is not None and lane.buffer:
            self._give_back(lane)

    def _hung(self, lane: Lane) -> None:
        """Let the others go over another line; where nothing had gone, their mailbox stands still, for each costs a minute."""
        name, now = lane.box.name, self.clock.now()
        if name in self.answering:
            self.answering.discard(name)
            return
        silent = Unavailable(f"the channel did not answer within {CHANNEL_CALL_SECONDS} seconds")
        with self.store.begin() as conn:
            self._settle(conn, now)
            settle.stand_still(conn, self.store, name, silent, now, self.counts)
        self._close(name)

    def _known(self, result: settle.Result) -> settle.Result:
        """Take an unclear outcome of a channel that honours idempotency keys for one to try again: that is harmless there."""
        if isinstance(result.outcome, Unclear) and result.prepared.message.word in self.idempotent:
            return settle.Result(result.prepared, Retry(result.outcome.reason))
        return result

    def _settle(self, conn: Connection, now: datetime) -> None:
        """Note the outcomes that are in, inside the caller's transaction."""
        if self.unsettled:
            settle.note(conn, self.store, self.unsettled, now, self.counts)
            self.unsettled = []

    def _give_back(self, lane: Lane) -> None:
        """Give back what was looked at too long ago; it is claimed and looked at anew."""
        with self.store.begin() as conn:
            settle.put_back(conn, [prepared.effect for prepared in lane.buffer])
        lane.buffer.clear()
        lane.dry = self.lanes.exhausted = False

    def _finish(self) -> None:
        """Take in what is still under way, give back what was not begun, close the lines."""
        while self.lanes.busy:
            self._collect()
        now = self.clock.now()
        rest = [prepared.effect for lane in self.lanes.all() for prepared in lane.buffer]
        if rest or self.unsettled:
            with self.store.begin() as conn:
                self._settle(conn, now)
                settle.put_back(conn, rest)
        self.lanes.shut()
