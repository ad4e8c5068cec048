"""Writes what is heard: openings and clicks from one thread, in batches, so that no reader waits for the database."""

from __future__ import annotations

import logging
import threading
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING

from seqlang.engine.telling_of import Heard, tell_of
from seqlang.errors import StoreError

if TYPE_CHECKING:
    from seqlang.clock import Clock
    from seqlang.store.database import Store

WAITING_MAX = 20_000  # events; what comes on top is dropped, and said
BATCH_MAX = 500
AGAIN_SECONDS = 2.0
LAST_TRIES = 3
log = logging.getLogger("seqlang.web")


class Recorder:
    """One writer for one application."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock = store, clock
        self._waiting: Queue[Heard] = Queue(WAITING_MAX)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._write_on, name="seqlang-recorder", daemon=True)
        self._dropped = 0

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def hear(self, heard: Heard) -> None:
        """Note an event; it is written in a moment."""
        try:
            self._waiting.put_nowait(heard)
        except Full:
            if not self._dropped:
                log.warning("the database does not keep up: openings and clicks are dropped")
            self._dropped += 1

    def hear_now(self, heard: Heard) -> int:
        """Write an event before anybody is told that it is; StoreError where that is not possible. Return how many are new."""
        with self.store.begin() as conn:
            return tell_of(conn, self.store, [heard], recorded_at=self.clock.now())

    def close(self) -> None:
        """Write what is still waiting, and end."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._dropped:
            log.warning("%d openings and clicks were dropped", self._dropped)

    def _write_on(self) -> None:
        while not (self._ending.is_set() and self._waiting.empty()):
            batch = self._next()
            if batch:
                self._write(batch)

    def _next(self) -> list[Heard]:
        try:
            batch = [self._waiting.get(timeout=0.2)]
        except Empty:
            return []
        while len(batch) < BATCH_MAX:
            try:
                batch.append(self._waiting.get_nowait())
            except Empty:
                break
        return batch

    def _write(self, batch: list[Heard]) -> None:
        """Write a batch; a database out of reach is tried again, at the end a few times only."""
        tries = 0
        while True:
            try:
                with self.store.begin() as conn:
                    tell_of(conn, self.store, batch, recorded_at=self.clock.now())
            except StoreError as broken:
                tries += 1
                if self._ending.is_set() and tries >= LAST_TRIES:
                    log.error("%d openings and clicks are lost: %s", len(batch), broken.message)  # noqa: TRY400  one line is enough
                    return
                log.warning("openings and clicks wait for the database: %s", broken.message)
                self._ending.wait(AGAIN_SECONDS)
            except Exception:
                log.exception("%d openings and clicks are lost", len(batch))
                return
            else:
                return
