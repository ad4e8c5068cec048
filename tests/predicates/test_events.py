"""Conditions on events, each by hand and at its edges."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from seqlang.plan import conditions as c
from seqlang.store import tables
from tests.predicates.scene import AT, ENTERED, TICK, TWO_DAYS, Scene, fact, happened


def test_event_has_happened_once_it_is_there_and_not_from_the_future(scene: Scene) -> None:
    assert scene.ask(happened()) == [False]
    scene.event("event", AT + TICK, name="login")
    assert scene.ask(happened()) == [False]
    scene.event("event", AT, name="login")
    assert scene.ask(happened(), happened("logout")) == [True, False]


def test_events_of_others_do_not_count(scene: Scene) -> None:
    scene.event("event", name="login", record_id=scene.lee, contact_id=scene.lee)
    assert scene.ask(happened()) == [False]
    assert scene.ask(happened(), record="account", who=scene.account) == [True]


@pytest.mark.parametrize(
    ("op", "number", "expected"),
    [
        (">=", 3, True),
        (">=", 4, False),
        ("=", 3, True),
        ("!=", 3, False),
        ("<", 1, False),
        ("<", 4, True),
        ("=", 0, False),
        (">", 0, True),
    ],
)
def test_count_of_events_is_compared(scene: Scene, op: Any, number: int, expected: bool) -> None:
    for _ in range(3):
        scene.event("event", name="login")
    assert scene.ask(happened(op=op, number=number)) == [expected]


def test_in_the_last_two_days_of_events_is_48_hours_with_its_end(scene: Scene) -> None:
    scene.event("event", AT - timedelta(hours=48) - TICK, name="login")
    assert scene.ask(happened(last=TWO_DAYS)) == [False]
    scene.event("event", AT - timedelta(hours=48), name="login")
    assert scene.ask(happened(last=TWO_DAYS)) == [True]


def test_since_entry_leaves_out_what_came_before_or_at_the_very_run(scene: Scene) -> None:
    scene.event("event", ENTERED - TICK, name="login")
    scene.event("event", ENTERED, name="login")
    assert scene.ask(happened(since_entry=True), happened()) == [False, True]
    scene.event("event", ENTERED + TICK, name="login")
    assert scene.ask(happened(since_entry=True)) == [True]


def test_since_entry_leaves_out_the_event_that_brought_the_contact_in_but_not_a_later_one_of_its_instant(scene: Scene) -> None:
    cause = scene.event("event", ENTERED, name="login")
    with scene.store.begin() as conn:
        conn.execute(tables.enrolment.update().where(tables.enrolment.c.id == scene.stay).values(cause_event_id=cause))
    assert scene.ask(happened(since_entry=True)) == [False]
    scene.event("event", ENTERED, name="login")
    assert scene.ask(happened(since_entry=True)) == [True]


def test_outside_an_enrolment_nothing_is_since_entry(scene: Scene) -> None:
    scene.event("event", name="login")
    none = happened(since_entry=True, op="<", number=1)
    assert scene.ask(happened(since_entry=True), none, fact("opened"), who=scene.kim) == [False, True, False]


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"url": "https://x/pricing", "seats": 5}, True),
        ({"url": "https://x/PRICING", "seats": 5}, True),
        ({"url": "https://x/", "seats": 5}, False),
        ({"seats": 5}, False),
        ({"url": 7, "seats": 5}, False),
        ({"url": "/pricing", "seats": "5"}, False),
        (None, False),
    ],
)
def test_properties_of_an_event_are_asked_together(scene: Scene, properties: Any, expected: bool) -> None:
    scene.event("event", name="page_view", properties=properties)
    where = c.All(
        items=(
            c.Matches(field=c.FieldRef(record="event:page_view", field="url", type="text"), how="contains", text="/pricing"),
            c.Compare(
                field=c.FieldRef(record="event:page_view", field="seats", type="number"),
                op=">=",
                value=c.Literal_(type="number", value=5),
            ),
        )
    )
    assert scene.ask(happened("page_view", where=where)) == [expected]


def test_property_with_a_name_of_any_characters_is_found(scene: Scene) -> None:
    name = 'a."b" %s $'
    scene.event("event", name="page_view", properties={name: "x"})
    ref = c.FieldRef(record="event:page_view", field=name, type="text")
    assert scene.ask(happened("page_view", where=c.Not(item=c.Empty(field=ref)))) == [True]
