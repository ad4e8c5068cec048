"""Webhooks against a real HTTP server: what is sent, signed, refused and tried again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import trustme
from seqlang_webhook import open_channel

from seqlang.sdk import Accepted, MailboxSettings, Message, Outcome, Rejected, Retry, Unclear

AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


@dataclass
class Hooks:
    """What the server got, and what it says."""

    port: int = 0
    got: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]] | None] = field(default_factory=list)  # None: hang up
    said: bytes = b"said so"

    def url(self, path: str = "/hook?a=1") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with served() as told:
        yield told


@contextmanager
def served(safely: ssl.SSLContext | None = None) -> Iterator[Hooks]:
    told = Hooks()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told.got.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            said = told.answers.pop(0) if told.answers else (200, {})
            if said is None:
                self.connection.shutdown(2)
                return
            self.send_response(said[0])
            for name, value in said[1].items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.said)

        do_POST = do_PUT = do_GET = answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if safely is not None:
        server.socket = safely.wrap_socket(server.socket, server_side=True)
    told.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


def message(url: str, **options: Any) -> Message:
    return Message(
        "7.abc",
        "webhook",
        "",
        {"url": url, "method": "POST", **options},
        AT,
        planned_at=AT,
        flow="Alert",
        step="hook",
        record={"amount": 5, "closes_on": date(2026, 3, 9), "stage": None},
        record_type="deal",
        contact={"email": "kim@example.com"},
    )


def sent(item: Message, *, dry_run: bool = False, **settings: Any) -> Outcome:
    box = MailboxSettings("webhook", "default", {"allow_private": True, "timeout_seconds": 5, **settings})
    return open_channel("webhook", box, dry_run=dry_run).deliver(item)


def test_record_arrives_as_json(hooks: Hooks) -> None:
    assert sent(message(hooks.url())) == Accepted(None, "200 said so")
    ((method, path, headers, body),) = hooks.got
    assert (method, path, headers["content-type"], headers["webhook-id"]) == ("POST", "/hook?a=1", "application/json", "7.abc")
    assert headers["host"] == f"127.0.0.1:{hooks.port}"
    assert "webhook-signature" not in headers
    assert json.loads(body) == {
        "type": "step",
        "id": "7.abc",
        "flow": "Alert",
        "step": "hook",
        "at": "2026-03-02T08:30:00+00:00",
        "record_type": "deal",
        "record": {"amount": 5, "closes_on": "2026-03-09", "stage": None},
        "contact": {"email": "kim@example.com"},
    }


def test_method_headers_and_body_are_the_steps_own(hooks: Hooks) -> None:
    sent(message(hooks.url(), method="PUT", headers={"X-Team": "sales"}, body={"n": 1, "inner": {"ok": True}}))
    sent(message(hooks.url(), body="plain"))
    (put, _, headers, body), (_, _, plain, text) = hooks.got
    assert (put, headers["x-team"], json.loads(body)) == ("PUT", "sales", {"n": 1, "inner": {"ok": True}})
    assert (plain["content-type"], text) == ("text/plain; charset=utf-8", b"plain")


@pytest.mark.parametrize("secret", ["s3cret", "whsec_" + base64.b64encode(b"s3cret").decode()])
def test_signature_is_that_of_standard_webhooks(hooks: Hooks, monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("HOOK", secret)
    assert isinstance(sent(message(hooks.url(), secret="mine"), secrets={"mine": {"env": "HOOK"}}), Accepted)
    ((_, _, headers, body),) = hooks.got
    told = f"7.abc.{int(AT.timestamp())}.".encode() + body
    assert headers["webhook-timestamp"] == str(int(AT.timestamp()))
    assert headers["webhook-signature"] == "v1," + base64.b64encode(hmac.new(b"s3cret", told, hashlib.sha256).digest()).decode()


def test_secret_that_is_not_there_keeps_its_own_messages_waiting(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {"crm": {"env": "NOT_SET_ANYWHERE"}, "odd": {"env": "ODD"}}
    monkeypatch.setenv("ODD", "whsec_a")
    away = sent(message(hooks.url(), secret="crm"), secrets=secrets)
    assert away == Retry("the environment variable NOT_SET_ANYWHERE is not set")
    assert isinstance(sent(message(hooks.url(), secret="mine"), secrets=secrets), Retry)
    odd = sent(message(hooks.url(), secret="odd"), secrets=secrets)
    assert odd == Retry("the secret that signs is not base64 behind `whsec_`")
    assert hooks.got == []
    assert isinstance(sent(message(hooks.url()), secrets=secrets), Accepted)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((204, {}), Accepted),
        ((302, {"Location": "/x"}), Rejected),
        ((404, {}), Rejected),
        ((429, {"Retry-After": "30"}), Retry),
        ((503, {}), Retry),
        (None, Unclear),
    ],
)
def test_answer_says_what_became_of_it(hooks: Hooks, answer: Any, outcome: type) -> None:
    hooks.answers.append(answer)
    found = sent(message(hooks.url()))
    assert isinstance(found, outcome)
    if answer is not None and "Retry-After" in answer[1]:
        assert isinstance(found, Retry)
        assert found.after == timedelta(seconds=30)
    assert len(hooks.got) == 1  # a redirect is not followed


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "http://[::1]:1/",
        "http://169.254.169.254/latest",
        "http://10.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://0x7f.1:1/",
        "http://2130706433:1/",
    ],
)
def test_private_network_is_refused(url: str) -> None:
    outcome = open_channel("webhook", MailboxSettings("webhook", "default", {"timeout_seconds": 2}), dry_run=False).deliver(
        message(url)
    )
    assert isinstance(outcome, Rejected | Retry)
    assert isinstance(outcome, Rejected) or "cannot be reached" in outcome.reason  # a resolver may not know such forms
    if isinstance(outcome, Rejected):
        assert "private network" in outcome.reason


@pytest.mark.parametrize("headers", [
    {"X": "a\r\nY: b"}, {"Host": "evil.example"}, {"webhook-id": "1"}, {"X Y": "1"}, {"X": "😀"}, {"X": {"secrets": "crm"}},
    {"X": {"secret": 7}}, {"X": {}},
])
def test_header_that_smuggles_is_refused(hooks: Hooks, headers: dict[str, Any]) -> None:
    assert isinstance(sent(message(hooks.url(), headers=headers)), Rejected)
    assert hooks.got == []


def test_server_out_of_reach_is_tried_again() -> None:
    assert isinstance(sent(message("http://127.0.0.1:9/")), Retry)


def test_dry_run_touches_no_network() -> None:
    outcome = sent(message("https://hooks.invalid/x"), dry_run=True)
    assert isinstance(outcome, Accepted)
    assert outcome.detail.startswith("POST hooks.invalid/x\n")


@pytest.mark.parametrize("url", ["http://a..b/", "http://" + "a" * 64 + ".example/", "http:///x", "http://[1/"])
def test_url_whose_host_is_none_is_rejected_in_a_sentence(url: str) -> None:
    outcome = sent(message(url))
    assert isinstance(outcome, Rejected)
    assert "no name of a host" in outcome.reason or "is no url" in outcome.reason
    assert "label" not in outcome.reason


def test_name_that_cannot_be_encoded_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(*_args: object, **_named: object) -> list[Any]:
        return list("\udcff".encode("idna"))

    monkeypatch.setattr(socket, "getaddrinfo", found)
    assert sent(message("http://odd.example/")) == Rejected("`odd.example` is no name of a host")


def test_name_with_one_private_address_is_refused_before_any_call(monkeypatch: pytest.MonkeyPatch, hooks: Hooks) -> None:
    """As a rebinding attack has it: the first answer is public, the second is not."""

    def found(*_args: object, **_named: object) -> list[Any]:
        kinds = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kinds, ("8.8.8.8", 80)), (*kinds, ("127.0.0.1", hooks.port))]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    outcome = sent(message("http://twofaced.example/"), allow_private=False)
    assert isinstance(outcome, Rejected)
    assert "127.0.0.1" in outcome.reason
    assert hooks.got == []


def test_address_that_was_looked_at_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch, hooks: Hooks) -> None:
    """A name is looked up once: a second answer would be another one."""
    asked: list[object] = []

    def found(host: str, *_args: object, **_named: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", hooks.port))]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    assert isinstance(sent(message("http://once.example/x")), Accepted)
    assert asked == ["once.example"]
    assert hooks.got[0][2]["host"] == "once.example"


def test_answer_in_drops_is_cut_off() -> None:
    """Each piece comes in time, and the whole never ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()

        def drip() -> None:
            there, _ = server.accept()
            with there:
                there.sendall(b"HTTP/1.1 200 OK\r\n")
                while not done.wait(0.05):
                    try:
                        there.sendall(b"X: y\r\n")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        outcome = sent(message(f"http://127.0.0.1:{server.getsockname()[1]}/"), timeout_seconds=0.3)
        done.set()
        thread.join()
    assert isinstance(outcome, Unclear)


def test_long_answer_is_not_read_to_its_end(hooks: Hooks) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def pour() -> None:
            there, _ = server.accept()
            with there:
                there.recv(65536)
                there.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 5000)
                while there.recv(65536):
                    continue

        thread = threading.Thread(target=pour)
        thread.start()
        outcome = sent(message(f"http://127.0.0.1:{server.getsockname()[1]}/"))
        thread.join()
    assert isinstance(outcome, Accepted)
    assert len(outcome.detail) <= 500


def test_certificate_of_nobody_known_is_refused(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with served(context) as hooks:
        here = f"https://localhost:{hooks.port}/"
        unknown = sent(message(here))
        assert hooks.got == []
        known = sent(message(here), ca_file=str(tmp_path / "ca.pem"))
    assert isinstance(unknown, Retry)
    assert "certificate" in unknown.reason
    assert isinstance(known, Accepted)


def test_body_is_what_the_schema_says(hooks: Hooks) -> None:
    schema = json.loads((files("seqlang_webhook") / "payload.schema.json").read_text("utf-8"))
    sent(message(hooks.url()))
    body = json.loads(hooks.got[0][3])
    assert set(body) == set(schema["required"]) == set(schema["properties"])
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(body)
    assert hooks.got[0][2]["idempotency-key"] == hooks.got[0][2]["webhook-id"] == body["id"] == "7.abc"


def test_header_that_is_a_secret_is_found_by_its_name(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_TOKEN", "Bearer 5f2b8c1d9e7a4f60")
    secrets = {"crm": {"env": "CRM_TOKEN"}}
    headers = {"Authorization": {"secret": "crm"}, "X-Name": '{ secret: "crm" }', "content-type": "application/vnd.acme+json"}
    assert isinstance(sent(message(hooks.url(), headers=headers), secrets=secrets), Accepted)
    ((_, _, got, _),) = hooks.got
    assert (got["authorization"], got["x-name"]) == ("Bearer 5f2b8c1d9e7a4f60", '{ secret: "crm" }')
    assert got["content-type"] == "application/vnd.acme+json"
    outcome = sent(message(hooks.url(), headers={"Authorization": {"secret": "erp"}}), secrets=secrets)
    assert outcome == Retry("there is no secret `erp` in [channels.webhook.default.secrets]")


def test_token_that_a_receiver_repeats_is_not_kept(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_TOKEN", "Bearer TOPSECRETTOKEN-9912")
    hooks.answers.append((401, {}))
    hooks.said = b"x" * 480 + b" bad token TOPSECRETTOKEN-9912"  # which the cut would take apart
    outcome = sent(message(hooks.url(), headers={"Authorization": {"secret": "crm"}}), secrets={"crm": {"env": "CRM_TOKEN"}})
    assert outcome == Rejected("401 " + "x" * 480 + " bad token •••")
    assert hooks.got[0][2]["authorization"] == "Bearer TOPSECRETTOKEN-9912"


def test_value_of_a_body_that_is_a_secret_is_found_by_its_name(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_PASSWORD", "hunter22secret")
    secrets = {"crm": {"env": "CRM_PASSWORD"}}
    body = {"login": [{"password": {"secret": "crm"}}], "pair": {"secret": "crm", "n": 1}, "name": '{ secret: "crm" }'}
    assert isinstance(sent(message(hooks.url(), body=body), secrets=secrets), Accepted)
    assert json.loads(hooks.got[0][3]) == {**body, "login": [{"password": "hunter22secret"}]}
    tried = sent(message(hooks.url(), body=body), secrets=secrets, dry_run=True)
    assert isinstance(tried, Accepted)
    assert '"password": "•••"' in tried.detail
    assert len(hooks.got) == 1
    sent(message(hooks.url(), body={"secret": "crm"}))
    assert json.loads(hooks.got[1][3]) == {"secret": "crm"}  # a body that has such a key
