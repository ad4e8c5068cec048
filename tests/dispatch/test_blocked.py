"""A server that refuses us, and not the recipient: the mailbox stops, the message is kept, nobody steps in."""

from __future__ import annotations

import pytest

from seqlang.dispatch import Delivered, boxes, list_messages, settle_message
from seqlang.errors import RefusedError
from seqlang.plan.conditions import StepRef, Template
from seqlang.store import Store
from seqlang.store.tables import event, ledger, mailbox, suppression
from tests.dispatch.world import AT, World, step, with_two_mailboxes
from tests.plugins.mail_server import Box

REFUSED = "550 5.7.1 Service unavailable; client host [192.0.2.7] blocked using list.example"
FIRST, SECOND = "email:ana@example.com", "email:ana@two.example"


def refused(store: Store, box: Box, port: int, people: int) -> tuple[World, Delivered]:
    """The first of so many messages is refused at the first of Ana's two mailboxes."""
    world = with_two_mailboxes(store, port, {}, {})
    world.flow(step())
    world.planned(people)
    box.recipients["p0@example.com"] = REFUSED
    return world, world.deliver()


def state_of(world: World, name: str) -> tuple[str, str | None, int | None] | None:
    return next(((r.state, r.reason, r.retry_at) for r in world.rows(mailbox) if r.name == name), None)


def test_policy_in_the_dialogue_stops_the_mailbox_with_an_alarm_and_blames_nobody(store: Store, box: Box, port: int) -> None:
    world, done = refused(store, box, port, 3)
    assert (done.accepted, done.rejected, world.states()) == (0, 0, {"retry": 1, "planned": 2})
    (alarm,) = [p for p in done.problems if p.startswith("ALARM")]
    assert f"the mailbox {FIRST} is blocked: p0@example.com: {REFUSED}" in alarm
    assert f"seqlang mailbox open {FIRST}" in alarm
    assert state_of(world, FIRST) == ("stopped", f"blocked: p0@example.com: {REFUSED}", None)
    assert (world.rows(suppression), world.rows(event)) == ([], [])
    assert "failed" not in {what for what, *_ in world.lines()}


def test_nothing_leaves_in_the_place_of_a_blocked_mailbox(store: Store, box: Box, port: int) -> None:
    world, _ = refused(store, box, port, 3)
    world.later(days=2)
    done = world.deliver()
    assert (done.accepted, box.reached()) == (0, [])  # neither from Ana's other mailbox nor from the default
    assert f"{FIRST}: blocked: p0@example.com: {REFUSED}; then `seqlang mailbox open {FIRST}`" in done.problems


def test_a_person_opens_the_mailbox_and_what_was_kept_goes_without_a_lost_attempt(store: Store, box: Box, port: int) -> None:
    world, _ = refused(store, box, port, 3)
    (kept,) = [r for r in world.rows(ledger) if r.state == "retry"]
    assert (kept.attempts, kept.error) == (0, REFUSED)
    box.recipients.clear()
    with store.begin() as conn:
        assert boxes.open_again(conn, FIRST)
    assert world.deliver().accepted == 3
    assert {sender for sender, _ in box.envelopes} == {"ana@example.com"}


def test_a_message_that_is_refused_again_can_be_dropped_and_the_others_go(store: Store, box: Box, port: int) -> None:
    world, _ = refused(store, box, port, 2)
    with store.read() as conn:
        (waiting,) = list_messages(conn, store, state="retry")
    assert (waiting.contact, waiting.reason) == ("p0@example.com", REFUSED)
    with pytest.raises(RefusedError):
        settle_message(store, waiting.id, "sent", AT)
    assert settle_message(store, waiting.id, "drop", AT).state == "cancelled"
    with store.begin() as conn:
        boxes.open_again(conn, FIRST)
    assert world.deliver().accepted == 1
    assert box.reached() == ["p1@example.com"]


def test_what_was_refused_goes_after_the_others(store: Store, box: Box, port: int) -> None:
    world, _ = refused(store, box, port, 4)
    with store.begin() as conn:
        boxes.open_again(conn, FIRST)
    world.deliver()  # it is refused once more, when the others are gone
    assert (sorted(box.reached()), world.states()) == ([f"p{n}@example.com" for n in (1, 2, 3)], {"retry": 1, "accepted": 3})


def test_a_mailbox_before_the_blocked_one_goes_on_for_as_long_as_it_has_room(store: Store, box: Box, port: int) -> None:
    world = with_two_mailboxes(store, port, {"per_day": 2}, {})
    with store.begin() as conn:
        boxes.stop(conn, store, SECOND, "blocked: a report said so", None)
    world.flow(step())
    world.planned(5)
    assert world.deliver().accepted == 2
    assert world.deliver().accepted == 0
    world.later(days=1)
    assert world.deliver().accepted == 2
    assert {sender for sender, _ in box.envelopes} == {"ana@example.com"}


def test_threads_of_another_mailbox_go_on(store: Store, box: Box, port: int) -> None:
    world = with_two_mailboxes(store, port, {"per_day": 2}, {})
    reply = (("text", Template(source="Again")), ("reply_to_step", StepRef(step="hello")))
    world.flow(step(), step("bump", options=reply))
    stays = world.enrol(*world.contacts(4))
    world.plan_effects(stays)
    assert world.deliver().accepted == 4  # two from each
    with store.begin() as conn:
        boxes.stop(conn, store, FIRST, "blocked: a report said so", None)
    world.later(days=1)
    world.plan_effects(stays, "bump")
    assert world.deliver().accepted == 2
    assert {sender for sender, _ in box.envelopes[4:]} == {"ana@two.example"}


def test_a_server_that_is_busy_meanwhile_does_not_open_the_mailbox(store: Store) -> None:
    with store.begin() as conn:
        boxes.stop(conn, store, FIRST, "blocked: kim", None)
        boxes.stop(conn, store, FIRST, "the server is busy", AT)
        assert boxes.stopped(conn, AT) == {FIRST: ("blocked: kim", None)}
        assert boxes.open_again(conn, FIRST)
        boxes.stop(conn, store, FIRST, "the server is busy", AT)
        assert boxes.stopped(conn, AT) == {}  # until now, and now is over


def test_content_that_is_refused_after_it_was_read_stops_the_mailbox_too(store: Store, box: Box, port: int) -> None:
    world = with_two_mailboxes(store, port, {}, {})
    world.flow(step())
    world.planned(1)
    box.after_data.append("554 5.7.1 Message rejected as spam by content scanning")
    done = world.deliver()
    assert (done.rejected, world.states()) == (0, {"retry": 1})
    assert any("content scanning" in p for p in done.problems if p.startswith("ALARM"))
