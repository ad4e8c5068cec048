"""Whatever stands in a file, the parser ends, raises nothing and says something wherever it left something out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqlang.diagnostics.source import Source
from seqlang.syntax.parse import parse, parse_condition
from seqlang.syntax.printer import format_source
from seqlang.syntax.scan import scan
from seqlang.syntax.table import load
from tests.laws import examples

CALM = settings(max_examples=examples(80), deadline=None, suppress_health_check=list(HealthCheck))
PROGRAMS = [file.read_text("utf-8") for file in sorted((Path(__file__).parent / "programs").glob("*.seq"))]
PIECES = [
    *sorted(load().words),
    *"{}()[],;:.=%-#`\"'\\<>!&|@$",
    '"""',
    "\n",
    "\t",
    "“",
    "\u00a0",
    "–",
    "3",
    "-2.5",
    "3d",
    "1_",
    "9" * 400,
    ".000",
    "10k",
    "09:30",
    "9:30",
    "2026-03-02",
    '"x"',
    "name",
    "`a b`",
    "==",
    "{{ x }}",
    "\ufeff",
    "\x00",
    "😀",
]


def check(text: str) -> None:
    parsed = parse(Source("f.seq", text))
    for found in parsed.diagnostics:
        assert 0 <= found.span.start <= found.span.end <= len(text)
        for edit in found.fix.edits if found.fix else ():
            assert 0 <= edit.span.start <= edit.span.end <= len(text)
    if parsed.module.broken:
        assert parsed.diagnostics
    if not parsed.diagnostics:
        format_source(Source("f.seq", text))
    parse_condition(Source("f", text))


@CALM
@given(st.text(max_size=200))
def test_any_text_is_survived(text: str) -> None:
    check(text)


@CALM
@given(st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join))
def test_any_words_are_survived(text: str) -> None:
    check(text)


@CALM
@given(st.sampled_from(PROGRAMS), st.randoms(use_true_random=False))
def test_a_spoilt_program_is_survived(text: str, chance: Any) -> None:
    for _ in range(chance.choice([1, 1, 2, 5])):
        tokens = scan(Source("f", text)).tokens
        if not tokens:
            break
        token, other = chance.choice(tokens), chance.choice(tokens)
        piece = chance.choice([chance.choice(PIECES), "", text[other.start : other.end]])
        behind = chance.choice([token.start, token.end])
        text = text[: token.start] + f" {piece} " + text[behind:]
    check(text)


def work(text: str) -> int:
    """Return how many calls reading a text takes: what no busy machine makes longer."""
    calls = 0

    def count(_frame: object, event: str, _what: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    kept = sys.getprofile()
    sys.setprofile(count)
    try:
        parse(Source("f.seq", text))
    finally:
        sys.setprofile(kept)
    return calls


@pytest.mark.parametrize("piece", ["(", "{", "not ", '"', "`", "a.", "}"])
def test_a_hostile_file_takes_no_more_work_than_its_length(piece: str) -> None:
    check(f'view "v" of contact where {piece * 2_001}')
    once, twice = (work(f'view "v" of contact where {piece * count}') for count in (2_001, 4_002))
    assert twice <= 2.2 * once + 1_000
    assert once <= 200 * 2_001


@pytest.mark.parametrize("line", ["// write to ana@example.com", "a / b, or bo@example.com", "– to https://example.com/x"])
def test_lines_of_another_language_take_no_more_work_than_they_are_many(line: str) -> None:
    once, twice = (work(f"{line}\n" * count) for count in (300, 600))
    assert twice <= 2.2 * once + 1_000


@pytest.mark.parametrize(
    "number", ["1" + ".000" * 150, "9" * 400 + "k", "9" * 400 + ",000", "1" + " 000" * 150, "–1_", "–1__0", "–1_.5"]
)
def test_a_number_that_nobody_can_mean_is_survived(number: str) -> None:
    check(f'view "v" of contact where score > {number}')
    assert parse(Source("f.seq", f'view "v" of contact where score > {number}')).diagnostics


def test_a_large_file_takes_as_much_work_for_each_line_as_a_small_one() -> None:
    text = "\n".join(PROGRAMS)
    assert parse(Source("f.seq", text)).diagnostics == ()
    assert work(text * 4) <= 4.2 * work(text)
    assert work(text) <= 400 * text.count("\n")
