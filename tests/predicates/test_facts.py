"""Conditions on facts of an enrolment, each by hand and at its edges."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from seqlang.clock import to_micros
from seqlang.plan import conditions as c
from tests.predicates.scene import AT, ENTERED, HOUR, TICK, TWO_DAYS, Scene, fact


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
