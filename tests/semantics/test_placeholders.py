"""Texts that are read without Jinja have the placeholders that Jinja finds in them, and it has nothing to say of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlang.diagnostics.diagnostic import Diagnostic
from seqlang.diagnostics.source import Source, Span
from seqlang.semantics import placeholders
from seqlang.semantics.foreign import warn_of_foreign
from seqlang.semantics.report import Reporter
from tests.laws import examples

PIECES = (
    "{{ contact.a }}", "{{contact.b|upper}}", '{{ contact.c | default("x|y") | title }}', "{{- owner.e -}}",
    "{{ true }}", "{{ not }}",
    "{% if contact.d %}", "{% elif contact.z %}", "{% else %}", "{% endif %}", "{%- if not %}", "{% if %}", "{% else x %}",
    "{{ contact.f | nope }}", '{{ contact.f | truncate(12, "..") }}', "text ", "{#", "#}", "}}", "{{", "%}", "{% raw %}",
    "{{ 'a' }}",
    "{{ contact.first_name|default('there') }}", "{{ contact.x | default(  ) }}", "{% if contact.q and contact.r %}", "\n",
    "{{ contact.a.b.c | round(2)}}", "{% endif x %}", "{{ loop.x }}", "{{ contact.a|default('{{ contact.b }}') }}",
    "{{\ncontact.n\n}}",
)  # fmt: skip


@settings(max_examples=examples(300))
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join))
def test_text_has_the_placeholders_that_jinja_finds(text: str) -> None:
    told: list[Diagnostic] = []
    by_jinja: list[Diagnostic] = []
    whole = Span(0, len(text))
    found = placeholders.find_placeholders(Reporter(Source("x", text), told), text, whole, offset=0)
    expected = placeholders._parse(Reporter(Source("x", text), by_jinja), text, whole, 0)
    assert [d.message for d in told] == [d.message for d in by_jinja]
    assert (found is None) == (expected is None)
    if found is not None and expected is not None:
        assert {f.names for f in found} == {f.names for f in expected}
        assert all(text[f.span.start : f.span.end] == ".".join(f.names) for f in found if not f.called)


@pytest.mark.parametrize("line", ["<<Name" + "_" * 80, "[[Name" + "_x" * 80])
def test_a_line_to_fill_in_is_read_at_once_and_is_no_placeholder(line: str) -> None:
    told: list[Diagnostic] = []
    warn_of_foreign(Reporter(Source("x", line), told), line, Span(0, len(line)), offset=0)
    assert told == []


@pytest.mark.parametrize("piece", ["{{ ", "{{ (", "{% if a %}{{ -"])
def test_braces_without_end_are_told(piece: str) -> None:
    told: list[Diagnostic] = []
    text = piece * 2_000
    assert placeholders.find_placeholders(Reporter(Source("x", text), told), text, Span(0, len(text)), offset=0) is None
    assert [d.code for d in told] == ["SEQ441"]


@pytest.mark.parametrize(("opened", "closed"), [("{% for x in [1] %}", "{% endfor %}"), ("{% if a %}", "{% endif %}")])
@pytest.mark.parametrize(("depth", "codes"), [(20, []), (21, ["SEQ441"]), (120, ["SEQ441"])])
def test_blocks_within_one_another_have_a_limit(opened: str, closed: str, depth: int, codes: list[str]) -> None:
    told: list[Diagnostic] = []
    text = f"{opened * depth}hello{closed * depth}"
    placeholders.find_placeholders(Reporter(Source("x", text), told), text, Span(0, len(text)), offset=0)
    assert [d.code for d in told] == codes
