"""Docs are tests: every fenced `seq` block checks, links lead somewhere, commands and targets exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seqlang.cli.main import COMMANDS, main

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "grammar").glob("*.md")] if path.is_file()
)
BLOCK = re.compile(r"^```seq\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
SHELL = re.compile(r"^```(?:sh|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:^|[$`] ?|&& )seqlang ([a-z][a-z-]*)", re.MULTILINE)
TARGET = re.compile(r"\bmake ([a-z]+)\b")
BLOCKS = [
    (f"{path.relative_to(ROOT)}:{n}", block)
    for path in PAGES
    for n, block in enumerate(BLOCK.findall(path.read_text("utf-8")), 1)
]


def test_readme_has_an_example() -> None:
    assert [where for where, _ in BLOCKS if where.startswith("README.md")]


@pytest.mark.parametrize(("where", "block"), BLOCKS, ids=[where for where, _ in BLOCKS])
def test_seq_block_of_a_page_checks(where: str, block: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "seqlang.toml").write_text('name = "page"\n', "utf-8")
    (tmp_path / "page.seq").write_text(block, "utf-8")
    code = main(["check", "--strict", "--project", str(tmp_path)])
    told = capsys.readouterr()
    assert code == 0, f"{where}\n{told.out}{told.err}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_of_a_page_lead_somewhere(path: Path) -> None:
    assert [link for link in LINK.findall(path.read_text("utf-8")) if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_commands_that_a_page_shows_exist(path: Path) -> None:
    shown = {command for block in SHELL.findall(path.read_text("utf-8")) for command in COMMAND.findall(block)}
    assert shown <= set(COMMANDS)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_make_targets_that_a_page_shows_exist(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    shown = set(TARGET.findall(" ".join(re.findall(r"`([^`\n]+)`", path.read_text("utf-8")))))
    assert shown <= targets
