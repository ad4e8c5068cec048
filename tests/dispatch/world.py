"""A small world for the tests of dispatch: people, one flow, planned effects, and real channels to deliver them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from seqlang.clock import ManualClock, to_micros
from seqlang.dispatch import Delivered, deliver
from seqlang.host import Host, load
from seqlang.plan.conditions import Content, Template
from seqlang.plan.model import FlowPlan, StepNode
from seqlang.store import Store
from seqlang.store.plans import put_content, put_flow
from seqlang.store.tables import enrolment, event, flow, ledger, message, node, suppression, todo
from seqlang.vocabulary.settings import ProjectSettings

AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
for folder in sorted((ROOT / "plugins").iterdir()):  # where the plugins are not installed, they are found in the checkout
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def step(key: str = "hello", channel: str = "email", **more: Any) -> StepNode:
    """Return a step; an e-mail with a text unless said otherwise."""
    given: dict[str, Any] = {
        "effect": "message",
        "address": "email",
        "limit": "email",
        "options": (("subject", Template(source="Hello {{ contact.first_name }}")), ("text", Template(source="Hi"))),
        "placeholders": ("contact.first_name",),
    }
    return StepNode(key=key, channel=channel, **{**given, **more})


class World:
    """One store with one active flow."""

    def __init__(self, store: Store, settings: Mapping[str, Any] | None = None, host: Host | None = None) -> None:
        self.store = store
        self.clock = ManualClock(AT)
        self.settings = ProjectSettings.model_validate(settings or {})
        self.host = host or load()
        self.flow_id = 0
        self.plan: FlowPlan | None = None

    def user(self, email: str, **fields: Any) -> int:
        return self._record("user", {"email": email, "active": True, **fields}, email_key=email.lower())

    def contact(self, email: str | None, **fields: Any) -> int:
        given = {"email": email, "subscriptions": ";Non marketing emails;", **fields}
        return self._record("contact", given, email_key=email.lower() if email else None, email_ok=bool(email), phone_ok=False)

    def contacts(self, count: int) -> list[int]:
        return [self.contact(f"p{number}@example.com", first_name=f"P{number}") for number in range(count)]

    def _record(self, record: str, fields: Mapping[str, Any], **kept: Any) -> int:
        table = self.store.records(record)
        row = {self.store.column(record, name).name: value for name, value in fields.items()}
        with self.store.begin() as conn:
            return int(conn.execute(insert(table).values(**row, **kept).returning(table.c.id)).scalar_one())

    def flow(self, *steps: StepNode, **more: Any) -> FlowPlan:
        self.plan = FlowPlan(
            name="Flow",
            for_record="contact",
            owner="ana@example.com",
            zone="Europe/Berlin",
            nodes=steps,
            **{"kind": "classic", "subject": "contact", **more},
        )
        with self.store.begin() as conn:
            self.flow_id = put_flow(conn, self.store, self.plan, position=0, at=AT).id
            conn.execute(update(flow).values(state="active"))
        return self.plan

    def template(self, name: str, text: str) -> Content:
        with self.store.begin() as conn:
            return Content(name=name, sha256=put_content(conn, self.store, text.encode()))

    def enrol(self, *contacts: int, **more: Any) -> list[int]:
        rows = [
            {
                "flow_id": self.flow_id,
                "record_id": c,
                "contact_id": c,
                "active": True,
                "entered_at": to_micros(AT),
                "entry_on": AT.date().toordinal(),
                **more,
            }
            for c in contacts
        ]
        with self.store.begin() as conn:
            return [
                int(i)
                for i in conn.execute(insert(enrolment).returning(enrolment.c.id, sort_by_parameter_order=True), rows).scalars()
            ]

    def plan_effects(self, stays: Sequence[int], key: str = "hello", **more: Any) -> list[int]:
        """Write the lines of planned effects, as the engine does."""
        assert self.plan is not None
        made = self.plan.node(key)
        assert isinstance(made, StepNode)
        with self.store.begin() as conn:
            who = {r.id: r for r in conn.execute(select(enrolment).where(enrolment.c.id.in_(stays)))}
            plan_hash = conn.execute(select(flow.c.plan_hash).where(flow.c.id == self.flow_id)).scalar_one()
            node_id = conn.execute(select(node.c.id).where(node.c.flow_id == self.flow_id, node.c.key == key)).scalar_one()
            rows = [
                {
                    "at": to_micros(AT),
                    "enrolment_id": s,
                    "flow_id": self.flow_id,
                    "record_id": who[s].record_id,
                    "contact_id": who[s].contact_id,
                    "what": "executed",
                    "node_id": node_id,
                    "channel": "email_reminder" if made.draft else made.channel,
                    "effect": "draft" if made.draft else made.effect,
                    "counts": made.limit,
                    "occurrence": 0,
                    "state": "planned",
                    "plan_hash": plan_hash,
                    "fence": 0,
                    "attempts": 0,
                    **more,
                }
                for s in stays
            ]
            return [
                int(i) for i in conn.execute(insert(ledger).returning(ledger.c.id, sort_by_parameter_order=True), rows).scalars()
            ]

    def planned(self, count: int, key: str = "hello") -> list[int]:
        return self.plan_effects(self.enrol(*self.contacts(count)), key)

    def deliver(self, **more: Any) -> Delivered:
        return deliver(self.store, self.host, self.settings, self.clock, **more)

    def later(self, **by: float) -> None:
        self.clock.set(self.clock.now() + timedelta(**by))

    def states(self) -> dict[str, int]:
        return _counted(r.state for r in self.rows(ledger) if r.state is not None)

    def lines(self) -> list[tuple[str, str | None, str | None]]:
        return [(r.what, r.channel, r.why) for r in self.rows(ledger)]

    def rows(self, table: Any) -> list[Any]:
        with self.store.read() as conn:
            return list(conn.execute(select(table).order_by(*table.primary_key)))

    def errors(self) -> list[str | None]:
        return [r.error for r in self.rows(ledger) if r.occurrence is not None]

    def change(self, table: Any, **values: Any) -> None:
        with self.store.begin() as conn:
            conn.execute(update(table).values(**values))

    def add(self, table: Any, **values: Any) -> None:
        with self.store.begin() as conn:
            conn.execute(insert(table).values(**values))


def _counted(states: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for state in states:
        counts[state] = counts.get(state, 0) + 1
    return counts


__all__ = ["AT", "World", "enrolment", "event", "ledger", "message", "step", "suppression", "todo"]


def with_a_mailbox(store: Store, port: int, **more: Any) -> World:
    """Ana sends through the mailbox of everybody; `more` is what its table says beside the server."""
    world = World(store, {"channels": {"email": {"default": {"smtp": f"smtp://127.0.0.1:{port}", "timeout_seconds": 5, **more}}}})
    world.user("ana@example.com", first_name="Ana", last_name="Li")
    return world


def with_two_mailboxes(store: Store, port: int, one: Mapping[str, Any], two: Mapping[str, Any], **more: Any) -> World:
    """Ana has two mailboxes, and there is one of everybody; `one` and `two` are what their tables say beside the server."""
    server = {"smtp": f"smtp://127.0.0.1:{port}", "timeout_seconds": 5}
    boxes = {
        "default": {**server, "from": "desk@example.com"},
        "ana@two.example": {**server, "user": "Ana@example.com", **two},
        "ana@example.com": {**server, **one},
    }
    world = World(store, {"channels": {"email": boxes}, **more})
    world.user("ana@example.com", first_name="Ana", last_name="Li")
    return world
