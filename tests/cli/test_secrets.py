"""Secrets from the first command to the last: nothing that is written or printed holds one."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from seqlang.cli.main import main
from tests.plugins.mail_server import Box, running

PASSWORD = "correct-horse-battery"
LINKS = "a-signing-secret-of-the-tests"
FLOW = """
record contact { score number default 0 }
classic sequence "Hello" {
  owner "ana@example.com"
  run daily at 09:00 in "UTC"
  audience { where score >= 0 }
  step hello: email on day 1 { subject: "Hello", text: "Hi https://example.com", track: [opens, clicks], unsubscribe: yes }
  exit when replied, unsubscribed
}
"""
SETTINGS = """
timezone = "UTC"
[web]
url = "https://mail.example.com"
secret = {{ env = "LINKS_SECRET" }}
[channels.email.default]
smtp = "smtp://ana@127.0.0.1:{port}"
password = {{ env = "ANA_PASSWORD" }}
from = "ana@example.com"
"""
REPEATING = {  # servers that repeat what they were told
    "refused": f"554 5.6.0 you logged in with {PASSWORD}",
    "retried": f"451 4.3.0 {base64.b64encode(PASSWORD.encode()).decode()}",
    "bad": f"550 5.1.1 no such user, {PASSWORD}",
}


@pytest.mark.slow
def test_nothing_written_or_printed_holds_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANA_PASSWORD", PASSWORD)
    monkeypatch.setenv("LINKS_SECRET", LINKS)
    box = Box(recipients={f"{name}@example.com": answer for name, answer in REPEATING.items()})
    with running(box, users={"ana": PASSWORD}) as port:
        (tmp_path / "seqlang.toml").write_text(SETTINGS.format(port=port))
        (tmp_path / "flow.seq").write_text(FLOW)
        people = "".join(f"{name}@example.com,1\n" for name in (*REPEATING, "kim"))
        (tmp_path / "people.csv").write_text(f"email,score\n{people}")
        place = ["--project", str(tmp_path)]
        assert main(["check", str(tmp_path)]) == 0
        assert main(["apply", "--yes", *place, "--at", "2026-03-02T08:00Z"]) == 0
        assert main(["import", str(tmp_path / "people.csv"), *place, "--at", "2026-03-02T08:00Z"]) == 0
        assert main(["start", "Hello", *place, "--at", "2026-03-02T08:00Z"]) == 0
        assert main(["tick", "--deliver", *place, "--at", "2026-03-02T09:00Z"]) == 0
        assert box.reached() == ["kim@example.com"]
        monkeypatch.setenv("ANA_PASSWORD", f"{PASSWORD}-wrong")
        test = ["send-test", "Hello", "hello", "--to", "ana@example.com", "--as", "kim@example.com"]
        assert main([*test, *place]) == 1
        monkeypatch.setenv("ANA_PASSWORD", PASSWORD)
        box.recipients["ana@example.com"] = f"550 5.7.1 {PASSWORD}"
        assert main([*test, *place]) == 1
        box.after_data.append(f"451 4.0.0 {PASSWORD}")
        for command in (["outbox"], ["outbox", "--format", "json"], ["log"], ["status"]):
            assert main([*command, *place]) == 0
    out, err = capfd.readouterr()
    assert "554 5.6.0 you logged in with •••" in out  # the outbox shows the answer
    written = {str(p): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} | {"output": f"{out}{err}".encode()}
    for name, content in written.items():
        for secret in (PASSWORD, LINKS, base64.b64encode(PASSWORD.encode()).decode()):
            assert secret.encode() not in content, name


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('smtp = "smtp://ana:hunter2@mail.example"', "a password is in the clear in `smtp`"),
        ('password = "hunter2"', "`password` is in the clear in a file of the project"),
        ('oauth_token = "hunter2"', "`oauth_token` is in the clear in a file of the project"),
        ('dkim_key = "hunter2"', "`dkim_key` is in the clear in a file of the project"),
        ('imap_password = "hunter2"', "`imap_password` is in the clear in a file of the project"),
    ],
)
def test_secret_in_the_settings_is_an_error_that_does_not_repeat_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], line: str, told: str
) -> None:
    smtp = "" if line.startswith("smtp") else 'smtp = "smtp://mail.example"\n'
    (tmp_path / "seqlang.toml").write_text(f"[channels.email.default]\n{smtp}{line}\n")
    assert main(["check", str(tmp_path), "--format", "concise"]) == 1
    out, err = capfd.readouterr()
    assert told in out + err
    assert "hunter2" not in out + err
