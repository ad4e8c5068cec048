"""Work that goes on beside something else, each piece on a thread of its own, until that ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic

GOODBYE_SECONDS = 5.0  # for all together: a server that hangs must not hold up the end


@contextmanager
def beside(stop: threading.Event, pieces: Iterable[tuple[str, Callable[[], None]]]) -> Iterator[None]:
    """Run each named piece on a thread while the block runs; then set `stop`, at which they end, and wait a little for them."""
    threads = [threading.Thread(target=work, daemon=True, name=f"seqlang-{name}") for name, work in pieces]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        latest = monotonic() + GOODBYE_SECONDS
        for thread in threads:
            thread.join(max(0.0, latest - monotonic()))
