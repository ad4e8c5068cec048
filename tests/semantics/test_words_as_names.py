"""Every word of the language as the name of everything: it checks, and means what it names."""

from __future__ import annotations

import pytest

from seqlang.syntax.table import load
from seqlang.syntax.unparse_values import COMPARISON_WORDS
from tests.semantics.reading import check

WORDS = sorted(load().words)
BUILT_IN = {"owner", "timezone"}  # fields of contact that have a type of their own
FAST = 12  # every so-many-th word is looked at in `make check`, too
GOES_ON = {"and", "or", "else", "when"}
RECORDS = {"contact", "account", "deal", "user"}
CONSTANTS = {"yes", "no", "today", "now", "choose"}  # values of their own


def some(words: set[str]) -> list[object]:
    """Return words as parameters, most of them slow."""
    return [w if n % FAST == 0 else pytest.param(w, marks=pytest.mark.slow) for n, w in enumerate(sorted(words))]


def wrong(text: str) -> list[str]:
    """Return the errors of a project."""
    return [
        f"{d.code} {d.message} | {d.source.text[d.span.start : d.span.end]}"
        for d in check(text).diagnostics
        if d.severity == "error"
    ]


@pytest.mark.parametrize("word", some(set(WORDS) - BUILT_IN))
def test_a_word_may_name_everything(word: str) -> None:
    bare = f"`{word}`" if word in COMPARISON_WORDS | GOES_ON else word
    channel = (
        f'step {word}: call on day 2 {{ script: "x" }}'
        if word not in GOES_ON
        else f'step `{word}`: call on day 2 {{ script: "x" }}'
    )
    text = f"""
record contact {{ {bare} number default 1 }}
event "{word}" {{ {bare} text }}
list "{word}" of contact
view "{word}" of contact where {bare} > 3 and in list "{word}"
calendar "{word}" {{ open mon-fri 09:00-17:30 }}
classic sequence "{word}" {{
  owner "ana@example.com"
  run daily at 10:00 on calendar "{word}"
  audience {{ view "{word}"; where {bare} >= 2; where event "{word}" with {bare} contains "x"; unique by email }}
  {channel}
  step after_it: call on day 3 when done({word}) and {bare} is not empty {{ }}
  exit when finished, replied, in sequence "{word} too"
  exit when {bare} > 100 {{ set {word} = 1; add {word} 2; tag "{word}"; add to list "{word}" }}
}}
journey "{word} too" {{ enter on event "{word}"; goal "{word}" when {bare} = 7; step x: call {{ }} }}
test "{word}" {{
  sequence "{word}"
  start 2026-03-02T08:00
  contact kim {{ email: "kim@example.com", {bare}: 5 }}
  expect kim where {bare} = 5
}}
"""
    assert wrong(text) == []


@pytest.mark.parametrize("word", some(set(WORDS) - CONSTANTS - BUILT_IN))
def test_a_word_may_name_a_constant(word: str) -> None:
    bare = f"`{word}`" if word in GOES_ON else word
    assert wrong(f'record contact {{ score number }}\nlet {bare} = 5\nview "V" of contact where score > {bare}') == []


@pytest.mark.parametrize("word", some(set(WORDS) - GOES_ON - RECORDS - BUILT_IN))
def test_a_word_may_name_a_record_and_what_links_to_it(word: str) -> None:
    bare = f"`{word}`" if word in COMPARISON_WORDS else word
    text = f'record {word} {{ size number; contact link contact }}\nview "V" of contact where {bare}.size > 3'
    assert wrong(text) == []
