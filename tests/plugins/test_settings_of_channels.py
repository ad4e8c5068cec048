"""What the bundled channels say of their mailboxes is what `check` accepts in `seqlang.toml`."""

from __future__ import annotations

import re
from pathlib import Path
from string import ascii_uppercase

import phonenumbers
import pytest
from seqlang_sms.numbers import country_of

from seqlang.cli.main import main
from seqlang.host import load
from seqlang.vocabulary.settings import ProjectSettings

SMTP = '[channels.email.default]\nsmtp = "smtps://smtp.example.com"\n'
SMPP = '[channels.sms.default]\nsmpp = "smpps://acme@smsc.example.com"\n'
USERS = '[[users]]\nemail = "ana@example.com"\n'
GOOD = {
    "a mailbox that says all": f"""
{USERS}
{SMTP}
oauth_token = {{ command = "token" }}
from = 'Zoë "Z" Ö <zoe@example.com>'
imap = "imap+starttls://ana%40example.com@imap.example.com:143"
user = "Ana@Example.com"
dkim_key = {{ file = "key.pem" }}
dkim_selector = "s1"
per_minute = 1
per_day = 500
warmup_start = "2026-03-02"
warmup_first = 5
warmup_more = 0
window = "mon-fri 08:00-18:00, sat 09:00-12:00"
timezone = "Europe/Berlin"
connections = 2
in_flight = 10
timeout_seconds = 2.5
""",
    "a country in small letters": f'{SMPP}country = "de"\nquiet = "9:30 - 21:00"\ntimezone = "Asia/Tokyo"',
    "one of the organisation's": f'{USERS}[channels.email."x@example.com"]\nsmtp = "smtp://localhost:2525"\nuser = "default"',
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
    "mailboxes of a reminder": ('[channels.email_reminder.default]\nsmtp = "smtps://smtp.example.com"', "SEQ808"),
    "mailboxes of colleagues": ('[channels.notify.default]\nsmtp = "smtps://smtp.example.com"', "SEQ808"),
    "mailboxes of calls": ("[channels.call.default]\nconnections = 2", "SEQ808"),
    "a number below 1": ("[channels.webhook.default]\nper_day = -1", "SEQ802"),
    "nothing a day": ("[channels.webhook.default]\nper_day = 0", "SEQ802"),
    "half a message": ("[channels.webhook.default]\nper_hour = 1.5", "SEQ802"),
    "no number": ("[channels.webhook.default]\nper_hour = nan", "SEQ802"),
    "no connections": ("[channels.webhook.default]\nconnections = 0", "SEQ802"),
    "no time to answer": ("[channels.webhook.default]\ntimeout_seconds = 0", "SEQ802"),
    "eleven in flight": (f"{SMTP}in_flight = 11", "SEQ802"),
    "none in flight": (f"{SMTP}in_flight = 0", "SEQ802"),
    "a warm-up with nothing": (f"{SMTP}warmup_start = '2026-03-02'\nwarmup_first = 0", "SEQ802"),
    "a warm-up without a start": (f"{SMTP}warmup_first = 5", "SEQ803"),
    "a warm-up from some day": (f"{SMTP}warmup_start = 'soon'", "SEQ802"),
    "a mail server over the web": ('[channels.email.default]\nsmtp = "https://smtp.example.com"', "SEQ802"),
    "a mail server without a host": ('[channels.email.default]\nsmtp = "smtps://ana@"', "SEQ802"),
    "a mail server at no port": ('[channels.email.default]\nsmtp = "smtps://smtp.example.com:99999"', "SEQ802"),
    "answers without a host": (f'{SMTP}imap = "imaps://"', "SEQ802"),
    "answers over the web": (f'{SMTP}imap = "https://imap.example.com"', "SEQ802"),
    "a centre over the web": ('[channels.sms.default]\nsmpp = "https://a@smsc.example.com"', "SEQ802"),
    "a centre without an account": ('[channels.sms.default]\nsmpp = "smpp://smsc.example.com"', "SEQ802"),
    "no way out for texts": ('[channels.sms.default]\ncountry = "DE"', "SEQ803"),
    "two ways out for texts": ('[channels.sms.default]\nsmpp = "smpp://a@b.example"\nurl = { env = "X" }', "SEQ810"),
    "a country by its name": (f'{SMPP}country = "Germany"', "SEQ802"),
    "a country that is none": (f'{SMPP}country = "XX"', "SEQ802"),
    "quiet hours without minutes": (f'{SMPP}quiet = "21-8"', "SEQ802"),
    "quiet hours of no clock": (f'{SMPP}quiet = "25:00-26:00"', "SEQ802"),
    "a zone on Mars": (f'{SMPP}timezone = "Mars"', "SEQ802"),
    "a window of no clock": (f'{SMTP}window = "mon-fri 25:00-26:00"', "SEQ802"),
    "a window without days": (f'{SMTP}window = "21-8"', "SEQ802"),
    "a zone of the window": (f'{SMTP}timezone = "Europe/Berln"', "SEQ802"),
    "a sender who is none": (f'{SMTP}from = "Acme"', "SEQ802"),
    "a user without an address": (f'{SMTP}user = "ana"', "SEQ802"),
    "a user who is none": (f'{USERS}{SMTP}user = "nobody@example.com"', "SEQ811"),
    "two ways to log in": (f'{SMTP}password = {{ env = "A" }}\noauth_token = {{ env = "B" }}', "SEQ810"),
    "a key without its name": (f'{SMTP}dkim_key = {{ env = "A" }}', "SEQ803"),
    "a name without its key": (f'{SMTP}dkim_selector = "s1"', "SEQ803"),
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


def test_countries_are_those_whose_numbers_are_known() -> None:
    channel = load(ProjectSettings()).words.channel("sms")
    assert channel is not None
    pattern = next(s.pattern for s in channel.settings if s.name == "country")
    assert pattern is not None
    letters = (f"{a}{b}" for a in ascii_uppercase for b in ascii_uppercase)
    assert {c for c in letters if re.fullmatch(pattern, c)} == {*phonenumbers.SUPPORTED_REGIONS, "UK"}
    assert country_of({}, "uk") == "GB"


def test_what_is_wrong_is_told_with_what_is_wanted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = codes(tmp_path, f'{SMTP}in_flight = 11\ntimezone = "Europe/Berln"\nimap = "x"', capsys)
    assert "`in_flight` must be a whole number from 1 to 10" in told
    assert "did you mean `Europe/Berlin`?" in told
    assert "`imap` must be the address of a server: `imap://HOST`, `imaps://HOST` or `imap+starttls://HOST`" in told


@pytest.mark.parametrize(
    ("url", "unsubscribe", "told"),
    [
        ("http://mail.example.com", "yes", True),
        ("http://mail.example.com", "no", False),
        ("https://mail.example.com", "yes", False),
        ("http://localhost:8470", "yes", False),
        ("http://127.0.0.1:8470/x", "yes", False),
    ],
)
def test_one_click_wants_https(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str, unsubscribe: str, told: bool
) -> None:
    step = f'step a: email on day 1 {{ text: "Hi", subject: "Hi", unsubscribe: {unsubscribe} }}'
    flow = f'cadence "C" {{\n  owner "a@x.example"\n  run daily at 09:00 in "UTC"\n  {step}\n}}\n'
    (tmp_path / "x.seq").write_text(flow, "utf-8")
    (tmp_path / "seqlang.toml").write_text(f'[web]\nurl = "{url}"\nsecret = {{ env = "X" }}\n', "utf-8")
    main(["check", "--project", str(tmp_path)])
    assert ("SEQ812" in capsys.readouterr().out) is told
