"""Tags and lists: put on, taken off, told once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from seqlang.errors import RefusedError
from seqlang.store import Store, tables
from seqlang.store.lists_tags import add_tags, add_to_lists, lists_of, remove_from_lists, remove_tags, tags_of
from seqlang.store.records import upsert

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_tags_and_lists_come_and_go_and_only_changes_are_told(store: Store) -> None:
    with store.begin() as conn:
        kim, lee = upsert(conn, store, "contact", [{"email": "kim@a.example"}, {"email": "lee@a.example"}], at=AT, quiet=True).ids
        (deal,) = upsert(conn, store, "deal", [{"name": "Big", "contact": lee}], at=AT, quiet=True).ids
        assert add_tags(conn, store, "contact", {"VIP": [kim, lee, kim], "b": [kim]}, at=AT) == {kim, lee}
        assert add_tags(conn, store, "contact", {"VIP": [kim]}, at=AT) == set()
        assert add_tags(conn, store, "deal", {"VIP": [deal]}, at=AT, source_flow=7) == {deal}
        assert remove_tags(conn, store, "contact", {"VIP": [lee], "never": [kim]}, at=AT) == 1
        assert tags_of(conn, "contact", [kim, lee]) == {kim: ("VIP", "b")}
        assert add_to_lists(conn, store, "contact", {"Expo": [kim, lee]}, at=AT) == {kim, lee}
        assert add_to_lists(conn, store, "contact", {"Expo": [kim]}, at=AT) == set()
        assert remove_from_lists(conn, store, "contact", {"Expo": [kim]}, at=AT) == 1
        assert lists_of(conn, "contact", [kim, lee]) == {lee: ("Expo",)}
        c = tables.change.c
        told = conn.execute(select(c.record, c.record_id, c.contact_id, c.what, c.field, c.value, c.flow_id).order_by(c.id)).all()
    assert [tuple(r) for r in told] == [
        ("contact", kim, kim, "tag", "VIP", "added", None),
        ("contact", lee, lee, "tag", "VIP", "added", None),
        ("contact", kim, kim, "tag", "b", "added", None),
        ("deal", deal, lee, "tag", "VIP", "added", 7),
        ("contact", lee, lee, "tag", "VIP", "removed", None),
        ("contact", kim, kim, "list", "Expo", "added", None),
        ("contact", lee, lee, "list", "Expo", "added", None),
        ("contact", kim, kim, "list", "Expo", "removed", None),
    ]


def test_list_is_of_one_kind_of_record(store: Store) -> None:
    with store.begin() as conn:
        (kim,) = upsert(conn, store, "contact", [{"email": "kim@a.example"}], at=AT).ids
        add_to_lists(conn, store, "contact", {"Expo": [kim]}, at=AT)
        with pytest.raises(RefusedError, match="list `Expo` is one of contacts"):
            add_to_lists(conn, store, "deal", {"Expo": [1]}, at=AT)
