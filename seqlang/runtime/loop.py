"""Ticking and delivering until somebody says stop: SIGTERM (and Ctrl-C) finish the batch in hand."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seqlang.runtime.tick import tick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta

    from seqlang.clock import Clock
    from seqlang.runtime.reports import TickReport
    from seqlang.store.database import Store

IDLE_SECONDS_MAX = 1.0  # how long a loop with nothing to deliver sleeps at a time
GRACE_SECONDS = 2.0  # for what is on its way when its turn ends; longer takes only a channel that does not answer


@dataclass(slots=True)
class Stop:
    """The wish to stop: set by a signal, or by whoever runs the loop."""

    wanted: threading.Event

    def ask(self) -> None:
        """Ask the loop to end when the batch in hand is done."""
        self.wanted.set()


def run(
    store: Store,
    clock: Clock,
    tick_every: timedelta,
    *,
    deliver: Callable[[Callable[[], bool]], int],
    told: Callable[[TickReport], None] | None = None,
    stop: Stop | None = None,
    ticks_max: int | None = None,
) -> int:
    """Tick every `tick_every` and deliver in between, until the next tick is due, but at least for as long as the last one took.

    `deliver` is called in a thread of its own; it delivers what there is until what it is given says that it is enough, and
    returns how many messages it took. A tick waits for it, but not for a channel that does not answer. `told` gets each tick's
    report. Ends when asked to, or after `ticks_max` ticks; returns how many there were.
    """
    stop = stop or Stop(threading.Event())
    ticks = 0
    due = turn_ends = clock.now()

    def enough() -> bool:
        return stop.wanted.is_set() or clock.now() >= turn_ends

    with _on_signals(stop), ThreadPoolExecutor(1, "seqlang-delivery") as worker:
        delivery: Future[int] | None = None
        while not stop.wanted.is_set():
            now = clock.now()
            if now >= due:
                report = tick(store, now)
                ticks += 1
                due = now + tick_every
                if told is not None:
                    told(report)
                done = clock.now()
                turn_ends = max(due, done + (done - now))
            if stop.wanted.is_set():
                break
            delivery = delivery or worker.submit(deliver, enough)
            if not wait([delivery], max((turn_ends - clock.now()).total_seconds(), 0.0) + GRACE_SECONDS).done:
                continue
            taken = delivery.result()
            delivery = None
            if ticks_max is not None and ticks >= ticks_max and not taken:
                break
            if not taken:
                left = (due - clock.now()).total_seconds()
                stop.wanted.wait(min(max(left, 0.0), IDLE_SECONDS_MAX))
        if delivery is not None:
            delivery.result()
    return ticks


@contextmanager
def _on_signals(stop: Stop) -> Iterator[None]:
    """Let SIGTERM and SIGINT ask for the end, where this is the main thread; put things back as they were.

    A second SIGINT ends the process at once, as a crash does: what was on its way is unclear, and nothing else is lost.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def asked(number: int, _frame: Any) -> None:
        if number == signal.SIGINT and stop.wanted.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stop.ask()

    before = {number: signal.signal(number, asked) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
