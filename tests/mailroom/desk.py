"""A desk for the tests of the mailroom: one contact with one message that went out, and mail that comes to a folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from seqlang.clock import to_micros
from seqlang.engine.intake import take_in
from seqlang.mailroom.accounts import accounts_of
from seqlang.mailroom.collecting import House, collect
from seqlang.mailroom.records import Account, Collected, Mail, Source
from seqlang.store import Store
from seqlang.store.tables import event, mailbox, message
from seqlang.vocabulary.settings import ProjectSettings
from tests.dispatch.world import AT, World, step

BOX = "email:ana@sender.example"
SETTINGS = {
    "timezone": "Europe/Berlin",
    "users": [{"email": "ana@sender.example"}, {"email": "bo@sender.example"}],
    "channels": {"email": {
        "ana@sender.example": {"smtp": "smtp://127.0.0.1", "imap": "imaps://ana@imap.example"},
        "default": {"smtp": "smtp://127.0.0.1", "imap": "imaps://team@imap.example", "from": "Team <team@sender.example>"},
    }},
}  # fmt: skip


class Tray:
    """A folder in memory: what a server keeps of one."""

    def __init__(self, uidvalidity: int = 7) -> None:
        self.uidvalidity = uidvalidity
        self.mails: list[Mail] = []
        self.fetched: list[int] = []

    @property
    def highest(self) -> int:
        return self.mails[-1].uid if self.mails else 0

    def put(self, text: str | bytes, at: datetime) -> None:
        raw = text if isinstance(text, bytes) else text.lstrip("\n").encode()
        self.mails.append(Mail(self.highest + 1, at, raw))

    def uids_after(self, uid: int) -> Sequence[int]:
        return [m.uid for m in self.mails if m.uid > uid]

    def uids_since(self, day: date) -> Sequence[int]:
        return [m.uid for m in self.mails if m.received_at.date() >= day]

    def fetch(self, uids: Sequence[int]) -> Sequence[Mail]:
        self.fetched += uids
        return [m for m in self.mails if m.uid in uids]

    def close(self) -> None:
        return


class Desk:
    """A store, a folder, and what came of it."""

    def __init__(self, store: Store) -> None:
        self.world = World(store, SETTINGS)
        self.store = store
        self.tray = Tray()
        self.account, self.other = self._accounts()
        self.world.flow(step())
        self.kim = self.world.contact("kim@acme.example", first_name="Kim")
        self.line, self.message_id = self.send(self.kim, "kim@acme.example")
        self.world.later(hours=2)

    def _accounts(self) -> tuple[Account, Account]:
        accounts, problems = accounts_of(ProjectSettings.model_validate(SETTINGS))
        assert problems == []
        return accounts[0], accounts[1]

    def send(self, contact: int, to: str, box: str = BOX, **more: Any) -> tuple[int, str]:
        """Note a message that went out now; return its line and its Message-ID."""
        (stay,) = self.world.enrol(contact, active=False, many=True)
        (line,) = self.world.plan_effects([stay], state="accepted", at=to_micros(self.world.clock.now()), **more)
        message_id = f"<{line}.abc@sender.example>"
        sent = {"message_id": message_id, "recipient": to, "mailbox": box, "sent_at": to_micros(self.world.clock.now())}
        self.world.add(message, ledger_id=line, subject="A question", **sent)
        return line, message_id

    def comes(self, text: str | bytes, *, at: datetime | None = None) -> None:
        """Let a mail come; `OURS` in it is the Message-ID of the message."""
        made = text.replace("OURS", self.message_id) if isinstance(text, str) else text
        self.tray.put(made, at or self.world.clock.now() - timedelta(minutes=30))

    def read(self, account: Account | None = None, source: Source | None = None) -> Collected:
        house = House("Europe/Berlin", frozenset({"ana@sender.example", "bo@sender.example", "team@sender.example"}))
        return collect(self.store, house, account or self.account, source or self.tray, self.world.clock)

    def taken(self, text: str | bytes) -> str:
        """Let a mail come, read it, and return what it was taken for."""
        self.comes(text)
        return self.read().mails[-1].kind

    def events(self) -> list[Any]:
        return self.world.rows(event)

    def told(self) -> list[tuple[str, int | None, str | None]]:
        return [(e.kind, e.ledger_id, e.value) for e in self.events()]

    def tick(self) -> None:
        """Let the engine take in what was recorded."""
        with self.store.begin() as conn:
            take_in(conn, self.store, self.world.clock.now())

    def contact(self, number: int | None = None) -> Any:
        table = self.store.records("contact")
        with self.store.read() as conn:
            return conn.execute(select(table).where(table.c.id == (number or self.kim))).one()

    def correct(self, address: str) -> None:
        """Let somebody correct the contact's address."""
        table = self.store.records("contact")
        with self.store.begin() as conn:
            column = self.store.column("contact", "email").name
            conn.execute(update(table).where(table.c.id == self.kim).values({column: address, "email_key": address}))

    def box_state(self, name: str = BOX) -> str:
        return next((r.state for r in self.world.rows(mailbox) if r.name == name), "open")


__all__ = ["AT", "BOX", "Desk", "Tray"]
