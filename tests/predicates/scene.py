"""A scene for conditions on what happened: two contacts of one account, one of them enrolled."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, not_, select

from seqlang.clock import to_micros
from seqlang.plan import conditions as c
from seqlang.predicates import Subject, to_sql
from seqlang.store import Store, tables
from seqlang.store.records import upsert
from tests.predicates import worlds

AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ENTERED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
TWO_DAYS = c.Span(count=2, unit="day")
OUTREACH = worlds.FLOW_IDS["Outreach"]


class Scene:
    """Two contacts of one account, the first enrolled; helpers that write what happened."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.number = 0
        with store.begin() as conn:
            worlds.prepare(conn)
            (self.account,) = upsert(conn, store, "account", [{"name": "Acme", "domain": "acme.example"}], at=ENTERED).ids
            people = [{"email": f"{n}@acme.example", "account": self.account} for n in ("kim", "lee")] + [
                {"email": "max@x.example"}
            ]
            self.kim, self.lee, self.max = upsert(conn, store, "contact", people, at=ENTERED).ids
            (self.deal,) = upsert(
                conn, store, "deal", [{"name": "Big", "stage": "Won", "amount": 9, "contact": self.kim}], at=ENTERED
            ).ids
            self.stay = self.enrol(conn, "Outreach", self.kim, self.kim)

    def enrol(self, conn: Any, flow: str, record_id: int, contact_id: int | None, **values: Any) -> int:
        made = tables.enrolment.insert().values(
            flow_id=worlds.FLOW_IDS[flow],
            record_id=record_id,
            contact_id=contact_id,
            entered_at=to_micros(ENTERED),
            entry_on=1,
            **values,
        )
        return int(conn.execute(made.returning(tables.enrolment.c.id)).scalar_one())

    def event(self, kind: str, at: datetime = AT - HOUR, *, step: str | None = None, **values: Any) -> int:
        """Write an event; about a step, it is Kim's enrolment's."""
        self.number += 1
        about = {"record_id": self.kim, "contact_id": self.kim} | values
        if kind != "event" and "contact_id" not in values:
            about |= {"enrolment_id": self.stay, "flow_id": OUTREACH}
        if step is not None:
            about["node_id"] = worlds.NODE_IDS["Outreach", step]
        if isinstance(about.get("properties"), dict):
            about["properties"] = json.dumps(about["properties"])
        with self.store.begin() as conn:
            conn.execute(
                tables.event.insert().values(id=self.number, at=to_micros(at), recorded_at=to_micros(at), kind=kind, **about)
            )
        return self.number

    def line(self, effect: str, step: str = "hello", at: datetime = AT - HOUR, **values: Any) -> None:
        with self.store.begin() as conn:
            conn.execute(
                tables.ledger.insert().values(
                    at=to_micros(at),
                    enrolment_id=self.stay,
                    flow_id=OUTREACH,
                    record_id=self.kim,
                    contact_id=self.kim,
                    what="executed",
                    node_id=worlds.NODE_IDS["Outreach", step],
                    effect=effect,
                    **({"occurrence": 0} | values),
                )
            )

    def ask(self, *items: c.Condition, record: str = "contact", who: int | None = None, at: datetime = AT) -> list[bool]:
        """Ask conditions of Kim in Outreach; of other records outside any flow."""
        with self.store.read() as conn:
            row, stay = self.store.records(record), tables.enrolment
            inside = record == "contact" and who is None
            contact = {"contact": row.c.id, "deal": row.c.get("f_contact")}.get(record)
            subject = Subject(
                record,
                row,
                contact,
                stay if inside else None,
                OUTREACH,
                "UTC",
                at,
                {s: worlds.NODE_IDS["Outreach", s] for s in worlds.STEPS},
            )
            made = [to_sql(i, subject, self.store) for i in items]
            query = select(*made, *(not_(m) for m in made)).select_from(row).where(row.c.id == (who or self.kim))
            if inside:
                query = query.join(
                    stay, and_(stay.c.flow_id == OUTREACH, stay.c.record_id == row.c.id, stay.c.contact_id == row.c.id)
                )
            found = [bool(v) for v in conn.execute(query).one()]
        assert [not v for v in found[: len(items)]] == found[len(items) :]
        return found[: len(items)]


def happened(name: str = "login", **more: Any) -> c.CountEvents:
    return c.CountEvents(event=name, **more)


def fact(word: Any, step: str | None = "hello", **more: Any) -> c.Fact:
    return c.Fact(fact=word, step=step, **more)
