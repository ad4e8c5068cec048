"""Texts: numbers, segments, and a provider's URL."""

from __future__ import annotations

import json
import sys
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from seqlang_sms import open_channel
from seqlang_sms.channel import MISSING, normal
from seqlang_sms.segments import segments_of

from seqlang.sdk import Accepted, MailboxSettings, Message, Outcome, Rejected, Retry, Unavailable


def sent(to: str = "+49 170 1234567", text: str = "Hi", *, dry_run: bool = False, **settings: Any) -> Outcome:
    item = Message("1.a", "sms", to, {"text": text}, datetime(2026, 3, 2, tzinfo=UTC))
    return open_channel("sms", MailboxSettings("sms", "default", settings), dry_run=dry_run).deliver(item)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+49 (0170) 123-4567", "+4901701234567"),
        ("0049 170 1234567", "+491701234567"),
        ("0170/1234567", "01701234567"),
        ("abc", None),
        ("", None),
        ("12", None),
        ("+49170123456\n7", None),
    ],
)
def test_number_is_read(text: str, number: str | None) -> None:
    assert normal(text) == number


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments_are_counted_as_providers_do(text: str, segments: int) -> None:
    assert segments_of(text) == segments


def test_wrong_number_and_empty_text_are_rejected() -> None:
    assert sent("call me") == Rejected("`call me` is no phone number", address_is_bad=True)
    assert sent(text=" ") == Rejected("the text is empty")


def test_dry_run_touches_no_network() -> None:
    assert sent(dry_run=True) == Accepted(None, "+491701234567: Hi (1 segments)")


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert sent() == Unavailable(MISSING)


def test_text_goes_through_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("apprise")
    got: list[tuple[str, Any]] = []
    codes = [200, 500]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(codes.pop(0))
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        monkeypatch.setenv("SMS_URL", f"json://127.0.0.1:{server.server_port}/to/{{to}}")
        first, second = sent(url={"env": "SMS_URL"}), sent(url={"env": "SMS_URL"})
    finally:
        server.shutdown()
        server.server_close()
    assert isinstance(first, Accepted)
    assert isinstance(second, Retry)
    assert (got[0][0], got[0][1]["message"]) == ("/to/491701234567", "Hi")


@pytest.mark.parametrize("settings", [{}, {"url": {"env": "NOT_SET_ANYWHERE"}}, {"url": "json://x"}])
def test_provider_that_is_not_set_up_stops_the_mailbox(settings: dict[str, Any]) -> None:
    pytest.importorskip("apprise")
    assert isinstance(sent(**settings), Unavailable)
