"""Conditions on events, facts of an enrolment, lists, tags and flows, each by hand and at its edges."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import and_, not_, select

from seqlang.clock import to_micros
from seqlang.plan import conditions as c
from seqlang.predicates import Subject, to_sql
from seqlang.store import Store, tables
from seqlang.store.lists_tags import add_tags, add_to_lists
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


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def happened(name: str = "login", **more: Any) -> c.CountEvents:
    return c.CountEvents(event=name, **more)


def fact(word: Any, step: str | None = "hello", **more: Any) -> c.Fact:
    return c.Fact(fact=word, step=step, **more)


# ---------------------------------------------------------------------------------------------- events


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


# ----------------------------------------------------------------------------------------------- facts


def test_click_and_reply_prove_the_opening(scene: Scene) -> None:
    scene.event("clicked", step="hello", name="https://example.com/")
    scene.event("replied", step="bump")
    asked = (
        fact("opened"),
        fact("clicked"),
        fact("replied"),
        fact("opened", "bump"),
        fact("clicked", "bump"),
        fact("opened", None),
    )
    assert scene.ask(*asked) == [True, True, False, True, False, True]


@pytest.mark.parametrize(
    ("kind", "flag"), [("opened", "machine"), ("clicked", "machine"), ("bounced", "soft"), ("replied", "out_of_office")]
)
def test_machines_full_mailboxes_and_out_of_office_notes_prove_nothing(scene: Scene, kind: str, flag: str) -> None:
    flags: dict[str, Any] = {flag: True}
    scene.event(kind, step="hello", **flags)
    assert scene.ask(fact(kind), fact("opened"), fact(kind, None)) == [False, False, False]
    scene.event(kind, step="hello")
    assert scene.ask(fact(kind), fact(kind, None)) == [True, True]


def test_facts_of_an_earlier_stay_do_not_count(scene: Scene) -> None:
    with scene.store.begin() as conn:
        before = scene.enrol(conn, "Renewals", scene.account, None, active=False)
    scene.event("opened", step="hello", contact_id=scene.kim, enrolment_id=before)
    assert scene.ask(fact("opened"), fact("opened", None)) == [False, False]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com/pricing", True),
        ("https://example.com/", True),
        ("https://EXAMPLE.com/", False),
        ("https://example.com/pricing/x", False),
    ],
)
def test_clicked_link_begins_with_the_one_asked_for(scene: Scene, url: str, expected: bool) -> None:
    scene.event("clicked", step="hello", name="https://example.com/pricing?a=1")
    assert scene.ask(fact("clicked", url=url)) == [expected]


def test_facts_in_the_last_two_days_are_48_hours(scene: Scene) -> None:
    scene.event("opened", AT - timedelta(hours=48) - TICK, step="hello")
    assert scene.ask(fact("opened", last=TWO_DAYS), fact("opened")) == [False, True]
    scene.event("opened", AT - timedelta(hours=48), step="hello")
    assert scene.ask(fact("opened", last=TWO_DAYS)) == [True]


@pytest.mark.parametrize(
    ("effect", "state", "of_step", "of_any"),
    [
        ("message", "planned", True, True),
        ("message", "accepted", True, True),
        ("message", None, True, True),
        ("message", "unknown", True, True),
        ("message", "cancelled", False, False),
        ("message", "rejected", False, False),
        ("draft", "accepted", False, False),
        ("todo", "accepted", False, False),
        ("call_out", "accepted", True, False),
        (None, None, False, False),
    ],
)
def test_sent_is_true_from_the_planning_on_unless_cancelled_or_rejected(
    scene: Scene,
    effect: Any,
    state: str | None,
    of_step: bool,
    of_any: bool,
) -> None:
    scene.line(effect, state=state)
    assert scene.ask(fact("sent"), fact("sent", "bump"), fact("sent", None)) == [of_step, False, of_any]


def test_draft_is_sent_when_it_is_released(scene: Scene) -> None:
    scene.line("draft", state="accepted")
    assert scene.ask(fact("sent"), fact("done")) == [False, False]
    scene.event("released", step="hello")
    scene.line("message", state="planned", occurrence=1)
    assert scene.ask(fact("sent"), fact("done")) == [True, True]


def test_overdue_is_a_todo_open_after_its_due(scene: Scene) -> None:
    scene.line("todo", "ring", todo_due_at=to_micros(AT))
    assert scene.ask(fact("overdue", "ring"), fact("overdue", None)) == [False, False]
    assert scene.ask(fact("overdue", "ring"), fact("overdue", None), at=AT + TICK) == [True, True]
    scene.event("completed", AT, step="ring", name="Connected")
    assert scene.ask(fact("overdue", "ring"), fact("done", "ring"), at=AT + HOUR) == [False, True]


def test_cancelled_todo_is_not_overdue(scene: Scene) -> None:
    scene.line("todo", "ring", todo_due_at=to_micros(AT - HOUR), state="cancelled")
    assert scene.ask(fact("overdue", "ring")) == [False]


def test_outcome_reported_first_counts_and_none_is_none(scene: Scene) -> None:
    connected, other = c.Outcome(step="ring", values=("Connected",)), c.Outcome(step="ring", values=("No answer", "Voicemail"))
    assert scene.ask(connected, other) == [False, False]
    scene.event("completed", AT - HOUR, step="ring", name="No answer")
    scene.event("completed", AT - 2 * HOUR, step="ring", name="Connected")
    assert scene.ask(connected, other, c.Outcome(step="hello", values=("No answer",))) == [False, True, False]


def test_unknown_step_has_no_facts(scene: Scene) -> None:
    scene.event("opened", step="hello")
    assert scene.ask(fact("opened", "nowhere"), c.Outcome(step="nowhere", values=("x",))) == [False, False]


def test_unsubscribed_is_of_the_contact_or_of_the_deals_contact(scene: Scene) -> None:
    assert scene.ask(c.Unsubscribed()) == [False]
    person = scene.store.records("contact")
    with scene.store.begin() as conn:
        conn.execute(person.update().where(person.c.id == scene.kim).values(unsubscribed_at=1))
    assert scene.ask(c.Unsubscribed()) == [True]
    assert scene.ask(c.Unsubscribed(), record="deal", who=scene.deal) == [True]
    assert scene.ask(c.Unsubscribed(), who=scene.lee) == [False]


@pytest.mark.parametrize(
    ("who", "at", "out_of_office", "expected"),
    [
        ("lee", ENTERED + TICK, False, True),
        ("kim", ENTERED + TICK, False, True),
        ("max", ENTERED + TICK, False, False),
        ("lee", ENTERED - TICK, False, False),
        ("lee", ENTERED, False, False),
        ("lee", ENTERED + TICK, True, False),
    ],
)
def test_account_replied_is_anybody_of_the_account_since_the_entry(
    scene: Scene,
    who: str,
    at: datetime,
    out_of_office: bool,
    expected: bool,
) -> None:
    person = getattr(scene, who)
    scene.event("replied", at, record_id=person, contact_id=person, out_of_office=out_of_office)
    assert scene.ask(c.AccountReplied()) == [expected]


def test_reply_of_oneself_without_an_account_counts(scene: Scene) -> None:
    person = scene.store.records("contact")
    with scene.store.begin() as conn:
        conn.execute(person.update().values(f_account=None))
    scene.event("replied", record_id=scene.max, contact_id=scene.max)
    assert scene.ask(c.AccountReplied()) == [False]
    scene.event("replied", record_id=scene.kim, contact_id=scene.kim)
    assert scene.ask(c.AccountReplied()) == [True]


# ------------------------------------------------------------------------------------------- belonging


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
