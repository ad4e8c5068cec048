"""What providers tell: signatures in three forms, events in one, each recorded once."""

from __future__ import annotations

import base64
import hmac
import json
import sys
import types
from typing import Any

import pytest
from starlette.testclient import TestClient

from seqlang.host import load
from seqlang.sdk import hookimpl
from tests.dispatch.world import event
from tests.web.site import Site

RAW = b"0123456789abcdef0123456789abcdef"
STANDARD = "whsec_" + base64.b64encode(RAW).decode()
HOOKS = {
    "std": {"secret": {"env": "STD_SECRET"}},
    "mac": {"secret": {"env": "MAC_SECRET"}, "verify": "hmac"},
    "tok": {"secret": {"env": "TOK_SECRET"}, "verify": "token"},
}


@pytest.fixture
def hooked(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    for name, secret in (("STD_SECRET", STANDARD), ("MAC_SECRET", "mac-secret"), ("TOK_SECRET", "tok-secret")):
        monkeypatch.setenv(name, secret)
    settings = site.world.settings.model_dump()
    settings["web"]["hooks"] = HOOKS
    site.world.settings = type(site.world.settings).model_validate(settings)
    return site


def signed(site: Site, body: bytes, name: str = "msg_1", after: int = 0, key: bytes = RAW) -> dict[str, str]:
    at = str(int(site.world.clock.now().timestamp()) + after)
    digest = base64.b64encode(hmac.digest(key, f"{name}.{at}.".encode() + body, "sha256")).decode()
    return {"webhook-id": name, "webhook-timestamp": at, "webhook-signature": f"v1a,x v1,{digest}"}


def call(web: TestClient, site: Site, *events: Any) -> Any:
    body = json.dumps({"events": events}).encode()
    headers = {"X-Signature": "sha256=" + hmac.digest(b"mac-secret", body, "sha256").hex()}
    return web.post("/hooks/mac", content=body, headers=headers)


def test_standard_webhook_is_recorded_once(hooked: Site) -> None:
    hooked.send()
    body = json.dumps({"kind": "open", "email": "kim@example.com"}).encode()
    with hooked.open() as web:
        for _ in range(2):
            answer = web.post("/hooks/std", content=body, headers=signed(hooked, body))
            assert (answer.status_code, answer.json()) == (200, {"recorded": 1, "problems": []})
    assert hooked.events() == [("opened", None, False)]


@pytest.mark.parametrize("wrong", ["old", "early", "key", "body", "none", "unsigned"])
def test_call_that_is_not_genuine_is_refused(hooked: Site, wrong: str) -> None:
    body = b'{"kind": "unsubscribed", "email": "kim@example.com"}'
    after = {"old": -301, "early": 301}.get(wrong, 0)
    headers = signed(hooked, body, after=after, key=b"x" * 32 if wrong == "key" else RAW)
    if wrong == "unsigned":
        headers["webhook-signature"] = ""
    with hooked.open() as web:
        sent = body + (b" " if wrong == "body" else b"")
        answer = web.post("/hooks/std", content=sent, headers={} if wrong == "none" else headers)
        assert answer.status_code == 401
    assert hooked.events() == []


def test_token_and_hmac_are_checked(hooked: Site) -> None:
    hooked.send()
    body = b'{"kind": "unsubscribed", "email": "kim@example.com"}'
    with hooked.open() as web:
        assert web.post("/hooks/tok", content=body, headers={"Authorization": "Bearer tok-secre"}).status_code == 401
        assert web.post("/hooks/mac", content=body, headers={"X-Signature": "00"}).status_code == 401
        assert web.post("/hooks/none", content=body).status_code == 404
        assert web.get("/hooks/tok").status_code == 405
        assert web.post("/hooks/tok", content=body, headers={"Authorization": "Bearer tok-secret"}).json()["recorded"] == 1


def test_events_are_read_in_all_kinds_and_bad_ones_are_told_beside_good_ones(hooked: Site) -> None:
    mail = hooked.send()
    now = hooked.world.clock.now()
    with hooked.open() as web:
        answer = call(
            web, hooked,
            {"id": "1", "kind": "click", "message_id": mail["Message-ID"], "url": "https://shop.example/a",
             "at": now.timestamp()},
            {"id": "2", "kind": "bounce", "message_id": mail["Message-ID"].strip("<>"), "soft": True},
            {"id": "3", "kind": "event", "email": "kim@example.com", "name": "signed_up", "properties": {"plan": "pro"}},
            {"id": "4", "kind": "delivered", "email": "kim@example.com"},
            {"id": "5", "kind": "clik", "email": "kim@example.com"},
            {"id": "6", "kind": "open"},
            {"id": "7", "kind": "open", "email": "nobody@example.com"},
            {"id": "8", "kind": "open", "email": "kim@example.com", "when": 1},
            {"id": "9", "kind": "open", "email": "kim@example.com", "at": "2026-03-02T08:30:00"},
            "x",
        )
    assert answer.json()["recorded"] == 3
    assert [(p["index"], p["message"].split(";")[0]) for p in answer.json()["problems"]] == [
        (4, "there is no kind of event `clik`"),
        (5, "an event needs `email` or `message_id`"),
        (6, "there is no contact `nobody@example.com`"),
        (7, "an event has no `when`"),
        (8, "`2026-03-02T08:30:00` has no offset from UTC"),
        (9, "an event is an object"),
    ]
    assert [(e.kind, e.name, e.soft, e.ledger_id) for e in hooked.world.rows(event)] == [
        ("clicked", "https://shop.example/a", False, 1), ("bounced", None, True, 1), ("event", "signed_up", False, None),
    ]


def test_body_that_is_no_json_or_too_large_is_refused(hooked: Site) -> None:
    with hooked.open() as web:
        for body, status in ((b"{", 400), (b"x" * (2 * 1024 * 1024 + 1), 413)):
            headers = {"X-Signature": hmac.digest(b"mac-secret", body, "sha256").hex()}
            assert web.post("/hooks/mac", content=body, headers=headers).status_code == status


class Provider:
    """A plugin that reads its provider's own form."""

    @hookimpl
    def read_call(self, provider: str, secret: str, headers: Any, body: bytes) -> Any:
        if headers.get("x-own") != secret:
            raise PermissionError
        kind, _, who = body.decode().partition(" ")
        if not who:
            raise ValueError("there is nobody in it")
        return [{"id": f"{provider}-1", "kind": kind, "email": who}]


def test_plugin_checks_and_reads_the_calls_of_its_provider(hooked: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("seqlang_provider")
    module.read_call = Provider().read_call  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "seqlang_provider", module)
    host = load()
    plugin = next(p for p in host._plugins if p.name == "webhook")
    monkeypatch.setattr(plugin, "module", "seqlang_provider")
    monkeypatch.setattr("seqlang.web.application.load", lambda _settings: host)
    place = {"env": "TOK_SECRET"}
    hooks = {"own": {"secret": place, "plugin": "webhook"}, "gone": {"secret": place, "plugin": "x"}}
    settings = hooked.world.settings.model_dump()
    settings["web"]["hooks"] = hooks
    hooked.world.settings = type(hooked.world.settings).model_validate(settings)
    hooked.send()
    with hooked.open() as web:
        own = {"X-Own": "tok-secret"}
        assert web.post("/hooks/own", content=b"open kim@example.com").status_code == 401
        assert web.post("/hooks/own", content=b"open", headers=own).json() == {"error": "there is nobody in it"}
        assert web.post("/hooks/gone", content=b"open", headers=own).status_code == 400
        for _ in range(2):
            assert web.post("/hooks/own", content=b"open kim@example.com", headers=own).json()["recorded"] == 1
    assert hooked.events() == [("opened", None, False)]
