"""Several mailboxes of one user: who steps in, hours, a new one that warms up, threads that stay where they began."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from seqlang.dispatch.box_manners import Box as Mailbox
from seqlang.dispatch.box_manners import daily_most, opening_of
from seqlang.plan.conditions import Literal_, StepRef, Template
from seqlang.sdk import MailboxSettings
from seqlang.store import Store
from seqlang.store.tables import message
from tests.dispatch.world import AT, step, with_a_mailbox, with_two_mailboxes
from tests.plugins.mail_server import Box, free_port


def senders(box: Box) -> list[tuple[str, str]]:
    return sorted({(sender, str(mail["From"])) for (sender, _), mail in zip(box.envelopes, box.mails, strict=True)})


def test_further_mailbox_steps_in_where_the_first_is_used_up(store: Store, box: Box, port: int) -> None:
    world = with_two_mailboxes(store, port, one={"per_day": 20}, two={"per_day": 30})
    world.flow(step())
    world.planned(60)
    done = world.deliver()
    assert (done.accepted, world.states()) == (50, {"accepted": 50, "planned": 10})
    assert senders(box) == [("ana@example.com", "Ana Li <ana@example.com>"), ("ana@two.example", "Ana Li <ana@two.example>")]
    used = [m.mailbox for m in world.rows(message)]
    assert (used.count("email:ana@example.com"), used.count("email:ana@two.example")) == (20, 30)
    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    assert done.next_at == midnight
    assert world.deliver().accepted == 0
    world.clock.set(midnight)
    assert world.deliver().accepted == 10


def test_further_mailbox_steps_in_where_the_first_cannot_be_reached(store: Store, box: Box, port: int) -> None:
    world = with_two_mailboxes(store, port, one={"smtp": f"smtp://127.0.0.1:{free_port()}"}, two={})
    world.flow(step())
    world.planned(200)  # more than a connection has in hand
    done = world.deliver()
    assert (done.accepted, world.states()) == (200, {"accepted": 200})
    assert [p.partition(":")[2].partition(":")[0] for p in done.problems] == ["ana@example.com"]
    assert {sender for sender, _ in senders(box)} == {"ana@two.example"}


def test_both_used_up_never_falls_to_somebody_elses_mailbox(store: Store, box: Box, port: int) -> None:
    world = with_two_mailboxes(store, port, one={"per_day": 1}, two={"per_day": 1})
    world.flow(step())
    world.planned(5)
    assert world.deliver().accepted == 2
    assert "desk@example.com" not in {sender for sender, _ in senders(box)}


def test_named_sender_leaves_from_its_own_mailbox_alone(store: Store, box: Box, port: int) -> None:
    world = with_two_mailboxes(store, port, one={"per_day": 1}, two={})
    options = (
        ("subject", Template(source="Hi")), ("text", Template(source="Hi")),
        ("from", Literal_(type="text", value="Ana <ana@example.com>")),
    )
    world.flow(step(options=options))
    world.planned(3)
    assert world.deliver().accepted == 1
    assert senders(box) == [("ana@example.com", "Ana <ana@example.com>")]


def test_reply_waits_for_the_mailbox_of_its_thread_and_does_not_stand_before_others(store: Store, box: Box, port: int) -> None:
    world = with_two_mailboxes(store, port, one={"per_day": 2}, two={})
    reply = (("text", Template(source="Again")), ("reply_to_step", StepRef(step="hello")))
    world.flow(step(), step("bump", options=reply))
    stays = world.enrol(*world.contacts(4))
    world.plan_effects(stays)
    assert world.deliver().accepted == 4  # two from each
    world.plan_effects(stays, "bump")
    done = world.deliver()
    assert (done.accepted, world.states()) == (2, {"accepted": 6, "planned": 2})
    assert [m["In-Reply-To"] is not None for m in box.mails] == [False] * 4 + [True] * 2
    assert {sender for sender, _ in box.envelopes[4:]} == {"ana@two.example"}
    world.clock.set(datetime(2026, 3, 3, 8, tzinfo=UTC))
    assert world.deliver().accepted == 2
    assert {sender for sender, _ in box.envelopes[6:]} == {"ana@example.com"}


def test_mailbox_outside_its_hours_waits(store: Store, box: Box, port: int) -> None:
    hours = {"window": "mon-fri 10:00-18:00", "timezone": "Europe/Berlin"}
    world = with_two_mailboxes(store, port, one=hours, two={"per_day": 1})
    world.flow(step())
    world.planned(3)
    done = world.deliver()  # Monday, 09:30 in Berlin
    assert (done.accepted, done.next_at) == (1, datetime(2026, 3, 2, 9, tzinfo=UTC))
    world.clock.set(datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert world.deliver().accepted == 2


def test_settings_that_say_nothing_close_the_mailbox_with_their_reason(store: Store, box: Box, port: int) -> None:
    world = with_two_mailboxes(store, port, one={"window": "always"}, two={"warmup_start": "soon"})
    world.flow(step())
    world.planned(1)
    done = world.deliver()
    assert done.accepted == 0
    assert done.problems == (
        "the mailbox `ana@example.com`: `always` is no opening: write `mon-fri 08:00-18:00`",
        "the mailbox `ana@two.example`: `soon` is no date: write `2026-03-02`",
    )


def mailbox(**values: Any) -> Mailbox:
    return Mailbox("email:a@example.com", MailboxSettings("email", "a@example.com", values))


@pytest.mark.parametrize(
    ("days", "values", "most"),
    [
        (-1, {}, 0), (0, {}, 20), (1, {}, 30), (29, {}, 310), (30, {}, None),
        (0, {"warmup_first": 5, "warmup_more": 5}, 5), (3, {"warmup_first": 5, "warmup_more": 5}, 20),
        (100, {"per_day": 300}, 300), (1, {"per_day": 25}, 25),
    ],
)
def test_new_mailbox_warms_up(days: int, values: dict[str, Any], most: int | None) -> None:
    today = AT.date() + timedelta(days=days)
    assert daily_most(mailbox(warmup_start=AT.date().isoformat(), **values), values.get("per_day"), today) == most


@pytest.mark.parametrize(
    ("window", "opens"),
    [
        ("mon 08:00-18:00", None), ("mon-fri 09:30-18:00", None), ("mon-fri 08:00-09:30", "2026-03-03T07:00"),
        ("sat-sun 10:00-12:00, tue 20:00-24:00", "2026-03-03T19:00"), ("fri-tue 22:00-02:00", "2026-03-02T21:00"),
    ],
)
def test_hours_are_those_of_the_mailboxs_zone(window: str, opens: str | None) -> None:
    expected = datetime.fromisoformat(f"{opens}+00:00") if opens else None
    assert opening_of(mailbox(window=window), AT, "Europe/Berlin") == expected


@pytest.mark.parametrize(
    ("named", "name"),
    [
        ('Zoë "Z" Ö <zoe@example.com>', 'Zoë "Z" Ö'),
        (r'"Zoe \"Z\" <Doe>, Ltd" <zoe@example.com>', 'Zoe "Z" <Doe>, Ltd'),
        ("Zoe <zoe@example.com>", "Zoe"),
    ],
)
def test_name_of_the_sender_is_the_same_in_the_header_and_in_the_text(
    store: Store, box: Box, port: int, named: str, name: str
) -> None:
    world = with_a_mailbox(store, port, **{"from": named})
    options = (("subject", Template(source="Hi")), ("text", Template(source="{{ sender.name }}, {{ sender.email }}")))
    world.flow(step(options=options))
    world.planned(1)
    assert world.deliver().accepted == 1
    mail = box.mails[0]
    assert mail["From"].addresses[0].display_name == name
    assert str(mail.get_content()).strip() == f"{name}, zoe@example.com"
