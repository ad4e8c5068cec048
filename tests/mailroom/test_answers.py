"""Whose answer a mail is: by its thread, then by its sender and the mailbox; only what comes from outside counts."""

from __future__ import annotations

from datetime import date, timedelta

from seqlang.clock import from_micros
from seqlang.store.tables import ledger, suppression
from tests.mailroom.desk import Desk

REPLY = """
From: Kim <kim@acme.example>
Subject: Re: A question
Message-ID: <r1@acme.example>
In-Reply-To: OURS

Yes.
"""


def test_an_answer_in_the_thread_is_of_its_message_whoever_wrote_it(desk: Desk) -> None:
    assert desk.taken(REPLY.replace("kim@acme", "lou@elsewhere")) == "reply"
    assert desk.told() == [("replied", desk.line, None)]
    (event,) = desk.events()
    assert (event.contact_id, event.record, event.out_of_office) == (desk.kim, "contact", False)
    assert '"from": "lou@elsewhere.example"' in event.properties


def test_references_are_enough_and_the_latest_message_of_the_thread_is_meant(desk: Desk) -> None:
    _, first = desk.line, desk.message_id
    desk.world.later(days=1)
    second_line, second = desk.send(desk.kim, "kim@acme.example")
    desk.world.later(days=1)
    desk.taken(REPLY.replace("In-Reply-To: OURS", f"In-Reply-To: <unknown@acme.example>\nReferences: {first}\n {second}"))
    assert desk.told() == [("replied", second_line, None)]


def test_an_answer_without_a_thread_is_of_the_last_message_from_that_mailbox(desk: Desk) -> None:
    later, _ = desk.send(desk.kim, "kim@acme.example")
    desk.send(desk.kim, "kim@acme.example", box="email:default")
    desk.world.later(hours=1)
    assert desk.taken(REPLY.replace("In-Reply-To: OURS\n", "")) == "reply"
    assert desk.told() == [("replied", later, None)]


def test_an_answer_that_came_before_a_message_is_of_the_one_before(desk: Desk) -> None:
    desk.comes(REPLY.replace("In-Reply-To: OURS\n", ""), at=desk.world.clock.now() - timedelta(hours=1))
    desk.send(desk.kim, "kim@acme.example")
    desk.read()
    assert desk.told() == [("replied", desk.line, None)]


def test_strangers_and_contacts_whom_this_mailbox_never_wrote_to_are_no_replies(desk: Desk) -> None:
    desk.send(desk.world.contact("max@x.example"), "max@x.example", box="email:default")
    for sender in ("nobody@x.example", "max@x.example"):
        assert desk.taken(REPLY.replace("kim@acme.example", sender).replace("In-Reply-To: OURS\n", "")) == "stranger"
    assert desk.told() == []


def test_our_own_messages_and_our_colleagues_mail_do_not_count(desk: Desk) -> None:
    assert desk.taken(f"From: ana@sender.example\nMessage-ID: {desk.message_id}\nSubject: A question\n\nHow is it?\n") == "own"
    assert desk.taken(REPLY.replace("kim@acme.example", "bo@sender.example")) == "own"
    assert desk.taken(REPLY.replace("kim@acme.example", "team@sender.example").replace("<r1", "<r2")) == "own"
    assert desk.told() == []


def test_a_colleague_who_is_the_contact_may_answer(desk: Desk) -> None:
    bo = desk.world.contact("bo@sender.example")
    line, message_id = desk.send(bo, "bo@sender.example")
    assert desk.taken(REPLY.replace("kim@acme.example", "bo@sender.example").replace("OURS", message_id)) == "reply"
    assert desk.told() == [("replied", line, None)]


def test_an_answer_to_mail_to_colleagues_is_none_of_the_contact(desk: Desk) -> None:
    _, message_id = desk.send(desk.kim, "eva@sender.example", counts=None)
    assert desk.taken(REPLY.replace("OURS", message_id).replace("kim@acme.example", "eva@sender.example")) == "own"
    assert desk.told() == []


def test_a_list_counts_only_in_the_thread(desk: Desk) -> None:
    through = REPLY.replace("Subject:", "List-Id: <all.acme.example>\nPrecedence: list\nSubject:")
    assert desk.taken(through.replace("In-Reply-To: OURS\n", "").replace("<r1", "<r2")) == "stranger"
    assert desk.taken(through) == "reply"


def test_a_note_of_absence_holds_until_the_day_that_it_names(desk: Desk) -> None:
    note = REPLY.replace("Subject:", "Auto-Submitted: auto-replied\nSubject:").replace("Yes.", "I am back on 16 March.")
    assert desk.taken(note) == "out_of_office"
    assert desk.told() == [("replied", desk.line, "2026-03-16")]
    desk.tick()
    assert desk.contact().held_until == date(2026, 3, 16).toordinal()


def test_who_writes_no_more_than_unsubscribe_is_unsubscribed(desk: Desk) -> None:
    assert desk.taken("From: kim@acme.example\nSubject: unsubscribe\nMessage-ID: <o1@acme.example>\n\n") == "opt_out"
    assert desk.told() == [("unsubscribed", desk.line, None)]
    desk.tick()
    assert desk.contact().unsubscribed_at is not None
    assert desk.taken(REPLY.replace("Yes.", "Please remove me from your list.")) == "opt_out"
    assert [k for k, _, _ in desk.told()] == ["unsubscribed", "replied", "unsubscribed"]


def test_a_complaint_unsubscribes_and_closes_no_address(desk: Desk) -> None:
    raw = """
From: feedback@isp.example
Message-ID: <c1@isp.example>
Content-Type: multipart/report; report-type=feedback-report; boundary=x

--x
Content-Type: message/feedback-report

Feedback-Type: abuse
Original-Rcpt-To: kim@acme.example

--x
Content-Type: text/rfc822-headers

Message-ID: OURS

--x--
"""
    assert desk.taken(raw) == "complaint"
    desk.tick()
    assert desk.contact().unsubscribed_at is not None
    assert desk.world.rows(suppression) == []
    assert desk.taken(raw.replace("OURS", "<redacted>").replace("<c1", "<c2")) == "complaint"
    assert [(k, line) for k, line, _ in desk.told()] == [("unsubscribed", desk.line)] * 2


def test_an_accepted_invitation_is_an_activity_and_no_reply(desk: Desk) -> None:
    raw = """
From: kim@acme.example
Subject: Accepted: Demo
Message-ID: <m1@acme.example>
Content-Type: text/calendar; method=REPLY

BEGIN:VCALENDAR
ATTENDEE;PARTSTAT=ACCEPTED:mailto:kim@acme.example
END:VCALENDAR
"""
    assert desk.taken(raw) == "meeting"
    assert desk.told() == [("activity", None, "Meeting")]
    desk.tick()


def test_an_answer_is_never_older_than_what_it_answers_nor_in_the_future(desk: Desk) -> None:
    sent = desk.world.clock.now() - timedelta(hours=2)
    desk.comes(REPLY, at=sent - timedelta(seconds=1))  # a server that tells whole seconds
    desk.comes(REPLY.replace("<r1", "<r2"), at=desk.world.clock.now() + timedelta(days=1))
    desk.read()
    assert [from_micros(e.at) for e in desk.events()] == [sent, desk.world.clock.now()]


def test_an_answer_settles_a_message_of_which_nobody_knew_whether_it_went(desk: Desk) -> None:
    desk.world.change(ledger, state="unknown", error="the connection broke")
    desk.taken(REPLY)
    assert desk.world.states() == {"accepted": 1}
    assert desk.world.errors() == [None]
