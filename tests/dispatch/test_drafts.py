"""What a person makes of a draft: plain text becomes a page of its own, HTML stays what it is."""

from __future__ import annotations

import pytest
from seqlang_email.bodies import parts_of

from seqlang.dispatch.drafts import Draft, is_markup, page_of, with_draft
from seqlang.sdk.messages import Body

PLAIN = "Dear Kim,\n\nTom & Jerry say 2 < 3.\nSee https://acme.example/?a=1&b=2.\n\n\nBye <Ana>"


@pytest.mark.parametrize(
    "text",
    ["<p>Hi", "Hi<br>Kim", "Hi <B>Kim</B>", "Hi<br />", '<a href="https://x.example">x</a>', "Tom &amp; Kim", "&#8364; 5",
     "<!-- x -->", "<!DOCTYPE html>x", "<mjml><mj-body></mj-body></mjml>", "Hi <img src='cid:a.png'/>"],
)  # fmt: skip
def test_text_with_a_tag_or_a_character_by_name_is_html(text: str) -> None:
    assert is_markup(text)


@pytest.mark.parametrize(
    "text", [PLAIN, "", "a < b > c", "I <3 you", "<kim@x.example>", "<Kim>", "AT&T; R&D", "a <b and c", "https://x.example/?a=1&b=2"]
)
def test_text_without_is_plain(text: str) -> None:
    assert not is_markup(text)


def test_plain_text_in_a_page_has_paragraphs_and_stands_as_it_is_beside() -> None:
    made = with_draft({"template": Body("q.html", "html", "<p>Old</p>")}, Draft("S", PLAIN))
    text, page = parts_of(made["template"], "https://x.example/u/1")
    assert text == f"{PLAIN}\n\nUnsubscribe: https://x.example/u/1\n"
    assert page is not None
    assert "<p>Dear Kim,</p>\n<p>Tom &amp; Jerry say 2 &lt; 3.<br>\nSee " in page
    assert '<a href="https://acme.example/?a=1&amp;b=2">https://acme.example/?a=1&amp;b=2</a>.</p>\n' in page
    assert "\n<p>Bye &lt;Ana&gt;</p>\n" in page
    assert page.count("Unsubscribe") == 1


def test_lines_of_other_machines_and_empty_ones_with_spaces_are_understood() -> None:
    assert "<p>a<br>\nb</p>\n<p>c</p>\n</body>" in page_of("\r\na\r\nb\r\n \r\n\t\r\nc\r\n")


@pytest.mark.parametrize(
    ("name", "form", "written", "becomes"),
    [
        ("q.html", "html", "<p>New</p>", "html"),
        ("q.mjml", "mjml", "<mjml><mj-body></mj-body></mjml>", "mjml"),
        ("q.mjml", "mjml", "<p>New</p>", "html"),
        ("q.md", "markdown", "**New**", "markdown"),
        ("q.txt", "text", "New <b>", "text"),
    ],
)
def test_what_is_no_plain_text_in_a_page_stays_as_it_is(name: str, form: str, written: str, becomes: str) -> None:
    body = with_draft({"template": Body(name, form, "Old")}, Draft("S", written))["template"]  # type: ignore[arg-type]
    assert (body.format, body.skeleton, body.plain) == (becomes, written, None)


def test_plain_text_in_mjml_becomes_a_page_too() -> None:
    text, page = parts_of(with_draft({"template": Body("q.mjml", "mjml", "<mjml></mjml>")}, Draft("S", "Hi & bye"))["template"])
    assert (text, page is not None and "<p>Hi &amp; bye</p>" in page) == ("Hi & bye", True)


def test_signs_that_mark_places_of_values_are_taken_out() -> None:
    body = with_draft({"template": Body("q.html", "html", "Old")}, Draft("S", "Hi \ue0000\ue001"))["template"]
    assert parts_of(body)[0] == "Hi 0"


def test_draft_of_a_text_stays_a_text() -> None:
    assert with_draft({"text": "Old"}, Draft("S", "<b>New")) == {"subject": "S", "text": "<b>New"}
