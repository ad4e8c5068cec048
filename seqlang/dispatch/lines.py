"""Connections: threads that hand messages to a channel, one after the other, watched from outside."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from queue import SimpleQueue
from typing import TYPE_CHECKING

from seqlang.dispatch.records import Prepared
from seqlang.dispatch.scrubbing import scrubbed
from seqlang.dispatch.settle import Result, Unsent
from seqlang.errors import SeqlangError
from seqlang.host.host import checked, close_quietly
from seqlang.host.timed import failure
from seqlang.limits import (
    CHANNEL_CALL_SECONDS,
    LEASE_SECONDS,
    SENDING_GROUP_MAX,
    SENDING_GROUP_MIN,
    SENDING_GROUP_SECONDS,
)
from seqlang.sdk.hooks import PipelinedChannel
from seqlang.sdk.outcomes import Accepted, Outcome, Unavailable, Unclear

if TYPE_CHECKING:
    from seqlang.host import Host
    from seqlang.sdk.hooks import Channel
    from seqlang.sdk.messages import Message

# A group that waited so long is not begun any more: its leases may end while it is on its way.
GROUP_SECONDS_MAX = LEASE_SECONDS - CHANNEL_CALL_SECONDS - 30


@dataclass(frozen=True, slots=True)
class Done:
    """A group that a line has finished, or was taken from."""

    line: Line
    results: tuple[Result, ...]
    seconds: float | None = None  # that it took; None: it was given up


class Line:
    """One connection of one mailbox. The coordinator gives it groups and reads their results from a queue that lines share."""

    def __init__(self, host: Host, done: SimpleQueue[Done]) -> None:
        self.waiting = 0  # groups that it has and has not finished; counted by the coordinator
        self.size = SENDING_GROUP_MIN  # messages of its next group; worked out by the coordinator
        self._host = host
        self._done = done
        self._inbox: SimpleQueue[tuple[Sequence[Prepared], float] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._abandoned = False
        self._group: Sequence[Prepared] = ()
        self._results: list[Result] = []
        self._feed: _Feed | None = None  # the channel's, while it has one
        self._began = 0.0  # when the call in hand began; 0: none is
        self._channels: dict[str, Channel] = {}
        self._thread = threading.Thread(target=self._run, daemon=True, name="seqlang-line")
        self._thread.start()

    def give(self, group: Sequence[Prepared]) -> None:
        """Give it a group whose intent is committed."""
        self.waiting += 1
        self._inbox.put((group, time.monotonic()))

    def learn(self, done: Done) -> None:
        """Let groups be as large as what the connection sends in a moment: of a slow one few are unclear if the process dies."""
        if done.seconds is None:
            return
        if done.seconds > SENDING_GROUP_SECONDS:
            self.size = max(SENDING_GROUP_MIN, self.size // 2)
        elif len(done.results) >= self.size and done.seconds < SENDING_GROUP_SECONDS / 2:
            self.size = min(SENDING_GROUP_MAX, self.size * 2)

    def overdue(self, seconds: float = CHANNEL_CALL_SECONDS) -> bool:
        """Tell whether the call in hand takes longer than it may."""
        began = self._began
        return began > 0 and time.monotonic() - began > seconds

    def abandon(self) -> Done | None:
        """Give up a line whose call hangs: what may have gone is unclear, the rest was not sent. None: it has just finished."""
        with self._lock:
            if self._began == 0:
                return None
            self._abandoned = True
            stuck = len(self._results)
            reason = f"the channel did not answer within {CHANNEL_CALL_SECONDS} seconds"
            feed = self._feed
            gone = min(stuck + feed.in_flight(), feed.end) if feed is not None else stuck + 1
            unclear = [Result(p, Unclear(reason)) for p in self._group[stuck:gone]]
            rest = [Result(p, Unsent()) for p in self._group[gone:]]
            results = [*self._results, *unclear, *rest]
        while not self._inbox.empty():
            item = self._inbox.get()
            if item is not None:
                results += [Result(p, Unsent()) for p in item[0]]
        return Done(self, tuple(results))

    def close(self) -> None:
        """Let it end when its groups are done."""
        self._inbox.put(None)

    def join(self, seconds: float) -> None:
        """Wait until it has said goodbye, but not for ever."""
        if not self._abandoned:
            self._thread.join(seconds)

    def _run(self) -> None:
        while (item := self._inbox.get()) is not None:
            self._send(*item)
            if self._abandoned:
                return
        for channel in self._channels.values():
            close_quietly(channel)

    def _send(self, group: Sequence[Prepared], given: float) -> None:
        with self._lock:
            self._group, self._results = group, []
        done, began = 0, time.monotonic()
        while done < len(group) and not _late(given):
            found = self._hand_over(group[done:], given)
            if found is None:
                return
            told = self._results[done:]
            done += found
            if any(isinstance(result.outcome, Unavailable) for result in told):
                break
        rest = [Result(prepared, Unsent()) for prepared in group[done:]]
        self._done.put(Done(self, (*self._results, *rest), time.monotonic() - began))

    def _hand_over(self, group: Sequence[Prepared], given: float) -> int | None:
        """Give messages to the channel of the first one, note what becomes of them, and return of how many; None: abandoned.

        At least one is noted, unless there is no time left.
        """
        word = group[0].message.word
        mine = tuple(takewhile(lambda prepared: prepared.message.word == word, group))
        feed = self._feed = _Feed(mine, given, len(self._results), _pipelined(self._channels.get(word)))
        outcomes = self._outcomes(group[0], feed)
        done, gone = 0, 0  # of the feed: how many were told of, and how many may have gone when the next one is
        last: Outcome | None = None  # after which it is only asked for those that have gone
        while done < len(feed.group):
            if last is None and done and _late(given):
                last = Unclear(f"the channel `{word}` had no time left to say what became of the message")
            if last is not None and done >= min(gone, feed.taken):
                break
            outcome = last
            if not isinstance(last, Unclear):
                gone = gone if last is not None else done + feed.in_flight()
                asked = self._ask(word, outcomes)
                if asked is None:
                    return None
                outcome, more = asked
                if outcome is None and (last is not None or (feed.taken <= done and (done or _late(given)))):
                    break
                if not more:
                    last = outcome
                    gone = gone if isinstance(last, Unavailable) else min(gone, done + feed.in_flight())
            if outcome is None or feed.taken <= done:
                outcome = Unclear(f"the channel `{word}` did not say what became of the message")
            self._results.append(Result(feed.group[done], scrubbed(outcome)))
            done += 1
        with contextlib.suppress(BaseException):  # a plugin may raise anything
            outcomes.close()
        return done

    def _ask(self, word: str, outcomes: Iterator[Outcome]) -> tuple[Outcome | None, bool] | None:
        """Ask the channel for the next outcome as `_next` does, under watch; None: the line was given up meanwhile."""
        with self._lock:
            if self._abandoned:
                return None
            self._began = time.monotonic()
        asked = _next(word, outcomes)
        with self._lock:
            self._began = 0.0
            return None if self._abandoned else asked

    def _outcomes(self, prepared: Prepared, feed: _Feed) -> Generator[Outcome]:
        """Yield what becomes of the messages, in their order."""
        word = prepared.message.word
        try:
            channel = self._channels.get(word)
            if channel is None:
                channel = self._channels[word] = self._host.open(word, prepared.box)
                feed.channel = _pipelined(channel)
        except SeqlangError as error:
            feed.taken += 1
            yield Unavailable(error.message)
            return
        if feed.channel is not None:
            yield from feed.channel.deliver_each(feed)
        else:
            for message in feed:
                yield channel.deliver(message)


class _Feed:
    """Messages for a channel that takes them when it can; none any more when there is no time left."""

    def __init__(self, group: tuple[Prepared, ...], given: float, first: int, channel: PipelinedChannel | None) -> None:
        self.group = group
        self.end = first + len(group)  # in the group of the line
        self.taken = 0
        self.channel = channel  # None: it takes one message at a time, or is not open
        self._given = given

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> Message:
        if self.taken >= len(self.group) or _late(self._given):
            raise StopIteration
        self.taken += 1
        return self.group[self.taken - 1].message

    def in_flight(self) -> int:
        """Return how many messages, from the next one to be told of, may have gone by the time that it is."""
        try:
            found = getattr(self.channel, "in_flight", 1)
        except BaseException:  # noqa: BLE001  a plugin may raise anything
            return 1
        return max(1, found) if isinstance(found, int) else 1


def _pipelined(channel: Channel | None) -> PipelinedChannel | None:
    try:
        return channel if isinstance(channel, PipelinedChannel) else None
    except BaseException:  # noqa: BLE001  looking for an attribute may run a plugin's code, which may raise anything
        return None


def _late(given: float) -> bool:
    return time.monotonic() - given > GROUP_SECONDS_MAX


def _next(word: str, outcomes: Iterator[Outcome]) -> tuple[Outcome | None, bool]:
    """Return the next outcome (None: there is none), and whether the channel can be asked for more."""
    try:
        told = next(outcomes)
        outcome = told if isinstance(told, Accepted) else checked(told)  # nearly all are
    except StopIteration:
        return None, True
    except BaseException as error:  # noqa: BLE001  a plugin may raise anything, `SystemExit` too; a line is never the main thread
        return Unclear(f"the channel `{word}` failed: {failure(error)}"), False
    return outcome, not isinstance(outcome, Unavailable)
