"""Whole timelines, worked out by hand from the language reference, against what `seqlang simulate` prints."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from seqlang.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
SETTINGS = 'name = "x"\n[channels.email.default]\nsmtp = "smtp://localhost:2525"\n'


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario of a file."""

    file: str  # "classic.txt"
    title: str
    sections: tuple[tuple[str, str], ...]  # name, text

    def section(self, name: str, default: str = "") -> str:
        """Return the text of a section."""
        return dict(self.sections).get(name, default)


def scenarios() -> Iterator[Scenario]:
    """Read all scenarios of this folder."""
    for path in sorted(HERE.glob("*.txt")):
        text = "\n" + path.read_text(encoding="utf-8")
        for block in text.split("\n## ")[1:]:
            title, _, rest = block.partition("\n")
            parts = [part.partition("\n") for part in ("\n" + rest).split("\n== ")[1:]]
            yield Scenario(path.name, title, tuple((name.strip(), text) for name, _, text in parts))


def line_of(row: dict[str, str | None], *, several: bool) -> str:
    """Write one line of the timeline as the scenarios do."""
    at = (row["at"] or "")[:16].replace("T", " ")
    who = (row["contact"] or row["record"] or "").partition("@")[0]
    flow = f"{row['sequence']} / " if several else ""
    step = f" {row['step']}" if row["step"] else ""
    why = f" : {row['why']}" if row["why"] else ""
    return f"{at} {flow}{who} {row['what']}{step}{why}"


@pytest.mark.parametrize("scenario", list(scenarios()), ids=lambda s: f"{s.file.removesuffix('.txt')}: {s.title}")
def test_timeline_is_as_worked_out_by_hand(scenario: Scenario, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "seqlang.toml").write_text(scenario.section("seqlang.toml", SETTINGS), encoding="utf-8")
    (tmp_path / "flow.seq").write_text(scenario.section("flow.seq"), encoding="utf-8")
    since, until = scenario.section("span").split()
    args = ["simulate", "--project", str(tmp_path), "--from", since, "--until", until, "--format", "json"]
    for name in ("contacts", "accounts", "deals", "events"):
        if text := scenario.section(f"{name}.csv"):
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
            args += [f"--{name}", str(tmp_path / f"{name}.csv")]
    code = main(args)
    printed = capsys.readouterr()
    assert code == 0, printed.err
    rows = [json.loads(line) for line in printed.out.splitlines()]
    expected = scenario.section("expect").split("\n")
    several = any(" / " in line for line in expected)
    assert [line_of(row, several=several) for row in rows] == [line for line in expected if line and not line.startswith("#")]
