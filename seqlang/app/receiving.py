"""What comes back while `seqlang run` runs: one thread for each mailbox that has an inbox, each on its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seqlang.beside import beside
from seqlang.errors import PluginError, StoreError
from seqlang.host.host import close_quietly
from seqlang.host.timed import failure
from seqlang.sdk.mailbox import MailboxSettings

if TYPE_CHECKING:
    from seqlang.clock import Clock
    from seqlang.host import Host
    from seqlang.sdk.hooks import Inbox
    from seqlang.store import Store
    from seqlang.vocabulary.settings import ProjectSettings

WAIT_SECONDS = 1.0  # how long a look into an inbox waits: so long may a stop take
AGAIN_SECONDS = (5.0, 30.0, 300.0)  # after a first, second, further failure
Note = Callable[[str], None]


@contextmanager
def receiving(store: Store, host: Host, settings: ProjectSettings, clock: Clock, note: Note) -> Iterator[None]:
    """Read all inboxes of the project while the block runs; what goes wrong is said once and tried again."""
    stop = threading.Event()
    receivers = [Receiver(store, host, box, clock, note, stop) for box in inboxes(host, settings)]
    with beside(stop, [(f"inbox-{one.name}", one.run) for one in receivers]):
        yield


def inboxes(host: Host, settings: ProjectSettings) -> list[MailboxSettings]:
    """Return the mailboxes to which something may come back, by their channels and names."""
    words = {c.word for c in host.words.channels if c.inbox}
    return [
        MailboxSettings(word, name, table, bool(table.get("allow_private", False)))
        for word, tables in sorted(settings.channels.items())
        if word in words
        for name, table in sorted(tables.items())
        if isinstance(table, Mapping)
    ]


class Receiver:
    """One mailbox's inbox."""

    def __init__(
        self, store: Store, host: Host, box: MailboxSettings, clock: Clock, note: Note, stop: threading.Event
    ) -> None:
        self.name = f"{box.word}:{box.name.lower()}"
        self._store, self._host, self._box, self._clock, self._note, self._stop = store, host, box, clock, note, stop
        self._failures = 0
        self._said = ""

    def run(self) -> None:
        """Receive until the stop; an inbox that fails is closed and opened again after a while."""
        while not self._stop.is_set():
            try:
                inbox = self._host.open_inbox(self._box.word, self._box)
                if inbox is None:
                    return  # nothing comes back here
                try:
                    self._work(inbox)
                finally:
                    close_quietly(inbox)
            except (PluginError, StoreError) as broken:
                self._failed(broken.message)
            except BaseException as broken:  # noqa: BLE001  a plugin may raise anything, and it must not stop the others
                self._failed(str(broken) if isinstance(broken, OSError | ValueError) else failure(broken))

    def _work(self, inbox: Inbox) -> None:
        while not self._stop.is_set():
            self.once(inbox, WAIT_SECONDS)
            self._failures, self._said = 0, ""

    def once(self, inbox: Inbox, seconds: float) -> int:
        """Receive once: first into the database, then confirmed. Return how much came."""
        from seqlang.dispatch.incoming import take_in

        items = inbox.receive(seconds)
        if items:
            with self._store.begin() as conn:
                taken = take_in(conn, self._store, self.name, items, self._clock.now())
            if taken.strange:
                self._note(f"warning: {self.name}: {taken.strange} answers or receipts belong to no message from here")
        inbox.confirm()
        return len(items)

    def _failed(self, reason: str) -> None:
        if self._stop.is_set():
            return
        if reason != self._said:
            self._note(f"warning: {self.name}: {reason}; trying again")
            self._said = reason
        self._stop.wait(AGAIN_SECONDS[min(self._failures, len(AGAIN_SECONDS) - 1)])
        self._failures += 1
