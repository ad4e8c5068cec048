"""Texts: numbers, segments, and a provider's URL."""

from __future__ import annotations

import json
import sys
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from seqlang_sms import open_channel
from seqlang_sms.channel import MISSING
from seqlang_sms.numbers import country_of, normal, zone_of
from seqlang_sms.quiet import quiet_of

from seqlang.sdk import Accepted, MailboxSettings, Message, Outcome, Rejected, Retry, Unavailable
from seqlang.sdk.texts import segments


def sent(to: str = "+49 170 1234567", text: str = "Hi", *, dry_run: bool = False, **settings: Any) -> Outcome:
    item = Message("1.a", "sms", to, {"text": text}, datetime(2026, 3, 2, tzinfo=UTC))
    return open_channel("sms", MailboxSettings("sms", "default", settings), dry_run=dry_run).deliver(item)


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("+49 (0170) 123-4567", "", "+491701234567"),
        ("+49 (0) 170 1234567", "US", "+491701234567"),
        ("0049 170 1234567", "", "+491701234567"),
        ("0170/1234567", "DE", "+491701234567"),
        ("0170/1234567", "", "01701234567"),
        ("079 123 45 67", "CH", "+41791234567"),
        ("(415) 555-0132", "US", "+14155550132"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("\u202a+491701234567\u202c", "", "+491701234567"),  # as a contact's page gives it to who copies it
        ("+49\u00a0170\u20111234567", "", "+491701234567"),
        ("\uff0b\uff14\uff19 170 1234567", "", "+491701234567"),
        ("tel:+49-170-1234567", "", "+491701234567"),
        ("+999 12", "", None),
        ("abc", "DE", None),
        ("", "DE", None),
        ("12", "DE", None),
        ("+49170123456\n7", "", None),
    ],
)
def test_number_is_read_with_the_country(text: str, country: str, number: str | None) -> None:
    pytest.importorskip("phonenumbers")
    assert normal(text, country) == number


def test_number_without_the_library_is_read_by_its_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    assert normal("0049 170 1234567", "DE") == "+491701234567"


def test_country_is_the_contacts_else_the_mailboxs() -> None:
    assert country_of({"country": "at"}, "DE") == "AT"
    assert country_of({"country": "Austria"}, "DE") == "DE"
    assert country_of({"country_code": "UK"}) == "GB"


def test_zone_is_the_contacts_else_the_numbers() -> None:
    pytest.importorskip("phonenumbers")
    assert zone_of({"timezone": "Asia/Tokyo"}, "+491701234567", "").key == "Asia/Tokyo"
    assert zone_of({"timezone": "nowhere"}, "+491701234567", "").key == "Europe/Berlin"
    assert zone_of({}, "+14155550132", "America/New_York").key == "America/Los_Angeles"
    assert zone_of({}, "x", "").key == "UTC"


@pytest.mark.parametrize(
    ("hours", "at", "left"),
    [
        ("21:00-08:00", "20:59", None),
        ("21:00-08:00", "21:00", 11 * 60),
        ("21:00-08:00", "03:30", 4 * 60 + 30),
        ("21:00-08:00", "08:00", None),
        ("12:00-13:00", "12:15", 45),
        ("", "03:00", None),
    ],
)
def test_quiet_hours_are_by_the_recipients_clock(hours: str, at: str, left: int | None) -> None:
    zone = ZoneInfo("Europe/Berlin")
    quiet = quiet_of(hours)
    instant = datetime.fromisoformat(f"2026-03-02T{at}").replace(tzinfo=zone).astimezone(UTC)
    found = quiet.until(instant, zone) if quiet else None
    assert found == (None if left is None else timedelta(minutes=left))


def test_text_in_quiet_hours_goes_when_they_end() -> None:
    """It is one in the morning in Berlin."""
    outcome = sent(quiet="21:00-08:00", timezone="Europe/Berlin")
    assert outcome == Retry("quiet hours in Europe/Berlin, until 08:00", timedelta(hours=7))


@pytest.mark.parametrize("hours", ["9-5", "25:00-08:00", "nine"])
def test_quiet_hours_that_are_none_are_told(hours: str) -> None:
    with pytest.raises(ValueError, match="quiet hours"):
        quiet_of(hours)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 153, 3),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments_are_counted_as_providers_do(text: str, count: int) -> None:
    assert len(segments(text)) == count


def test_wrong_number_and_empty_text_are_rejected() -> None:
    assert sent("call me") == Rejected("`call me` is no phone number", address_is_bad=True)
    assert sent(text=" ") == Rejected("the text is empty")


def test_dry_run_touches_no_network() -> None:
    assert sent(dry_run=True) == Accepted(None, "+491701234567: Hi (1 segment)")


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    monkeypatch.setenv("SMS_URL", "json://127.0.0.1/{to}")
    assert sent(url={"env": "SMS_URL"}) == Unavailable(MISSING)


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
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
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
