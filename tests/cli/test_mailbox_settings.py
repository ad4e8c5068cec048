"""What `check` says of the hours, zone and warm-up of a mailbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqlang.cli.main import main

BOX = '[channels.email.default]\nsmtp = "smtp://mail.example"\n'


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('window = "always"', '`window` must be opening hours: `"mon-fri 08:00-18:00"`'),
        ('window = "mon-fri 08:00-18:00, sat 9:00-12:00"', None),
        ('timezone = "Europe/Berln"', "`timezone` must be a timezone"),
        ('timezone = "Europe/Berlin"', None),
        ('warmup_start = "soon"', '`warmup_start` must be a date: `"2026-03-02"`'),
        ('warmup_start = "2026-03-02"', None),
        ("per_day = true", "`per_day` must be a whole number from 1"),
        ('widow = "mon 08:00-18:00"', "a mailbox of the channel email has no key `widow`"),
    ],
)
def test_setting_of_a_mailbox_is_read(tmp_path: Path, capfd: pytest.CaptureFixture[str], line: str, told: str | None) -> None:
    (tmp_path / "seqlang.toml").write_text(f"{BOX}{line}\n")
    assert main(["check", str(tmp_path), "--format", "concise"]) == (0 if told is None else 1)
    out, err = capfd.readouterr()
    assert (told or "") in out + err
