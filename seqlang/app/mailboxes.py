"""`mailbox`: the project's mailboxes, reading what came back to them now, and opening one that was stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from seqlang.app.opening import opened
from seqlang.app.record_rows import suggestion
from seqlang.app.workspace import Workspace
from seqlang.errors import NotFoundError
from seqlang.limits import MAILBOX_POLL_SECONDS, MAILBOX_POLL_SECONDS_MIN

if TYPE_CHECKING:
    from seqlang.clock import Clock
    from seqlang.mailroom.records import Collected
    from seqlang.store import Store
    from seqlang.vocabulary.settings import ProjectSettings


@dataclass(frozen=True, slots=True)
class MailboxShown:
    """One mailbox, as `mailbox list` prints it."""

    name: str  # "email:ana@example.com"
    state: str  # open, stopped
    reason: str | None
    retry_at: datetime | None  # when a stopped one is tried again by itself
    inbox: str | None  # the IMAP account that answers come to
    read_at: datetime | None
    problem: str | None  # why that cannot be read

    def record(self) -> dict[str, Any]:
        """Return it as data."""
        return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in asdict(self).items()}


def list_mailboxes(workspace: Workspace) -> list[MailboxShown]:
    """Return all mailboxes of the settings, and those that are stopped."""
    from seqlang.mailroom.accounts import accounts_of

    accounts, _ = accounts_of(workspace.settings)
    inbox_of = {box: account for account in accounts for box in account.boxes}
    with opened(workspace) as store:
        states, reads = _kept(store)
    names = dict.fromkeys((*_names(workspace.settings), *(n for n, s in states.items() if s[0] != "open")))
    shown = []
    for name in names:
        state, reason, retry_at = states.get(name, ("open", None, None))
        account = inbox_of.get(name)
        read_at, problem = reads.get((account.name, account.folder), (None, None)) if account is not None else (None, None)
        shown.append(MailboxShown(name, state, reason, retry_at, account.name if account else None, read_at, problem))
    return shown


def open_mailbox(workspace: Workspace, name: str) -> str:
    """Let a mailbox send again; NotFoundError where there is none of that name."""
    from seqlang.dispatch.boxes import open_again

    known = _names(workspace.settings)
    full = name if ":" in name else next((k for k in known if k.partition(":")[2] == name.lower()), name)
    with opened(workspace) as store, store.begin() as conn:
        if open_again(conn, full):
            return f"{full} sends again"
    if full not in known:
        raise NotFoundError(f"there is no mailbox `{name}`{suggestion(name, known)}")
    return f"{full} was not stopped"


def read_mailboxes(workspace: Workspace, clock: Clock) -> list[Collected]:
    """Read all accounts once, one after the other."""
    from seqlang.mailroom.accounts import accounts_of
    from seqlang.mailroom.records import Collected
    from seqlang.mailroom.rounds import house_of, read_once

    accounts, wrong = accounts_of(workspace.settings)
    house = house_of(workspace.settings)
    with opened(workspace) as store:
        done = [read_once(store, house, account, clock) for account in accounts]
    return [*(Collected("", (), problem=p) for p in wrong), *done]


@contextmanager
def mail_coming_in(
    store: Store, settings: ProjectSettings, clock: Clock, note: Callable[[str], None], *, tick_seconds: float
) -> Iterator[None]:
    """Read all accounts while the block runs (`seqlang run`); say what came, and what stands in the way.

    Where the settings do not say how often, as often as the loop ticks, within reason.
    """
    if not any(isinstance(t, Mapping) and t.get("imap") for tables in settings.channels.values() for t in tables.values()):
        yield
        return
    from seqlang.mailroom.rounds import reading

    def told(done: Collected) -> None:
        for line in lines_of(done):
            note(line)

    every = min(max(tick_seconds, MAILBOX_POLL_SECONDS_MIN), MAILBOX_POLL_SECONDS)
    with reading(store, settings, clock, told, every_seconds=every):
        yield


def lines_of(done: Collected) -> list[str]:
    """Return what reading an account did, for people: alarms first."""
    lines = list(done.alarms)
    if done.problem:
        lines.append(f"warning: {done.problem}")
    counts: dict[str, int] = {}
    for mail in done.mails:
        counts[mail.kind] = counts.get(mail.kind, 0) + 1
    if counts:
        said = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(counts.items()))
        lines.append(f"{done.account}: {said}")
    return lines


def stopped_notes(store: Store) -> list[str]:
    """Return a line for each mailbox that only a person can open again, and for each that cannot be read."""
    states, reads = _kept(store)
    lines = [
        f"the mailbox {name} is stopped: {reason}; then `seqlang mailbox open {name}`"
        for name, (state, reason, retry_at) in sorted(states.items())
        if state != "open" and retry_at is None
    ]
    return lines + [f"answers cannot be read: {problem}" for _, (_, problem) in sorted(reads.items()) if problem]


def _names(settings: ProjectSettings) -> list[str]:
    return [f"{word}:{name.lower()}" for word, tables in settings.channels.items() for name in tables]


Kept = tuple[dict[str, tuple[str, str | None, datetime | None]], dict[tuple[str, str], tuple[datetime | None, str | None]]]


def _kept(store: Store) -> Kept:
    """Return what the database knows of mailboxes, and of the accounts that are read."""
    from seqlang.store.inboxes import read_inboxes, read_mailboxes

    with store.read() as conn:
        return read_mailboxes(conn), read_inboxes(conn)
