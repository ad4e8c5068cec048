"""Secrets are fetched from where they are, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqlang.sdk import MailboxSettings, SecretError


def box(password: object) -> MailboxSettings:
    return MailboxSettings("email", "default", {"password": password})


def test_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILER_PASSWORD", "s3cret")
    assert box({"env": "MAILER_PASSWORD"}).secret("password") == "s3cret"


def test_secret_of_a_file_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("s3cret\n")
    assert box({"file": str(tmp_path / "pw")}).secret("password") == "s3cret"


def test_secret_of_a_command_is_run_without_a_shell() -> None:
    assert box({"command": "echo 's3cret; rm x'"}).secret("password") == "s3cret; rm x"


@pytest.mark.parametrize(
    ("place", "part"),
    [
        ({"env": "NOT_SET_ANYWHERE"}, "NOT_SET_ANYWHERE is not set"),
        ({"file": "/nowhere/pw"}, "cannot be read"),
        ({"command": "false --password hunter2"}, "the command false"),
        ({"command": ""}, "(empty)"),
        ({"command": "no-such-program-anywhere"}, "did not give the secret: there is no such program"),
        ({"command": "false"}, "did not give the secret: it ended with the code 1"),
        ({"command": "sh -c 'kill -9 $$'"}, "did not give the secret: it was ended by the signal 9"),
        ({"command": "/"}, "did not give the secret: it may not be run"),
        ({"command": "printf '\\377'"}, "did not give the secret: what it prints is no text"),
        ({"command": "echo 'hunter2"}, "a quotation mark is not closed"),
        ("hunter2", "must say where"),
        ({"env": "A", "file": "B"}, "must say where"),
        ({"vault": "A"}, "must say where"),
    ],
)
def test_secret_that_is_not_there_is_told_without_showing_anything(place: object, part: str) -> None:
    with pytest.raises(SecretError) as caught:
        box(place).secret("password")
    assert part in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "Error" not in str(caught.value)


def test_command_that_takes_too_long_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqlang.sdk.mailbox.COMMAND_SECONDS", 0.05)
    with pytest.raises(SecretError, match="the command sleep did not give the secret: it took longer than"):
        box({"command": "sleep 60"}).secret("password")


def test_setting_without_a_secret_has_none() -> None:
    assert MailboxSettings("email", "default").secret("password") is None
