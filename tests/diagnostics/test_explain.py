"""Every code can be explained, and the examples of syntax do what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seqlang.diagnostics.catalogue import CATALOGUE, problem
from seqlang.diagnostics.explain import PAGES, explain
from seqlang.diagnostics.page import page
from seqlang.diagnostics.source import Source, Span
from tests.semantics.frames import bad_example, read_example

SYNTAX = sorted(code for code in CATALOGUE if code.startswith("SEQ1"))


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_a_code_has_a_title_in_lower_case_without_a_full_stop(code: str) -> None:
    found = explain(code.lower())
    assert found is not None
    assert re.fullmatch(r"SEQ[1-9]\d\d", found.code)
    assert found.title[0] == "`" or found.title[0].islower()
    assert not found.title.endswith(".")


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_the_page_of_a_code_says_what_it_means(code: str) -> None:
    found = explain(code)
    assert found is not None
    kind = "An error" if found.severity == "error" else "A warning"
    assert found.markdown.startswith(f"# {code}: {found.title}\n\n{kind}. {found.meaning}")
    assert found.meaning.rstrip('"')[-1] in ".?"
    assert found.bad is not None
    assert found.good is not None


def test_there_is_no_page_without_a_code() -> None:
    assert {page.stem for page in PAGES.glob("*")} == set(CATALOGUE)


@pytest.mark.parametrize("code", SYNTAX)
def test_a_bad_example_brings_its_code_and_the_good_one_nothing(code: str) -> None:
    found = explain(code)
    assert found is not None
    bad = {d.code for d in bad_example(code)[1]}
    assert bad == ({code, "SEQ106"} if code == "SEQ122" else {code})
    assert read_example(found.frame, found.good or "") == ()


def test_an_unknown_code_has_no_explanation() -> None:
    assert explain("SEQ999") is None


def test_a_problem_is_as_severe_as_the_catalogue_says() -> None:
    source = Source("a.seq", "x")
    assert problem("SEQ101", source, Span(0, 1), "x").severity == "error"
    with pytest.raises(KeyError):
        problem("SEQ999", source, Span(0, 1), "x")


@pytest.mark.parametrize(("offset", "place"), [(0, (1, 1)), (1, (1, 2)), (2, (1, 3)), (3, (2, 1)), (5, (2, 3)), (7, (3, 1))])
def test_a_place_is_told_by_line_and_column_in_characters(offset: int, place: tuple[int, int]) -> None:
    assert Source("a.seq", "ä😀\nb c\n").position(offset) == place


def test_the_reference_of_codes_is_what_the_catalogue_gives() -> None:
    kept = (Path(__file__).parents[2] / "docs" / "reference" / "codes.md").read_text("utf-8")
    assert kept == page(), "write it anew: python -m seqlang.diagnostics.page > docs/reference/codes.md"
