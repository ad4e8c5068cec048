"""Texts and templates: what people expect to read, and nothing that a stranger's text can do harm with."""

from __future__ import annotations

import sys
import tracemalloc
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlang.dispatch.render import Renderer, RenderError

CALLS_MAX = 2_000_000  # of functions, while one text is made: a third of it for the worst that the limits let through
BYTES_MAX = 32 * 1024 * 1024
DATA: dict[str, Any] = {
    "contact": {
        "first_name": "Kim",
        "score": 5.0,
        "ratio": 2.5,
        "empty": None,
        "account": None,
        "tags": ("a", "b"),
        "newsletter": True,
        "trial_ends": date(2026, 3, 9),
        "seen": datetime(2026, 3, 2, 8, 30, tzinfo=UTC),
        "markup": "<b>&</b>",
    },
    "owner": {"first_name": "Ana"},
}


class _TooMuchError(BaseException):
    """More work than any text may make; nothing on the way catches it."""


def text(source: str) -> str:
    return Renderer().text(source, DATA, "Europe/Berlin")


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("no placeholders", "no placeholders"),
        ("Hi {{ contact.first_name }}", "Hi Kim"),
        ("{{ contact.score }}", "5"),
        ("{{ contact.ratio }}", "2.5"),
        ("{{ contact.score + 1 }}", "6"),
        ("[{{ contact.empty }}]", "[]"),
        ("[{{ contact.account.name }}]", "[]"),
        ("{{ contact.tags }}", "a, b"),
        ("{{ contact.newsletter }}", "yes"),
        ("{{ contact.trial_ends }}", "2026-03-09"),
        ("{{ contact.trial_ends | date('%d.%m.%Y') }}", "09.03.2026"),
        ("{{ contact.seen }}", "2026-03-02 09:30"),
        ("{{ contact.empty | default('there') }}", "there"),
        ("{{ contact.score ~ ' of ' ~ 10.0 }}", "5 of 10"),
        ("{{ contact.first_name | upper }}", "KIM"),
        ("{{ contact.empty | upper }}", ""),
        ("{% if contact.empty > 3 %}a{% else %}b{% endif %}", "b"),
        ("{% for t in contact.tags %}{{ loop.index }}{{ t }}{% endfor %}", "1a2b"),
        ("{{ contact.markup }}", "<b>&</b>"),
        ("{% for i in range(3) %}{{ i }}{% endfor %}", "012"),
        ("{{ contact.trial_ends.year }}", "2026"),
        ("a\n", "a\n"),
        ("[{{ 'x' if contact.empty }}]", "[]"),
        ("{{ '%s is %d' | format(contact.first_name, contact.score) }}", "Kim is 5"),
        ("{{ contact.markup | escape }}", "<b>&</b>"),
        ("{% macro hi(n) %}Hi {{ n }}{% endmacro %}{{ hi(contact.first_name) }}", "Hi Kim"),
    ],
)
def test_text_reads_as_people_expect(source: str, shown: str) -> None:
    assert text(source) == shown


@pytest.mark.parametrize(
    "source",
    [
        "{{ nope }}",
        "{{ contact.nope }}",
        "{{ contact }}",
        "{{ ''.__class__ }}",
        "{{ contact.__class__ }}",
        "{{ contact.items() }}",
        "{{ contact['__class__'] }}",
        "{{ contact.first_name.__class__.__mro__ }}",
        "{{ contact.first_name.upper() }}",
        "{{ 'a' * 1000000000 }}",
        "{{ [1] * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%999999999d' | format(1) }}",
        "{{ '%999999999d' % 1 }}",
        "{{ lipsum(100) }}",
        "{{ cycler }}",
        "{{ namespace() }}",
        "{{ self.__init__ }}",
        "{{ 'a' | attr('__class__') }}",
        "{{ 'a' | center(1000000000) }}",
        "{{ 'a'.ljust(1000000000) }}",
        "{{ 'a' | indent(1000000000) }}",
        "{{ range(1000000000) | list }}",
        "{% for a in range(1000) %}{% for b in range(1000) %}x{% endfor %}{% endfor %}",
        "{% set x = 'aaaaaaaaaa' %}" + "{% set x = x ~ x %}" * 40 + "{{ x }}",
        "{% set x = 'aaaaaaaaaa' %}" + "{% set x = x + x %}" * 40 + "{{ x }}",
        "{% set x = 99999999999 %}" + "{% set x = x * x %}" * 40 + "{{ x }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{% import 'x' as y %}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{{ 'a' | replace('a', 'b' | center(1000)) | replace(' ', 'd' | center(1000)) | replace(' ', 'e' | center(1000)) }}",
        "{{ 1 / 0 }}",
        "{{ -'a' }}",
        "{{ 5 | round(99999999) }}",
        "{{ contact.seen | date('%Y' | center(1000)) }}",
        "{% if %}",
        "{{ x",
    ],
)
def test_attack_or_mistake_fails_alone_with_little_work(source: str) -> None:
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls > CALLS_MAX:  # it need not go on for ever
            sys.setprofile(None)
            raise _TooMuchError

    tracemalloc.start()
    sys.setprofile(count)
    try:
        with pytest.raises(RenderError):
            text(source)
    finally:
        sys.setprofile(None)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert calls <= CALLS_MAX
    assert most <= BYTES_MAX


def test_reason_is_one_line() -> None:
    with pytest.raises(RenderError, match=r"^the text cannot be made: 'nope' is undefined$"):
        text("{{ nope }}")


def page(name: str, source: str) -> tuple[str, dict[str, str]]:
    body = Renderer().page(name, "h", source.encode(), DATA, "UTC")
    return body.text, dict(body.matter)


def test_values_of_a_template_stand_apart() -> None:
    body = Renderer().page("a.html", "h", b"<p>{{ contact.markup }} {{ contact.score }}</p>", DATA, "UTC")
    assert (body.format, body.skeleton, body.values) == ("html", "<p>\ue0000\ue001 \ue0001\ue001</p>", ("<b>&</b>", "5"))


def test_template_that_takes_up_its_own_output_is_text_as_a_whole() -> None:
    body = Renderer().page("a.html", "h", b"{% set x %}<b>{{ contact.first_name }}</b>{% endset %}{{ x }}", DATA, "UTC")
    assert body.values == ("<b>Kim</b>",)


def test_front_matter_and_title_are_rendered() -> None:
    whole, matter = page(
        "a.html", "---\nsubject: Hi {{ contact.first_name }}\n---\n<title>{{ contact.markup }} &amp;\n co</title>x"
    )
    assert matter == {"subject": "Hi Kim", "title": "<b>&</b> & co"}
    assert whole.endswith("x")


def test_marks_in_texts_are_taken_out() -> None:
    body = Renderer().page(
        "a.md", "h", "\ue0007\ue001 {{ contact.first_name }}".encode(), {"contact": {"first_name": "\ue0000\ue001"}}, "UTC"
    )
    assert (body.format, body.text) == ("markdown", "7 0")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{{ x", b"{% for x in [1] %}" * 30 + b"{% endfor %}" * 30])
def test_template_that_cannot_be_read_is_a_mistake(content: bytes) -> None:
    with pytest.raises(RenderError):
        Renderer().page("a.html", "h", content, DATA, "UTC")


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["{{ contact.first_name }}", "{{contact.score}}", "{{ contact.account.name }}", "{{ contact.empty }}"]
            ),
            st.sampled_from(
                [
                    "{{ contact.empty | default('there') }}",
                    '{{ owner.first_name|default("x") }}',
                    "{{ contact.tags }}",
                    "\r\n",
                    "{",
                    "}",
                ]
            ),
            st.sampled_from(
                [
                    "{{ contact.markup }}",
                    "{{ contact.seen }}",
                    "{{ nope }}",
                    "{{ contact.nope }}",
                    "{{ contact }}",
                    "{{ true }}",
                    "\n",
                ]
            ),
            st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="{}%#\ue000\ue001"), max_size=8),
        ),
        max_size=6,
    ).map("".join)
)
def test_plain_paths_read_the_same_with_jinja_and_without(source: str) -> None:
    def read(text_of: str) -> str | None:
        try:
            return text(text_of)
        except RenderError:
            return None

    # A comment makes a text one for Jinja.
    assert read(source) == read("{# #}" + source)
