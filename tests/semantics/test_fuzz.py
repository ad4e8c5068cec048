"""Whatever stands in a project, the check ends, raises nothing, and every face can show what it found."""

from __future__ import annotations

from random import Random  # noqa: TID251  # hypothesis gives it

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqlang.compiler import compile_project
from seqlang.diagnostics.faces import FACES, Report
from seqlang.diagnostics.source import Source
from seqlang.semantics.settings import read_settings
from seqlang.syntax.scan import scan
from seqlang.syntax.table import load
from tests.semantics.damages import projects
from tests.semantics.made_up import condition
from tests.semantics.reading import FIELDS, TEMPLATE, classic, project

CALM = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
WORDS = sorted(load().words)
EXAMPLES = st.deferred(lambda: st.sampled_from([m.source.text for text in projects().values() for m in text.modules]))
ODD = [
    "{",
    "}",
    "(",
    ")",
    '"',
    ",",
    ":",
    "=",
    "-1",
    "0",
    "1e9",
    "2026-02-30",
    "9:99",
    "{{ x }}",
    "“x”",
    "\u00a0",
    "`",
    "😀",
    "\u202e",
    "3d",
    "%",
]


def survive(*texts: str) -> None:
    """Check some files, and show what is found in every face."""
    given_ = project(*texts, templates={"hello.html": TEMPLATE, "b.html": "{{ contact.nope }}"})
    found = compile_project(given_).diagnostics
    for d in found:
        assert 0 <= d.span.start <= d.span.end <= len(d.source.text), d
        for edit in d.fix.edits if d.fix else ():
            assert 0 <= edit.span.start <= edit.span.end <= len(d.source.text), d
        assert d.message
        assert "\n" not in d.message
    report = Report(tuple(m.source.path for m in given_.modules), found)
    for face in FACES.values():
        face(report)


def spoilt(text: str, chance: Random) -> str:
    """Return a text with some words replaced, dropped, moved or doubled."""
    for _ in range(chance.choice([1, 2, 4, 8])):
        tokens = scan(Source("f", text)).tokens
        if not tokens:
            break
        token, other = chance.choice(tokens), chance.choice(tokens)
        piece = chance.choice([chance.choice(WORDS), chance.choice(ODD), "", text[other.start : other.end], "\n"])
        text = f"{text[: token.start]} {piece} {text[chance.choice([token.start, token.end]) :]}"
    return text


@CALM
@given(EXAMPLES, st.randoms(use_true_random=False))
def test_a_spoilt_example_is_survived(text: str, chance: Random) -> None:
    survive(spoilt(text, chance))


@pytest.mark.slow
@LONG
@given(EXAMPLES, EXAMPLES, st.randoms(use_true_random=False))
def test_two_spoilt_examples_together_are_survived(one: str, other: str, chance: Random) -> None:
    survive(spoilt(one, chance), spoilt(other, chance))


@CALM
@given(st.randoms(use_true_random=False))
def test_a_made_up_condition_is_survived_wherever_it_stands(chance: Random) -> None:
    asked = condition(chance, depth=3)
    body = f"step x: call on day 2 when {asked} {{ }}\nexit when {asked}"
    survive(FIELDS + classic(body, head=f"audience {{ where {asked} }}") + f'view "V" of contact where {asked}\n')


@CALM
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_any_text_as_a_text_is_survived(text: str) -> None:
    shown = text.replace("\\", "").replace('"', "").replace("\n", "").replace("\r", "")
    survive(f'view "{shown}" of contact where title = "{shown}"\n{classic(f"exit when in view {chr(34)}{shown}{chr(34)}")}')


@CALM
@given(st.text(max_size=120))
def test_any_settings_are_survived(text: str) -> None:
    read_settings(text)
