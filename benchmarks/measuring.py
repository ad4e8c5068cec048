"""What a benchmark finds, and the table that shows it."""

from __future__ import annotations

import gc
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MEBI = 1024


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured; every figure can be set on the command line."""

    contacts: int = 100_000  # of the tick
    enrolled: int = 1_000_000
    due: int = 10_000  # of those who are enrolled
    matching: int = 100_000  # of as many contacts as `enrolled`
    messages: int = 10_000  # delivered
    replies: int = 1_000  # read
    files: int = 1_000  # checked
    simulated: int = 10_000  # contacts
    days: int = 90  # simulated
    owners: int = 10  # of flows at their cap
    database: str = "sqlite"  # or "postgres": of what the engine does
    cpu: int = 0  # 1: seconds of a processor in place of time on the wall, for a machine that does other things, too


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table."""

    what: str
    ours: float
    unit: str  # "rows/s" (more is better) or "s" (less is better)
    hand: float | None = None  # the same by hand, in the same unit
    target: str = ""  # in words
    reached: bool | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times slower ours is than by hand."""
        if not self.hand:
            return None
        return self.ours / self.hand if self.unit == "s" else self.hand / self.ours


_clock: list[Callable[[], float]] = [time.perf_counter]


def count_cpu(server: Callable[[], float] | None = None) -> None:
    """Count CPU seconds, of user and system, from now on: of this process, of what it runs, and of a `server`."""
    _clock[0] = lambda: time.process_time() + of_children() + (0 if server is None else server())


def of_children() -> float:
    """Return the CPU seconds of the processes that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that a piece of work takes, garbage collection held back."""
    gc.collect()
    gc.disable()
    clock = _clock[0]
    try:
        began = clock()
        work()
        return clock() - began
    finally:
        gc.enable()


def peak_mebibytes() -> float:
    """Return the most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBI


def say(text: str) -> None:
    """Tell on stderr what is going on."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def table(findings: Sequence[Finding]) -> str:
    """Return the findings as a table for people."""
    head = ("what", "ours", "by hand", "slower by", "target", "", "note")
    rows = [head]
    for found in findings:
        mark = "" if found.reached is None else "reached" if found.reached else "MISSED"
        ratio = f"{found.ratio:.2f}x" if found.ratio else ""
        rows.append((found.what, _figure(found.ours, found.unit), _figure(found.hand, found.unit), ratio, found.target,
            mark, found.note))
    widths = [max(len(row[n]) for row in rows) for n in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:.2f} s" if unit == "s" else f"{value:,.0f} {unit}"
