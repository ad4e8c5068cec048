"""What the bundled channels say of their mailboxes is what `check` accepts in `seqlang.toml`."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqlang.cli.main import main

GOOD = {
    "webhook": """
[channels.webhook.default]
allow_private = true
[channels.webhook.default.secrets]
crm = { env = "CRM_SECRET" }
erp = { file = "/run/secrets/erp" }
""",
    "sms": """
[channels.sms.default]
smpp = "smpps://acme@smsc.example.com"
password = { env = "SMPP_PASSWORD" }
quiet = "21:00-08:00"
country = "DE"
""",
    "sources": """
[sources.leads]
kind = "csv"
file = "in/*.csv"
every = "1 minute"
map = { "E-Mail" = "email", "Notes" = "" }
[sources.crm]
kind = "sql"
database = { env = "CRM" }
query = "select domain, id from company where id >= :mark order by id"
mark = "id"
start = "0"
as = "account"
map = { id = "" }
""",
    "apprise": """
[channels.sms.default]
url = { env = "SMS_URL" }
""",
}
BAD = {
    "a secret in the clear": ('[channels.webhook.default.secrets]\ncrm = { value = "x" }', "SEQ805"),
    "a password in the clear": ('[channels.sms.default]\npassword = "x"', "SEQ805"),
    "an address that is a secret": ('[channels.sms.default]\nurl = "json://x"', "SEQ805"),
    "a database in the clear": ('[sources.a]\nkind = "sql"\ndatabase = "sqlite:///x.db"\nquery = "select 1"', "SEQ805"),
    "a source of no kind": ('[sources.a]\nkind = "cvs"\nfile = "x"', "SEQ809"),
    "a source with a wrong key": ('[sources.a]\nkind = "csv"\nfiel = "x"', "SEQ801"),
    "a source of no record": ('[sources.a]\nkind = "csv"\nfile = "x"\nas = "contat"', "SEQ206"),
    "a source with a wrong field": ('[sources.a]\nkind = "csv"\nfile = "x"\nset = { scor = 5 }', "SEQ211"),
    "an unknown key": ('[channels.sms.default]\nsmp = "smpp://a@b"', "SEQ801"),
    "another type": ('[channels.webhook.default]\nsecrets = "x"', "SEQ802"),
}


def codes(folder: Path, settings: str, capsys: pytest.CaptureFixture[str]) -> str:
    (folder / "seqlang.toml").write_text(f'name = "x"\n{settings}\n', "utf-8")
    (folder / "x.seq").write_text("", "utf-8")
    main(["check", "--project", str(folder), "--format", "concise"])
    return capsys.readouterr().out


def test_name_of_a_secret_is_one_that_the_settings_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    step = 'step h: webhook {{ url: "https://x.example", secret: "{}" }}'
    flow = f'workflow "W" {{{{\n  owner "a@x.example"\n  on created\n  {step}\n}}}}\n'
    (tmp_path / "seqlang.toml").write_text('[channels.webhook.default.secrets]\ncrm = { env = "CRM" }\n', "utf-8")
    for name, code in (("crmm", 1), ("crm", 0)):
        (tmp_path / "x.seq").write_text(flow.format(name), "utf-8")
        assert main(["check", "--project", str(tmp_path)]) == code
        assert ("did you mean `crm`" in capsys.readouterr().out) == bool(code)


@pytest.mark.parametrize("name", GOOD)
def test_settings_of_the_documentation_check(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "SEQ" not in codes(tmp_path, GOOD[name], capsys)


@pytest.mark.parametrize("name", BAD)
def test_settings_that_cannot_work_are_told(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings, code = BAD[name]
    assert code in codes(tmp_path, settings, capsys)
