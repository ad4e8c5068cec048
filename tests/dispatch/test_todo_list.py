"""People's lists: what they see, edit, report and release; and test messages to oneself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from seqlang.clock import to_micros
from seqlang.dispatch import edit_todo, find_todo, finish_todo, list_todos, release_todo, send_test
from seqlang.dispatch.records import StepOfFlow
from seqlang.dispatch.trial import Taken, reachable
from seqlang.errors import NotFoundError, RefusedError, UsageError
from seqlang.plan.conditions import Literal_, StepRef, Template
from seqlang.store import Store
from seqlang.store.tables import enrolment, event, ledger, message, todo
from seqlang.vocabulary.channels import ChannelSpec
from tests.dispatch.world import AT, World, step
from tests.plugins.mail_server import Box


@pytest.fixture
def world(store: Store, port: int) -> World:
    made = World(store, {"channels": {"email": {"default": {"smtp": f"smtp://127.0.0.1:{port}"}}}})
    made.user("ana@example.com", first_name="Ana")
    call = step(
        "ring",
        "call",
        effect="todo",
        address=None,
        activity="Call",
        outcomes=("Connected", "No answer"),
        options=(("script", Literal_(type="text", value="Ask")),),
    )
    quote = step(
        "quote",
        draft=True,
        options=(
            ("subject", Template(source="Quote for {{ contact.first_name }}")),
            ("template", made.template("q.html", "<p>Dear {{ contact.first_name }}</p>")),
        ),
    )
    bump = step("bump", options=(("reply_to_step", StepRef(step="hello")), ("text", Literal_(type="text", value="And?"))))
    again = step("again", options=(("reply_to_step", StepRef(step="bump")), ("text", Template(source="{{ sender.name }}"))))
    page = step("page", options=(("reply_to_step", StepRef(step="bump")),
                                 ("template", made.template("p.html", "<title>Page</title><p>And?</p>"))))  # fmt: skip
    own = step("own", options=(*bump.options, ("subject", Literal_(type="text", value="Mine"))))
    after_own = step("after_own", options=(("reply_to_step", StepRef(step="own")), ("text", Template(source="Hm"))))
    made.flow(call, quote, step(), bump, again, page, own, after_own)
    kim = made.contact("kim@example.com", first_name="Kim <3")
    stays = made.enrol(kim)
    made.plan_effects(stays, "ring", todo_due_at=to_micros(AT + timedelta(days=2)))
    made.plan_effects(stays, "quote", counts=None)
    made.deliver(todos_only=True)
    return made


def test_list_shows_open_todos(world: World) -> None:
    with world.store.read() as conn:
        ring, quote = list_todos(conn, world.store)
        assert (ring.kind, ring.contact, ring.name, ring.flow, ring.step, ring.outcomes) == (
            "call",
            "kim@example.com",
            "Kim <3",
            "Flow",
            "ring",
            ("Connected", "No answer"),
        )
        assert (quote.kind, quote.title, quote.subject, quote.body) == (
            "email_reminder",
            "Review: Quote for Kim <3",
            "Quote for Kim <3",
            "<p>Dear Kim &lt;3</p>",
        )
        assert [
            t.id
            for t in list_todos(
                conn, world.store, kind="call", owner="ana@example.com", contact="KIM@example.com", sequence="Flow"
            )
        ] == [ring.id]
        assert list_todos(conn, world.store, sequence="Other") == []


def test_report_becomes_an_event_once(world: World) -> None:
    assert finish_todo(world.store, 1, "no ANSWER", AT) == "No answer"
    (told,) = world.rows(event)
    assert (told.kind, told.name, told.value, told.ledger_id, told.enrolment_id) == ("completed", "No answer", "Call", 1, 1)
    with pytest.raises(RefusedError, match="reported already"):
        finish_todo(world.store, 1, "Connected", AT)


@pytest.mark.parametrize(
    ("number", "outcome", "part"), [(1, None, "needs an outcome"), (1, "Later", "no outcome"), (2, "x", "is a draft")]
)
def test_report_that_cannot_be_is_refused(world: World, number: int, outcome: str | None, part: str) -> None:
    with pytest.raises(RefusedError, match=part):
        finish_todo(world.store, number, outcome, AT)


def test_what_was_released_is_what_goes_out(world: World, box: Box) -> None:
    edit_todo(world.store, 2, subject="Your quote", body="<p>Dear Kim, <b>here</b></p>", assignee="bo@example.com")
    release_todo(world.store, 2, AT)
    (told,) = world.rows(event)
    assert (told.kind, told.ledger_id) == ("released", 2)
    line = world.rows(ledger)[1]
    with world.store.begin() as conn:  # as the next tick does
        conn.execute(
            insert(ledger).values(
                at=to_micros(AT),
                enrolment_id=line.enrolment_id,
                flow_id=line.flow_id,
                record_id=line.record_id,
                contact_id=line.contact_id,
                what="executed",
                node_id=line.node_id,
                channel="email",
                effect="message",
                counts="email",
                occurrence=1,
                state="planned",
                plan_hash=line.plan_hash,
            )
        )
    assert world.deliver().accepted == 1
    (mail,) = box.mails
    html, plain = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None
    assert plain is not None
    assert (mail["Subject"], plain.get_content().strip()) == ("Your quote", "Dear Kim, here")
    assert "<b>here</b>" in html.get_content()


def test_edit_that_cannot_be_is_refused(world: World) -> None:
    with pytest.raises(RefusedError, match="only a draft has a subject"):
        edit_todo(world.store, 1, subject="x")
    with pytest.raises(RefusedError, match="one line"):
        edit_todo(world.store, 2, subject="x\r\nBcc: eve@example.org")
    with pytest.raises(RefusedError, match="a mail without a text says nothing"):
        edit_todo(world.store, 2, body=" \n")
    edit_todo(world.store, 1, body="")
    with pytest.raises(RefusedError, match="longer than 2000000 characters"):
        edit_todo(world.store, 2, body="x" * 2_000_001)
    with pytest.raises(RefusedError, match="reported, not released"):
        release_todo(world.store, 1, AT)
    world.change(todo, state="cancelled")
    with pytest.raises(RefusedError, match="cancelled already"):
        release_todo(world.store, 2, AT)
    with world.store.read() as conn, pytest.raises(NotFoundError, match="no to-do 9"):
        find_todo(conn, world.store, 9)


def test_draft_with_another_subject_has_another_title(world: World) -> None:
    assert edit_todo(world.store, 2, subject="Your quote").title == "Review: Your quote"


def test_draft_whose_message_would_not_go_is_not_released(world: World) -> None:
    with world.store.begin() as conn:
        people = world.store.records("contact")
        conn.execute(update(people).values(unsubscribed_at=to_micros(AT)))
    with pytest.raises(RefusedError, match=r"its message would not go: kim@example\.com has unsubscribed") as caught:
        release_todo(world.store, 2, AT)
    assert caught.value.hint == '`seqlang unenroll "Flow" kim@example.com` takes it off the list'
    assert world.rows(event) == []
    with world.store.begin() as conn:
        conn.execute(update(people).values(unsubscribed_at=None, email_ok=False))
    world.change(enrolment, active=False, exit_reason="finished")  # who left so keeps the drafts
    with pytest.raises(RefusedError, match="has no valid address"):
        release_todo(world.store, 2, AT)
    with world.store.begin() as conn:
        conn.execute(update(people).values(email_ok=True))
    release_todo(world.store, 2, AT)
    assert [e.kind for e in world.rows(event)] == ["released"]


def test_draft_of_somebody_who_has_left_is_cancelled_where_it_is_released(world: World) -> None:
    world.change(enrolment, active=False, exit_reason="replied")
    with pytest.raises(RefusedError, match=r"kim@example\.com has replied") as caught:
        release_todo(world.store, 2, AT)
    assert caught.value.hint == "it is cancelled"
    assert [t.state for t in world.rows(todo)] == ["open", "cancelled"]
    assert world.rows(event) == []


def test_test_message_goes_to_oneself_and_counts_as_nothing(world: World, box: Box) -> None:
    lines, messages = len(world.rows(ledger)), len(world.rows(message))
    args = (world.store, world.host, world.settings, world.clock, "Flow")
    assert send_test(*args, "hello", "me@example.com", "kim@example.com") == Taken("me@example.com", "250 2.0.0 taken")
    send_test(*args, "bump", "me@example.com", "kim@example.com")
    send_test(*args, "quote", "me@example.com", "kim@example.com")
    send_test(*args, "again", "me@example.com", "kim@example.com")
    assert box.reached() == ["me@example.com"] * 4
    assert [m["Subject"] for m in box.mails] == ["Hello Kim <3", "Re: Hello Kim <3", "Quote for Kim <3", "Re: Hello Kim <3"]
    assert box.mails[3].get_content().strip() == "Ana"
    assert (len(world.rows(ledger)), len(world.rows(message))) == (lines, messages)
    send_test(*args, "page", "me@example.com", "kim@example.com")
    send_test(*args, "own", "me@example.com", "kim@example.com")
    send_test(*args, "after_own", "me@example.com", "kim@example.com")
    assert [m["Subject"] for m in box.mails[4:]] == ["Page", "Mine", "Re: Mine"]
    world.plan_effects([1])
    assert world.deliver().accepted == 1


@pytest.mark.parametrize(
    ("flow", "name", "contact", "part"),
    [
        ("Other", "hello", "kim@example.com", "Other"),
        ("Flow", "nope", "kim@example.com", "no step"),
        ("Flow", "hello", "x@example.com", "no contact"),
    ],
)
def test_test_message_without_its_parts_is_not_found(world: World, flow: str, name: str, contact: str, part: str) -> None:
    with pytest.raises(NotFoundError, match=part):
        send_test(world.store, world.host, world.settings, world.clock, flow, name, "me@example.com", contact)


def test_test_message_of_a_call_is_refused(world: World, box: Box) -> None:
    with pytest.raises(RefusedError, match="sends no message"):
        send_test(world.store, world.host, world.settings, world.clock, "Flow", "ring", "me@example.com", "kim@example.com")
    box.recipients["me@example.com"] = "550 5.7.1 no"
    with pytest.raises(RefusedError, match=r"550 5\.7\.1 no"):
        send_test(world.store, world.host, world.settings, world.clock, "Flow", "hello", "me@example.com", "kim@example.com")


@pytest.mark.parametrize("to", ["+491701111111", "nowhere", "@", "me@", "me @x.example", "me@x.example\r\nBcc: eve@x.example"])
def test_test_mail_to_what_is_no_address_says_which_kind_is_wanted(world: World, to: str) -> None:
    with pytest.raises(UsageError, match="is no e-mail address, and `hello` goes to one"):
        send_test(world.store, world.host, world.settings, world.clock, "Flow", "hello", to, "kim@example.com")


def test_test_message_of_a_channel_without_addresses_is_refused(world: World) -> None:
    world.flow(step("ping", "webhook", effect="call_out", address=None, options=(("url", Literal_(type="text", value="x")),)))
    with pytest.raises(RefusedError, match="`ping` is a webhook: it calls a system and sends no message"):
        send_test(world.store, world.host, world.settings, world.clock, "Flow", "ping", "me@example.com", "kim@example.com")


def test_test_message_to_a_place_of_everybodys_is_refused(world: World) -> None:
    assert world.plan is not None
    of = StepOfFlow(1, "Flow", 1, "", world.plan, step("say", "chat", address=None), {}, None)
    with pytest.raises(RefusedError, match="the channel `chat` of `say` sends to no address, so it has no test message"):
        reachable("me@example.com", ChannelSpec(word="chat", help="", options=(), effect="message"), of)
