"""Where a command works, and what its settings mean there."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqlang.app.workspace import open_workspace


def test_paths_of_secrets_begin_in_the_projects_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    project.mkdir()
    elsewhere.mkdir()
    (project / "seqlang.toml").write_text(
        '[web]\nurl = "https://mail.example.com"\nsecret = { file = "links" }\nold_secrets = [{ file = "/etc/old" }]\n'
        '[channels.email.default]\nsmtp = "smtp://127.0.0.1"\npassword = { file = "keys/ana" }\nca_file = "ca.pem"\n'
        '[channels.webhook.default.secrets]\ncrm = { file = "~/crm" }\nerp = { env = "ERP" }\n'
    )
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = open_workspace(str(project)).settings
    assert settings.web.secret is not None
    assert (settings.web.secret.file, settings.web.old_secrets[0].file) == (str(project / "links"), "/etc/old")
    box = settings.channels["email"]["default"]
    assert (box["password"], box["ca_file"]) == ({"file": str(project / "keys/ana")}, str(project / "ca.pem"))
    secrets = settings.channels["webhook"]["default"]["secrets"]
    assert secrets == {"crm": {"file": str(tmp_path / "crm")}, "erp": {"env": "ERP"}}
