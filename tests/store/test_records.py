"""Records: adding, updating, finding, deleting, merging; what is told of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from seqlang.clock import to_micros
from seqlang.store import Store, tables
from seqlang.store.addresses import email_ok, phone_ok
from seqlang.store.integrity import check_integrity
from seqlang.store.lists_tags import add_tags, add_to_lists, lists_of, tags_of
from seqlang.store.records import Upserted, delete, find, merge, names, refresh_keys, upsert
from seqlang.store.records_schema import apply_catalogue
from seqlang.store.timeline import timeline
from tests.predicates.worlds import CATALOGUE

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EMPTY = hashlib.sha256(b"{}").hexdigest()
LATER = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


def put(store: Store, record: str, rows: Sequence[dict[str, Any]], at: datetime = AT, **more: Any) -> Upserted:
    with store.begin() as conn:
        return upsert(conn, store, record, rows, at=at, **more)


def row_of(store: Store, record: str, number: int) -> dict[str, Any]:
    table = store.records(record)
    with store.read() as conn:
        return dict(conn.execute(select(table).where(table.c.id == number)).mappings().one())


def changes(store: Store) -> list[tuple[Any, ...]]:
    c = tables.change.c
    with store.read() as conn:
        return [
            tuple(r) for r in conn.execute(select(c.record, c.record_id, c.contact_id, c.what, c.field, c.value).order_by(c.id))
        ]


def clear(store: Store) -> None:
    with store.begin() as conn:
        conn.execute(tables.change.delete())


def test_new_contact_has_defaults_and_what_the_engine_keeps(store: Store) -> None:
    done = put(store, "contact", [{"email": " Kim@Acme.example ", "phone": "+49 30 123456"}])
    row = row_of(store, "contact", done.ids[0])
    assert row["f_email"] == " Kim@Acme.example "
    assert row["email_key"] == "kim@acme.example"
    assert bool(row["email_ok"])
    assert bool(row["phone_ok"])
    assert row["f_last_contacted_mode"] == "Not yet contacted"
    assert row["f_subscriptions"] == ";Non marketing emails;"
    assert row["f_created_at"] == row["f_updated_at"] == to_micros(AT)
    assert done.created == done.ids
    assert changes(store) == [("contact", done.ids[0], done.ids[0], "created", None, None)]


def test_contact_without_subscriptions_has_none_when_it_says_so(store: Store) -> None:
    done = put(
        store,
        "contact",
        [{"email": "a@b.example", "subscriptions": ()}, {"email": "c@d.example", "subscriptions": ("News", "news")}],
    )
    assert [row_of(store, "contact", i)["f_subscriptions"] for i in done.ids] == [None, ";News;"]


def test_known_address_in_another_case_is_updated_and_each_changed_field_is_told(store: Store) -> None:
    (kim,) = put(store, "contact", [{"email": "kim@acme.example", "first_name": "Kim", "title": "CTO"}]).ids
    clear(store)
    done = put(store, "contact", [{"email": "KIM@acme.example", "first_name": "Kim", "title": None, "phone": "12"}], LATER)
    assert (done.ids, done.created, done.updated) == ((kim,), (), (kim,))
    row = row_of(store, "contact", kim)
    assert (row["f_title"], row["f_phone"], bool(row["phone_ok"])) == (None, "12", False)
    assert (row["f_created_at"], row["f_updated_at"]) == (to_micros(AT), to_micros(LATER))
    told = {(field, value) for _, _, _, what, field, value in changes(store) if what == "updated"}
    assert told == {("email", "KIM@acme.example"), ("title", None), ("phone", "12")}


def test_same_values_again_change_and_tell_nothing(store: Store) -> None:
    rows = [{"email": "kim@acme.example", "first_name": "Kim", "created_at": AT, "subscriptions": ("News",)}]
    put(store, "contact", rows)
    clear(store)
    done = put(store, "contact", rows, LATER)
    assert (done.created, done.updated) == ((), ())
    assert changes(store) == []


def test_two_rows_of_one_address_in_a_batch_make_one_contact(store: Store) -> None:
    done = put(
        store,
        "contact",
        [{"email": "kim@acme.example", "title": "A", "first_name": "Kim"}, {"email": "Kim@acme.example", "title": "B"}],
    )
    assert done.ids[0] == done.ids[1]
    assert len(done.created) == 1
    row = row_of(store, "contact", done.ids[0])
    assert (row["f_title"], row["f_first_name"], row["f_email"]) == ("B", "Kim", "Kim@acme.example")


def test_contacts_without_an_address_are_each_a_contact(store: Store) -> None:
    done = put(store, "contact", [{"first_name": "A"}, {"first_name": "B", "email": None}, {"first_name": "C", "email": ""}])
    assert len(set(done.created)) == 3


def test_fresh_rows_never_look_for_existing_ones(store: Store) -> None:
    put(store, "contact", [{"email": "kim@acme.example"}])
    done = put(store, "contact", [{"email": "kim@acme.example"}] * 2, fresh=True)
    assert len(set(done.created)) == 2
    with store.read() as conn:  # the oldest of several is the one that is found
        assert find(conn, store, "contact", ["KIM@acme.example", "nobody@x.example"]) == {"KIM@acme.example": 1}


def test_quiet_rows_tell_nothing(store: Store) -> None:
    put(store, "contact", [{"email": "kim@acme.example"}], quiet=True)
    assert changes(store) == []


def test_account_and_deal_are_found_by_domain_and_name_or_by_another_key(store: Store) -> None:
    (acme,) = put(store, "account", [{"domain": "Acme.example", "name": "Acme"}]).ids
    assert put(store, "account", [{"domain": "acme.EXAMPLE", "industry": "Software"}]).ids == (acme,)
    assert put(store, "account", [{"name": "ACME", "industry": "Steel"}], key="name").ids == (acme,)
    assert put(store, "account", [{"employees": 12.0, "domain": "x.example"}]).created
    assert put(store, "account", [{"employees": 12, "industry": "Ore"}], key="employees").updated


def test_a_link_that_changes_wakes_both_contacts_and_is_told_by_number(store: Store) -> None:
    kim, lee = put(store, "contact", [{"email": "kim@a.example"}, {"email": "lee@a.example"}]).ids
    (deal,) = put(store, "deal", [{"name": "Big", "contact": kim}]).ids
    clear(store)
    put(store, "deal", [{"name": "Big", "contact": lee, "amount": 10_000}])
    assert sorted(changes(store), key=str) == sorted(
        [
            ("deal", deal, kim, "updated", "amount", "10000.0"),
            ("deal", deal, kim, "updated", "contact", str(lee)),
            ("deal", deal, lee, "updated", "contact", str(lee)),
        ],
        key=str,
    )


def test_flow_that_did_it_is_named(store: Store) -> None:
    put(store, "contact", [{"email": "kim@a.example"}], source_flow=7)
    with store.read() as conn:
        assert conn.execute(select(tables.change.c.flow_id)).scalars().all() == [7]


@pytest.mark.parametrize(
    ("row", "error"), [({"nme": "x"}, KeyError), ({"created_at": "yesterday"}, TypeError), ({"account": "acme"}, ValueError)]
)
def test_wrong_field_or_value_is_refused(store: Store, row: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        put(store, "contact", [row])


def test_user_is_found_by_address_and_has_a_manager(store: Store) -> None:
    (eva,) = put(store, "user", [{"email": "Eva@a.example", "role": "admin"}]).ids
    (ana,) = put(store, "user", [{"email": "ana@a.example", "manager": eva}]).ids
    assert put(store, "user", [{"email": "eva@A.example", "active": False}]).updated == (eva,)
    assert bool(row_of(store, "user", eva)["f_active"]) is False
    assert row_of(store, "user", ana)["f_manager"] == eva
    assert bool(row_of(store, "user", ana)["f_active"]) is True


def test_declared_fields_are_kept_by_their_types(store: Store) -> None:
    with store.begin() as conn:
        apply_catalogue(conn, CATALOGUE)
    (kim,) = put(
        store, "contact", [{"email": "k@a.example", "Lead Source": "Expo", "trial_ends": date(2026, 3, 9), "newsletter": False}]
    ).ids
    row = row_of(store, "contact", kim)
    assert row["f_trial_ends"] == date(2026, 3, 9).toordinal()
    assert row[store.column("contact", "Lead Source").name] == "Expo"


def test_deleted_contact_ends_in_order_and_stays_in_the_timeline(store: Store) -> None:
    kim, lee = put(store, "contact", [{"email": "kim@a.example"}, {"email": "lee@a.example"}]).ids
    (deal,) = put(store, "deal", [{"name": "Big", "contact": kim}]).ids
    with store.begin() as conn:
        flow(conn)
        for number, person in ((1, kim), (2, lee)):
            enrol(conn, number, person)
        add_tags(conn, store, "contact", {"VIP": [kim, lee]}, at=AT)
        add_to_lists(conn, store, "contact", {"Expo": [kim, lee]}, at=AT)
        assert delete(conn, store, "contact", [kim, 999], LATER) == 1
    with store.read() as conn:
        stays = {r.id: r for r in conn.execute(select(tables.enrolment))}
        assert (bool(stays[1].active), stays[1].exit_reason, stays[1].exited_at, stays[1].due_at) == (
            False,
            "deleted",
            to_micros(LATER),
            None,
        )
        assert bool(stays[2].active)
        assert [
            (r.state, r.record_id)
            for r in conn.execute(
                select(tables.todo.c.state, tables.ledger.c.record_id)
                .join(tables.ledger, tables.ledger.c.id == tables.todo.c.ledger_id)
                .order_by(tables.todo.c.id)
            )
        ] == [("cancelled", kim), ("open", lee)]
        states = conn.execute(
            select(tables.ledger.c.state).where(tables.ledger.c.occurrence == 0).order_by(tables.ledger.c.id)
        ).scalars()
        assert list(states) == ["cancelled", "planned"]
        lines = [(li.what, li.contact, li.record, li.why) for li in timeline(conn, store)]
        assert ("exited", "kim@a.example", "contact:kim@a.example", "deleted") in lines
        assert ("entered", "kim@a.example", "contact:kim@a.example", None) in lines
        assert tags_of(conn, "contact", [kim, lee]) == {lee: ("VIP",)}
        assert lists_of(conn, "contact", [kim, lee]) == {lee: ("Expo",)}
        assert find(conn, store, "contact", ["kim@a.example"]) == {}
    assert row_of(store, "deal", deal)["f_contact"] is None
    assert check_integrity(store) == []


def test_number_of_a_deleted_contact_is_never_given_again(store: Store) -> None:
    (kim,) = put(store, "contact", [{"email": "kim@a.example"}]).ids
    with store.begin() as conn:
        delete(conn, store, "contact", [kim], AT)
    assert put(store, "contact", [{"email": "new@a.example"}]).ids[0] > kim


def test_merged_account_hands_over_its_people_deals_and_values(store: Store) -> None:
    keep, gone = put(store, "account", [{"domain": "a.example", "name": "A"}, {"domain": "b.example", "industry": "Steel"}]).ids
    (kim,) = put(store, "contact", [{"email": "kim@b.example", "account": gone}]).ids
    (deal,) = put(store, "deal", [{"name": "Big", "account": gone}]).ids
    clear(store)
    with store.begin() as conn:
        add_tags(conn, store, "account", {"VIP": [keep, gone], "old": [gone]}, at=AT)
        conn.execute(tables.event.insert().values(at=1, recorded_at=1, kind="event", record="account", record_id=gone, name="x"))
        merge(conn, store, "account", keep, gone, LATER)
    assert row_of(store, "contact", kim)["f_account"] == row_of(store, "deal", deal)["f_account"] == keep
    assert (row_of(store, "account", keep)["f_name"], row_of(store, "account", keep)["f_industry"]) == ("A", "Steel")
    with store.read() as conn:
        assert names(conn, store, "account", [keep, gone]) == {keep: "a.example"}
        assert tags_of(conn, "account", [keep, gone]) == {keep: ("VIP", "old")}
        assert conn.execute(select(tables.event.c.record_id)).scalars().all() == [keep]
        assert conn.execute(select(tables.gone.c.record_id, tables.gone.c.into_id)).one() == (gone, keep)
    assert ("contact", kim, kim, "updated", "account", "a.example") in changes(store)
    assert check_integrity(store) == []


def test_keys_are_worked_out_anew_after_a_statement_set_the_address(store: Store) -> None:
    (kim,) = put(store, "contact", [{"email": "kim@a.example"}]).ids
    with store.begin() as conn:
        conn.execute(store.records("contact").update().values(f_email="Not An Address", f_phone="+44 1632 960960"))
        refresh_keys(conn, store, [kim])
    row = row_of(store, "contact", kim)
    assert (row["email_key"], bool(row["email_ok"]), bool(row["phone_ok"])) == ("not an address", False, True)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("kim@acme.example", True),
        ("kim.lee+x@mail.acme.co.uk", True),
        ("ünder@straße.de", True),
        ("kim@shop.test", True),
        ("", False),
        (None, False),
        ("kim", False),
        ("kim@", False),
        ("@acme.example", False),
        ("kim@acme", False),
        ("kim lee@acme.example", False),
        ("kim@acme..example", False),
        (".kim@acme.example", False),
        ("kim@-acme.com", False),
        ("a@b@c.de", False),
    ],
)
def test_address_that_mail_can_go_to(address: str | None, expected: bool) -> None:
    assert email_ok(address) is expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+49 30 123456", True),
        ("(030) 123-4567", True),
        ("0044 1632 960960", True),
        ("\u202a+49\u00a030\u2011123456\u202c", True),  # copied from a page
        ("12", False),
        ("call me", False),
        ("", False),
        (None, False),
        ("+4930123456789012345", False),
    ],
)
def test_number_that_a_text_can_go_to(number: str | None, expected: bool) -> None:
    assert phone_ok(number) is expected


def flow(conn: Any) -> None:
    conn.execute(tables.plan.insert().values(hash=EMPTY, body="{}", created_at=0))
    conn.execute(tables.flow.insert().values(id=1, name="Outreach", kind="classic", state="active", plan_hash=EMPTY))
    conn.execute(tables.node.insert().values(id=1, flow_id=1, key="ring"))


def enrol(conn: Any, number: int, person: int) -> None:
    """Enrol a contact that has a call to make."""
    stay = {"flow_id": 1, "record_id": person, "contact_id": person}
    conn.execute(tables.enrolment.insert().values(id=number, entered_at=0, entry_on=1, due_at=5, **stay))
    conn.execute(tables.ledger.insert().values(at=0, enrolment_id=number, what="entered", **stay))
    made = conn.execute(
        tables.ledger.insert()
        .values(
            at=0,
            enrolment_id=number,
            what="executed",
            node_id=1,
            channel="call",
            effect="todo",
            occurrence=0,
            state="planned",
            **stay,
        )
        .returning(tables.ledger.c.id)
    ).scalar_one()
    conn.execute(tables.todo.insert().values(ledger_id=made, kind="call", title="Ring", created_at=0))
