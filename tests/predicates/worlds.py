"""Worlds of records and events for conditions: made up from a seed, and put into a store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from random import Random  # noqa: TID251 - made up from a seed
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection

from seqlang.clock import to_micros
from seqlang.store import Store, tables
from seqlang.store.cells import stored
from seqlang.store.records_schema import apply_catalogue, column_of
from seqlang.vocabulary.records import BUILT_IN, Catalogue, FieldSpec, ListSpec, RecordSpec
from tests.predicates.plain_world import Done, Happened, Stay, World

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
TICK = timedelta(microseconds=1)
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


def world_of(seed: int, at: datetime) -> World:
    """Return the small world of that seed; edges are likelier in it than chance would have them."""
    chance = Random(seed)
    sizes = {"user": 2, "account": 2, "contact": 4, "deal": 4}
    records: dict[str, dict[int, dict[str, Any]]] = {}
    for record, size in sizes.items():
        records[record] = {number: _row(chance, record, at, sizes) for number in range(1, size + 1)}
    stays = [_stay(chance, n, records, at) for n in range(1, 7)]
    stays = list({(s.flow, s.record_id): s for s in stays}.values())
    happened = [_happened(chance, n, at, stays) for n in range(1, chance.randint(0, 24) + 1)]
    done = [_done(chance, at, stays) for _ in range(chance.randint(0, 8))]
    done = list({(d.enrolment_id, d.step, d.effect == "message"): d for d in done}.values())
    tags = {(chance.choice(("contact", "deal")), chance.randint(1, 4), chance.choice(TAGS)) for _ in range(chance.randint(0, 5))}
    lists = {name: (of, {n for n in (1, 2) if chance.random() < 0.4}) for name, of in LISTS.items()}
    unsubscribed = {n for n in range(1, 5) if chance.random() < 0.3}
    return World(records=records, happened=happened, done=done, stays=stays, tags=tags, lists=lists, unsubscribed=unsubscribed)


def _instant(chance: Random, at: datetime, *others: datetime) -> datetime:
    """Return an instant on an edge of what is asked, a microsecond beside it, or exactly one of the others."""
    if others and chance.random() < 0.4:
        return chance.choice(others) + chance.choice((0, 0, 1)) * TICK
    return at + chance.choice((-1, -1, 1)) * chance.choice(EDGES) + chance.choice((-1, 0, 0, 1)) * TICK


def _value(chance: Random, kind: str, at: datetime) -> Any:
    if chance.random() < 0.25:
        return None
    match kind:
        case "number":
            return chance.choice(NUMBERS)
        case "choice":
            return chance.choice(STAGES)
        case "boolean":
            return chance.random() < 0.5
        case "date":
            return at.date() + timedelta(days=chance.randint(-8, 8))
        case "datetime":
            return _instant(chance, at)
        case "set":
            return tuple(t for t in SUBSCRIPTIONS if chance.random() < 0.5) or None
        case "email":
            return chance.choice(("ana@example.com", "Kim@acme.example", "x"))
        case _:
            return chance.choice(TEXTS)


def _row(chance: Random, record: str, at: datetime, sizes: Mapping[str, int]) -> dict[str, Any]:
    row = {name: _value(chance, kind, at) for name, kind in FIELDS[record].items() if kind != "link"}
    if record == "deal" and row["priority"] is not None:
        row["priority"] = chance.choice(PRIORITIES)
    return row | {link: None if chance.random() < 0.25 else chance.randint(1, sizes[to]) for link, to in LINKS[record].items()}


def _stay(chance: Random, number: int, records: dict[str, dict[int, dict[str, Any]]], at: datetime) -> Stay:
    flow = chance.choice(tuple(FLOWS))
    record = FLOWS[flow]
    about = chance.randint(1, len(records[record]))
    contact = {"contact": about, "deal": records["deal"].get(about, {}).get("contact")}.get(record)
    entered = min(_instant(chance, at), at)
    cause = chance.randint(1, 12) if chance.random() < 0.4 else None
    return Stay(
        id=number,
        flow=flow,
        record=record,
        record_id=about,
        contact_id=contact,
        entered_at=entered,
        active=chance.random() < 0.6,
        cause_event_id=cause,
    )


def _happened(chance: Random, number: int, at: datetime, stays: list[Stay]) -> Happened:
    kind = chance.choice(
        ("event", "event", "event", "opened", "clicked", "replied", "replied", "bounced", "completed", "released")
    )
    when = _instant(chance, at, *(s.entered_at for s in stays))
    if kind == "event":
        record = chance.choice(("contact", "contact", "deal", "account"))
        about = chance.randint(1, 2)
        person = {"contact": about, "account": None}.get(record, chance.choice((None, 1, 2, 3)))
        return Happened(number, when, kind, record, about, person, name=chance.choice(EVENTS), properties=_properties(chance, at))
    stay = chance.choice(stays)
    return Happened(
        number,
        when,
        kind,
        "contact",
        stay.contact_id or 0,
        stay.contact_id,
        stay.id,
        chance.choice(STEPS),
        name=chance.choice(URLS if kind == "clicked" else OUTCOMES),
        machine=kind in ("opened", "clicked") and chance.random() < 0.3,
        soft=kind == "bounced" and chance.random() < 0.5,
        out_of_office=kind == "replied" and chance.random() < 0.3,
    )


def _properties(chance: Random, at: datetime) -> dict[str, Any]:
    """Return what was told with an event, some of it of another type than the declared one."""
    told = {
        "url": chance.choice((*URLS, 5)),
        "seats": chance.choice((*NUMBERS, "5")),
        "paid": chance.choice((True, False, None)),
        "on": chance.choice(((at + timedelta(days=chance.randint(-8, 8))).date().isoformat(), "soon", "2026-02-30")),
        "until": chance.choice((_instant(chance, at).isoformat(), "2026-03-29T02:30", "never")),
    }
    return {name: value for name, value in told.items() if chance.random() < 0.7}


def _done(chance: Random, at: datetime, stays: list[Stay]) -> Done:
    effect = chance.choice(("message", "draft", "todo", "call_out"))
    return Done(
        at=_instant(chance, at),
        enrolment_id=chance.choice(stays).id,
        step=chance.choice(STEPS),
        effect=effect,
        state=chance.choice(("planned", "accepted", "cancelled", "rejected", None)),
        due_at=_instant(chance, at) if effect in ("draft", "todo") and chance.random() < 0.8 else None,
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
