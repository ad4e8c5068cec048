"""What records were before they changed: whoever wrote it, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from seqlang.store import Store, tables
from seqlang.store.formers import put_back, watch
from seqlang.store.lists_tags import add_tags, add_to_lists, remove_tags
from seqlang.store.records import delete, upsert
from seqlang.store.records_schema import apply_catalogue, column_of
from seqlang.vocabulary.records import BUILT_IN, Catalogue, FieldSpec, RecordSpec

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
NAMES = ("it's", "100 %", 'a "b"')
FIELDS = (
    *(FieldSpec(name=name, type="text") for name in NAMES),
    FieldSpec(name="score", type="number"),
    FieldSpec(name="keen", type="boolean"),
    FieldSpec(name="ends", type="date"),
)
OWN: dict[str, Any] = {"it's": "x", "100 %": "y", 'a "b"': "z", "score": 2.5, "keen": True, "ends": AT.date(), "created_at": AT}


def prepared(store: Store) -> int:
    """A contact whose every field is watched."""
    contact = next(r for r in BUILT_IN if r.name == "contact")
    wide = RecordSpec(name="contact", key=contact.key, fields=(*contact.fields, *FIELDS))
    with store.begin() as conn:
        apply_catalogue(conn, Catalogue(records=tuple(wide if r.name == "contact" else r for r in BUILT_IN)))
    with store.begin() as conn:
        add_to_lists(conn, store, "contact", {"Expo '26": []}, at=AT)
        asked = {("contact", name) for name in (*OWN, "account")}
        for _ in range(2):  # what is watched stays so
            watch(conn, fields=asked, tags=["it's"], lists=["Expo '26", "unknown"])
        return upsert(conn, store, "contact", [{"email": "kim@x.example", **OWN}], at=AT).ids[0]


def seen(store: Store, conn: Any, id_: int) -> dict[str, Any]:
    row = conn.execute(select(store.records("contact")).where(store.records("contact").c.id == id_)).mappings().one()
    return {name: row[column_of(name)] for name in (*OWN, "account")}


def test_every_type_comes_back_and_nothing_else_is_touched(store: Store) -> None:
    id_ = prepared(store)
    with store.begin() as conn:
        before = seen(store, conn, id_)
        for values in ({"score": 7, "keen": False}, dict.fromkeys(OWN), {"score": 9, "it's": "new", "first_name": "Kim"}):
            upsert(conn, store, "contact", [{"email": "kim@x.example", **values}], at=AT)
        put_back(conn, store, {"contact": {id_}}, (), 0)
        assert seen(store, conn, id_) == before
        assert conn.execute(select(store.column("contact", "first_name"))).scalar_one() == "Kim"  # nobody asks it


def test_tags_lists_and_what_linked_then_come_back(store: Store) -> None:
    id_ = prepared(store)
    with store.begin() as conn:
        account = upsert(conn, store, "account", [{"domain": "x.example"}], at=AT).ids[0]
        add_tags(conn, store, "contact", {"it's": [id_]}, at=AT)
        line = 5
        conn.execute(tables.ledger.insert().values(id=line, at=0, enrolment_id=1, flow_id=1, record_id=id_, what="entered"))
        remove_tags(conn, store, "contact", {"it's": [id_]}, at=AT)
        add_to_lists(conn, store, "contact", {"Expo '26": [id_]}, at=AT)
        upsert(conn, store, "contact", [{"email": "kim@x.example", "account": account}], at=AT)
        put_back(conn, store, {"account": {account}}, ["contact"], line)
        assert conn.execute(select(tables.tag.c.tag)).scalars().all() == ["it's"]
        assert conn.execute(select(tables.list_member)).all() == []
        assert seen(store, conn, id_)["account"] is None


def test_who_is_deleted_leaves_no_former_values(store: Store) -> None:
    id_ = prepared(store)
    with store.begin() as conn:
        upsert(conn, store, "contact", [{"email": "kim@x.example", "score": 1}], at=AT)
        assert conn.execute(select(tables.former.c.value)).scalars().all() == ["2.5"]
        delete(conn, store, "contact", [id_], at=AT)
        assert conn.execute(select(tables.former)).all() == []
