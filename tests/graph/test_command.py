"""`seqlang graph` as it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqlang.cli.main import main
from tests.graph.worlds import EVERYTHING


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "seqlang.toml").write_text('name = "world"\n', encoding="utf-8")
    (tmp_path / "world.seq").write_text(EVERYTHING, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("ending", "begins"), [("svg", "<svg"), ("mmd", "---\ntitle"), ("dot", "digraph")])
def test_the_ending_of_the_file_says_the_form(project: Path, ending: str, begins: str) -> None:
    place = project / f"out.{ending}"
    assert main(["graph", "All of it", "-o", str(place), "--project", str(project)]) == 0
    assert place.read_text("utf-8").startswith(begins)


def test_another_ending_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "Next", "-o", str(project / "out.png"), "--project", str(project)]) == 2
    assert "must end with .svg, .mmd or .dot" in capsys.readouterr().err


def test_without_a_file_the_picture_goes_to_stdout(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "--format", "mermaid", "--project", str(project)]) == 0
    assert "flowchart TD" in capsys.readouterr().out


def test_an_unknown_flow_is_answered_with_the_nearest(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "Nexd", "--project", str(project)]) == 2
    assert "did you mean `Next`?" in capsys.readouterr().err


def test_a_project_with_errors_is_not_drawn(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "wrong.seq").write_text('view "V" of contact where nonsense = 1\n', encoding="utf-8")
    assert main(["graph", "Next", "--project", str(project)]) == 1
    assert "the project has 1 error" in capsys.readouterr().err


@pytest.mark.slow
def test_counts_come_from_the_database(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = ["--project", str(project), "--database", f"sqlite:///{project / 'x.db'}"]
    people = project / "people.csv"
    people.write_text("email,score\nkim@example.com,9\n", encoding="utf-8")
    at = ["--at", "2026-03-02T06:00+01:00"]
    assert main(["db", "upgrade", *base]) == 0
    assert main(["apply", "--yes", *base, *at]) == 0
    assert main(["import", str(people), *base, *at]) == 0
    assert main(["start", "Calls", *base, *at]) == 0
    assert main(["tick", *base, "--at", "2026-03-02T09:00+01:00"]) == 0
    capsys.readouterr()
    assert main(["graph", "Calls", "--counts", "--format", "dot", *base]) == 0
    drawn = capsys.readouterr().out
    assert "1 came in, 1 are in" in drawn
    assert "1 made" in drawn
