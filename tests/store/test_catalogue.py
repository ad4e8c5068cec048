"""What `apply` does to the tables of records: it adds and fills, and never loses a value."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, inspect, select

from seqlang.errors import RefusedError
from seqlang.store import Store, tables
from seqlang.store.integrity import check_integrity
from seqlang.store.records import upsert
from seqlang.store.records_schema import apply_catalogue, column_of
from seqlang.vocabulary.records import BUILT_IN, Catalogue, FieldSpec, ListSpec, RecordSpec

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def contact_with(*fields: FieldSpec, more: tuple[RecordSpec, ...] = (), lists: tuple[ListSpec, ...] = ()) -> Catalogue:
    extended = tuple(r.model_copy(update={"fields": (*r.fields, *fields)}) if r.name == "contact" else r for r in BUILT_IN)
    return Catalogue(records=(*extended, *more), lists=lists)


SCORE = FieldSpec(name="score", type="number", default=0)
TICKET = RecordSpec(
    name="ticket",
    key="name",
    fields=(
        FieldSpec(name="name", type="text"),
        FieldSpec(name="contact", type="link", link="contact"),
        FieldSpec(name="parent", type="link", link="ticket"),
        FieldSpec(name="order", type="link", link="select"),
    ),
)
SELECT = RecordSpec(name="select", key="name", fields=(FieldSpec(name="name", type="text"), FieldSpec(name="group", type="text")))


def test_new_field_has_its_default_in_the_rows_that_are_there(store: Store) -> None:
    with store.begin() as conn:
        (kim,) = upsert(conn, store, "contact", [{"email": "kim@a.example"}], at=AT).ids
        apply_catalogue(conn, contact_with(SCORE, FieldSpec(name="ends", type="date", default="2026-03-02")))
        table = store.records("contact")
        row = conn.execute(select(table).where(table.c.id == kim)).mappings().one()
        assert (row["f_score"], row["f_ends"]) == (0, datetime(2026, 3, 2, tzinfo=UTC).toordinal())


def test_applying_twice_changes_nothing(store: Store) -> None:
    catalogue = contact_with(SCORE, more=(TICKET, SELECT), lists=(ListSpec(name="Expo", record="contact"),))
    with store.begin() as conn:
        apply_catalogue(conn, catalogue)
        before = described(conn)
        apply_catalogue(conn, catalogue)
        assert described(conn) == before
        assert conn.execute(select(tables.list_.c.name, tables.list_.c.record)).all() == [("Expo", "contact")]
    assert check_integrity(store) == []


def test_declared_records_may_link_to_themselves_to_later_ones_and_bear_words_of_sql(store: Store) -> None:
    with store.begin() as conn:
        apply_catalogue(conn, contact_with(more=(TICKET, SELECT)))
        (kim,) = upsert(conn, store, "contact", [{"email": "kim@a.example"}], at=AT).ids
        (order,) = upsert(conn, store, "select", [{"name": "A", "group": "x"}], at=AT).ids
        (one,) = upsert(conn, store, "ticket", [{"name": "1", "contact": kim, "order": order}], at=AT).ids
        upsert(conn, store, "ticket", [{"name": "2", "parent": one}], at=AT)
        assert conn.execute(select(tables.change.c.contact_id).where(tables.change.c.record == "ticket")).scalars().all() == [
            kim,
            None,
        ]


def test_field_that_is_no_longer_declared_keeps_its_values(store: Store) -> None:
    with store.begin() as conn:
        apply_catalogue(conn, contact_with(SCORE))
        (kim,) = upsert(conn, store, "contact", [{"email": "kim@a.example", "score": 7}], at=AT).ids
        apply_catalogue(conn, contact_with())
        with pytest.raises(KeyError):
            store.column("contact", "score")
        apply_catalogue(conn, contact_with(SCORE))
        assert (
            conn.execute(select(store.column("contact", "score")).where(store.records("contact").c.id == kim)).scalar_one() == 7
        )


def test_field_with_values_cannot_change_its_type_and_an_empty_one_can(store: Store) -> None:
    with store.begin() as conn:
        apply_catalogue(conn, contact_with(FieldSpec(name="size", type="text"), FieldSpec(name="seen", type="date")))
        upsert(conn, store, "contact", [{"email": "kim@a.example", "size": "XL"}], at=AT)
    with pytest.raises(RefusedError, match="`size` cannot become a number"), store.begin() as conn:
        apply_catalogue(conn, contact_with(FieldSpec(name="size", type="number"), FieldSpec(name="seen", type="datetime")))
    assert store.catalogue.record("contact").field("size").type == "text"  # type: ignore[union-attr]  # it is declared
    with store.begin() as conn:
        apply_catalogue(
            conn, contact_with(FieldSpec(name="size", type="choice", choices=("XL",)), FieldSpec(name="seen", type="datetime"))
        )
        upsert(conn, store, "contact", [{"email": "kim@a.example", "seen": AT}], at=AT)


def test_link_that_leads_elsewhere_is_another_type(store: Store) -> None:
    with store.begin() as conn:
        apply_catalogue(conn, contact_with(FieldSpec(name="via", type="link", link="deal")))
        apply_catalogue(conn, contact_with(FieldSpec(name="via", type="link", link="account")))
        (acme,) = upsert(conn, store, "account", [{"domain": "a.example"}], at=AT).ids
        upsert(conn, store, "contact", [{"email": "kim@a.example", "via": acme}], at=AT)
    assert check_integrity(store) == []


def test_raising_after_applying_leaves_the_store_as_it_was(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.begin() as conn:  # noqa: PT012 - what happened before is the point
        apply_catalogue(conn, contact_with(SCORE))
        raise ZeroDivisionError
    assert store.catalogue.record("contact").field("score") is None  # type: ignore[union-attr]  # built in
    with store.begin() as conn:
        apply_catalogue(conn, contact_with(SCORE))
        upsert(conn, store, "contact", [{"email": "kim@a.example", "score": 7}], at=AT)


def test_catalogue_that_another_process_applied_is_seen(store_url: str) -> None:
    one, other = Store.open(store_url), Store.open(store_url)
    with one.begin() as conn:
        apply_catalogue(conn, contact_with(SCORE))
    with other.begin() as conn:
        upsert(conn, other, "contact", [{"email": "kim@a.example", "score": 7}], at=AT)
    one.close()
    other.close()


def test_names_that_differ_only_in_case_or_signs_have_columns_of_their_own() -> None:
    names = ["lead_source", "Lead Source", "lead source", "LEAD_SOURCE", "x" * 60, "x" * 61, "größe", "grösse", "1st"]
    columns = [column_of(n).lower() for n in names]
    assert len(set(columns)) == len(names)
    assert all(len(c) < 60 for c in columns)


def described(conn: Connection) -> object:
    asked = inspect(conn)
    return {
        t: (sorted(c["name"] for c in asked.get_columns(t)), sorted(str(i["name"]) for i in asked.get_indexes(t)))
        for t in asked.get_table_names()
    }
