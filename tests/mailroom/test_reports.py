"""Reports of what was not delivered: addresses are closed, people are not; who is blocked stops and says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from seqlang.dispatch import boxes
from seqlang.store.tables import message, suppression
from tests.mailroom.desk import BOX, Desk


def report(*recipients: str, original: str = "Message-ID: OURS\n", number: int = 1) -> str:
    blocks = "\n\n".join(recipients)
    return f"""
From: MAILER-DAEMON@mta.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <d{number}@mta.example>
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mta.example

{blocks}

--x
Content-Type: text/rfc822-headers

{original}
--x--
"""


def failed(address: str = "kim@acme.example", status: str = "5.1.1", said: str = "550 5.1.1 user unknown") -> str:
    return f"Final-Recipient: rfc822; {address}\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; {said}"


BLOCKED = failed(status="5.7.1", said="550 5.7.1 blocked using list.example")


def test_a_hard_bounce_closes_the_address_and_a_corrected_one_works_again(desk: Desk) -> None:
    assert desk.taken(report(failed())) == "bounce"
    assert desk.told() == [("bounced", desk.line, "kim@acme.example")]
    desk.tick()
    assert [(r.address, r.reason) for r in desk.world.rows(suppression)] == [("kim@acme.example", "bounced")]
    assert desk.contact().unsubscribed_at is None


def test_a_bounce_of_an_address_that_was_corrected_closes_the_old_one(desk: Desk) -> None:
    desk.correct("kim.doe@acme.example")
    desk.taken(report(failed()))
    desk.taken(report(failed(), original="Subject: none of ours\n", number=2))  # nor does it name a message
    desk.tick()
    assert [r.address for r in desk.world.rows(suppression)] == ["kim@acme.example"]
    assert [line for _, line, _ in desk.told()] == [desk.line] * 2


@pytest.mark.parametrize(("status", "said"), [
    ("4.2.2", "452 4.2.2 mailbox full"), ("5.2.2", "552 5.2.2 over quota"), ("4.7.1", "450 4.7.1 greylisted"),
    ("5.7.133", "550 5.7.133 sender not authenticated for group"),
])
def test_what_is_nobodys_fault_is_recorded_and_closes_nothing(desk: Desk, status: str, said: str) -> None:
    assert desk.taken(report(failed(status=status, said=said))) == "bounce"
    assert [e.soft for e in desk.events()] == [True]
    desk.tick()
    assert desk.world.rows(suppression) == []
    assert desk.box_state() == "open"


def test_the_outbox_says_what_became_of_a_message_that_was_accepted(desk: Desk) -> None:
    desk.taken(report(failed(status="4.2.2", said="452 4.2.2 mailbox full")))
    assert [m.detail for m in desk.world.rows(message)] == ["bounced (soft): 452 4.2.2 mailbox full"]
    desk.taken(report(failed(), number=2))  # it was tried until it was given up
    desk.taken(report(failed(status="4.2.2", said="452 4.2.2 mailbox full")))  # read again, it says nothing new
    assert [m.detail for m in desk.world.rows(message)] == ["bounced (hard): 550 5.1.1 user unknown"]


def test_a_policy_stops_the_mailbox_and_blames_nobody(desk: Desk) -> None:
    desk.comes(report(BLOCKED))
    done = desk.read()
    assert len(done.alarms) == 1
    assert f"the mailbox {BOX} is blocked" in done.alarms[0]
    assert f"seqlang mailbox open {BOX}" in done.alarms[0]
    assert desk.box_state() == "stopped"
    assert [e.soft for e in desk.events()] == [True]
    with desk.store.begin() as conn:
        boxes.reopen(conn, BOX)  # a message that was on its way still was accepted
    assert desk.box_state() == "stopped"
    with desk.store.begin() as conn:
        assert boxes.open_again(conn, BOX)
    desk.tray.uidvalidity += 1  # everything is read again
    desk.world.later(hours=1)
    assert desk.read().alarms == []
    assert desk.box_state() == "open"


def test_the_mailbox_that_sent_is_stopped_not_the_one_that_was_read(desk: Desk) -> None:
    desk.comes(report(BLOCKED))
    desk.read(desk.other)
    assert desk.box_state() == "stopped"
    assert desk.box_state("email:default") == "open"


def test_an_old_report_of_a_policy_stops_nothing_any_more(desk: Desk) -> None:
    desk.comes(report(BLOCKED))
    desk.world.later(days=10)
    assert "it goes on" in desk.read().alarms[0]
    assert desk.box_state() == "open"


def test_a_report_without_a_message_of_ours_is_of_the_last_one_to_that_address(desk: Desk) -> None:
    anonymous = report(failed(), original="Subject: A question\n")
    assert desk.taken(anonymous) == "bounce"
    assert desk.told() == [("bounced", desk.line, "kim@acme.example")]
    other = report(failed("nobody@x.example"), original="Subject: my own mail\n", number=2)
    assert desk.taken(other) == "stranger"
    desk.world.later(days=30)
    assert desk.taken(report(failed(), original="Subject: months later\n", number=3)) == "stranger"


def test_of_several_recipients_only_ours_counts(desk: Desk) -> None:
    others = report(failed("lou@acme.example"), failed(status="5.2.2", said="552 over quota"))
    assert desk.taken(others) == "bounce"
    assert [(e.value, e.soft) for e in desk.events()] == [("kim@acme.example", True)]
    copied = report(failed("eva@acme.example"), original="Message-ID: OURS\nCc: Eva <eva@acme.example>\n", number=2)
    assert desk.taken(copied) == "stranger"
    assert len(desk.events()) == 1


def test_mail_that_is_passed_on_and_fails_there_closes_the_address_that_was_written_to(desk: Desk) -> None:
    desk.taken(report(failed("kim.private@free.example")))
    assert desk.told() == [("bounced", desk.line, "kim@acme.example")]


def test_a_delayed_message_is_not_lost_yet(desk: Desk) -> None:
    late = "Final-Recipient: rfc822; kim@acme.example\nAction: delayed\nStatus: 4.4.1"
    assert desk.taken(report(late)) == "automatic"
    assert desk.events() == []


def test_a_report_on_mail_to_colleagues_blames_no_contact(desk: Desk) -> None:
    _, message_id = desk.send(desk.kim, "eva@sender.example", counts=None)
    desk.taken(report(failed("eva@sender.example")).replace("OURS", message_id))
    assert desk.events() == []


def test_a_bounce_is_read_in_the_hour_it_comes_even_with_a_slow_clock(desk: Desk) -> None:
    line, _ = desk.send(desk.kim, "kim@acme.example")
    desk.comes(report(failed(), original=""), at=desk.world.clock.now() - timedelta(seconds=1))
    desk.read()
    assert [e.ledger_id for e in desk.events()] == [line]
