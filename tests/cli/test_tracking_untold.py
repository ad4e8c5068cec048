"""A flow that asks for tracking in a project that serves no links."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqlang.cli.main import main

FLOW = """
classic sequence "Hello" {
  owner "ana@example.com"
  run daily at 09:00 in "UTC"
  step hello: email on day 1 { subject: "Hello", text: "Hi", track: [opens, clicks], unsubscribe: yes }
  exit when replied, unsubscribed
}
"""
BOX = '[channels.email.default]\nsmtp = "smtp://127.0.0.1:2525"\n'


WEB = '[web]\nurl = "https://mail.example.com"\nsecret = { env = "X" }\n'


@pytest.mark.parametrize(("web", "told"), [("", True), (WEB, False)])
def test_start_says_that_nothing_is_tracked(tmp_path: Path, capfd: pytest.CaptureFixture[str], web: str, told: bool) -> None:
    (tmp_path / "seqlang.toml").write_text(BOX + web)
    (tmp_path / "flow.seq").write_text(FLOW)
    place = ["--project", str(tmp_path)]
    assert main(["apply", "--yes", *place]) == 0
    assert main(["start", "Hello", *place]) == 0
    out, err = capfd.readouterr()
    assert "`Hello` is active" in out
    assert ("warning: `hello`: `track` does nothing until" in err) is told
