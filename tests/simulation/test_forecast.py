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


LIMITS = """plan = "tiny"
[plan.tiny]
emails_per_user_per_day = 2
[[plan.tiny.limits]]
name = "mails of the month"
what = "email"
per = "organisation"
window = "month"
count = 5
over = "skip"
[channels.email.default]
smtp = "smtp://localhost:2525"
"""


def test_it_says_which_limit_holds_back_and_which_makes_a_step_go_without(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "seqlang.toml").write_text(LIMITS, "utf-8")
    (tmp_path / "flow.seq").write_text(FLOW, "utf-8")
    (tmp_path / "contacts.csv").write_text("email,title\n" + "".join(f"c{n}@example.com,x\n" for n in range(4)), "utf-8")
    span = ["--from", "2026-03-04", "--until", "2026-04-01", "--summary"]
    asked = ["simulate", "--project", str(tmp_path), "--contacts", str(tmp_path / "contacts.csv"), *span]
    assert main(asked) == 0
    shown = capsys.readouterr().out
    assert "held back: hello of S, 2 times (limit: emails per user and day, 2)" in shown
    assert "skipped: bump of S, 3 times (limit: mails of the month, 5)" in shown
    assert "S: 4 came in, 4 left, the last on 2026-03-" in shown
    assert main([*asked, "--format", "json"]) == 0
    held = json.loads(capsys.readouterr().out)["held_back"]
    assert {(h["what"], h["limit"], h["count"]) for h in held} >= {("skipped", "mails of the month, 5", 3)}
