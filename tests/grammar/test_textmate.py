"""The grammar for editors keeps step with the grammar of the language."""

from __future__ import annotations

import json
import re
from pathlib import Path

from seqlang.syntax.table import load
from seqlang.syntax.textmate import roles, text, textmate

ROOT = Path(__file__).parents[2]


def test_the_file_is_what_the_grammar_gives() -> None:
    kept = (ROOT / "grammar" / "seq.tmLanguage.json").read_text("utf-8")
    assert kept == text(), "write it anew: python -m seqlang.syntax.textmate > grammar/seq.tmLanguage.json"
    assert json.loads(kept)["scopeName"] == "source.seq"


def test_every_word_of_the_language_looks_like_one_thing() -> None:
    words = [word for words in roles().values() for word in words]
    assert sorted(words) == sorted(load().words)


def test_every_pattern_can_be_read_and_finds_its_words() -> None:
    found: set[str] = set()
    for pattern in textmate()["patterns"]:
        for key in ("match", "begin", "end"):
            if key in pattern:
                re.compile(pattern[key])
        found |= {word for word in load().words if re.fullmatch(pattern.get("match", "x^"), word)}
    assert found == load().words


def test_every_word_of_the_grammar_file_is_a_word_of_the_table() -> None:
    grammar = re.sub(r"//.*", "", (ROOT / "grammar" / "seq.lark").read_text("utf-8"))
    assert {word for word in re.findall(r'"([a-z]+)"', grammar)} == load().words  # noqa: C416
