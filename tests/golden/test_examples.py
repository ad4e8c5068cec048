"""Every example checks, is in the canonical layout, passes its own tests, and plays the timeline that lies beside it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from seqlang.cli.main import main

EXAMPLES = Path(__file__).parents[2] / "examples"
PROJECTS = sorted(path.parent for path in EXAMPLES.glob("*/simulate.args"))


def named(path: Path) -> str:
    """Return the name of an example."""
    return path.name


def test_there_are_examples() -> None:
    assert len(PROJECTS) >= 16  # an incomplete pair (no `simulate.args`) would otherwise pass unseen


@pytest.mark.parametrize("project", PROJECTS, ids=named)
def test_an_example_checks_strictly_and_is_formatted(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--project", str(project), "--strict"]) == 0, capsys.readouterr().out
    assert main(["fmt", "--project", str(project), "--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("project", PROJECTS, ids=named)
def test_an_example_passes_its_own_tests(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", "--project", str(project)]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("project", PROJECTS, ids=named)
def test_an_example_plays_its_golden_timeline(
    project: Path, capsys: pytest.CaptureFixture[str], golden_update: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    given = shlex.split((project / "simulate.args").read_text(encoding="utf-8"))
    args = ["simulate", "--project", ".", "--contacts", "contacts.csv", *given, "--format", "json"]
    assert main(args) == 0, capsys.readouterr().err
    played = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    golden = project / "timeline.jsonl"
    if golden_update:
        golden.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in played), encoding="utf-8")
    assert played == [json.loads(line) for line in golden.read_text(encoding="utf-8").splitlines()]
    assert played, "an example in which nothing happens shows nothing"
