"""A plain `check` goes past click and says the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqlang.cli import main, start
from seqlang.cli.plain import Wanted, read_plain


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("", Wanted(())),
        ("a.seq b", Wanted(("a.seq", "b"))),
        ("--strict --format json a", Wanted(("a",), "json", strict=True)),
        ("--format=sarif --project=x --no-cache", Wanted((), "sarif", fresh=True, project="x")),
        ("--help", None),
        ("--fix", None),
        ("--watch", None),
        ("--format", None),
        ("--format yaml", None),
        ("--format --strict", None),
        ("-- a.seq", None),
        ("--stric", None),
    ],
)
def test_arguments_are_plain_or_left_to_click(line: str, wanted: Wanted | None) -> None:
    assert read_plain(line.split()) == wanted


@pytest.mark.parametrize(
    "line",
    ["", "--strict", "--format json", "--format github bad.seq", "missing.seq", "--project nowhere", "--nonsense", "--format x",
     "good.seq", "--format=concise bad.seq good.seq", "--no-cache"],
)
def test_check_says_the_same_with_and_without_click(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "seqlang.toml").write_text('name = "p"\n', "utf-8")
    (tmp_path / "good.seq").write_text('list "Expo" of contact\n', "utf-8")
    (tmp_path / "bad.seq").write_text('view "V" of contact where scor > 1\n', "utf-8")
    monkeypatch.chdir(tmp_path)
    plain = start.main(["check", *line.split()]), capsys.readouterr()
    whole = main.main(["check", *line.split()]), capsys.readouterr()
    assert plain == whole
