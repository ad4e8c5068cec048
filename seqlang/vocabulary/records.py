"""Record types and their fields: those that are built in, and how a project's own extend them (LANGUAGE 2)."""

from __future__ import annotations

from typing import Literal

from seqlang.frozen import Frozen as Frozen  # noqa: PLC0414  # what all data of this floor are made of

FieldType = Literal["text", "number", "boolean", "date", "datetime", "choice", "email", "phone", "url", "link", "set"]


class FieldSpec(Frozen):
    """One field of a record, or one property of an event."""

    name: str
    type: FieldType
    choices: tuple[str, ...] = ()  # of a choice
    link: str | None = None  # the record that a link leads to: "account", "user", …
    default: str | bool | int | float | None = None  # a date or datetime as ISO text
    built_in: bool = False
    engine: bool = False  # kept by the engine: no `set`, no import, triggers nothing


class RecordSpec(Frozen):
    """One record type."""

    name: str
    fields: tuple[FieldSpec, ...]  # built-in ones first, then in the order of declaration
    key: str  # the field by which people name a record: contact email, account domain, deal name, else "name"

    def field(self, name: str) -> FieldSpec | None:
        """Return the field of that name."""
        return next((f for f in self.fields if f.name == name), None)


class EventSpec(Frozen):
    """A declared event."""

    name: str
    properties: tuple[FieldSpec, ...] = ()


class ListSpec(Frozen):
    """A declared list."""

    name: str
    record: str


class Catalogue(Frozen):
    """All that a project's files declare about its data; `apply` makes the store fit it."""

    records: tuple[RecordSpec, ...]
    events: tuple[EventSpec, ...] = ()
    lists: tuple[ListSpec, ...] = ()

    def record(self, name: str) -> RecordSpec | None:
        """Return the record type of that name."""
        return next((r for r in self.records if r.name == name), None)


def _field(name: str, kind: FieldType, *, link: str | None = None, choices: tuple[str, ...] = (), engine: bool = False,
           default: str | bool | None = None) -> FieldSpec:
    return FieldSpec(name=name, type=kind, link=link, choices=choices, engine=engine, default=default, built_in=True)


CONTACTED_MODES = ("Not yet contacted", "No reply", "Opened but no reply", "Replied", "Outgoing call", "Sales Activity",
                   "Incoming call", "Chat")
SUBSCRIPTION_MARKETED = "Non marketing emails"  # the type that the engine asks for before it mails (LANGUAGE 2, 5.1)

BUILT_IN: tuple[RecordSpec, ...] = (
    RecordSpec(name="contact", key="email", fields=(
        _field("email", "email"), _field("first_name", "text"), _field("last_name", "text"), _field("title", "text"),
        _field("phone", "phone"), _field("timezone", "text"), _field("owner", "link", link="user"),
        _field("account", "link", link="account"), _field("created_at", "datetime"), _field("updated_at", "datetime"),
        # Not a closed choice in the store: events of the kind `activity` bring custom values ("Lunch").
        _field("last_contacted_mode", "choice", choices=CONTACTED_MODES, engine=True, default="Not yet contacted"),
        _field("last_activity_type", "choice", choices=("Call", "Phone", "Chat", "Task", "SMS", "Meeting"), engine=True),
        _field("subscriptions", "set"),
    )),
    RecordSpec(name="account", key="domain", fields=(
        _field("name", "text"), _field("domain", "text"), _field("industry", "text"), _field("employees", "number"),
        _field("owner", "link", link="user"), _field("timezone", "text"),
        _field("created_at", "datetime"), _field("updated_at", "datetime"),
    )),
    RecordSpec(name="deal", key="name", fields=(
        _field("name", "text"), _field("currency", "text"), _field("stage", "text"), _field("amount", "number"),
        _field("owner", "link", link="user"), _field("account", "link", link="account"),
        _field("contact", "link", link="contact"), _field("closes_on", "date"),
        _field("created_at", "datetime"), _field("updated_at", "datetime"),
    )),
)

USER = RecordSpec(name="user", key="email", fields=(
    _field("email", "email"), _field("first_name", "text"), _field("last_name", "text"), _field("timezone", "text"),
    _field("role", "text"), _field("active", "boolean", default=True), _field("manager", "link", link="user"),
))
