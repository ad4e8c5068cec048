"""What is offered where: every kind of place, in texts that are not finished."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqlang.editing.completion import complete
from seqlang.editing.context import context_at
from tests.editing.world import BASE, cursor, project

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/*.seq"))
FLOW = 'classic sequence "Main" {\n'


def offered(text: str, path: str = "b.seq") -> list[str]:
    """Return the labels at the cursor of a second file (of a template: where `path` says so)."""
    text, at = cursor(text)
    return [item.label for item in complete(project(BASE), path, text, at).items]


TEST = 'test "t" {\n  sequence "Main"\n  contact kim { email: "kim@x.example" }\n'
MORE = [
    (TEST + "  on day 2 |", {"kim", "expect"}, {"hello"}),
    (TEST + "  on day 2 kim |", {"replied", "opened"}, {"hello", "kim"}),
    (TEST + "  on day 2 kim replied to |", {"hello", "ring"}, {"kim"}),
    (TEST + "  expect |", {"hello", "kim", "nothing"}, {"score"}),
    (TEST + "  on day 2 expect hello to |", {"kim"}, {"hello"}),
    ('view "v" of contact where count(|', {"event", "deal"}, {"score", "contact"}),
    (FLOW + '  step x: email { template: choose { "|', {"hello.html"}, {"Lead"}),
    (FLOW + "  step x: email on day 5 { }\n  step y: email 3 days after |", {"hello", "trial_ends"}, {"replied"}),
    ('journey "J" {\n  if score > 5 {\n    |', {"exit", "tag", "step"}, {"exit when", "window"}),
]


@pytest.mark.parametrize(("text", "wanted", "unwanted"), MORE)
def test_words_and_names_fit_where_they_are_offered(text: str, wanted: set[str], unwanted: set[str]) -> None:
    found = set(offered(text))
    assert wanted <= found
    assert not unwanted & found


IN_FLOW = [
    ("|", {"step", "owner", "run", "audience", "exit", "window"}, {"wait", "if", "goal", "enter", "on", "set"}),
    ("step x: |", {"email", "call", "sms", "webhook"}, {"step", "score"}),
    ("step x: email on |", {"day", "trial_ends", "webinar"}, {"replied"}),
    ("step x: email when |", {"score", "`Lead Source`", "replied", "not", "event", "deal", "in"}, {"step", "hello"}),
    ("step x: email when opened(|", {"hello", "ring"}, {"score"}),
    ("step x: email when stage = |", {"choose"}, set()),
    ('step x: email when stage = "|', {"Lead", "Customer"}, {"hello.html"}),
    ('step x: email when stage in ["Lead", "|', {"Lead", "Customer"}, set()),
    ('step x: email when outcome(ring) = "|', {"Yes", "No"}, {"Lead"}),
    ("step x: email when contact.account.|", {"name", "domain", "industry"}, {"score"}),
    ("step x: email when deal with (|", {"amount", "stage"}, {"score", "trial_ends"}),
    ('step x: email when event "|', {"page_view"}, {"Fresh"}),
    ('step x: email when event "page_view" with |', {"url"}, {"score"}),
    ('step x: email when in view "|', {"Fresh"}, {"Expo"}),
    ('step x: email when in list "|', {"Expo"}, {"Fresh"}),
    ('step x: email when in sequence "|', {"Main"}, {"Fresh"}),
    ("step x: email { |", {"template", "subject", "track", "unsubscribe"}, {"script", "step"}),
    ('step x: email { template: "hello.html", |', {"subject"}, {"step"}),
    ('step x: email {\n    subject: "x"\n    |', {"template"}, {"step"}),
    ('step x: email { template: "|', {"hello.html", "other.html"}, {"Fresh"}),
    ("step x: email { track: [|", {"opens", "clicks"}, {"hello"}),
    ("step x: email { unsubscribe: |", {"yes", "no"}, {"hello"}),
    ("step x: email { reply_to_step: |", {"hello", "previous"}, {"Fresh"}),
    ("step x: call { assignee: |", {"owner"}, {"hello"}),
    ('step x: email { text: "Hi {{ |', {"contact", "owner", "today"}, {"deal", "score"}),
    ('step x: email { text: "Hi {{ contact.|', {"first_name", "score", "account"}, {"contact"}),
    ('step x: email { text: "Hi {{ contact.account.|', {"industry"}, {"score"}),
    ("exit when |", {"finished", "replied", "stage"}, {"step"}),
    ("exit when replied { |", {"add", "set", "tag"}, {"step", "wait"}),
    ('exit when replied { add to list "|', {"Expo"}, set()),
    ('exit when replied { move to "|', {"Main"}, set()),
    ('owner "|', {"ana@example.com", "bo@example.com"}, set()),
    ('run daily at 09:00 in "|', {"Europe/Berlin"}, {"Fresh"}),
    ("run |", {"daily", "every", "cron"}, {"step"}),
    ('run daily at 09:00 in "Europe/Berlin" on calendar "|', {"Office"}, set()),
    ("over limit |", {"defer", "skip", "fail"}, {"score"}),
    ("undeliverable |", {"skip"}, set()),
    ("audience { |", {"view", "where", "unique"}, {"step"}),
    ("audience { unique by |", {"email", "score"}, set()),
    ('audience { view "|', {"Fresh"}, set()),
]


@pytest.mark.parametrize(("line", "wanted", "unwanted"), IN_FLOW)
def test_in_a_flow_names_that_fit_are_offered(line: str, wanted: set[str], unwanted: set[str]) -> None:
    found = set(offered(FLOW + "  " + line))
    assert wanted <= found
    assert not unwanted & found


ELSEWHERE = [
    ("|", {"classic sequence", "journey", "record", "view", "let"}, {"step"}),
    ('view "x" of |', {"contact", "account", "deal"}, {"user"}),
    ('view "x" of deal where |', {"amount", "stage"}, {"score"}),
    ("record contact {\n  x |", {"text", "number", "choice", "link"}, set()),
    ('journey "J" {\n  |', {"wait", "if", "split", "goal", "enter", "move"}, {"on", "run", "audience"}),
    ('journey "J" {\n  if score > 3 {\n    |', {"step", "wait", "set"}, {"owner", "goal"}),
    ('journey "J" {\n  split "s" winner by |', {"clicked", "goal"}, set()),
    ('workflow "W" for deal {\n  |', {"on", "set", "step"}, {"wait", "run", "exit when"}),
    ('workflow "W" for deal {\n  on change of |', {"amount", "stage"}, {"score"}),
    ('workflow "W" for deal {\n  on entered "|', {"Main"}, set()),
    ('workflow "W" for deal {\n  set |', {"amount"}, {"score"}),
    ('test "t" {\n  sequence "|', {"Main"}, set()),
    ('\ntest "t" {\n  sequence "Main"\n  contact kim { |', {"email", "score"}, {"step"}),
    ('\ntest "t" {\n  sequence "Main"\n  contact kim { }\n  on day 1 expect |', {"kim", "hello", "nothing"}, {"score"}),
    ('\ntest "t" {\n  sequence "Main"\n  contact kim { email: "x" }\n  on day 1 expect hello to |', {"kim"}, {"hello"}),
    ('test "t" {\n  expect kim exited because |', {"replied", "moved"}, set()),
]


@pytest.mark.parametrize(("text", "wanted", "unwanted"), ELSEWHERE)
def test_elsewhere_names_that_fit_are_offered(text: str, wanted: set[str], unwanted: set[str]) -> None:
    found = set(offered(text))
    assert wanted <= found
    assert not unwanted & found


@pytest.mark.parametrize("text", ["# a comment |", FLOW + '  step x: email { subject: "a plain text|', "let x = 3 # |"])
def test_in_comments_and_plain_texts_nothing_is_offered(text: str) -> None:
    assert offered(text) == []


def test_in_a_template_paths_are_offered_in_placeholders_only() -> None:
    assert "score" in offered("<p>{{ contact.|", "templates/hello.html")
    assert {"contact", "owner"} <= set(offered("<p>{% if |", "templates/hello.html"))
    assert offered("<p>contact.|", "templates/hello.html") == []


def test_what_begins_as_typed_comes_first() -> None:
    assert offered(FLOW + "  step x: email when sc|")[0] == "score"


def test_a_broken_statement_before_does_not_matter() -> None:
    assert "score" in offered(FLOW + "  step y: email on when {\n  ) garbage\n  step x: email when |")


def test_only_the_declaration_around_the_cursor_is_read() -> None:
    text, at = cursor("classic sequence {{{{ broken\n" * 3 + FLOW + "  step x: email when |")
    near = context_at(text, at)
    assert near.blocks[-1].head[:2] == ("classic", "sequence")
    assert "replied" in near.accepted


def test_a_completion_replaces_what_was_typed_of_the_word_and_stays_in_its_quotes() -> None:
    text, at = cursor(FLOW + '  audience { view "Fr|esh" }')
    found = complete(project(BASE), "b.seq", text, at)
    assert text[found.replace.start : found.replace.end] == "Fresh"


def test_every_offered_keyword_can_be_read_there() -> None:
    text, at = cursor(BASE + "\n|")
    for item in complete(project(BASE), "a.seq", text, at).items:
        if item.kind == "word":
            assert item.label in context_at(text, at).accepted


@pytest.mark.parametrize("place", EXAMPLES, ids=lambda p: p.stem)
def test_wherever_the_cursor_stands_something_or_nothing_is_offered(place: Path) -> None:
    text = place.read_text("utf-8")
    analysis = project(text)
    offered_at_all = 0
    for at in range(0, len(text), 13):
        for now in (text, text[:at]):
            found = complete(analysis, "a.seq", now, at)
            assert found.replace.start <= at <= found.replace.end
            offered_at_all += bool(found.items)
    assert offered_at_all > len(text) / 13
