"""The Pygments lexer: every example, and whatever else is typed, without an error token."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Error, Keyword, Name, String

from seqlang.editing.pygments_lexer import SeqLexer

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "examples").rglob("*.seq"))


@pytest.mark.parametrize("place", FILES, ids=lambda p: p.stem)
def test_an_example_has_no_error_token_and_loses_no_character(place: Path) -> None:
    text = place.read_text("utf-8")
    tokens = list(SeqLexer(ensurenl=False, stripnl=False).get_tokens(text))
    assert [value for kind, value in tokens if kind is Error] == []
    assert "".join(value for _, value in tokens) == text


def test_the_lexer_is_found_by_name_and_by_ending() -> None:
    assert isinstance(get_lexer_by_name("seq"), SeqLexer)
    assert isinstance(get_lexer_for_filename("leads.seq"), SeqLexer)


def test_a_step_its_channel_and_its_options_look_different() -> None:
    text = 'step hello: email on day 1 when step = "x {{ contact.email }}" { template: "a" }'
    found = {value: kind for kind, value in SeqLexer().get_tokens(text) if value.strip()}
    assert found["hello"] is Name.Function
    assert found["email"] is Name.Class
    assert found["template"] is Name.Attribute
    assert found["when"] is Keyword
    assert found["{{"] is String.Interpol


@given(st.text(alphabet='ab1-:"{}[]()#`\\. \n%=<>é\U0001f600', max_size=80))
def test_any_text_is_lexed_to_its_end(text: str) -> None:
    tokens = SeqLexer(ensurenl=False, stripnl=False).get_tokens(text)
    assert "".join(value for _, value in tokens) == text.replace("\r\n", "\n").replace("\r", "\n")
