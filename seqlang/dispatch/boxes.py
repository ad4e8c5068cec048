"""Which mailbox a message leaves from, and how much may still leave from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from seqlang.clock import from_micros, to_micros
from seqlang.plan.model import SEQUENCE_KINDS
from seqlang.schedule import local_date, local_instant
from seqlang.sdk.mailbox import MailboxSettings
from seqlang.store.tables import mailbox, message

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.store.database import Store
    from seqlang.vocabulary.channels import ChannelSpec
    from seqlang.vocabulary.settings import ProjectSettings

DEFAULT = "default"
_MIDNIGHT = datetime.min.time()


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox of the project, or the nameless one of a channel that needs none."""

    name: str  # "email:ana@example.com"
    settings: MailboxSettings

    @property
    def connections(self) -> int:
        """How many connections at a time."""
        given = self.settings.get("connections", 1)
        return max(1, min(int(given), 32)) if isinstance(given, int | float) else 1


def find_box(spec: ChannelSpec, settings: ProjectSettings, kind: str, owner: str | None, sender: str | None) -> Box | None:
    """Return the mailbox that a step of a flow of that kind sends from (LANGUAGE 6); None: there is none.

    `sender` is the address that the option `from` names. Sequences and cadences: the owner's, else the default; journeys and
    workflows: the default, unless `from` names one.
    """
    word = spec.mailbox_of or spec.word
    tables: Mapping[str, Any] = {name.lower(): table for name, table in settings.channels.get(word, {}).items()}
    wanted = [bare_address(sender)] if sender else []
    if kind in SEQUENCE_KINDS and owner:
        wanted.append(owner.lower())
    wanted.append(DEFAULT)
    for name in wanted:
        table = tables.get(name)
        if isinstance(table, Mapping):
            return Box(f"{word}:{name}", MailboxSettings(word, name, table, bool(table.get("allow_private", False))))
    return None if spec.mailbox else Box(f"{word}:{DEFAULT}", MailboxSettings(word, DEFAULT))


def bare_address(text: str) -> str:
    """Return the address of "Kim Doe <kim@example.com>", in lower case."""
    inner = text.rpartition("<")[2].rpartition(">")[0] if "<" in text and ">" in text else text
    return inner.strip().lower()


def stopped(conn: Connection, now: datetime) -> dict[str, tuple[str, datetime | None]]:
    """Return the mailboxes that cannot be used yet: the reason, and when they are tried again."""
    rows = conn.execute(select(mailbox.c.name, mailbox.c.reason, mailbox.c.retry_at).where(mailbox.c.state == "stopped"))
    found = {}
    for name, reason, retry_at in rows:
        again = from_micros(retry_at) if retry_at is not None else None
        if again is None or again > now:
            found[name] = (reason or "", again)
    return found


def stop(conn: Connection, store: Store, name: str, reason: str, until: datetime | None) -> None:
    """Note that a mailbox cannot be used; `until` None: not before somebody mends it."""
    values = {"state": "stopped", "reason": reason, "retry_at": to_micros(until) if until is not None else None}
    new = store.sql.insert(mailbox).values(name=name, **values)
    conn.execute(new.on_conflict_do_update(index_elements=["name"], set_=values))


def reopen(conn: Connection, name: str) -> None:
    """Note that a mailbox works again; one that only a person may open (`retry_at` empty) stays as it is."""
    query = update(mailbox).where(mailbox.c.name == name, mailbox.c.state != "open", mailbox.c.retry_at.is_not(None))
    conn.execute(query.values(state="open", reason=None, retry_at=None))


def open_again(conn: Connection, name: str) -> bool:
    """Open a mailbox because a person says so; tell whether it was stopped."""
    query = update(mailbox).where(mailbox.c.name == name, mailbox.c.state != "open")
    return bool(conn.execute(query.values(state="open", reason=None, retry_at=None)).rowcount)


def room(conn: Connection, box: Box, now: datetime, zone: str) -> tuple[int | None, datetime | None]:
    """Return how many messages may leave now (None: any number) and, where none may, when one may again.

    `per_minute` and `per_hour` look at the last 60 seconds and 60 minutes, `per_day` at the local day of the project. What is
    counted is what was given to the server, also what nobody knows the end of.
    """
    left: int | None = None
    again: datetime | None = None
    for name, since, until in _windows(now, zone):
        most = box.settings.get(name)
        if not isinstance(most, int | float) or isinstance(most, bool):
            continue
        sent = [message.c.mailbox == box.name, message.c.sent_at >= to_micros(since)]
        count, first = conn.execute(select(func.count(), func.min(message.c.sent_at)).where(*sent)).one()
        free = max(0, int(most) - count)
        if not free:
            freed = until if until is not None or first is None else from_micros(first) + (now - since)
            again = max(again, freed) if again is not None and freed is not None else freed or again
        left = free if left is None else min(left, free)
    return left, again if left == 0 else None


def _windows(now: datetime, zone: str) -> tuple[tuple[str, datetime, datetime | None], ...]:
    today = local_date(now, zone)
    midnight = local_instant(today + timedelta(days=1), _MIDNIGHT, zone)
    return (("per_minute", now - timedelta(minutes=1), None), ("per_hour", now - timedelta(hours=1), None),
            ("per_day", local_instant(today, _MIDNIGHT, zone), midnight))
