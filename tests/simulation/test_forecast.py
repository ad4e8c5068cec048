"""What the check says of a limit that starves a step is what the engine does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqlang.cli.main import main

PROJECT = """plan = "tiny"
[plan.tiny]
emails_per_user_per_day = 5
[expect]
contacts = 40
start = 2026-03-04
"""
FLOW = """classic sequence "S" {
  owner "ana@example.com"
  run daily at 09:00 in "UTC" except weekends
  audience { where title = "x" }
  step hello: email on day 1 { text: "Hi", subject: "Hi", unsubscribe: yes }
  step bump: email on day 3 { text: "Hi", subject: "Hi", unsubscribe: yes }
  exit when finished, replied, unsubscribed, bounced
}
"""


@pytest.mark.slow
def test_a_step_is_reached_on_the_day_that_the_check_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "seqlang.toml").write_text(PROJECT, "utf-8")
    (tmp_path / "flow.seq").write_text(FLOW, "utf-8")
    rows = "".join(f"c{n}@example.com,x\n" for n in range(40))
    (tmp_path / "contacts.csv").write_text(f"email,title\n{rows}", "utf-8")
    assert main(["check", "--format", "json", "--project", str(tmp_path)]) == 0
    (told,) = (d for d in json.loads(capsys.readouterr().out)["diagnostics"] if d["code"] == "SEQ624")
    assert told["message"] == "with 40 contacts and 5 a day, `bump` is reached on 16 March"
    span = ["--from", "2026-03-04", "--until", "2026-04-01"]
    asked = ["simulate", "--project", str(tmp_path), "--contacts", str(tmp_path / "contacts.csv"), *span, "--format", "json"]
    assert main(asked) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    first = min(line["at"] for line in lines if line["what"] == "executed" and line["step"] == "bump")
    assert first.startswith("2026-03-16")
