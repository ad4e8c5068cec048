"""Reads all accounts again and again while something else runs: each on a thread of its own, so that none waits for another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from seqlang.beside import beside
from seqlang.errors import SeqlangError
from seqlang.limits import MAILBOX_POLL_SECONDS, MAILBOX_READERS_MAX, MAILBOX_RETRY_SECONDS
from seqlang.mailroom.accounts import accounts_of, own_addresses
from seqlang.mailroom.collecting import House, collect, note_problem
from seqlang.mailroom.imap import Folder
from seqlang.mailroom.records import Account, Collected

if TYPE_CHECKING:
    from seqlang.clock import Clock
    from seqlang.store.database import Store
    from seqlang.vocabulary.settings import ProjectSettings

Told = Callable[[Collected], None]


def house_of(settings: ProjectSettings) -> House:
    """Return what is the same for all accounts."""
    return House(settings.timezone, own_addresses(settings))


def read_once(store: Store, house: House, account: Account, clock: Clock, stop: Callable[[], bool] | None = None) -> Collected:
    """Read one account; never raises for what a server, a mail or the database does: `problem` says it."""
    try:
        folder = Folder(account)
        try:
            return collect(store, house, account, folder, clock, stop)
        finally:
            folder.close()
    except SeqlangError as broken:
        problem = broken.message
    except Exception as broken:  # noqa: BLE001  one mailbox must not stop the others, whatever it is
        problem = f"{account.name}: {type(broken).__name__}: {broken}"
    if stop is None or not stop():  # who gave up waiting for this reading may have closed the store meanwhile
        with suppress(SeqlangError):  # where the database is what is broken, the loop says so
            note_problem(store, account, problem, clock.now())
    return Collected(account.name, account.boxes, problem=problem)


@contextmanager
def reading(
    store: Store, settings: ProjectSettings, clock: Clock, told: Told, *, every_seconds: float = MAILBOX_POLL_SECONDS
) -> Iterator[None]:
    """Read all accounts of a project while the block runs; `told` gets what each reading did, where it did anything.

    `every_seconds` is how often, for accounts whose settings do not say it.

    A problem is told once, until it has gone or is another one; after it the account is tried again later and later, every five
    minutes at last. Alarms are told each time they arise.
    """
    accounts, wrong = accounts_of(settings)
    for problem in wrong:
        told(Collected("", (), problem=problem))
    stop = threading.Event()
    slots = threading.Semaphore(MAILBOX_READERS_MAX)
    house = house_of(settings)

    def go_on(account: Account) -> None:
        said: str | None = None
        failures = 0
        while not stop.is_set():
            with slots:
                if stop.is_set():
                    return
                done = read_once(store, house, account, clock, stop.is_set)
            if done.problem != said or done.events or done.alarms:
                said = done.problem
                told(done)
            failures = failures + 1 if done.problem else 0
            pause = account.poll_seconds or every_seconds
            stop.wait(min(pause * 2 ** min(failures, 10), max(MAILBOX_RETRY_SECONDS, pause)))

    with beside(stop, [(f"mail-{account.name}", partial(go_on, account)) for account in accounts]):
        yield
