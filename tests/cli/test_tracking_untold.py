"""A flow that asks for tracking, or for a way to unsubscribe, in a project that serves no links and reads no mail."""

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


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("", True),
        ('imap = "imaps://ana@imap.example.com"\n', False),
        (WEB, False),
        ('[channels.email."ana@example.com"]\nsmtp = "smtp://127.0.0.1:2525"\n', True),  # hers is the one that sends
    ],
)
def test_start_says_that_nobody_reads_who_unsubscribes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], more: str, told: bool
) -> None:
    (tmp_path / "seqlang.toml").write_text(BOX + more)
    (tmp_path / "flow.seq").write_text(FLOW)
    assert main(["apply", "--yes", "--project", str(tmp_path)]) == 0
    assert main(["start", "Hello", "--project", str(tmp_path)]) == 0
    name = "email:ana@example.com" if 'ana@example.com"]' in more else "email:default"
    said = f"warning: `hello`: `unsubscribe` writes to a mailbox that nothing reads, until {name} has `imap`"
    assert (said in capfd.readouterr().err) is told


def test_answers_to_another_address_may_be_read(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    other = '[channels.email."ben@example.com"]\nsmtp = "smtp://127.0.0.1:2525"\nimap = "imaps://imap.example.com"\n'
    (tmp_path / "seqlang.toml").write_text(BOX + other)
    (tmp_path / "flow.seq").write_text(FLOW.replace("unsubscribe: yes", 'unsubscribe: yes, reply_to: "ben@example.com"'))
    assert main(["apply", "--yes", "--project", str(tmp_path)]) == 0
    assert main(["start", "Hello", "--project", str(tmp_path)]) == 0
    assert "nothing reads" not in capfd.readouterr().err


REMINDER = """
journey "Hello" {
  enter when email is not empty
  step hello: email_reminder { subject: "Hello", text: "Hi", unsubscribe: yes }
}
"""


def test_start_names_the_table_that_a_reminder_needs(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "seqlang.toml").write_text('name = "x"\n')
    (tmp_path / "flow.seq").write_text(REMINDER)
    assert main(["apply", "--yes", "--project", str(tmp_path)]) == 0
    assert main(["start", "Hello", "--project", str(tmp_path)]) == 1
    assert "seqlang.toml: [channels.email.default]" in capfd.readouterr().err
