"""What was fetched is never shown again: in messages, addresses, logs and tracebacks."""

from __future__ import annotations

import base64
import io
import json
import logging
from pathlib import Path
from urllib.parse import quote

import pytest

from seqlang.sdk import MailboxSettings, Redacting, SecretError, redact
from seqlang.sdk.mailbox import Secret
from seqlang.sdk.redaction import remember_password

VALUE = "p@ss/word +9f3b"


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("A_SECRET", VALUE)
    return Secret(env="A_SECRET").fetch()


def test_fetched_secret_is_hidden_in_all_its_forms(fetched: str) -> None:
    encoded = base64.b64encode(VALUE.encode()).decode()
    for form in (VALUE, quote(VALUE, safe=""), encoded):
        assert redact(f"535 you said {form}!") == "535 you said •••!"


@pytest.mark.parametrize("user", ["", "a", "an", "ana", "ana@example.com"])
def test_fetched_secret_is_hidden_where_a_server_repeats_the_login(fetched: str, user: str) -> None:
    said = base64.b64encode(f"\0{user}\0{VALUE}".encode()).decode()
    clean = redact(f"535 AUTH PLAIN {said}")
    assert "•••" in clean
    rest = clean.removeprefix("535 AUTH PLAIN ").partition("•••")
    assert len(rest[2]) <= 4  # no more than what one sign of it lends
    assert VALUE[2:-2] not in base64.b64decode(rest[0][: len(rest[0]) // 4 * 4]).decode("latin-1")


def test_fetched_secret_is_hidden_in_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", 'quo"te\\d-secret')
    Secret(env="A_SECRET").fetch()
    assert redact(json.dumps({"token": 'quo"te\\d-secret'})) == '{"token": "•••"}'


def test_secrets_of_files_and_commands_are_hidden_too(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA7bq\nzzzzzzzzzzzz\n-----END KEY-----\n")
    settings = MailboxSettings("email", "a", {
        "dkim_key": {"file": str(tmp_path / "key")}, "oauth_token": {"command": "echo tok-12345678"},
    })
    assert settings.secret("dkim_key")
    assert settings.secret("oauth_token") == "tok-12345678"
    assert redact("a MIIEpAIBAAKCAQEA7bq b tok-12345678 c") == "a ••• b ••• c"
    assert redact("-----BEGIN KEY-----") == "-----BEGIN KEY-----"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("postgresql://ana:hunter2@db.example/x is away", "postgresql://ana:•••@db.example/x is away"),
        ("smtp://ana@mail.example:25", "smtp://ana@mail.example:25"),
        ("postgresql://u:pa/ss@w%40rd@db.example/x is away", "postgresql://u:•••@db.example/x is away"),
        ("http://example.com:80/a@b", "http://example.com:80/a@b"),
        ("http://[::1]:80/a@b", "http://[::1]:80/a@b"),
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer •••"),
        ("the bearer of good news", "the bearer of good news"),
    ],
)
def test_passwords_in_addresses_and_tokens_are_hidden(text: str, clean: str) -> None:
    assert redact(text) == clean


def test_log_hides_them_in_texts_arguments_and_tracebacks(fetched: str) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(Redacting())
    logger = logging.getLogger("test.redaction")
    logger.addHandler(handler)
    try:
        logger.warning("said %s", VALUE)
        try:
            int(f"not with {VALUE}")
        except ValueError:
            logger.exception("it failed")
        logger.warning("%d of %d", 1, 2)
    finally:
        logger.removeHandler(handler)
    told = stream.getvalue()
    assert VALUE not in told
    assert "said •••" in told
    assert "not with •••" in told
    assert "1 of 2" in told


def test_empty_secret_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AN_EMPTY_SECRET", "")
    with pytest.raises(SecretError, match="the environment variable AN_EMPTY_SECRET is empty"):
        Secret(env="AN_EMPTY_SECRET").fetch()
    with pytest.raises(SecretError, match="what the command true prints is empty"):
        Secret(command="true").fetch()


def seen(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("A_SECRET", secret)
    Secret(env="A_SECRET").fetch()


@pytest.mark.parametrize(("secret", "said", "clean"), [
    ("Bearer TOPSECRETTOKEN-9912", "401 bad token TOPSECRETTOKEN-9912", "401 bad token •••"),
    ("Token hunter2tok", "no hunter2tok here", "no ••• here"),
    ("Splunk: 7d3a-55b1", "7d3a-55b1 is not known", "••• is not known"),
    ("Odd-Scheme q1w2e3r4t5", "got q1w2e3r4t5", "got •••"),
    ("Basic " + base64.b64encode(b"ana:hunter2pass").decode(), "the password hunter2pass is wrong", "the password ••• is wrong"),
    ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "signed with MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "signed with •••"),
    ("host=db-7 password=hunter2conn dbname=crm", "hunter2conn on db-7 of crm", "••• on db-7 of crm"),
])
def test_what_follows_a_scheme_or_a_name_is_hidden_alone(
    monkeypatch: pytest.MonkeyPatch, secret: str, said: str, clean: str
) -> None:
    seen(monkeypatch, secret)
    assert redact(said) == clean


@pytest.mark.parametrize(("secret", "said", "clean"), [
    ("https://hooks.slack.example/services/T0K3NPART99/x", "cannot open T0K3NPART99", "cannot open •••"),
    ("https://hooks.slack.example/services/aT1/bT2/cT3",
     "HTTPSConnectionPool(host='hooks.slack.example'): Max retries exceeded with url: /services/aT1/bT2/cT3 (Caused by x)",
     "HTTPSConnectionPool(host='hooks.slack.example'): Max retries exceeded with url: ••• (Caused by x)"),
    ("https://api.example.com/send?team=sales&api_key=abcdefghijkl", "no key abcdefghijkl for sales", "no key ••• for sales"),
    ("https://api.example.com/send?q=f%2Bg%2Fh%3D12x", "no f+g/h=12x", "no •••"),
    ("postgresql://reader:hun%40ter2@db.example/crm", "no hun@ter2 and no hun%40ter2 at db.example/crm",
     "no ••• and no ••• at db.example/crm"),
    ("postgresql://u:p@ss/hunter2pw%40@db.example/crm", "unknown ss/hunter2pw%40, hunter2pw@", "unknown •••, •••"),
    ("tgram://123456:AAbb1122ccdd/77", "404 bot AAbb1122ccdd", "404 bot •••"),
    ("slack://t0kent0kent0ken99/x", "t0kent0kent0ken99", "•••"),
])
def test_parts_of_an_address_are_hidden_alone(monkeypatch: pytest.MonkeyPatch, secret: str, said: str, clean: str) -> None:
    seen(monkeypatch, secret)
    assert redact(said) == clean


@pytest.mark.parametrize("secret", [
    "https://hooks.example.com/services/notifications/incoming-webhook?format=json&channel=general",
    "postgresql://db-server-01.example.com:5432/reports",
    "smtps://kim2024.longname@example.com@mail.example.com",
])
def test_ordinary_words_of_an_address_stay(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    seen(monkeypatch, secret)
    said = "services notifications incoming-webhook json general db-server-01.example.com reports mail.example.com"
    assert redact(said) == said


def test_password_of_an_address_that_is_no_secret_is_hidden() -> None:
    remember_password("postgresql://app:w0nt/tell%2Fit@db.example/crm")
    assert redact("w0nt/tell/it, w0nt/tell%2Fit, app at db.example/crm") == "•••, •••, app at db.example/crm"
