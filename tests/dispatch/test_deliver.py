"""From planned effects to a real mail server and back into the ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from seqlang.clock import to_micros
from seqlang.host import load
from seqlang.plan.conditions import (
    Compare,
    FieldRef,
    Literal_,
    Template,
)
from seqlang.plan.model import ExitCheck, ExitRule, GoalRule
from seqlang.store import Store
from seqlang.store.tables import enrolment, event, flow, ledger, mailbox, message, suppression
from seqlang.vocabulary.settings import ProjectSettings
from tests.dispatch.world import AT, World, step, with_a_mailbox
from tests.plugins.mail_server import Box, free_port, running


def score() -> FieldRef:
    return FieldRef(record="contact", field="title", type="text")


def test_planned_messages_arrive_once_each(world: World, box: Box) -> None:
    world.flow(step())
    world.planned(60)
    done = world.deliver()
    assert (done.accepted, done.done, done.problems, world.states()) == (60, 60, (), {"accepted": 60})
    assert sorted(box.reached()) == sorted(f"p{n}@example.com" for n in range(60))
    assert box.mails[0]["Subject"].startswith("Hello P")
    assert box.sessions == 1
    kept = world.rows(message)
    assert {m.message_id for m in kept} == {str(mail["Message-ID"]) for mail in box.mails}
    assert all(m.sent_at == to_micros(AT) and m.detail == "250 2.0.0 taken" and m.mailbox == "email:default" for m in kept)
    assert world.deliver().done == 0
    assert len(box.raw) == 60


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"exit": "replied", "event": "replied"}, "replied"),
        ({"exit": "bounced", "event": "bounced"}, "bounced"),
        ({"exit": "unsubscribed", "contact": {"unsubscribed_at": 1}}, "unsubscribed"),
        ({"contact": {"unsubscribed_at": 1}}, "unsubscribed"),
        ({"contact": {"f_subscriptions": None}}, "not_subscribed"),
        ({"contact": {"email_ok": False}}, "invalid_email"),
        ({"suppress": True}, "bounced"),
        ({"stay": {"active": False, "exit_reason": "removed"}}, "removed"),
        ({"stay": {"active": False, "exit_reason": "finished"}, "exit": "replied", "event": "replied"}, "replied"),
        ({"deleted": True}, "deleted"),
        ({"goal": True}, "goal"),
        ({"condition": True}, "condition"),
    ],
)
def test_message_is_looked_at_again_and_cancelled(world: World, box: Box, change: dict[str, Any], reason: str) -> None:
    held = Compare(field=score(), op="=", value=Literal_(type="text", value="Boss"))
    checks = [ExitCheck(kind=change["exit"])] if "exit" in change else []
    checks += [ExitCheck(kind="condition", condition=held)] if "condition" in change else []
    world.flow(
        step(),
        exits=(ExitRule(key="exit:1", checks=(ExitCheck(kind="finished"), *checks)),),
        goals=(GoalRule(name="g", condition=held),) if "goal" in change else (),
    )
    kim, bo = world.contact("kim@example.com", title="Boss"), world.contact("bo@example.com")
    first, _ = world.enrol(kim, bo)
    line, _ = world.plan_effects([first, _])
    table = world.store.records("contact")
    with world.store.begin() as conn:
        if "event" in change:
            conn.execute(
                insert(event).values(
                    at=to_micros(AT),
                    recorded_at=to_micros(AT),
                    kind=change["event"],
                    record="contact",
                    record_id=kim,
                    contact_id=kim,
                    enrolment_id=first,
                    ledger_id=line,
                    flow_id=world.flow_id,
                    taken_at=to_micros(AT),
                )
            )
        if "contact" in change:
            conn.execute(update(table).where(table.c.id == kim).values(change["contact"]))
        if "suppress" in change:
            conn.execute(insert(suppression).values(address="kim@example.com", reason="bounced", at=1))
        if "stay" in change:
            conn.execute(update(enrolment).where(enrolment.c.id == first).values(change["stay"]))
        if "deleted" in change:
            conn.execute(delete(table).where(table.c.id == kim))
    done = world.deliver()
    assert (done.cancelled, done.accepted, world.states()) == (1, 1, {"cancelled": 1, "accepted": 1})
    assert box.reached() == ["bo@example.com"]
    assert world.errors()[0] == reason


@pytest.mark.parametrize("reason", ["finished", "moved", "exit"])
def test_message_of_who_left_by_the_flow_itself_goes(world: World, box: Box, reason: str) -> None:
    world.flow(step())
    world.plan_effects(world.enrol(world.contact("kim@example.com"), active=False, exit_reason=reason))
    assert world.deliver().accepted == 1


def test_stopped_flow_keeps_its_messages(world: World, box: Box) -> None:
    world.flow(step())
    world.planned(2)
    world.change(flow, state="stopped")
    assert world.deliver().done == 0
    world.change(flow, state="active")
    assert world.deliver().accepted == 2


def test_hard_bounce_closes_the_address_and_is_told(world: World, box: Box) -> None:
    box.recipients["p0@example.com"] = "550 5.1.1 user unknown"
    box.recipients["p1@example.com"] = "552 5.3.4 message too big"
    world.flow(step())
    world.planned(3)
    done = world.deliver()
    assert (done.rejected, done.accepted) == (2, 1)
    assert world.lines()[-2:] == [("failed", "email", "rejected")] * 2
    assert [s.address for s in world.rows(suppression)] == ["p0@example.com"]
    told = world.rows(event)
    assert [(e.kind, e.value, e.soft, e.ledger_id) for e in told] == [("bounced", "p0@example.com", False, 1)]


def test_temporary_failure_is_tried_again_later_and_given_up_in_the_end(world: World, box: Box) -> None:
    box.recipients["p0@example.com"] = "451 4.7.1 greylisted"
    world.flow(step())
    world.planned(2)
    first = world.deliver()
    assert (first.retry, first.accepted, first.next_at) == (1, 1, AT + timedelta(seconds=60))
    assert world.deliver().done == 0
    world.later(seconds=61)
    assert world.deliver().retry == 1
    (line,) = [r for r in world.rows(ledger) if r.state == "retry"]
    assert (line.attempts, line.ready_at) == (2, to_micros(world.clock.now() + timedelta(seconds=240)))
    for _ in range(6):
        world.later(hours=7)
        last = world.deliver()
    assert last.rejected == 1
    assert "given up after 8 attempts" in str(world.errors()[0])
    assert box.reached() == ["p1@example.com"]


def test_temporary_failure_that_passes_arrives_once(world: World, box: Box) -> None:
    box.after_data += ["451 4.3.0 busy"]
    world.flow(step())
    world.planned(1)
    assert world.deliver().retry == 1
    world.later(minutes=2)
    assert world.deliver().accepted == 1
    assert len(box.raw) == 1
    assert len(world.rows(message)) == 1


def test_connection_that_drops_after_the_content_leaves_it_to_a_person(world: World, box: Box) -> None:
    box.after_data += ["250 ok", "drop"]
    world.flow(step())
    world.planned(3)
    done = world.deliver()
    assert (done.accepted, done.unknown) == (2, 1)
    world.later(days=30)
    assert world.deliver().done == 0
    assert len(box.raw) == 2


def test_text_that_cannot_be_made_stops_only_its_own_message(world: World, box: Box) -> None:
    world.flow(
        step(
            options=(("subject", Template(source="x")), ("text", Template(source="{{ 10 / contact.title | int }}"))),
            placeholders=("contact.title",),
        )
    )
    world.plan_effects(world.enrol(world.contact("kim@example.com", title="0"), world.contact("bo@example.com", title="5")))
    done = world.deliver()
    assert (done.failed, done.accepted) == (1, 1)
    assert world.lines()[-1] == ("failed", "email", "render")
    assert box.mails[0].get_content().strip() == "2"


def test_wrong_password_stops_only_its_own_mailbox(store: Store, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "wrong")
    closed = Box()
    with running(box) as port, running(closed, users={"bo": "right"}) as other:
        world = with_a_mailbox(store, port)
        mine = {
            "default": {"smtp": f"smtp://127.0.0.1:{port}"},
            "bo@example.com": {"smtp": f"smtp://bo@127.0.0.1:{other}", "password": {"env": "PW"}},
        }
        world.settings = world.settings.model_copy(update={"channels": {"email": mine}})
        world.flow(step("a", options=(*step().options, ("from", Literal_(type="text", value="bo@example.com")))), step("b"))
        stays = world.enrol(*world.contacts(5))
        world.plan_effects(stays, "a")
        world.plan_effects(stays, "b")
        done = world.deliver()
        assert (done.accepted, world.states()) == (5, {"planned": 5, "accepted": 5})
        assert "does not accept the user name or the password of `bo`" in done.problems[0]
        (stopped,) = [m for m in world.rows(mailbox) if m.state == "stopped"]
        assert stopped.name == "email:bo@example.com"
        sessions = closed.sessions
        assert world.deliver().problems == done.problems
        assert closed.sessions == sessions  # it is not even asked before its time
        monkeypatch.setenv("PW", "right")
        world.later(minutes=6)
        assert world.deliver().accepted == 5
        assert [m for m in world.rows(mailbox) if m.state == "stopped"] == []
        assert all(r.attempts == 0 for r in world.rows(ledger))


def test_unreachable_server_leaves_all_planned(store: Store) -> None:
    world = with_a_mailbox(store, free_port())
    world.flow(step())
    world.planned(30)
    done = world.deliver()
    assert (done.done, world.states()) == (0, {"planned": 30})
    assert "cannot be reached" in done.problems[0]
    assert done.next_at == AT + timedelta(minutes=5)
    assert all(m.sent_at is None for m in world.rows(message))


def test_missing_mailbox_is_told(store: Store) -> None:
    world = World(store)
    world.flow(step())
    world.planned(2)
    done = world.deliver()
    assert (done.done, world.states()) == (0, {"planned": 2})
    assert done.problems == ("there is no mailbox for the channel `email`",)


def test_rate_of_a_mailbox_holds_back_the_rest(store: Store, box: Box) -> None:
    with running(box) as port:
        world = with_a_mailbox(store, port, per_minute=10, per_day=25)
        world.flow(step())
        world.planned(40)
        first = world.deliver()
        assert (first.accepted, first.next_at) == (10, AT + timedelta(minutes=1))
        assert world.deliver().accepted == 0
        world.later(seconds=61)
        assert world.deliver().accepted == 10
        world.later(seconds=61)
        third = world.deliver()
        assert third.accepted == 5
        world.later(minutes=5)
        last = world.deliver()
        assert (last.accepted, last.next_at) == (0, AT.replace(hour=0, minute=0) + timedelta(days=1))
        assert world.states() == {"accepted": 25, "planned": 15}


def test_limit_and_choice_of_mailboxes_are_kept(world: World, box: Box) -> None:
    world.flow(step())
    world.planned(60)
    assert world.deliver(mailboxes=["email:bo@example.com"]).done == 0
    assert world.deliver(limit=7).accepted == 7
    assert world.deliver(mailboxes=["email:default"], limit=50).accepted == 50
    assert world.states() == {"accepted": 57, "planned": 3}


def test_stop_gives_back_what_was_not_begun(world: World, box: Box) -> None:
    world.flow(step())
    world.planned(120)
    asked = iter([False, False])
    world.deliver(stop=lambda: next(asked, True))
    states = world.states()
    assert states["accepted"] == len(box.raw) < 120
    assert states["planned"] == 120 - len(box.raw)
    assert world.deliver().accepted == states["planned"]


def test_several_connections_share_the_work(store: Store, box: Box) -> None:
    with running(box) as port:
        world = with_a_mailbox(store, port, connections=3)
        world.flow(step())
        world.planned(200)
        assert world.deliver().accepted == 200
    assert len(box.reached()) == len(set(box.reached())) == 200
    assert box.sessions == 3


def test_channel_without_its_plugin_waits_for_it(store: Store, box: Box) -> None:
    with running(box) as port:
        world = with_a_mailbox(store, port)
        world.flow(step(), step("ring", "call", effect="todo", address=None, limit=None, options=()))
        stays = world.enrol(*world.contacts(2))
        world.plan_effects(stays)
        world.plan_effects(stays, "ring")
        everything, world.host = world.host, load(ProjectSettings(plugins=("webhook",)))
        done = world.deliver()
        assert (done.done, world.states()) == (0, {"planned": 4})
        assert set(done.problems) == {f"there is no plugin that brings the channel `{word}`" for word in ("call", "email")}
        world.host = everything
        assert world.deliver().done == 4
