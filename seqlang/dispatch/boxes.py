"""Which mailbox a message leaves from, and how much may still leave from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select, update

from seqlang.clock import from_micros, to_micros
from seqlang.dispatch.box_manners import Box, daily_most, opening_of, zone_of
from seqlang.plan.model import SEQUENCE_KINDS
from seqlang.schedule import local_date, local_instant
from seqlang.sdk.mailbox import MailboxSettings
from seqlang.sdk.redaction import redact
from seqlang.store.tables import mailbox, message
from seqlang.vocabulary.mailboxes import DEFAULT, mailboxes_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.store.database import Store
    from seqlang.vocabulary.channels import ChannelSpec
    from seqlang.vocabulary.settings import ProjectSettings

_MIDNIGHT = datetime.min.time()


def find_boxes(
    spec: ChannelSpec, settings: ProjectSettings, kind: str, owner: str | None, sender: str | None
) -> tuple[Box, ...]:
    """Return the mailboxes that a step of a flow of that kind may send from (LANGUAGE 6), the best first; none: there is none.

    `sender` is the address that the option `from` names: that one mailbox. Sequences and cadences: all of the owner's, else all
    of the default's; journeys and workflows: the default's.
    """
    word = spec.mailbox_of or spec.word
    tables: Mapping[str, Any] = settings.channels.get(word, {})
    if sender:
        # What bears that address leaves from its own server, and from no other one: others may not send in its name.
        named = mailboxes_of(tables, bare_address(sender))[:1]
        if named and named[0][0].lower() == bare_address(sender):
            return (_box(word, *named[0]),)
    whose = [owner.lower()] if kind in SEQUENCE_KINDS and owner else []
    for name in (*whose, DEFAULT):
        boxes = mailboxes_of(tables, name)
        if boxes:
            return tuple(_box(word, *one) for one in boxes)
    return () if spec.mailbox else (Box(f"{word}:{DEFAULT}", MailboxSettings(word, DEFAULT)),)


def find_box(spec: ChannelSpec, settings: ProjectSettings, kind: str, owner: str | None, sender: str | None) -> Box | None:
    """Return the first of `find_boxes`; None: there is none."""
    return next(iter(find_boxes(spec, settings, kind, owner, sender)), None)


def all_boxes(spec: ChannelSpec, settings: ProjectSettings) -> tuple[Box, ...]:
    """Return all mailboxes of a channel."""
    word = spec.mailbox_of or spec.word
    return tuple(_box(word, name, table) for name, table in settings.channels.get(word, {}).items() if isinstance(table, Mapping))


def _box(word: str, name: str, table: Mapping[str, Any]) -> Box:
    settings = MailboxSettings(word, name.lower(), table, bool(table.get("allow_private", False)))
    return Box(f"{word}:{name.lower()}", settings)


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
    """Note that a mailbox cannot be used; `until` None: not before a person opens it, whatever else is noted meanwhile."""
    values = {"state": "stopped", "reason": redact(reason), "retry_at": to_micros(until) if until is not None else None}
    new = store.sql.insert(mailbox).values(name=name, **values)
    # One line may find the server busy while another is told that we are blocked: the latter counts.
    where = None if until is None else or_(mailbox.c.state != "stopped", mailbox.c.retry_at.is_not(None))
    conn.execute(new.on_conflict_do_update(index_elements=["name"], set_=values, where=where))


def alarm(name: str, told: str) -> str:
    """Return what people are told of a mailbox that is not wanted somewhere."""
    return redact(f"ALARM: the mailbox {name} is blocked: {told}; it is stopped, and nothing leaves from it or in its place: "
                  f"find out why, then `seqlang mailbox open {name}`")


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

    `per_minute` and `per_hour` look at the last 60 seconds and 60 minutes, `per_day` and the warm-up at the local day of the
    mailbox's zone (default `zone`, the project's), `window` at its hours. What is counted is what was given to the server, also
    what nobody knows the end of. ValueError: the settings cannot work.
    """
    zone = zone_of(box, zone)
    opens = opening_of(box, now, zone)
    if opens is not None:
        return 0, opens
    left: int | None = None
    again: datetime | None = None
    for name, since, until in _windows(now, zone):
        most = _most(box, name, now, zone)
        if most is None:
            continue
        sent = [message.c.mailbox == box.name, message.c.sent_at >= to_micros(since)]
        count, first = conn.execute(select(func.count(), func.min(message.c.sent_at)).where(*sent)).one()
        free = max(0, int(most) - count)
        if not free:
            freed = until if until is not None or first is None else from_micros(first) + (now - since)
            again = max(again, freed) if again is not None and freed is not None else freed or again
        left = free if left is None else min(left, free)
    return left, again if left == 0 else None


def _most(box: Box, name: str, now: datetime, zone: str) -> int | None:
    given = box.settings.get(name)
    most = int(given) if isinstance(given, int | float) and not isinstance(given, bool) else None
    return daily_most(box, most, local_date(now, zone)) if name == "per_day" else most


def _windows(now: datetime, zone: str) -> tuple[tuple[str, datetime, datetime | None], ...]:
    today = local_date(now, zone)
    midnight = local_instant(today + timedelta(days=1), _MIDNIGHT, zone)
    return (("per_minute", now - timedelta(minutes=1), None), ("per_hour", now - timedelta(hours=1), None),
            ("per_day", local_instant(today, _MIDNIGHT, zone), midnight))
