"""One lane for each mailbox: its lines, what waits for them, how much may still leave."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from seqlang.dispatch import boxes
from seqlang.dispatch.box_manners import BLOCKED, Box
from seqlang.dispatch.boxes import all_boxes, find_boxes
from seqlang.dispatch.claim import find_sources, known_step
from seqlang.dispatch.lines import Done, Line
from seqlang.dispatch.records import Counts, Effect, Prepared, StepOfFlow
from seqlang.limits import MAILBOX_RETRY_SECONDS
from seqlang.plan.conditions import FlowOwner, Literal_, PlanValue

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.dispatch.steps import Shelf
    from seqlang.host import Host
    from seqlang.vocabulary.channels import ChannelSpec
    from seqlang.vocabulary.settings import ProjectSettings

GOODBYE_SECONDS = 5.0


def names_its_own(of: StepOfFlow) -> bool:
    """Tell whether `from` differs from message to message."""
    return not isinstance(of.step.option("from"), Literal_ | FlowOwner | None)


class Lane:
    """One mailbox while a call of `deliver` works."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.buffer: deque[Prepared] = deque()
        self.lines: list[Line] = []
        self.looked = 0.0  # monotonic: when what is in the buffer was looked at
        self.dry = False  # the last claim had nothing for it
        self.room: int | None = None  # how many may still leave; None: any number

    def free_line(self, groups: int, lanes: Lanes) -> Line | None:
        """Return the line with the least to do, if it can take another group; a new one while there may be more."""
        least = min(self.lines, key=lambda line: line.waiting, default=None)
        if (least is None or least.waiting) and len(self.lines) < self.box.connections:
            least = lanes.open_line()
            self.lines.append(least)
        return least if least is not None and least.waiting < groups else None

    def take(self, most: int) -> list[Prepared]:
        """Take a group out of the buffer, as large as the mailbox's rate allows."""
        size = min(most, len(self.buffer)) if self.room is None else min(most, len(self.buffer), self.room)
        if self.room is not None:
            self.room -= size
        return [self.buffer.popleft() for _ in range(size)]


class Lanes:
    """All lanes of a call."""

    def __init__(self, host: Host, settings: ProjectSettings, only: Collection[str] | None) -> None:
        self.busy = 0  # groups under way
        self.exhausted = False  # nothing more to claim
        self.closed: set[int] = set()  # steps that nothing is claimed of any more in this call
        self._host, self._settings = host, settings
        self._only = None if only is None else frozenset(only)
        self._lanes: dict[str, Lane] = {}
        self._shut: set[str] = set()  # mailboxes that cannot be used, or have no room
        self._again: dict[str, datetime] = {}  # … and when they may be used again
        self.rooms: dict[str, int | None] = {}  # mailbox -> how many more messages may be made for it; None: any number
        self._done: SimpleQueue[Done] = SimpleQueue()

    @property
    def hungry(self) -> bool:
        """Whether some lane has nothing left to give to its lines, and there may be more for it."""
        return any(not lane.buffer and not lane.dry for name, lane in self._lanes.items() if name not in self._shut)

    def dry_up(self, *, whole: bool = True) -> None:
        """Note that a claim brought nothing for lanes with empty buffers; `whole`: nothing at all."""
        for lane in self._lanes.values():
            lane.dry = not lane.buffer
        if whole and not self.busy and not any(lane.buffer for lane in self._lanes.values()):
            self.exhausted = True

    def all(self) -> list[Lane]:
        """Return all lanes."""
        return list(self._lanes.values())

    def ready(self) -> list[Lane]:
        """Return the lanes that may send."""
        return [lane for name, lane in self._lanes.items() if name not in self._shut]

    def open_line(self) -> Line:
        """Open another connection."""
        return Line(self._host, self._done)

    def close(self, name: str, *, blocked: bool = False) -> Lane | None:
        """Send nothing more from a mailbox in this call; nor, if it is blocked, in its place from another. Return its lane."""
        self._shut.add(name)
        if self.rooms.get(name) != BLOCKED:
            self.rooms[name] = BLOCKED if blocked else 0
        return self._lanes.get(name)

    def wait(self, seconds: float) -> Done | None:
        """Return the next group that is done, or None after a while."""
        try:
            return self._done.get(timeout=seconds)
        except Empty:
            return None

    def choose(
        self, conn: Connection, shelf: Shelf, channels: Mapping[str, ChannelSpec], now: datetime, counts: Counts
    ) -> list[int]:
        """Return the steps to claim from, oldest first: their mailbox can be used, has room, and has nothing in hand."""
        down = boxes.stopped(conn, now)
        chosen: list[int] = []
        for source in find_sources(conn, now, todos=False):
            if source.node_id in self.closed:
                continue
            of = known_step(shelf, conn, source)
            if of is None:
                chosen.append(source.node_id)  # said when it is claimed
                continue
            found = self._boxes(of, channels)
            if not found:
                missing = "mailbox for" if source.channel in channels else "plugin that brings"
                counts.problems.append(f"there is no {missing} the channel `{source.channel}`")
                self.closed.add(source.node_id)
            else:
                usable = [box for box in found if self._open(conn, box, down, now, counts)]
                if any(not self._lanes[box.name].buffer for box in self._in_turn(of, found, usable)):
                    chosen.append(source.node_id)
        return chosen

    def _in_turn(self, of: StepOfFlow, found: Sequence[Box], usable: Sequence[Box]) -> list[Box]:
        """Return those that may be used though one before them is blocked: of replies those of their threads, else none."""
        if of.step.option("reply_to_step") is not None or names_its_own(of):
            return list(usable)
        return [box for box in takewhile(lambda box: self.rooms.get(box.name) != BLOCKED, found) if box in usable]

    def _boxes(self, of: StepOfFlow, channels: Mapping[str, ChannelSpec]) -> tuple[Box, ...]:
        """Return the mailboxes that the step's messages may leave from; none where there are none."""
        spec = channels.get(of.step.channel)
        if spec is None:
            return ()  # its plugin may come back: its messages wait
        sender: PlanValue | None = of.step.option("from")
        if isinstance(sender, FlowOwner):
            return find_boxes(spec, self._settings, of.plan.kind, of.owner, of.owner)
        named = str(sender.value) if isinstance(sender, Literal_) else None
        usual = find_boxes(spec, self._settings, of.plan.kind, of.owner, named)
        if sender is None or isinstance(sender, Literal_):
            return usual
        mine = {box.name for box in usual}
        return usual + tuple(box for box in all_boxes(spec, self._settings) if box.name not in mine)  # each message names its own

    def _open(
        self, conn: Connection, box: Box, down: Mapping[str, tuple[str, datetime | None]], now: datetime, counts: Counts
    ) -> bool:
        """Tell whether anything may leave from the mailbox now; make its lane."""
        if (self._only is not None and box.name not in self._only) or box.name in self._shut:
            return False
        if box.name in down:
            reason, again = down[box.name]
            hint = "" if again is not None else f"; then `seqlang mailbox open {box.name}`"
            self._refuse(box, f"{box.name}: {reason}{hint}", again, counts, blocked=again is None)
            return False
        lane = self._lanes.setdefault(box.name, Lane(box))
        if not lane.buffer and not any(line.waiting for line in lane.lines):  # what is on its way is not counted yet
            try:
                lane.room, again = boxes.room(conn, box, now, self._settings.timezone)
            except ValueError as wrong:
                self._refuse(box, str(wrong), None, counts)
                return False
            if again is not None:
                counts.next_at.append(again)
                self._again[box.name] = again
        self.rooms[box.name] = None if lane.room is None else max(0, lane.room - len(lane.buffer))
        return lane.room is None or lane.room > 0

    def _refuse(self, box: Box, reason: str, again: datetime | None, counts: Counts, *, blocked: bool = False) -> None:
        counts.problems.append(reason)
        if again is not None:
            counts.next_at.append(again)
            self._again[box.name] = again
        self.close(box.name, blocked=blocked)

    def fill(self, prepared: Iterable[Prepared], looked: float, now: datetime) -> list[tuple[Effect, datetime | None]]:
        """Put messages into the lanes of their mailboxes; return those whose mailbox sends nothing now, and until when."""
        back: list[tuple[Effect, datetime | None]] = []
        for one in prepared:
            name = one.box_name
            spent = name in self._lanes and self._lanes[name].room == 0
            if spent or name in self._shut or (self._only is not None and name not in self._only):
                # A thread stays with its mailbox: what waits for it must not stand before what another one can take.
                bound = one.message.thread is not None or names_its_own(one.effect.of)
                mine = bound and (self._only is None or name in self._only)
                again = self._again.get(name) or (now + timedelta(seconds=MAILBOX_RETRY_SECONDS)) if mine else None
                if again is None:
                    self.closed.add(one.effect.of.node_id)
                back.append((one.effect, again))
                continue
            lane = self._lanes.setdefault(name, Lane(Box(name, one.box)))
            if not lane.buffer:
                lane.looked = looked
            lane.buffer.append(one)
        return back

    def room_again(self, conn: Connection, now: datetime) -> list[datetime]:
        """Return when mailboxes whose rate is used up may send again."""
        spent = [lane for lane in self._lanes.values() if lane.room is not None and lane.room <= 0]
        found = [boxes.room(conn, lane.box, now, self._settings.timezone)[1] for lane in spent]
        return [again for again in found if again is not None]

    def shut(self) -> None:
        """Close all lines."""
        lines = [line for lane in self._lanes.values() for line in lane.lines]
        for line in lines:
            line.close()
        for line in lines:
            line.join(GOODBYE_SECONDS)
