"""A project's definitions and records put into a store: what `apply`, `simulate` and `test` share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from seqlang.plan.model import FlowPlan, ProjectPlan
from seqlang.simulation.scenario import NewRecord, Value
from seqlang.store import tables
from seqlang.store.lists_tags import add_tags, add_to_lists
from seqlang.store.plans import put_content, put_flow
from seqlang.store.records import chunks, find, upsert
from seqlang.store.records_schema import apply_catalogue, column_of
from seqlang.vocabulary.records import RecordSpec
from seqlang.vocabulary.settings import UserSettings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from seqlang.store import Store

BATCH = 1_000
ZONE_KEY = "project_zone"


def install_project(
    conn: Connection,
    store: Store,
    plan: ProjectPlan,
    users: Sequence[UserSettings],
    at: datetime,
    *,
    contents: Mapping[str, bytes] | None = None,
    flows: Sequence[FlowPlan] | None = None,
) -> None:
    """Put catalogue, views, contents, colleagues and flows (None: all) into the store, in the caller's transaction."""
    apply_catalogue(conn, plan.catalogue.data)
    conn.execute(tables.view.delete())
    for name, record, condition in plan.catalogue.views:
        conn.execute(tables.view.insert().values(name=name, record=record, condition=condition.model_dump_json()))
    for body in (contents or {}).values():
        put_content(conn, store, body)
    _set_meta(conn, ZONE_KEY, plan.zone)
    wanted = plan.flows if flows is None else flows
    install_users(conn, store, users, [f.owner for f in wanted if f.owner], at)
    for position, flow in enumerate(plan.flows):
        if flow in wanted:
            put_flow(conn, store, flow, position=position, at=at)


def install_users(conn: Connection, store: Store, users: Sequence[UserSettings], owners: Iterable[str], at: datetime) -> None:
    """Make the colleagues what the settings say; an owner whom they do not list exists with that address and the default role."""
    listed = {u.email.lower() for u in users}
    rows: list[dict[str, object]] = [
        {
            "email": u.email,
            "first_name": u.first_name,
            "last_name": u.last_name,
            "timezone": u.timezone,
            "role": u.role,
            "active": u.active,
        }
        for u in users
    ]
    strangers = {o.lower() for o in owners} | {u.manager.lower() for u in users if u.manager}
    known = {e.lower() for e in find(conn, store, "user", sorted(strangers))} if strangers else set()
    rows += [{"email": o, "role": "rep", "active": True} for o in sorted(strangers - listed - known)]
    if not rows:
        return
    upsert(conn, store, "user", rows, at=at, quiet=True)
    managers = find(conn, store, "user", sorted({u.manager for u in users if u.manager}))
    links = [{"email": u.email, "manager": managers.get(u.manager or "")} for u in users]
    if links:
        upsert(conn, store, "user", links, at=at, quiet=True)


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link whose record is not there yet, or will never be."""

    record: str
    id: int
    field: str
    to: str  # the type of the record that it leads to
    key: str
    place: str  # where it was read


def add_records(conn: Connection, store: Store, records: Sequence[NewRecord], at: datetime, *, created: bool) -> list[OpenLink]:
    """Add records of one type; return the links that lead nowhere as yet. `created`: now, so that `created` happens.

    Each is a record of its own, even where two have one key. Links are resolved by the keys of the records that they lead to.
    """
    if not records:
        return []
    kind = records[0].record
    spec = store.record_tables.spec(kind)
    missing: list[OpenLink] = []
    for first in range(0, len(records), BATCH):
        chunk = records[first : first + BATCH]
        rows, nowhere = _linked(conn, store, spec, chunk, at)
        done = upsert(conn, store, kind, rows, at=at, fresh=True, quiet=not created)
        _forget_creation(conn, store, kind, [i for i, r in zip(done.ids, chunk, strict=True) if r.created_at is None])
        tags: dict[str, list[int]] = {}
        lists: dict[str, list[int]] = {}
        for number, record in zip(done.ids, chunk, strict=True):
            for tag in record.tags:
                tags.setdefault(tag, []).append(number)
            for name in record.lists:
                lists.setdefault(name, []).append(number)
        add_tags(conn, store, kind, tags, at=at)
        add_to_lists(conn, store, kind, lists, at=at)
        missing += [OpenLink(kind, done.ids[n], f, to, key, chunk[n].place) for n, f, to, key in nowhere]
    return missing


def close_links(conn: Connection, store: Store, links: Sequence[OpenLink]) -> list[OpenLink]:
    """Let links lead to records that have come to be meanwhile; return those that still lead nowhere."""
    left: list[OpenLink] = []
    for link in links:
        found = find(conn, store, link.to, [link.key]).get(link.key)
        if found is None:
            left.append(link)
            continue
        table = store.records(link.record)
        conn.execute(table.update().where(table.c.id == link.id).values({column_of(link.field): found}))
    return left


def _linked(
    conn: Connection, store: Store, spec: RecordSpec, chunk: Sequence[NewRecord], at: datetime
) -> tuple[list[dict[str, Value]], list[tuple[int, str, str, str]]]:
    """Return the rows with ids for keys, and the links that lead nowhere: place in the chunk, field, record, key."""
    rows = [dict(r.values) for r in chunk]
    nowhere: list[tuple[int, str, str, str]] = []
    for field in spec.fields:
        if field.type != "link" or field.link is None:
            continue
        keys = sorted({str(row[field.name]) for row in rows if row.get(field.name) is not None})
        if not keys:
            continue
        if field.link == "user":
            install_users(conn, store, (), [k for k in keys if "@" in k], at)
        ids = find(conn, store, field.link, keys)
        for number, row in enumerate(rows):
            told = row.get(field.name)
            if told is None:
                continue
            row[field.name] = ids.get(str(told))
            if row[field.name] is None:
                nowhere.append((number, field.name, field.link, str(told)))
    return rows, nowhere


def _forget_creation(conn: Connection, store: Store, kind: str, ids: Sequence[int]) -> None:
    """A record that has always existed has no instant of creation."""
    table = store.records(kind)
    column = column_of("created_at")
    if not ids or column not in table.c:
        return
    for chunk in chunks(ids):
        conn.execute(table.update().where(table.c.id.in_(chunk)).values({column: None}))


def _set_meta(conn: Connection, key: str, value: str) -> None:
    done = conn.execute(tables.meta.update().where(tables.meta.c.key == key).values(value=value))
    if not done.rowcount:
        conn.execute(tables.meta.insert().values(key=key, value=value))
