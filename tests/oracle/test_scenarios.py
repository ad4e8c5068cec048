"""The oracle against the timelines that were worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle.projects import read
from tests.scenarios.test_scenarios import SETTINGS, Scenario, line_of, scenarios

PLAYED = list(scenarios())


@pytest.mark.parametrize("scenario", PLAYED, ids=lambda s: f"{s.file.removesuffix('.txt')}: {s.title}")
def test_oracle_tells_what_was_worked_out_by_hand(scenario: Scenario, tmp_path: Path) -> None:
    (tmp_path / "seqlang.toml").write_text(scenario.section("seqlang.toml", SETTINGS), "utf-8")
    (tmp_path / "flow.seq").write_text(scenario.section("flow.seq"), "utf-8")
    since, until = scenario.section("span").split()
    files = {}
    for name in ("contacts", "accounts", "deals", "events"):
        if text := scenario.section(f"{name}.csv"):
            files[name] = tmp_path / f"{name}.csv"
            files[name].write_text(text, "utf-8")
    rows = read(tmp_path, files, since, until).timeline()
    expected = scenario.section("expect").split("\n")
    several = any(" / " in line for line in expected)
    assert [line_of(row, several=several) for row in rows] == [line for line in expected if line and not line.startswith("#")]
