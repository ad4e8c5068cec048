"""What is made from the words of the language is up to date, and names every word."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from seqlang.diagnostics.source import Source
from seqlang.editing.editors import files, vim_syntax, vscode_snippets
from seqlang.syntax.parse import parse
from seqlang.syntax.table import load
from seqlang.vocabulary.words import snippets

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", files())
def test_a_made_file_is_up_to_date(path: str) -> None:
    assert (ROOT / path).read_text("utf-8") == files()[path], "write it anew: python -m seqlang.editing.editors"


def test_vim_knows_every_word_of_the_language_once() -> None:
    words = [word for line in vim_syntax().splitlines() if line.startswith("syntax keyword") for word in line.split()[3:]]
    words += re.findall(r"^syntax match seq\w+ '\\<([a-z]+)\\>'$", vim_syntax(), re.MULTILINE)
    assert sorted(words) == sorted(load().words)


def test_every_snippet_is_a_text_of_the_language() -> None:
    for one in snippets():
        text = re.sub(r"\$\{\d+:([^}]*)\}|\$\d", lambda m: m[1] or "", one.text)
        kind = one.kinds[0] if one.kinds else None
        words = {"classic": "classic sequence", "smart": "smart sequence", "outbound": "outbound sequence"}
        whole = text if kind is None else f'{words.get(kind, kind)} "x" {{\n{text}\n}}\n'
        assert parse(Source("x.seq", whole)).diagnostics == (), one.label


def test_the_extension_records_no_address_of_a_registry() -> None:
    lock = json.loads((ROOT / "editors" / "vscode" / "package-lock.json").read_text("utf-8"))
    assert len(lock["packages"]) > 1
    assert not any("resolved" in package for package in lock["packages"].values())
    assert json.loads(vscode_snippets())
