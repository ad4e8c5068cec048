"""Conditions on lists, tags, flows and linked records, each by hand."""

from __future__ import annotations

from seqlang.plan import conditions as c
from seqlang.store import tables
from seqlang.store.lists_tags import add_tags, add_to_lists
from seqlang.store.records import upsert
from tests.predicates.scene import AT, Scene


def test_tags_are_exact_and_of_the_subject(scene: Scene) -> None:
    with scene.store.begin() as conn:
        add_tags(conn, scene.store, "contact", {"VIP": [scene.kim]}, at=AT)
        add_tags(conn, scene.store, "deal", {"big": [scene.deal]}, at=AT)
    assert scene.ask(c.Tagged(tag="VIP"), c.Tagged(tag="vip"), c.Tagged(tag="big")) == [True, False, False]
    assert scene.ask(c.Tagged(tag="big"), record="deal", who=scene.deal) == [True]


def test_lists_are_of_the_subject_or_of_the_record_behind_it(scene: Scene) -> None:
    with scene.store.begin() as conn:
        add_to_lists(conn, scene.store, "contact", {"Expo": [scene.kim], "Undeclared": [scene.lee]}, at=AT)
        add_to_lists(conn, scene.store, "account", {"Firms": [scene.account]}, at=AT)
    lists = tuple(c.InList(list=name) for name in ("Expo", "Undeclared", "Firms", "none"))
    assert scene.ask(*lists) == [True, False, True, False]
    assert scene.ask(*lists, who=scene.lee) == [False, True, True, False]
    assert scene.ask(*lists, record="deal", who=scene.deal) == [True, False, False, False]


def test_in_a_flow_is_now_and_was_is_ever(scene: Scene) -> None:
    now, ever = c.InFlow(flow="Outreach", was=False), c.InFlow(flow="Outreach", was=True)
    assert scene.ask(now, ever, c.InFlow(flow="nowhere", was=True)) == [True, True, False]
    assert scene.ask(now, ever, who=scene.lee) == [False, False]
    with scene.store.begin() as conn:
        conn.execute(tables.enrolment.update().values(active=False))
    assert scene.ask(now, ever) == [False, True]
    assert scene.ask(now, ever, record="deal", who=scene.deal) == [False, True]


def test_flow_of_another_record_with_the_same_number_is_not_taken_for_ones_own(scene: Scene) -> None:
    with scene.store.begin() as conn:
        scene.enrol(conn, "Deals", scene.lee, None)  # a deal that bears Lee's number
    assert scene.ask(c.InFlow(flow="Deals", was=True), who=scene.lee) == [False]


def test_some_deal_is_one_and_the_same(scene: Scene) -> None:
    def stage(word: str) -> c.Condition:
        return c.Compare(
            field=c.FieldRef(record="deal", field="stage", type="text"), op="=", value=c.Literal_(type="text", value=word)
        )

    def amount(number: float) -> c.Condition:
        return c.Compare(
            field=c.FieldRef(record="deal", field="amount", type="number"), op=">", value=c.Literal_(type="number", value=number)
        )

    def some(where: c.Condition) -> c.Some:
        return c.Some(subject="contact", record="deal", link="contact", where=where)

    with scene.store.begin() as conn:
        upsert(conn, scene.store, "deal", [{"name": "Small", "stage": "Open", "amount": 99, "contact": scene.kim}], at=AT)
    both = c.All(items=(some(stage("Won")), some(amount(50))))
    assert scene.ask(both, some(c.All(items=(stage("Won"), amount(50)))), c.Not(item=some(stage("Lost")))) == [True, False, True]
    assert scene.ask(
        c.CountSome(some=some(amount(1)), op=">=", number=2), c.CountSome(some=some(amount(1)), op="=", number=1)
    ) == [True, False]
    assert scene.ask(c.Not(item=some(stage("Won"))), who=scene.lee) == [True]
    assert scene.ask(c.CountSome(some=some(amount(1)), op="=", number=0), who=scene.lee) == [True]
