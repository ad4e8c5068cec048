"""The loop that ticks and delivers: how often, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from seqlang.clock import ManualClock, SystemClock
from seqlang.errors import StoreError
from seqlang.runtime import loop
from seqlang.store import Store
from tests.engine.playing import instant

START = instant("2026-03-02T08:00")
HOUR = timedelta(hours=1)


def test_loop_ticks_once_each_span_and_delivers_in_between() -> None:
    clock = ManualClock(START)
    batches: list[int] = []

    def deliver(_enough: object) -> int:
        clock.set(clock.now() + timedelta(minutes=30))
        batches.append(1)
        return 1 if len(batches) < 6 else 0

    told: list[str] = []
    ticks = loop.run(
        Store.in_memory(), clock, HOUR, deliver=deliver, told=lambda report: told.append(report.at.isoformat()), ticks_max=3
    )
    assert ticks == 3
    assert told == ["2026-03-02T08:00:00+00:00", "2026-03-02T09:00:00+00:00", "2026-03-02T10:00:00+00:00"]


def test_loop_that_is_asked_to_stop_finishes_the_batch_in_hand() -> None:
    stop = loop.Stop(threading.Event())
    done: list[str] = []

    def deliver(_enough: object) -> int:
        stop.ask()
        done.append("batch")
        return 1

    assert loop.run(Store.in_memory(), ManualClock(START), HOUR, deliver=deliver, stop=stop) == 1
    assert done == ["batch"]


class Backlog:
    """Messages that take some minutes each, for so many deliveries."""

    def __init__(self, clock: ManualClock, minutes: int, deliveries: int) -> None:
        self.batches: list[int] = []
        self._clock, self._each, self._deliveries = clock, timedelta(minutes=minutes), deliveries

    def deliver(self, enough: Callable[[], bool]) -> int:
        taken = 0
        while not enough():
            self._clock.set(self._clock.now() + self._each)
            taken += 1
        self.batches.append(taken)
        return taken if len(self.batches) < self._deliveries else 0


def test_delivery_is_told_that_it_is_enough_when_a_tick_is_due() -> None:
    """A backlog of hours must not keep people waiting for their next step."""
    clock = ManualClock(START)
    backlog = Backlog(clock, 25, 3)
    assert loop.run(Store.in_memory(), clock, HOUR, deliver=backlog.deliver, ticks_max=3) == 3
    assert backlog.batches == [3, 3, 3]


def test_delivery_gets_as_long_as_a_tick_that_takes_longer_than_its_span() -> None:
    clock = ManualClock(START)
    backlog = Backlog(clock, 30, 1)

    def slow(_report: object) -> None:
        clock.set(clock.now() + 3 * HOUR)

    loop.run(Store.in_memory(), clock, HOUR, deliver=backlog.deliver, told=slow, ticks_max=2)
    assert backlog.batches == [6, 6]


def test_tick_does_not_wait_for_a_channel_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "GRACE_SECONDS", 0.1)
    stop = loop.Stop(threading.Event())
    released = threading.Event()
    told: list[object] = []

    def deliver(_enough: object) -> int:
        released.wait(20)
        return 0

    def tell(report: object) -> None:
        told.append(report)
        if len(told) == 3:
            assert not released.is_set()
            released.set()
            stop.ask()

    assert loop.run(Store.in_memory(), SystemClock(), timedelta(milliseconds=20), deliver=deliver, told=tell, stop=stop) == 3


def test_delivery_that_fails_while_the_loop_ends_is_told_of() -> None:
    stop = loop.Stop(threading.Event())

    def deliver(_enough: object) -> int:
        stop.ask()
        raise StoreError("the disk is full")

    with pytest.raises(StoreError, match="the disk is full"):
        loop.run(Store.in_memory(), SystemClock(), HOUR, deliver=deliver, stop=stop)


CHILD = """
import sys, time
from datetime import timedelta
from seqlang.clock import SystemClock
from seqlang.runtime import loop
from seqlang.store import Store
def deliver(enough):
    print("begun", flush=True)
    time.sleep(0.3)
    print("finished", flush=True)
    return 1
loop.run(Store.open(sys.argv[1]), SystemClock(), timedelta(minutes=1), deliver=deliver)
print("ended", flush=True)
"""


def test_sigterm_finishes_the_batch_in_hand(store_url: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen([sys.executable, "-c", CHILD, store_url], env=environment, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "begun\n"
    child.send_signal(signal.SIGTERM)
    out, _ = child.communicate(timeout=60)
    assert out.splitlines()[-2:] == ["finished", "ended"]
    assert out.count("begun") + 1 == out.count("finished")
    assert child.returncode == 0


def test_second_ctrl_c_does_not_wait_for_the_batch_in_hand(store_url: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    code = CHILD.replace("time.sleep(0.3)", "time.sleep(60)")
    child = subprocess.Popen([sys.executable, "-c", code, store_url], env=environment, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "begun\n"
    child.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(timeout=0.5)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=20)
    assert "ended" not in out
    assert child.returncode == -signal.SIGINT
