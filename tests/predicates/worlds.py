"""Worlds of records and events for conditions: made up by Hypothesis, and put into a store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection

from seqlang.clock import to_micros
from seqlang.store import Store, tables
from seqlang.store.cells import stored
from seqlang.store.records_schema import apply_catalogue, column_of
from seqlang.vocabulary.records import BUILT_IN, Catalogue, FieldSpec, ListSpec, RecordSpec
from tests.predicates.plain import Done, Happened, Stay, World

ZONES = ("Europe/Berlin", "America/New_York", "UTC", "Asia/Kolkata", "Australia/Lord_Howe")
MOMENTS = tuple(
    datetime.fromisoformat(t)
    for t in (
        "2026-03-02T08:30:00+00:00",
        "2026-03-29T00:30:00+00:00",
        "2026-10-25T01:00:00+00:00",
        "2026-04-04T15:15:00+00:00",
        "2028-02-29T23:30:00+00:00",
    )
)
TEXTS = (
    "Straße",
    "STRASSE",
    "strasse 1",
    "ΟΔΟΣ",
    "οδος",
    "Kim",
    "kim",
    "100% a_b",
    "axb",
    "İstanbul",
    "\\",
    "Software",
    "É",
    "é",
    "ﬁne",
    "Lead",
    "Won",
    "ana@example.com",
    "'",
    ";",
)
NUMBERS = (-2.5, 0, 1, 5, 9, 10, 20, 1_000_000)
STAGES = ("Lead", "Qualified", "Customer")
SUBSCRIPTIONS = ("Non marketing emails", "News", "Straße")
PRIORITIES = ("normal", "high")
STEPS = ("hello", "ring", "bump")
FLOWS = {"Outreach": "contact", "Deals": "deal", "Renewals": "account"}
TAGS = ("VIP", "vip", "Ünder")
LISTS = {"Expo": "contact", "Firms": "account", "Undeclared": "contact"}
EVENTS = ("page_view", "login")
URLS = ("https://example.com/pricing", "https://example.com/", "https://EXAMPLE.com/pricing", "https://example.com/pricing/x")
OUTCOMES = ("Connected", "No answer")


def _extended(name: str, *extra: FieldSpec) -> RecordSpec:
    spec = next(r for r in BUILT_IN if r.name == name)
    return spec.model_copy(update={"fields": (*spec.fields, *extra)})


CATALOGUE = Catalogue(
    records=(
        _extended(
            "contact",
            FieldSpec(name="score", type="number"),
            FieldSpec(name="stage", type="choice", choices=STAGES),
            FieldSpec(name="trial_ends", type="date"),
            FieldSpec(name="contract_end", type="date"),
            FieldSpec(name="seen_at", type="datetime"),
            FieldSpec(name="newsletter", type="boolean"),
            FieldSpec(name="Lead Source", type="text"),
        ),
        next(r for r in BUILT_IN if r.name == "account"),
        _extended("deal", FieldSpec(name="priority", type="choice", choices=PRIORITIES)),
    ),
    lists=(ListSpec(name="Expo", record="contact"), ListSpec(name="Firms", record="account")),
)
# The fields that conditions ask of, and what they are.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "contact": {
        "first_name": "text",
        "email": "email",
        "score": "number",
        "stage": "choice",
        "trial_ends": "date",
        "contract_end": "date",
        "seen_at": "datetime",
        "created_at": "datetime",
        "newsletter": "boolean",
        "Lead Source": "text",
        "subscriptions": "set",
        "owner": "link",
    },
    "account": {"name": "text", "domain": "text", "employees": "number", "created_at": "datetime", "owner": "link"},
    "deal": {
        "name": "text",
        "stage": "text",
        "amount": "number",
        "closes_on": "date",
        "created_at": "datetime",
        "priority": "choice",
        "account": "link",
    },
    "user": {"email": "email", "first_name": "text", "active": "boolean"},
}
LINKS: Mapping[str, Mapping[str, str]] = {
    "contact": {"account": "account", "owner": "user"},
    "account": {"owner": "user"},
    "deal": {"account": "account", "contact": "contact", "owner": "user"},
    "user": {"manager": "user"},
}
PROPERTIES = {"url": "text", "seats": "number", "paid": "boolean", "on": "date", "until": "datetime"}

# Spans whose ends fall exactly on an edge of `in the last D` are what goes wrong.
EDGES = (timedelta(0), timedelta(hours=1), timedelta(hours=24), timedelta(hours=48), timedelta(hours=72), timedelta(days=7))


def instants(at: datetime) -> st.SearchStrategy[datetime]:
    """Instants around `at`, on the edges and a microsecond beside them."""
    return st.builds(
        lambda e, s, n: at + s * e + n * timedelta(microseconds=1),
        st.sampled_from(EDGES),
        st.sampled_from((-1, 1)),
        st.sampled_from((-1, 0, 0, 1)),
    )


def days(at: datetime) -> st.SearchStrategy[date]:
    """Dates around `at`."""
    return st.integers(-8, 8).map(lambda n: at.date() + timedelta(days=n))


def _value(kind: str, at: datetime) -> st.SearchStrategy[Any]:
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "text": st.sampled_from(TEXTS),
        "email": st.sampled_from(("ana@example.com", "Kim@acme.example", "x")),
        "number": st.sampled_from(NUMBERS),
        "choice": st.sampled_from(STAGES),
        "date": days(at),
        "datetime": instants(at),
        "boolean": st.booleans(),
        "set": st.lists(st.sampled_from(SUBSCRIPTIONS), unique=True).map(lambda m: tuple(m) or None),
    }
    return st.none() | kinds[kind]


@st.composite
def worlds(draw: st.DrawFn, at: datetime) -> World:
    """A small world: three users, two accounts, four contacts, four deals, two flows' stays, a score of events."""
    records: dict[str, dict[int, dict[str, Any]]] = {}
    sizes = {"user": 2, "account": 2, "contact": 3, "deal": 3}
    for record, size in sizes.items():
        records[record] = {}
        for number in range(1, size + 1):
            row = {name: draw(_value(kind, at)) for name, kind in FIELDS[record].items() if kind != "link"}
            if record == "deal" and row["priority"] is not None:
                row["priority"] = draw(st.sampled_from(PRIORITIES))
            for link, target in LINKS[record].items():
                row[link] = draw(st.none() | st.integers(1, sizes[target]))
            records[record][number] = row
    stays = [
        Stay(
            id=n,
            flow=flow,
            record=FLOWS[flow],
            record_id=n,
            contact_id={"contact": n, "account": None}.get(
                FLOWS[flow], records["deal"][n]["contact"] if FLOWS[flow] == "deal" else None
            ),
            entered_at=draw(instants(at).filter(lambda i: i <= at)),
            active=draw(st.booleans()),
            cause_event_id=draw(st.none() | st.integers(1, 8)),
        )
        for n, flow in (
            (1, "Outreach"),
            (2, draw(st.sampled_from(("Outreach", "Renewals")))),
            (3, draw(st.sampled_from(("Outreach", "Deals")))),
        )
    ]
    happened = [draw(_happened(n, at, stays)) for n in range(1, draw(st.integers(0, 14)) + 1)]
    done = draw(st.lists(_done(at), max_size=6, unique_by=lambda d: (d.enrolment_id, d.step, d.effect == "message")))
    return World(
        records=records,
        happened=happened,
        done=done,
        stays=stays,
        tags=draw(st.sets(st.tuples(st.sampled_from(("contact", "deal")), st.integers(1, 3), st.sampled_from(TAGS)), max_size=4)),
        lists={name: (of, draw(st.sets(st.integers(1, 2)))) for name, of in LISTS.items()},
        unsubscribed=draw(st.sets(st.integers(1, 3))),
    )


@st.composite
def _happened(draw: st.DrawFn, number: int, at: datetime, stays: list[Stay]) -> Happened:
    kind = draw(st.sampled_from(("event", "event", "event", "opened", "clicked", "replied", "bounced", "completed", "released")))
    when = draw(instants(at) | st.sampled_from([s.entered_at for s in stays]))
    if kind == "event":
        record = draw(st.sampled_from(("contact", "contact", "deal", "account")))
        about = draw(st.integers(1, 2))
        person = {"contact": about}.get(record, draw(st.none() | st.integers(1, 3)) if record == "deal" else None)
        properties = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "url": st.sampled_from(URLS) | st.just(5),
                    "seats": st.sampled_from(NUMBERS) | st.just("5"),
                    "paid": st.booleans() | st.none(),
                    "on": days(at).map(date.isoformat) | st.just("soon") | st.just("2026-02-30"),
                    "until": instants(at).map(datetime.isoformat) | st.just("2026-03-29T02:30") | st.just("never"),
                },
            )
        )
        return Happened(number, when, kind, record, about, person, name=draw(st.sampled_from(EVENTS)), properties=properties)
    stay = draw(st.sampled_from(stays))
    return Happened(
        number,
        when,
        kind,
        "contact",
        stay.contact_id or 0,
        stay.contact_id,
        stay.id,
        draw(st.sampled_from(STEPS)),
        name=draw(st.sampled_from(URLS if kind == "clicked" else OUTCOMES)),
        machine=kind in ("opened", "clicked") and draw(st.booleans()),
        soft=kind == "bounced" and draw(st.booleans()),
        out_of_office=kind == "replied" and draw(st.booleans()),
    )


@st.composite
def _done(draw: st.DrawFn, at: datetime) -> Done:
    effect = draw(st.sampled_from(("message", "draft", "todo", "call_out")))
    return Done(
        at=draw(instants(at)),
        enrolment_id=draw(st.integers(1, 3)),
        step=draw(st.sampled_from(STEPS)),
        effect=effect,
        state=draw(st.sampled_from(("planned", "accepted", "cancelled", "rejected", None))),
        due_at=draw(st.none() | instants(at)) if effect in ("draft", "todo") else None,
    )


# ---------------------------------------------------------------------------------------- into a store

FLOW_IDS = {name: n for n, name in enumerate(FLOWS, 1)}
NODE_IDS = {(flow, step): 10 * FLOW_IDS[flow] + n for flow in FLOWS for n, step in enumerate(STEPS)}


def prepare(conn: Connection) -> None:
    """Make the tables and flows that all worlds have."""
    apply_catalogue(conn, CATALOGUE)
    conn.execute(tables.plan.insert().values(hash="0" * 64, body="{}", created_at=0))
    for name, record in FLOWS.items():
        conn.execute(tables.flow.insert().values(id=FLOW_IDS[name], name=name, kind="journey", record=record, plan_hash="0" * 64))
    for (flow, step), number in NODE_IDS.items():
        conn.execute(tables.node.insert().values(id=number, flow_id=FLOW_IDS[flow], key=step))


def load(conn: Connection, store: Store, world: World) -> None:
    """Put a world into the tables, in place of the one before."""
    for table in (
        tables.event,
        tables.ledger,
        tables.enrolment,
        tables.tag,
        tables.list_member,
        tables.list_,
        *(store.records(r) for r in ("deal", "contact", "account", "user")),
    ):
        conn.execute(table.delete())
    for record in ("user", "account", "contact", "deal"):
        spec = store.record_tables.spec(record)
        later: list[tuple[int, int]] = []
        for number, row in world.records[record].items():
            values = {column_of(n): stored(spec.field(n), v) for n, v in row.items()}  # type: ignore[arg-type]  # the field is there
            if record == "user" and values.get("f_manager") is not None:
                later.append((number, int(values.pop("f_manager") or 0)))
            if record == "contact":
                values["unsubscribed_at"] = to_micros(datetime(2026, 1, 1, tzinfo=UTC)) if number in world.unsubscribed else None
            conn.execute(store.records(record).insert().values(id=number, **values))
        for number, manager in later:
            table = store.records("user")
            conn.execute(table.update().where(table.c.id == number).values(f_manager=manager))
    _load_stays(conn, world)
    for n, (name, (record, members)) in enumerate(world.lists.items(), 1):
        conn.execute(tables.list_.insert().values(id=n, name=name, record=record))
        for member in members:
            conn.execute(tables.list_member.insert().values(list_id=n, record_id=member, added_at=0))
    for record, number, tag in world.tags:
        conn.execute(tables.tag.insert().values(record=record, record_id=number, tag=tag))


def _load_stays(conn: Connection, world: World) -> None:
    flows = {s.id: s.flow for s in world.stays}
    for s in world.stays:
        conn.execute(
            tables.enrolment.insert().values(
                id=s.id,
                flow_id=FLOW_IDS[s.flow],
                record_id=s.record_id,
                contact_id=s.contact_id,
                active=s.active,
                entered_at=to_micros(s.entered_at),
                entry_on=1,
                cause_event_id=s.cause_event_id,
            )
        )
    for d in world.done:
        conn.execute(
            tables.ledger.insert().values(
                at=to_micros(d.at),
                enrolment_id=d.enrolment_id,
                flow_id=FLOW_IDS[flows[d.enrolment_id]],
                record_id=1,
                what="executed",
                node_id=NODE_IDS[flows[d.enrolment_id], d.step],
                effect=d.effect,
                occurrence=1 if d.effect == "message" else 0,
                state=d.state,
                todo_due_at=None if d.due_at is None else to_micros(d.due_at),
            )
        )
    for e in world.happened:
        conn.execute(
            tables.event.insert().values(
                id=e.id,
                at=to_micros(e.at),
                recorded_at=to_micros(e.at),
                kind=e.kind,
                record=e.record,
                record_id=e.record_id,
                contact_id=e.contact_id,
                enrolment_id=e.enrolment_id,
                name=e.name,
                properties=json.dumps(e.properties),
                machine=e.machine,
                soft=e.soft,
                out_of_office=e.out_of_office,
                node_id=NODE_IDS[flows[e.enrolment_id], e.step] if e.enrolment_id and e.step else None,
            )
        )
