"""Every code has a bad example that brings it and a good one that does not."""

from __future__ import annotations

import pytest

from seqlang.diagnostics.catalogue import CATALOGUE
from seqlang.diagnostics.explain import Explanation, explain
from seqlang.diagnostics.meaning_codes import MEANING_CODES
from tests.semantics.frames import bad_example, check_example


def _examples() -> dict[str, Explanation]:
    pages = {code: explain(code) for code, _, _ in MEANING_CODES}
    return {code: page for code, page in pages.items() if page is not None and page.bad is not None}


EXAMPLES = _examples()


def test_every_code_has_an_example() -> None:
    assert {code for code, _, _ in MEANING_CODES} == set(EXAMPLES)
    assert all(page.frame is not None for page in EXAMPLES.values())


@pytest.mark.parametrize("code", EXAMPLES)
def test_a_bad_example_is_reported_under_its_code_alone(code: str) -> None:
    found = bad_example(code)[1]
    named = [d for d in found if d.code == code]
    assert named, [f"{d.code} {d.message}" for d in found]
    assert all(d.severity == CATALOGUE[code].severity for d in named)
    others = {d.code for d in found if d.severity == "error"} - {code}
    assert not others, [f"{d.code} {d.message}" for d in found]


@pytest.mark.parametrize("code", EXAMPLES)
def test_a_good_example_has_no_mistake(code: str) -> None:
    example = EXAMPLES[code]
    found = check_example(str(example.frame), str(example.good))
    wrong = [f"{d.code} {d.message}" for d in found if d.severity == "error" or d.code == code]
    assert not wrong


@pytest.mark.parametrize("code", EXAMPLES)
def test_a_message_is_one_sentence_in_the_readers_words(code: str) -> None:
    for d in bad_example(code)[1]:
        assert d.code in CATALOGUE
        assert not d.message.endswith(".")
        assert d.message[0].islower() or d.message[0] == "`", d.message
        assert "None" not in d.message
        assert d.span.end >= d.span.start
        assert d.hint is None or d.hint != d.message
