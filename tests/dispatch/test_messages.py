"""What stands in messages and to-dos: options, threads, placeholders, recipients."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from seqlang.clock import to_micros
from seqlang.plan.conditions import (
    Choose,
    ChooseCase,
    Compare,
    Content,
    FieldRef,
    FlowOwner,
    ListValue,
    Literal_,
    StepRef,
    Template,
    Word,
)
from seqlang.store import Store
from seqlang.store.plans import put_content
from seqlang.store.tables import message, pinned, todo
from tests.dispatch.world import AT, World, step
from tests.plugins.mail_server import Box


def score() -> FieldRef:
    return FieldRef(record="contact", field="title", type="text")


def test_options_are_rendered_for_each_contact(world: World, box: Box) -> None:
    boss = Compare(field=score(), op="=", value=Literal_(type="text", value="Boss"))
    world.flow(
        step(
            options=(
                (
                    "subject",
                    Choose(
                        cases=(
                            ChooseCase(when=boss, value=Template(source="Dear {{ contact.first_name }}")),
                            ChooseCase(when=None, value=Literal_(type="text", value="Hi you")),
                        )
                    ),
                ),
                (
                    "template",
                    Choose(
                        cases=(
                            ChooseCase(
                                when=boss,
                                value=world.template("boss.md", "**{{ owner.first_name }}** for {{ owner.manager.email }}"),
                            ),
                            ChooseCase(
                                when=None, value=world.template("all.txt", "from {{ sender.name }}, {{ contact.account.name }}.")
                            ),
                        )
                    ),
                ),
                ("cc", ListValue(items=(FlowOwner(), Template(source="{{ contact.title | lower }}@example.com")))),
                ("reply_to", FieldRef(record="contact", field="owner", type="link")),
                ("attachments", ListValue(items=(Content(name="files/a.txt", sha256=_content(world, b"data")),))),
            ),
            placeholders=(
                "contact.account.name",
                "contact.first_name",
                "contact.title",
                "owner.first_name",
                "owner.manager.email",
                "sender.name",
            ),
        )
    )
    eva = world.user("eva@example.com")
    users = world.store.records("user")
    with world.store.begin() as conn:
        conn.execute(update(users).where(users.c.id != eva).values(f_manager=eva))
    kim = world.contact("kim@example.com", first_name="Kim", title="Boss", owner=eva)
    world.plan_effects(world.enrol(kim, world.contact("bo@example.com", title="Clerk")))
    assert world.deliver().accepted == 2
    first, second = box.mails
    assert (first["Subject"], second["Subject"]) == ("Dear Kim", "Hi you")
    assert (first["Cc"], first["Reply-To"], second["Reply-To"]) == ("ana@example.com, boss@example.com", "eva@example.com", None)
    html = first.get_body(("html",))
    assert html is not None
    assert "<strong>Ana</strong> for eva@example.com" in html.get_content()
    plain = second.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().strip() == "from Ana Li, ."
    assert [f.get_content() for f in first.iter_attachments()] == ["data"]


def _content(world: World, body: bytes) -> str:
    with world.store.begin() as conn:
        return put_content(conn, world.store, body)


def test_reply_stands_in_the_thread_of_its_step(world: World, box: Box) -> None:
    bump = step("bump", options=(("reply_to_step", StepRef(step="hello")), ("text", Literal_(type="text", value="And?"))))
    last = step("last", options=(("reply_to_step", Word(word="previous")), ("text", Literal_(type="text", value="Well?"))))
    world.flow(step(), bump, last)
    stays = world.enrol(*world.contacts(2))
    world.plan_effects(stays)
    world.plan_effects(stays, "bump")
    world.plan_effects(stays, "last")
    world.deliver()
    world.later(minutes=2)
    world.deliver()
    world.later(minutes=2)
    world.deliver()
    assert world.states() == {"accepted": 6}
    hello, again, third = [m for m in box.mails if m["To"] == "p0@example.com"]
    assert (again["Subject"], third["Subject"]) == ("Re: Hello P0", "Re: Hello P0")
    assert again["In-Reply-To"] == again["References"] == hello["Message-ID"]
    assert third["In-Reply-To"] == again["Message-ID"]
    assert third["References"].split() == [hello["Message-ID"], again["Message-ID"]]
    assert len({m.thread_id for m in world.rows(message) if m.recipient == "p0@example.com"}) == 1


def test_reply_to_a_step_that_did_not_go_starts_a_thread(world: World, box: Box) -> None:
    bump = step(
        "bump",
        options=(
            ("reply_to_step", StepRef(step="hello")),
            ("subject", Literal_(type="text", value="New")),
            ("text", Literal_(type="text", value="And?")),
        ),
    )
    world.flow(step(), bump)
    world.plan_effects(world.enrol(world.contact("kim@example.com")), "bump")
    assert world.deliver().accepted == 1
    assert box.mails[0]["In-Reply-To"] is None


@pytest.mark.parametrize(
    ("page", "answer", "alone"),
    [
        ("<p>And?</p>", "Re: Hello P0", None),
        ("<title>A page</title><p>And?</p>", "A page", "A page"),
        ("---\nsubject: Something else\n---\n<title>A page</title><p>And?</p>", "Something else", "Something else"),
        ("---\ntitle: A page\n---\n<p>And?</p>", "A page", "A page"),
    ],
)
def test_template_brings_a_subject_before_the_thread_does(
    world: World, box: Box, page: str, answer: str, alone: str | None
) -> None:
    """LANGUAGE 6: `subject:`, else that of the front matter, else the title, else that of the thread."""
    bump = step("bump", options=(("reply_to_step", StepRef(step="hello")), ("template", world.template("bump.html", page))))
    world.flow(step(), bump)
    answered, new = world.enrol(*world.contacts(2))
    world.plan_effects([answered])
    world.deliver()
    world.plan_effects([answered, new], "bump")
    done = world.deliver()
    assert (done.accepted, done.failed) == ((1, 1) if alone is None else (2, 0))
    said = {(m["To"], m["In-Reply-To"] is not None): m["Subject"] for m in box.mails}
    assert said[("p0@example.com", False)] == "Hello P0"
    assert said[("p0@example.com", True)] == answer
    assert said.get(("p1@example.com", False)) == alone


def test_cadence_says_what_was_fixed_at_enrolment(world: World, box: Box) -> None:
    world.flow(step(), kind="cadence")
    stays = world.enrol(world.contact("kim@example.com", first_name="Kimberly"))
    world.add(pinned, enrolment_id=stays[0], body='{"contact.first_name": "Kim"}')
    world.plan_effects(stays)
    world.deliver()
    assert box.mails[0]["Subject"] == "Hello Kim"


def test_notify_goes_to_colleagues_whatever_the_contact_wants(world: World, box: Box) -> None:
    tell = step("tell", "notify", address=None, limit=None, options=(("to", ListValue(items=(FlowOwner(),))), *step().options))
    world.flow(tell)
    world.plan_effects(world.enrol(world.contact(None, first_name="Kim", subscriptions=None)), "tell")
    assert world.deliver().accepted == 1
    assert (box.reached(), box.mails[0]["Subject"]) == (["ana@example.com"], "Hello Kim")


def test_todos_are_made_without_any_network(store: Store) -> None:
    world = World(store)
    world.user("ana@example.com", first_name="Ana")
    call = step(
        "ring",
        "call",
        effect="todo",
        address=None,
        outcomes=("Connected", "No answer"),
        options=(("script", Template(source="Ask {{ contact.first_name }}")), ("assignee", FlowOwner())),
    )
    task = step(
        "look",
        "task",
        effect="todo",
        address=None,
        outcomes=("Done",),
        options=(("title", Template(source="Look at {{ contact.first_name }}")), ("notes", Literal_(type="text", value="n"))),
    )
    world.flow(call, task, step())
    stays = world.enrol(world.contact("kim@example.com", first_name="Kim"))
    world.plan_effects(stays, "ring", todo_due_at=to_micros(AT) + 5)
    world.plan_effects(stays, "look")
    world.plan_effects(stays)
    assert world.deliver(todos_only=True).todos == 2
    ring, look = world.rows(todo)
    assert (ring.kind, ring.title, ring.body, ring.assignee, ring.outcomes, ring.due_at) == (
        "call",
        "Call Kim",
        "Ask Kim",
        "ana@example.com",
        '["Connected", "No answer"]',
        to_micros(AT) + 5,
    )
    assert (look.kind, look.title, look.body, look.state) == ("task", "Look at Kim", "n", "open")
    assert world.states() == {"accepted": 2, "planned": 1}
    assert world.deliver(todos_only=True).todos == 0


def test_todo_that_cannot_be_made_fails_alone(store: Store) -> None:
    world = World(store)
    world.flow(
        step(
            "look",
            "task",
            effect="todo",
            address=None,
            options=(("title", Template(source="{{ 1 / contact.title | int }}")),),
            placeholders=("contact.title",),
        )
    )
    world.plan_effects(world.enrol(world.contact("a@example.com", title="0"), world.contact("b@example.com", title="1")), "look")
    done = world.deliver()
    assert (done.todos, done.failed) == (1, 1)


def test_empty_placeholder_is_empty_text_and_told_once(world: World, box: Box) -> None:
    world.flow(step())
    world.plan_effects(world.enrol(world.contact("kim@example.com"), world.contact("bo@example.com")))
    done = world.deliver()
    assert done.accepted == 2
    assert done.problems == ("the step `hello` of `Flow`: `contact.first_name` is empty for some: give it a default",)
    assert box.mails[0]["Subject"] == "Hello"
