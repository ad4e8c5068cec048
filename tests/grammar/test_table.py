"""The grammar and the table that is made of it."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lark.utils import logger

from seqlang.diagnostics.source import Source
from seqlang.kept import FOLDER_VARIABLE
from seqlang.syntax import table
from seqlang.syntax.lines import end_statements
from seqlang.syntax.machine import BUILDERS, Machine
from seqlang.syntax.parse import parse
from seqlang.syntax.scan import scan
from seqlang.syntax.tokens import Token

COMPILE = table._compile
PROGRAMS = sorted((Path(__file__).parents[1] / "syntax" / "programs").glob("*.seq"))


@pytest.fixture
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder where the table is kept."""
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(table, "_compile", compiled)  # what is kept is looked at, not what Lark makes
    return tmp_path / "seqlang"


@cache
def compiled(grammar: str) -> Any:
    return COMPILE(grammar)


@cache
def by_lark() -> Any:
    """Return Lark's own parser with our builders."""
    builders = type("Builders", (), {name: staticmethod(build) for name, build in BUILDERS.items()})()
    return table.build_lark(table.grammar_text(), transformer=builders)


def load_anew() -> table.Table:
    return table.load.__wrapped__()


@pytest.mark.slow
def test_the_grammar_has_no_conflicts(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger=logger.name):
        table.build_lark(table.grammar_text(), debug=True)
    assert [record.message for record in caplog.records if "onflict" in record.message] == []


def test_a_grammar_with_a_conflict_would_be_noticed(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger=logger.name):
        table.build_lark('module: cond\ncondition_alone: cond\ncond: cond "and" cond | NAME\n%declare NAME', debug=True)
    assert [record.message for record in caplog.records if "onflict" in record.message]


def test_every_builder_is_named_in_the_grammar_and_the_other_way_round() -> None:
    needed = {rule.build for rule in table.load().rules if rule.build and not (rule.alone and rule.size == 1)}
    named = {rule.build for rule in table.load().rules}
    assert needed - set(BUILDERS) <= {rule.build for rule in table.load().rules if rule.alone}
    assert set(BUILDERS) <= named


@pytest.mark.parametrize("file", PROGRAMS, ids=lambda p: p.stem)
def test_our_machine_reads_what_lark_reads(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lark itself, with our builders as its transformer, builds the same tree from the same tokens."""
    text = file.read_text("utf-8")
    tokens = end_statements(scan(Source("x", text)).tokens, len(text)).tokens
    machine = Machine("module")
    kinds: dict[int, str] = {}
    for token in tokens:
        kinds[id(token)] = machine.kind_of(token)
        assert machine.feed(token, kinds[id(token)])

    names = {t.pattern.value: t.name for t in by_lark().terminals if t.pattern is not None and t.pattern.type == "str"}
    monkeypatch.setattr(Token, "type", property(lambda t: names.get(kinds[id(t)], kinds[id(t)])), raising=False)
    state = by_lark().parse_interactive(start="module").parser_state
    for token in tokens[:-1]:
        state.feed_token(token)
    assert state.feed_token(tokens[-1], is_end=True) == parse(Source("x", text)).module


def test_the_table_is_kept_in_a_folder_of_the_user_alone(cache_home: Path) -> None:
    first = load_anew()
    (kept,) = cache_home.iterdir()
    assert cache_home.stat().st_mode & 0o777 == 0o700
    assert kept.stat().st_mode & 0o077 == 0
    assert load_anew() == first


def test_a_kept_table_is_read_without_lark(cache_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_anew()
    monkeypatch.setattr(table, "_compile", lambda _: pytest.fail("it was built again"))
    load_anew()


@pytest.mark.parametrize("damage", [b"", b"x" * 100])
def test_a_damaged_table_is_built_again(cache_home: Path, damage: bytes) -> None:
    first = load_anew()
    (kept,) = cache_home.iterdir()
    kept.write_bytes(damage)
    assert load_anew().words == first.words
    assert len(kept.read_bytes()) > len(damage)


def test_a_folder_that_others_can_write_to_is_not_trusted(cache_home: Path) -> None:
    cache_home.mkdir(mode=0o755)
    load_anew()
    assert list(cache_home.iterdir()) == []


def test_without_a_place_to_keep_it_the_table_is_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(table, "_compile", compiled)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert load_anew().words
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
